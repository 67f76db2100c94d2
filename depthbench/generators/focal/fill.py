# SPDX-License-Identifier: Apache-2.0
"""Fills a folder with stacks: whatever interrupts it, the same call continues, and the folder ends up the same.

The folder holds ``config.json`` (what decides the stacks), ``source.json`` (where the pictures are), ``plan.jsonl`` (the frames, by
slice), the stacks, ``log.jsonl`` and ``run.json``. Shards and folders of stacks appear whole or not at all; they are the only state. A frame that cannot be read is
named, left out, and tried again by the next run.
"""

from __future__ import annotations

import json
import shutil
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from depthbench.errors import DepthbenchError
from depthbench.formats.atomic import TEMPORARY_MARK, sweep, write_bytes
from depthbench.formats.focal_folder import write_focal_folder
from depthbench.formats.focal_record import FocalRecord
from depthbench.formats.focal_shard import FocalShard, write_focal_shard
from depthbench.formats.json_file import write_json
from depthbench.generators.blender_check import require_blender
from depthbench.generators.config_file import PLAN_FILE, open_config
from depthbench.generators.engine import Event
from depthbench.generators.focal.config import FocalConfig
from depthbench.generators.focal.cycles import trace_stacks
from depthbench.generators.focal.lens import ThinLens
from depthbench.generators.focal.make import make_stack
from depthbench.generators.focal.planes import FROM_TRUTH
from depthbench.generators.focal.sources import Source, SourceOptions, open_source
from depthbench.generators.focal.stack_set import (
    SOURCE_FILE,
    STAGING,
    Slice,
    StackSet,
    shard_path,
    slices,
    stack_folder,
)
from depthbench.generators.layered import QUIET_EVENTS, RunOptions, tell, worker_arguments
from depthbench.generators.progress import ProgressReport
from depthbench.generators.run_files import RunLog, recorded_run
from depthbench.generators.run_lock import only_run
from depthbench.processors import usable_cores


@dataclass
class Filled:
    """What a run did.

    Attributes
    ----------
    made, there : int
        Stacks made by this run; stacks in the folder.
    failed : dict of str to str
        Frames without a stack, and why.
    """

    made: int = 0
    there: int = 0
    failed: dict[str, str] = field(default_factory=dict)


def usual_workers() -> int:
    """Return how many stacks to make at once: one per core, but no more than one thread can store (0.2 GB each)."""
    return min(usable_cores(), 8)


def source_of(config: FocalConfig, root: Path) -> Source:
    """Open the source of a configuration."""
    return open_source(config.source, root, SourceOptions(config.depth_unit_m, config.fov_deg, config.split))


def fill(
    asked: StackSet,
    root: Path,
    folder: Path,
    n: int | None = None,
    *,
    strict: bool = False,
    device: str = "auto",
    workers: int = 1,
) -> Filled:
    """Make what a folder lacks of the stacks of the first ``n`` frames of a source (all where None).

    Raises
    ------
    DepthbenchError
        If the source is absent, the folder holds another set or other files, another run is at work in it, the disk is full; with
        ``strict``, also if a frame cannot be used.
    """
    _check_focus(asked.config)
    source = source_of(asked.config, root)
    names = source.names[:n]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise DepthbenchError(f"{root}: two frames are called {twice}")
    folder.mkdir(parents=True, exist_ok=True)
    with only_run(folder):
        _open(asked, folder)
        plan = slices(names)
        _check_plan(names, folder)
        write_json(folder / SOURCE_FILE, {"root": str(root.resolve()), "frames": len(source.names)})
        _write_plan(plan, folder)
        filler = _Filler(asked, source, folder, strict, device, workers)
        todo = [(part, filler.missing(part)) for part in plan]
        filler.result.there = len(names) - sum(len(missing) for _, missing in todo)
        return filler.run([(part, missing) for part, missing in todo if missing], len(names))


