# SPDX-License-Identifier: Apache-2.0
"""Fills a folder with stacks: whatever interrupts it, the same call continues, and the folder ends up the same.

The folder holds ``config.json`` (what decides the stacks), ``source.json`` (where the pictures are), ``plan.jsonl`` (the frames, by
slice), the stacks, ``log.jsonl`` and ``run.json``. Shards and folders of stacks appear whole or not at all; they are the only state. A frame that cannot be read is
named, left out, and tried again by the next run.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from depthbench.errors import DepthbenchError
from depthbench.formats.atomic import TEMPORARY_MARK, sweep, write_bytes
from depthbench.formats.focal_shard import FocalShard
from depthbench.formats.json_file import write_json
from depthbench.generators.config_file import PLAN_FILE, open_config
from depthbench.generators.engines.choice import Choice
from depthbench.generators.engines.share import WHOLE, Share
from depthbench.generators.engines.stored import stored
from depthbench.generators.engines.units import Event, Need, Unit
from depthbench.generators.focal.config import FocalConfig
from depthbench.generators.focal.lens import ThinLens
from depthbench.generators.focal.make import make_stack
from depthbench.generators.focal.planes import FROM_TRUTH
from depthbench.generators.focal.slice_task import source_of
from depthbench.generators.focal.sources import Source
from depthbench.generators.focal.stack_set import SOURCE_FILE, Slice, StackSet, shard_path, slices, stack_folder
from depthbench.generators.layered import QUIET_EVENTS, tell
from depthbench.generators.progress import ProgressReport
from depthbench.generators.run_files import RunLog
from depthbench.generators.run_lock import only_run
from depthbench.processors import usable_cores

TASK = "depthbench.generators.focal.slice_task:make_slice"


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


def fill(
    asked: StackSet,
    root: Path,
    folder: Path,
    n: int | None = None,
    *,
    strict: bool = False,
    device: str = "auto",
    workers: int = 1,
    choice: Choice | None = None,
) -> Filled:
    """Make what a folder lacks of the stacks of the first ``n`` frames of a source (all where None).

    ``workers`` stacks of a slice are made at once; ``choice`` is the engine and which slices this run takes (None: this process, all).

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
    choice = choice or Choice()
    folder.mkdir(parents=True, exist_ok=True)
    with only_run(folder, choice.share):
        _open(asked, folder, choice.share)
        plan = slices(names)
        _check_plan(names, folder)
        write_json(folder / SOURCE_FILE, {"root": str(root.resolve()), "frames": len(source.names)})
        _write_plan(plan, folder)
        filler = _Filler(asked, source, root, folder, strict, device, workers, choice)
        todo = [(part, filler.missing(part)) for part in plan if choice.share.takes(part.number)]
        filler.total = sum(len(part.names) for part, _ in todo)
        filler.result.there = filler.total - sum(len(missing) for _, missing in todo)
        return filler.run([(part, missing) for part, missing in todo if missing], len(names))


def _check_focus(config: FocalConfig) -> None:
    """Refuse distances that the lens cannot be focused at before any frame is read, where both are known."""
    preset, planes = config.preset, config.planes
    if preset.focal_m is not None and planes.policy not in FROM_TRUTH:
        ThinLens(preset.focal_m, preset.f_number, 1.0).diameter_per_dioptre(
            planes.list_m[0] if planes.list_m else planes.near_m
        )


@dataclass
class _Filler:
    asked: StackSet
    source: Source
    root: Path
    folder: Path
    strict: bool
    device: str
    workers: int
    choice: Choice
    total: int = 0
    result: Filled = field(default_factory=Filled)
    told: bool = False

    def missing(self, part: Slice) -> list[int]:
        """Return the numbers of a slice's frames that have no stack; all of them where a shard lacks some."""
        numbers = list(range(part.first, part.first + len(part.names)))
        path = shard_path(self.folder, part.number)
        away = stored(self.folder, path.stem)
        if self.asked.layout != "shards":
            return [
                n
                for n, name in zip(numbers, part.names, strict=True)
                if name not in (away or {"items": ()})["items"] and not stack_folder(self.folder, name).is_dir()
            ]
        if path.is_file() or away:
            ids = set(away["items"] if away else FocalShard(path).ids)
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

    def run(self, todo: Sequence[tuple[Slice, list[int]]], asked: int) -> Filled:
        """Make stacks and leave the run's record."""
        if not todo:
            return self.result
        traced = self.asked.config.renderer == "cycles"
        need = Need(self.device if traced else "CPU", None if traced else self.workers, light=True)
        self.log = RunLog(self.folder, self.choice.share)
        run = secrets.token_hex(4)
        units = [self._unit(part, numbers, run) for part, numbers in todo]
        with (
            self.choice.recorded(self.folder, need, asked) as told,
            ProgressReport(self.result.there, self.total, what="stacks") as self.report,
        ):
            if not traced:
                told["workers"] = self.workers
            try:
                for failure in self.choice.run(units, need, self.folder, self._listen):
                    self.result.failed[failure.unit] = f"{failure.reason}; the log is {failure.log}"
            finally:
                told |= {"made": self.result.made, "failed": self.result.failed}
        return self.result

    def _unit(self, part: Slice, numbers: list[int], run: str) -> Unit:
        job = {
            "asked": self.asked.to_json(),
            "root": str(self.root.resolve()),
            "folder": str(self.folder.resolve()),
            "slice": part.number,
            "first": part.first,
            "names": list(part.names),
            "numbers": numbers,
            "strict": self.strict,
            "threads": self.workers,
            "device": self.device,
            "run": run,
        }
        path = shard_path(Path(), part.number)
        return Unit(path.stem, TASK, job, output=str(path) if self.asked.layout == "shards" else "")

    def _listen(self, unit: str, event: Event) -> None:
        kind = event["event"]
        if kind == "made":
            self.result.made += event["made"]
            self.result.there += event["made"]
            self.report.advance(event["made"])
        elif kind == "left-out":
            self.result.failed[event["frame"]] = event["reason"]
            self.log.add(**event)
            self.report.say(f"left out: {event['reason']}")
        elif kind == "camera" and not self.told:
            self.told = True
            for line in event["lines"]:
                self.report.say(line)
        elif kind == "written":
            self.log.add(**event | {"event": "end"})
        elif kind == "traced":
            self._tell(event["of"], event["what"])
        elif kind in ("crash", "given-up"):
            self._tell(unit, event)

    def _tell(self, unit: str, event: Event) -> None:
        """Log and say what became of a worker or a scene of Blender's."""
        if event["event"] not in QUIET_EVENTS:
            self.log.add(unit=unit, **event)
        if text := tell(unit, event):
            self.report.say(text)


def _open(asked: StackSet, folder: Path, share: Share) -> None:
    """Hold the set against the folder's, or begin it; remove what killed runs left, unless other runs are at work too."""
    open_config(asked.to_json(), folder)
    if share != WHOLE:
        return
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
