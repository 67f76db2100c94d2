# SPDX-License-Identifier: Apache-2.0
"""Size and speed of shards: gzip level x kept bits, and the ratio of reading to the least that reading could cost.

    python benches/shard_reading.py [SHARD.h5] [--samples 4]

Without a shard, records of slanted planes with noisy pictures stand in (768 x 512, 5 panes). The limit that reading is
compared with: decoding the two PNG from memory plus reading the uncompressed truth arrays from a plain file. Times are
processor times of one core.
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from depthbench.formats.image import decode_rgb, encode_png
from depthbench.formats.layered_record import EYES, LayeredRecord
from depthbench.formats.shard import ShardReader, write_shard

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from synthetic import synthetic_record


def stand_ins(count: int) -> list[LayeredRecord]:
    records = []
    for view in range(count):
        record = synthetic_record(0, view, width=768, height=512, panes=5)
        rng = np.random.default_rng(view)
        eyes = {}
        for eye in EYES:
            side = getattr(record, eye)
            noisy = np.clip(side.image + rng.normal(0, 2, side.image.shape), 0, 255).astype(np.uint8)
            eyes[eye] = dataclasses.replace(side, image=noisy)
        records.append(dataclasses.replace(record, **eyes))
    return records


def best_ms(action: Callable[[int], object], count: int, repeats: int = 5) -> float:
    """Mean over the samples of each one's best processor time, which a busy machine disturbs least."""
    best = []
    for index in range(count):
        times = []
        for _ in range(repeats):
            start = time.process_time()
            action(index)
            times.append(1e3 * (time.process_time() - start))
        best.append(min(times))
    return statistics.mean(best)


def limit_ms(records: list[LayeredRecord], folder: Path) -> float:
    """Two PNG from memory + every truth array from one uncompressed file."""
    encoded = [[encode_png(getattr(record, eye).image) for eye in EYES] for record in records]
    for index, record in enumerate(records):
        with open(folder / f"{index}.raw", "wb") as handle:
            for eye in EYES:
                side = getattr(record, eye)
                arrays = [*(getattr(side.layers, f.name) for f in dataclasses.fields(side.layers))]
                for array in [*arrays, side.reflective, side.refraction_px]:
                    handle.write(array.tobytes())

    def read(index: int) -> None:
        for data in encoded[index]:
            decode_rgb(data)
        np.fromfile(folder / f"{index}.raw", dtype=np.uint8)

    return best_ms(read, len(records))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shard", nargs="?", type=Path)
    parser.add_argument("--samples", type=int, default=4)
    options = parser.parse_args()
    if options.shard is None:
        records = stand_ins(options.samples)
    else:
        with ShardReader(options.shard) as reader:
            records = [reader.read(index) for index in range(min(options.samples, len(reader)))]
    rig = records[0].rig.intrinsics
    layers = [len(getattr(record, eye).layers.disp_px) for record in records for eye in EYES]
    pictures = np.mean([len(encode_png(getattr(record, eye).image)) for record in records for eye in EYES]) * 2 / 1e6
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        limit = limit_ms(records, folder)
        print(f"{len(records)} samples of {rig.width} x {rig.height}, {min(layers)}-{max(layers)} layers; "
              f"of each sample {pictures:.2f} MB are pictures; limit {limit:.0f} ms")  # fmt: skip
        print("gt_bits level  MB/sample  write ms  read ms  read / limit")
        for gt_bits in (13, 14, 23):
            for level in (1, 3, 4, 6, 9):
                path = folder / "bench.h5"

                def write_one(index: int, path: Path = path, gt_bits: int = gt_bits, level: int = level) -> None:
                    write_shard(path, [records[index]], surfaces=(), attrs={}, gt_bits=gt_bits, level=level)

                write = best_ms(write_one, len(records), 3)
                write_shard(path, records, surfaces=(), attrs={}, gt_bits=gt_bits, level=level)
                with ShardReader(path) as reader:
                    read = best_ms(reader.read, len(records))
                size = path.stat().st_size / len(records) / 1e6
                print(f"{gt_bits:7d} {level:5d} {size:10.3f} {write:9.0f} {read:8.0f} {read / limit:13.2f}")


if __name__ == "__main__":
    main()