def _check_focus(config: FocalConfig) -> None:
    """Refuse distances that the lens cannot be focused at before any frame is read, where both are known."""
    preset, planes = config.preset, config.planes
    if preset.focal_m is not None and planes.policy not in FROM_TRUTH:
        ThinLens(preset.focal_m, preset.f_number, 1.0).diameter_per_dioptre(
            planes.list_m[0] if planes.list_m else planes.near_m
        )


class _Filler:
    def __init__(self, asked: StackSet, source: Source, folder: Path, strict: bool, device: str, workers: int) -> None:
        self.asked, self.source, self.folder = asked, source, folder
        self.strict, self.device, self.workers = strict, device, workers
        self.result, self.told = Filled(), False

    def missing(self, part: Slice) -> list[int]:
        """Return the numbers of a slice's frames that have no stack; all of them where a shard lacks some."""
        numbers = list(range(part.first, part.first + len(part.names)))
        if self.asked.layout != "shards":
            return [
                n for n, name in zip(numbers, part.names, strict=True) if not stack_folder(self.folder, name).is_dir()
            ]
        path = shard_path(self.folder, part.number)
        if path.is_file():
            ids = set(FocalShard(path).ids)
            lacking = [(n, name) for n, name in zip(numbers, part.names, strict=True) if name not in ids]
            still: dict[str, str] = {}
            for number, name in lacking:
                try:
                    scene = self.source.read(number)
                    if self.asked.config.renderer != "cycles":
                        make_stack(self.asked.config, scene, number)
                except DepthbenchError as error:
                    still[name] = str(error)
            if len(still) == len(lacking):  # nothing has been mended: the shard is as whole as can be
                if still and self.strict:
                    raise DepthbenchError(next(iter(still.values())))
                self.result.failed |= still
                return []
        return numbers

    def run(self, todo: Sequence[tuple[Slice, list[int]]], total: int) -> Filled:
        """Make stacks and leave the run's record."""
        if not todo:
            return self.result
        arguments = self._workers()
        device, workers = (arguments[0][1], len(arguments)) if arguments else ("CPU", self.workers)
        log = RunLog(self.folder)
        with (
            recorded_run(self.folder, device, workers) as told,
            ProgressReport(self.result.there, total, what="stacks") as report,
        ):
            try:
                for part, numbers in todo:
                    began = time.monotonic()
                    if arguments:
                        self._trace(numbers, arguments, report, log)
                    write = self._write_shard if self.asked.layout == "shards" else self._write_folders
                    write(part, self._stacks(part, numbers, report, log))
                    shutil.rmtree(self.folder / STAGING, ignore_errors=True)
                    log.add(event="end", slice=part.number, took_s=round(time.monotonic() - began, 3))
            finally:
                told |= {"made": self.result.made, "failed": self.result.failed}
        return self.result

    def _workers(self) -> tuple[tuple[str, ...], ...]:
        """Return the arguments of Blender's processes; none where no Blender is needed."""
        if self.asked.config.renderer != "cycles":
            return ()
        require_blender()
        return worker_arguments(RunOptions(self.device))

    def _trace(
        self, numbers: Sequence[int], arguments: tuple[tuple[str, ...], ...], report: ProgressReport, log: RunLog
    ) -> None:
        def listen(unit: str, event: Event) -> None:
            if event["event"] not in QUIET_EVENTS:
                log.add(unit=unit, **event)
            if text := tell(unit, event):
                report.say(text)

        trace_stacks(self.asked.config, self.source, numbers, self.folder / STAGING, arguments, listen)

    def _stacks(
        self, part: Slice, numbers: Sequence[int], report: ProgressReport, log: RunLog
    ) -> Iterator[FocalRecord]:
        for number, waiting in self._ahead(numbers):
            name = part.names[number - part.first]
            try:
                record = waiting.result()
            except DepthbenchError as error:
                if self.strict:
                    raise
                self.result.failed[name] = str(error)
                log.add(event="left-out", frame=name, reason=str(error))
                report.say(f"left out: {error}")
                continue
            if not self.told:
                self.told = True
                _tell_camera(record, report)
            yield record
            self.result.made += 1
            self.result.there += 1
            report.advance()

    def _ahead(self, numbers: Sequence[int]) -> Iterator[tuple[int, Future[FocalRecord]]]:
        """Yield frames in order, while threads make the stacks of those that follow (the inner loops let go of Python's lock)."""

        def make(number: int) -> FocalRecord:
            return make_stack(self.asked.config, self.source.read(number), number, self.folder / STAGING)

        ahead: deque[tuple[int, Future[FocalRecord]]] = deque()
        pool = ThreadPoolExecutor(self.workers)
        try:
            for number in numbers:
                ahead.append((number, pool.submit(make, number)))
                if len(ahead) > self.workers:
                    yield ahead.popleft()
            yield from ahead
        finally:
            pool.shutdown(cancel_futures=True)

    def _write_shard(self, part: Slice, records: Iterator[FocalRecord]) -> None:
        attrs = {"config": self.asked.config.to_json(), "first": part.first}
        write_focal_shard(shard_path(self.folder, part.number), records, attrs)

    def _write_folders(self, part: Slice, records: Iterator[FocalRecord]) -> None:
        depth_file = self.asked.layout.removeprefix("folders-")
        for record in records:
            write_focal_folder(stack_folder(self.folder, record.id), record, depth_file)


