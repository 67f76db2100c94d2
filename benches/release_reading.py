# SPDX-License-Identifier: Apache-2.0
"""Speed of reading a release in random order with two workers, against the least that its samples cost to decode.

    python benches/release_reading.py [RELEASE] [--split train] [--samples 200] [--workers 2]

Without a release, one is made of slanted planes with noisy pictures (384 x 256, 5 panes), as tars and as HDF5. The limit: each worker
decodes its samples from bytes that lie in its memory (PNG to pixels, inflated arrays, tensors), and hands nothing over. Measured:
PyTorch's loader over ReleaseDataset, batches of 4, and the stream through webdataset. The files lie in the page cache. A ratio of 1 would be
reading, index, collation and handing over for nothing. Wall time says something only where the processors are free; processor time of
all processes together does on any machine.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from depthbench.formats.sample_parts import decode_part, encode_part
from depthbench.formats.sample_shard import open_sample_shard
from depthbench.release.dataset import ReleaseDataset, ResumableSampler
from depthbench.release.kind import kind_named
from depthbench.release.manifest import read_manifest

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

BATCH = 4
ROUNDS = 3


def stand_in(folder: Path, container: str, count: int) -> Path:
    from dataclasses import replace

    from release_folders import released
    from synthetic import synthetic_record, synthetic_surfaces
    from test_plan import config

    from depthbench.formats.json_file import write_json
    from depthbench.formats.shard import write_shard
    from depthbench.generators.plan import shard_path

    made = folder / "made"
    if not made.is_dir():
        made.mkdir()
        write_json(made / "config.json", config(views_per_scene=8, scenes=("cafe",), width=384, height=256).to_json())
        for scene in range(-(-count // 8)):
            records = []
            for view in range(8):
                record = synthetic_record(0, view, width=384, height=256, panes=5, scene=scene)
                noise = np.random.default_rng([scene, view]).normal(0, 2, record.left.image.shape)
                eyes = {
                    eye: replace(side, image=np.clip(side.image + noise, 0, 255).astype(np.uint8))
                    for eye, side in (("left", record.left), ("right", record.right))
                }
                records.append(replace(record, **eyes))
            attrs = {"without": {}}
            write_shard(shard_path(made, scene), records, surfaces=synthetic_surfaces(5), attrs=attrs)
    released(made, folder / container, container, "train=1", "20MB")
    return folder / container


class InMemory(Dataset[int]):
    """Samples as encoded bytes; decoding one hands over a number."""

    def __init__(self, release: Path, split: str, count: int) -> None:
        manifest = read_manifest(release)
        self.kind = kind_named(manifest.generator)
        self.wanted = self.kind.needed()
        self.held: list[dict[str, bytes]] = []
        for shard in manifest.splits[split].shards:
            reader = open_sample_shard(release / shard.file)
            for place in range(min(shard.samples, count - len(self.held))):
                parts = reader.read(place, self.wanted)
                self.held.append({name: encode_part(name, value) for name, value in parts.items()})

    def __len__(self) -> int:
        return len(self.held)

    def __getitem__(self, index: int) -> int:
        parts = {name: decode_part(name, data, "it") for name, data in self.held[index].items()}
        return len(self.kind.tensors(parts))


def cpu_s() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def spent(iterable: Any) -> tuple[float, float]:
    """Wall and processor time of going through everything."""
    began, began_cpu = time.perf_counter(), cpu_s()
    for batch in iterable:
        del batch
    return time.perf_counter() - began, cpu_s() - began_cpu


def times(start: Callable[[int], Any], repeats: int = 2) -> tuple[float, float]:
    """Least wall and processor time of a round, without what starting and ending the workers costs."""
    runs = [(spent(start(1)), spent(start(1 + ROUNDS))) for _ in range(repeats)]
    wall, cpu = (min((long[k] - short[k]) / ROUNDS for short, long in runs) for k in (0, 1))
    return wall, cpu


def compare(release: Path, split: str, count: int, workers: int) -> None:
    memory = InMemory(release, split, count)
    count = len(memory)
    dataset = ReleaseDataset(release, split)
    settings: dict[str, Any] = {"num_workers": workers, "prefetch_factor": 4}

    def limit(rounds: int) -> Any:
        return DataLoader(torch.utils.data.ConcatDataset([memory] * rounds), batch_size=BATCH, **settings)

    def loader(rounds: int) -> Any:
        order = [index for index in ResumableSampler(len(dataset)) if index < count]
        return DataLoader(torch.utils.data.Subset(dataset, order * rounds), batch_size=BATCH, **settings)

    rows = [("decoding alone", *times(limit)), ("ReleaseDataset, random order", *times(loader))]
    if read_manifest(release).container == "tar" and count == len(dataset):
        from depthbench.release.streaming import stream

        def streamed(rounds: int) -> Any:
            return DataLoader(stream(release, split).repeat(rounds), batch_size=BATCH, **settings)

        rows.append(("webdataset stream", *times(streamed)))
    least = rows[0][1:]
    print(f"{release.name}: {count} samples, {workers} workers, {os.cpu_count()} processors")
    print("                                samples/s   of the limit   processor ms   limit / it")
    for name, wall, cpu in rows:
        print(
            f"{name:30s} {count / wall:10.1f} {least[0] / wall:14.2f} {1e3 * cpu / count:14.1f} {least[1] / cpu:12.2f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("release", nargs="?", type=Path)
    parser.add_argument("--split", default="train")
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.release is not None:
        compare(options.release, options.split, options.samples, options.workers)
        return
    with tempfile.TemporaryDirectory() as name:
        for container in ("tar", "hdf5"):
            compare(stand_in(Path(name), container, options.samples), "train", options.samples, options.workers)


if __name__ == "__main__":
    main()
