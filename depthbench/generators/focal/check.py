# SPDX-License-Identifier: Apache-2.0
"""Checks a folder of stacks: every file is read and must be whole; some stacks are made again and must come out bit for bit."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from depthbench.errors import DepthbenchError
from depthbench.formats.focal_record import FocalRecord
from depthbench.formats.focal_shard import FocalShard
from depthbench.formats.image import encode_png_16, read_rgb
from depthbench.formats.json_file import read_json, write_json
from depthbench.formats.pfm import read_pfm
from depthbench.generators.blender_check import require_blender
from depthbench.generators.focal.cycles import trace_stacks
from depthbench.generators.focal.fill import read_plan
from depthbench.generators.focal.make import make_stack
from depthbench.generators.focal.slice_task import source_of
from depthbench.generators.focal.stack_set import SOURCE_FILE, STAGING, StackSet, load_set, shard_path, stack_folder
from depthbench.generators.run_files import now, read_runs

VERIFY_FILE = "verify.json"


def verify_stacks(folder: Path, again: int | None = 2, seed: int = 0) -> tuple[int, int, list[str]]:
    """Read every stack of a folder, make some again and compare; write ``verify.json``.

    Parameters
    ----------
    again : int or None
        How many to make again, chosen by ``seed``; None: all.

    Returns
    -------
    int, int
        Stacks read; stacks made again.
    list of str
        What is wrong, a line each.
    """
    asked = load_set(folder)
    problems: list[str] = []
    numbers: list[int] = []
    for part in read_plan(folder):
        try:
            numbers += _read_slice(asked, folder, part.number, part.first, part.names, problems)
        except DepthbenchError as error:
            problems.append(str(error))
    chosen = numbers
    if again is not None and again < len(numbers):
        chosen = sorted(np.random.default_rng(seed).choice(numbers, again, replace=False).tolist())
    names = [name for part in read_plan(folder) for name in part.names]
    made = 0
    if chosen and not _traced_on_gpu(asked, folder):
        try:
            source = source_of(asked.config, Path(read_json(folder / SOURCE_FILE)["root"]))
            if source.names[: len(names)] != names:
                problems.append(f"{folder / SOURCE_FILE}: the source no longer has the frames that the stacks are of")
            else:
                with tempfile.TemporaryDirectory(prefix="depthbench-") as scratch:
                    traced = Path(scratch) / STAGING
                    if asked.config.renderer == "cycles":
                        require_blender()
                        trace_stacks(asked.config, source, chosen, traced, (("--device", "CPU"),), lambda *_: None)
                    for number in chosen:
                        made += 1
                        fresh = make_stack(asked.config, source.read(number), number, traced)
                        problems += _differences(asked, folder, number, fresh)
        except DepthbenchError as error:
            problems.append(f"stacks cannot be made again: {error}")
    if not numbers:
        problems.append(f"{folder}: holds no stack")
    told = {"time": now(), "ok": not problems, "stacks": len(numbers), "made_again": made, "problems": problems}
    write_json(folder / VERIFY_FILE, told)
    return len(numbers), made, problems


def _traced_on_gpu(asked: StackSet, folder: Path) -> bool:
    """Tell whether stacks come from a GPU, whose noise another run does not repeat; they are read only."""
    return asked.config.renderer == "cycles" and any(run["device"] != "CPU" for run in read_runs(folder))


def _read_slice(
    asked: StackSet, folder: Path, slice_: int, first: int, names: tuple[str, ...], problems: list[str]
) -> list[int]:
    """Read the stacks of a slice; return the numbers of those that are there."""
    if asked.layout != "shards":
        return [first + place for place, name in enumerate(names) if stack_folder(folder, name).is_dir()]
    path = shard_path(folder, slice_)
    if not path.is_file():
        return []
    shard = FocalShard(path)
    found = []
    for index, name in enumerate(shard.ids):
        if name not in names:
            problems.append(f"{path}: {name} is no frame of this slice")
            continue
        record = shard.read(index)
        if not (np.diff(record.focus_m) > 0).all() or record.depth_m[np.isfinite(record.depth_m)].min(initial=1) <= 0:
            problems.append(f"{path}: {name}: focus distances or depths are none")
        found.append(first + names.index(name))
    return found


def _differences(asked: StackSet, folder: Path, number: int, fresh: FocalRecord) -> list[str]:
    """Return in what a stored stack differs from one made anew, a line each."""
    part = next(part for part in read_plan(folder) if part.first <= number < part.first + len(part.names))
    if asked.layout != "shards":
        return _unlike_folder(stack_folder(folder, fresh.id), fresh)
    shard = FocalShard(shard_path(folder, part.number))
    stored = shard.read(shard.ids.index(fresh.id))
    lines = []
    for what in ("stack", "focus_m", "all_in_focus", "depth_m"):
        if not np.array_equal(getattr(stored, what), getattr(fresh, what), equal_nan=what == "depth_m"):
            lines.append(f"{fresh.id}: {what} differs from the one made anew")
    return lines


def _unlike_folder(folder: Path, fresh: FocalRecord) -> list[str]:
    """Return which files of a stack's folder differ from the stack made anew."""
    lines = []
    for number, picture in enumerate(fresh.stack):
        path = folder / f"{number:02d}.png"
        if picture.dtype == np.uint8:
            same = path.is_file() and np.array_equal(read_rgb(path), picture)
        else:
            same = path.is_file() and path.read_bytes() == encode_png_16(picture)
        if not same:
            lines.append(f"{path}: differs from the picture made anew")
    depth = folder / "depth.pfm"
    if depth.is_file() and not np.array_equal(read_pfm(depth), fresh.depth_m, equal_nan=True):
        lines.append(f"{depth}: differs from the depth made anew")
    return lines