def _tell_camera(record: FocalRecord, report: ProgressReport) -> None:
    """Say how strong the blur of the first stack is, and what cannot be."""
    lens, widest = record.meta["lens"], record.meta["measured"]["widest_radius_px"]
    report.say(
        f"{lens['camera']}: {1000 * lens['focal_m']:.4g} mm f/{lens['f_number']:g}, {lens['px_per_dioptre']:.3g} px of diameter "
        f"per dioptre; {record.id} has discs up to {widest:.1f} px of radius"
    )
    if widest < 1:
        report.say(
            "note: nothing is blurred by as much as a pixel; nearer planes, a wider aperture or larger pictures would show more"
        )
    for doubt in lens["doubts"]:
        report.say(f"note: {doubt}")


def _open(asked: StackSet, folder: Path) -> None:
    """Hold the set against the folder's, or begin it; remove what killed runs left."""
    open_config(asked.to_json(), folder)
    for place in (folder, folder / "shards"):
        sweep(place)
    for leftover in (folder / "stacks").glob(f"{TEMPORARY_MARK}*"):
        shutil.rmtree(leftover)


def _check_plan(names: Sequence[str], folder: Path) -> None:
    """Refuse to continue with other frames than those that the folder was begun with; there may be more or fewer."""
    path = folder / PLAN_FILE
    if not path.is_file():
        return
    begun = [name for part in read_plan(folder) for name in part.names]
    for before, asked in zip(begun, names, strict=False):
        if before != asked:
            raise DepthbenchError(
                f"{path}: this folder was begun with other frames ({before} where the source now has {asked}); give the "
                "same --root, or another --out"
            )


def _write_plan(plan: Sequence[Slice], folder: Path) -> None:
    """Write the plan, unless the folder has the beginning of a longer one."""
    path = folder / PLAN_FILE
    if not path.is_file() or len(read_plan(folder)) <= len(plan):
        write_bytes(path, "".join(part.to_json() + "\n" for part in plan).encode())


def read_plan(folder: Path) -> list[Slice]:
    """Read which frames the slices of a folder are of.

    Raises
    ------
    DepthbenchError
        If there is no plan, or it is damaged.
    """
    path = folder / PLAN_FILE
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return [Slice(row["slice"], row["first"], tuple(row["names"])) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DepthbenchError(f"{path}: not a plan of stacks ({error})") from error
