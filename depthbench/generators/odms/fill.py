# SPDX-License-Identifier: Apache-2.0
"""Makes a fixed set of masks: whatever interrupts it, the same call continues, and the folder ends up the same.

The folder holds ``config.json`` (what decides the examples), ``plan.jsonl`` (its slices), the examples, ``log.jsonl`` and
``run.json``. Shards and example folders appear whole or not at all; they are the only state.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from depthbench.formats.atomic import TEMPORARY_MARK, sweep, write_bytes
from depthbench.formats.mask_shard import joined, pack_examples, read_mask_shard, write_mask_shard
from depthbench.formats.odms_folder import write_example
from depthbench.generators.config_file import PLAN_FILE, open_config
from depthbench.generators.odms.examples import make_examples, unpacked
from depthbench.generators.odms.mask_set import (
    MaskSet,
    Slice,
    example_folder,
    example_name,
    shard_path,
    slices,
)
from depthbench.generators.progress import ProgressReport
from depthbench.generators.run_files import RunLog, recorded_run
from depthbench.generators.run_lock import only_run

_AT_ONCE = 50
"""Examples whose masks are in memory at once: 500 masks, 19 MB."""


def fill(asked: MaskSet, n: int, folder: Path) -> int:
    """Make what a folder lacks of the first ``n`` examples of each part; return how many examples were made.

    Raises
    ------
    DepthbenchError
        If the folder holds another set or other files, another run is at work in it, or the disk is full.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with only_run(folder):
        _open(asked, folder)
        plan = list(slices(asked, n))
        lines = [{"part": s.part, "first_example": s.first, "examples": s.count} for s in plan]
        write_bytes(folder / PLAN_FILE, "".join(json.dumps(line) + "\n" for line in lines).encode())
        missing = [(part, _missing(asked, part, folder)) for part in plan]
        todo = sum(len(numbers) for _, numbers in missing)
        if not todo:
            return 0
        return _run(asked, [(part, numbers) for part, numbers in missing if numbers], todo, folder)


def _run(asked: MaskSet, missing: list[tuple[Slice, list[int]]], todo: int, folder: Path) -> int:
    """Make the missing examples and leave the run's record."""
    log, made = RunLog(folder), 0
    with recorded_run(folder, "CPU", 1) as told, ProgressReport(0, todo, what="examples") as report:
        for part, numbers in missing:
            began = time.monotonic()
            write = _write_shard if asked.layout == "shards" else _write_folders
            for _ in write(asked, part, numbers, folder):
                made += 1
                told["made"] = made
                report.advance()
            took_s = round(time.monotonic() - began, 3)
            log.add(event="end", part=part.part, first_example=part.first, examples=len(numbers), took_s=took_s)
    return made


def _open(asked: MaskSet, folder: Path) -> None:
    """Hold the set against the folder's, or begin it; remove what killed runs left."""
    open_config(asked.to_json(), folder)
    for place in (folder, folder / "shards"):
        sweep(place)
    for part in asked.parts:
        for leftover in (folder / "data" / asked.stream.split / part).glob(f"{TEMPORARY_MARK}*"):
            shutil.rmtree(leftover)


def _missing(asked: MaskSet, part: Slice, folder: Path) -> list[int]:
    """Return the numbers of a slice's examples that are not there; all of them where a shard lacks some."""
    split = asked.stream.split
    if asked.layout == "folders":
        return [number for number in part.numbers if not example_folder(folder, split, part.part, number).is_dir()]
    path = shard_path(folder, split, part)
    complete = path.is_file() and len(read_mask_shard(path).ids) >= part.count
    return [] if complete else list(part.numbers)


def _write_shard(asked: MaskSet, part: Slice, numbers: Sequence[int], folder: Path) -> Iterator[int]:
    """Write a slice as a shard, and yield the numbers of its examples once it is there."""
    config = asked.config(part.part)
    pieces = []
    for at in range(0, len(numbers), _AT_ONCE):
        some = numbers[at : at + _AT_ONCE]
        made = make_examples(config, some, packed=True)
        pieces.append(pack_examples([example_name(number) for number in some], made.distance_m, made.masks))
    attrs = {"config": config.to_json(), "first_example": part.first}
    write_mask_shard(shard_path(folder, asked.stream.split, part), joined(pieces, attrs))
    yield from numbers


def _write_folders(asked: MaskSet, part: Slice, numbers: Sequence[int], folder: Path) -> Iterator[int]:
    """Write examples as folders, yielding each number once it is there."""
    config = asked.config(part.part)
    for at in range(0, len(numbers), _AT_ONCE):
        some = numbers[at : at + _AT_ONCE]
        made = make_examples(config, some, packed=True)
        for number, bits, distance_m in zip(some, made.masks, made.distance_m, strict=True):
            target = example_folder(folder, asked.stream.split, part.part, number)
            aside = target.with_name(f"{TEMPORARY_MARK}{secrets.token_hex(4)}-{target.name}")
            write_example(aside, list(unpacked(bits)), distinct_m(distance_m))
            os.replace(aside, target)
            yield number


def distinct_m(distance_m: npt.NDArray[np.float32]) -> list[float]:
    """Round ascending distances to micrometres, which name the masks; of two that are alike the second is one farther."""
    names: list[int] = []
    for metres in distance_m.astype(np.float64):
        names.append(max(round(metres * 1e6), names[-1] + 1 if names else 0))
    return [name / 1e6 for name in names]
