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
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.worker import WorkerContext
from depthbench.errors import DepthbenchError
from depthbench.formats.atomic import TEMPORARY_MARK, sweep, write_bytes
from depthbench.formats.mask_shard import joined, pack_examples, read_mask_shard, write_mask_shard
from depthbench.formats.odms_folder import write_example
from depthbench.generators.config_file import PLAN_FILE, open_config
from depthbench.generators.engines.choice import Choice
from depthbench.generators.engines.share import WHOLE, Share
from depthbench.generators.engines.stored import stored_items
from depthbench.generators.engines.units import Event, Need, Unit
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
from depthbench.generators.run_files import RunLog
from depthbench.generators.run_lock import only_run

TASK = "depthbench.generators.odms.fill:make_slice"
_AT_ONCE = 50
"""Examples whose masks are in memory at once: 500 masks, 19 MB."""


def fill(asked: MaskSet, n: int, folder: Path, choice: Choice | None = None, workers: int | None = None) -> int:
    """Make what a folder lacks of the first ``n`` examples of each part; return how many examples were made.

    Parameters
    ----------
    asked : MaskSet
    n : int
    folder : Path
    choice : Choice or None
        The engine, and which slices this run takes; None is this process and all.
    workers : int or None
        Slices made at once.

    Raises
    ------
    DepthbenchError
        If the folder holds another set or other files, another run is at work in it, the disk is full, or a slice could not be
        made.
    """
    choice = choice or Choice()
    folder.mkdir(parents=True, exist_ok=True)
    with only_run(folder, choice.share):
        _open(asked, folder, choice.share)
        plan = list(slices(asked, n))
        lines = [{"part": s.part, "first_example": s.first, "examples": s.count} for s in plan]
        write_bytes(folder / PLAN_FILE, "".join(json.dumps(line) + "\n" for line in lines).encode())
        mine = [part for number, part in enumerate(plan) if choice.share.takes(number)]
        missing = [(part, _missing(asked, part, folder)) for part in mine]
        todo = sum(len(numbers) for _, numbers in missing)
        if not todo:
            return 0
        units = [_unit(asked, part, folder) for part, numbers in missing if numbers]
        return _run(units, todo, n * len(asked.parts), folder, choice, Need(cores=1, workers=workers, light=True))


def _unit(asked: MaskSet, part: Slice, folder: Path) -> Unit:
    job = {
        "asked": asked.to_json(),
        "folder": str(folder.resolve()),
        "part": part.part,
        "first": part.first,
        "count": part.count,
    }
    path = shard_path(Path(), asked.stream.split, part)
    return Unit(path.stem, TASK, job, output=str(path) if asked.layout == "shards" else "")


def _run(units: Sequence[Unit], todo: int, total: int, folder: Path, choice: Choice, need: Need) -> int:
    """Make the missing examples and leave the run's record."""
    log, made = RunLog(folder, choice.share), 0
    with choice.recorded(folder, need, total) as told, ProgressReport(0, todo, what="examples") as report:

        def listen(unit: str, event: Event) -> None:
            nonlocal made
            if event["event"] == "made":
                made += event["made"]
                told["made"] = made
                report.advance(event["made"])
            elif event["event"] == "written":
                log.add(**event | {"event": "end"})
            elif event["event"] in ("crash", "given-up"):
                log.add(unit=unit, **event)
                report.say(f"{unit}: {event['event']} ({event['reason']})")

        failures = choice.run(units, need, folder, listen)
    if failures:
        raise DepthbenchError(
            f"{choice.url or folder}: {len(failures)} slices were not made, such as {failures[0].unit} ({failures[0].reason}); the log is {failures[0].log}"
        )
    return made


def make_slice(job: dict[str, Any], context: WorkerContext) -> None:
    """Make what a slice lacks: a worker's task, whose job has ``asked``, ``folder``, ``part``, ``first`` and ``count``."""
    asked, folder = MaskSet.from_json(job["asked"]), Path(job["folder"])
    part = Slice(job["part"], job["first"], job["count"])
    numbers = _missing(asked, part, folder)
    began = time.monotonic()
    write = _write_shard if asked.layout == "shards" else _write_folders
    if numbers:  # else another attempt has made them, and was lost before it could say so
        write(asked, part, numbers, folder, lambda made: context.send("made", made=made))
    took_s = round(time.monotonic() - began, 3)
    context.send("written", part=part.part, first_example=part.first, examples=len(numbers), took_s=took_s)
    context.send("settled", items=list(part.numbers))


def _open(asked: MaskSet, folder: Path, share: Share) -> None:
    """Hold the set against the folder's, or begin it; remove what killed runs left, unless other runs are at work too."""
    open_config(asked.to_json(), folder)
    if share != WHOLE:
        return
    for place in (folder, folder / "shards"):
        sweep(place)
    for part in asked.parts:
        for leftover in (folder / "data" / asked.stream.split / part).glob(f"{TEMPORARY_MARK}*"):
            shutil.rmtree(leftover)


def _missing(asked: MaskSet, part: Slice, folder: Path) -> list[int]:
    """Return the numbers of a slice's examples that are not there; all of them where a shard lacks some."""
    split = asked.stream.split
    path = shard_path(folder, split, part)
    away = stored_items(folder, path.stem)
    if asked.layout == "folders":
        return [n for n in part.numbers if n not in away and not example_folder(folder, split, part.part, n).is_dir()]
    there = len(read_mask_shard(path).ids) if path.is_file() else len(away)
    return [] if there >= part.count else list(part.numbers)


def _write_shard(
    asked: MaskSet, part: Slice, numbers: Sequence[int], folder: Path, tell: Callable[[int], None]
) -> None:
    """Write a slice as a shard, and tell how many examples it has once it is there."""
    config = asked.config(part.part)
    pieces = []
    for at in range(0, len(numbers), _AT_ONCE):
        some = numbers[at : at + _AT_ONCE]
        made = make_examples(config, some, packed=True)
        pieces.append(pack_examples([example_name(number) for number in some], made.distance_m, made.masks))
    attrs = {"config": config.to_json(), "first_example": part.first}
    write_mask_shard(shard_path(folder, asked.stream.split, part), joined(pieces, attrs))
    tell(len(numbers))


def _write_folders(
    asked: MaskSet, part: Slice, numbers: Sequence[int], folder: Path, tell: Callable[[int], None]
) -> None:
    """Write examples as folders, telling of each once it is there."""
    config = asked.config(part.part)
    for at in range(0, len(numbers), _AT_ONCE):
        some = numbers[at : at + _AT_ONCE]
        made = make_examples(config, some, packed=True)
        for number, bits, distance_m in zip(some, made.masks, made.distance_m, strict=True):
            target = example_folder(folder, asked.stream.split, part.part, number)
            aside = target.with_name(f"{TEMPORARY_MARK}{secrets.token_hex(4)}-{target.name}")
            write_example(aside, list(unpacked(bits)), distinct_m(distance_m))
            os.replace(aside, target)
            tell(1)


def distinct_m(distance_m: npt.NDArray[np.float32]) -> list[float]:
    """Round ascending distances to micrometres, which name the masks; of two that are alike the second is one farther."""
    names: list[int] = []
    for metres in distance_m.astype(np.float64):
        names.append(max(round(metres * 1e6), names[-1] + 1 if names else 0))
    return [name / 1e6 for name in names]
