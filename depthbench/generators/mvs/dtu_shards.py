# SPDX-License-Identifier: Apache-2.0
"""DTU's folders, checked file by file, as shards: one per scan, resumed by shard.

The folder made holds ``config.json`` and ``shards/scan0002.h5``. Every picture is decoded, every depth map and camera read; what is
absent or at fault is named and left out, or, where the check is strict, leaves its scan out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from depthbench.blender_scenes.worker import WorkerContext
from depthbench.errors import DepthbenchError
from depthbench.formats.atomic import sweep
from depthbench.formats.dtu_folder import DtuFolder
from depthbench.formats.mvs_pairs import Pairs
from depthbench.formats.mvs_shard import MvsShard, StoredView, write_mvs_shard
from depthbench.generators.config_file import generator_of, open_config
from depthbench.generators.engines.choice import Choice
from depthbench.generators.engines.share import WHOLE
from depthbench.generators.engines.stored import stored_items
from depthbench.generators.engines.units import Event, Need, Unit
from depthbench.generators.progress import ProgressReport
from depthbench.generators.run_lock import only_run

GENERATOR, GENERATOR_VERSION = "prepare-dtu", 1
TASK = "depthbench.generators.mvs.dtu_shards:make_scan"


class _AtFaultError(Exception):
    """A scan that a strict check does not let pass."""


@dataclass
class DtuReport:
    """What came of the scans: shards written now, shards that were there, scans without one, and every fault found, once each."""

    written: list[int] = field(default_factory=list)
    there: list[int] = field(default_factory=list)
    left_out: list[int] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def shard_path(out: Path, scan: int) -> Path:
    """Return where a scan's shard lies."""
    return out / "shards" / f"scan{scan:04d}.h5"


def holds_mvs_shards(folder: Path) -> bool:
    """Tell whether ``depthbench prepare dtu`` made this folder."""
    return generator_of(folder) == GENERATOR


def mvs_shards(folder: Path) -> list[MvsShard]:
    """Open the shards of a folder, in the order of their scans.

    Raises
    ------
    DepthbenchError
        If there are none, or one is damaged.
    """
    paths = sorted((folder / "shards").glob("scan*.h5"))
    if not paths:
        raise DepthbenchError(f"{folder}: no shards/scan*.h5 in it; `depthbench prepare dtu --out {folder}` makes them")
    return [MvsShard(path) for path in paths]


def prepare_dtu(
    folder: DtuFolder,
    scans: Sequence[int],
    out: Path,
    lights: Sequence[int] | None = None,
    strict: bool = False,
    choice: Choice | None = None,
    workers: int | None = None,
) -> DtuReport:
    """Check scans and write the shards that ``out`` lacks.

    Parameters
    ----------
    folder : DtuFolder
    scans : sequence of int
    out : path
    lights : sequence of int or None
        Which light settings; None: all that there are.
    strict : bool
        A scan with any fault has no shard; otherwise what is at fault is left out of it.
    choice : Choice or None
        The engine, and which scans this run takes; None is this process, all.
    workers : int or None
        Scans done at once.

    Raises
    ------
    DepthbenchError
        If ``out`` holds something else, another run is at work in it, or the disk is full.
    """
    choice = choice or Choice()
    out.mkdir(parents=True, exist_ok=True)
    report = DtuReport()
    identity: dict[str, Any] = {
        "generator": GENERATOR,
        "generator_version": GENERATOR_VERSION,
        "layout": folder.layout,
        "lights": None if lights is None else list(lights),
        "dialect": folder.dialect,
        "interval_scale": folder.interval_scale,
        "planes": folder.planes,
    }
    with only_run(out, choice.share):
        open_config(identity, out)
        if choice.share == WHOLE:
            sweep(out / "shards")
        mine = [scan for scan in scans if choice.share.takes(scan)]
        report.there = [scan for scan in mine if _is_there(out, scan)]
        for scan in report.there:
            if shard_path(out, scan).is_file():
                MvsShard(shard_path(out, scan))
        waiting = [scan for scan in mine if scan not in report.there]
        source = asdict(folder) | {"root": str(folder.root.resolve())}
        job = {"source": source, "folder": str(out.resolve()), "lights": identity["lights"], "strict": strict}
        units = [
            Unit(shard.stem, TASK, job | {"scan": scan, "identity": identity}, output=str(shard))
            for scan in waiting
            for shard in (shard_path(Path(), scan),)
        ]
        if units:
            need = Need(cores=1, workers=workers, light=True)
            with choice.recorded(out, need, len(scans)) as told:
                _write(units, choice, need, out, report, told)
        report.written = [scan for scan in waiting if _is_there(out, scan)]
        report.left_out = [scan for scan in waiting if scan not in report.written]
    return report


def _write(
    units: Sequence[Unit], choice: Choice, need: Need, out: Path, report: DtuReport, told: dict[str, Any]
) -> None:
    """Make shards, and note faults in the report and how many there are in the run's record."""
    told["made"] = 0
    with ProgressReport(len(report.there), len(report.there) + len(units), what="scans") as progress:

        def listen(unit: str, event: Event) -> None:
            if event["event"] == "made":
                told["made"] += event["made"]
                progress.advance(event["made"])
            elif event["event"] == "problems":  # cameras and pairs may be common to all scans
                report.problems = list(dict.fromkeys([*report.problems, *event["lines"]]))

        for failure in choice.run(units, need, out, listen):
            report.problems.append(f"{failure.unit}: {failure.reason}; the log is {failure.log}")


def _is_there(out: Path, scan: int) -> bool:
    path = shard_path(out, scan)
    return path.is_file() or bool(stored_items(out, path.stem))


def make_scan(job: dict[str, Any], context: WorkerContext) -> None:
    """A worker's task: check a scan and write its shard, unless it is there; tells ``problems``, ``made`` and ``settled``."""
    folder = DtuFolder(**job["source"] | {"root": Path(job["source"]["root"])})
    scan, path, problems = int(job["scan"]), shard_path(Path(job["folder"]), int(job["scan"])), list[str]()
    if not path.is_file():
        try:
            write_mvs_shard(path, scan, _views(folder, scan, job["lights"], job["strict"], problems), job["identity"])
            context.send("made", made=1)
        except _AtFaultError:
            pass
    context.send("problems", lines=problems)
    context.send("settled", items=[scan] if path.is_file() else [])


def _views(
    folder: DtuFolder, scan: int, lights: Sequence[int] | None, strict: bool, problems: list[str]
) -> Iterator[StoredView]:
    """Yield what is sound of a scan and note what is not."""
    pairs: Pairs = {}
    try:
        pairs = folder.pairs(scan)
        wanted = folder.lights(scan) if lights is None else list(lights)
        views = folder.views(scan)
    except DepthbenchError as error:
        problems.append(str(error))
        raise _AtFaultError from error
    count = 0
    for view in views:
        pictures = {}
        for light in wanted:
            try:
                folder.image(scan, view, light)
                pictures[light] = folder.image_path(scan, view, light).read_bytes()
            except DepthbenchError as error:
                problems.append(str(error))
        try:
            camera = folder.camera(scan, view)
            depth = folder.depth(scan, view) if folder.has_depth else None
            matrix = folder.depth_camera(scan, view).intrinsics if folder.has_depth else None
        except DepthbenchError as error:
            problems.append(str(error))
            continue
        if pictures:
            count += 1
            yield StoredView(view, camera, pictures, pairs.get(view, []), depth, matrix)
    if not count or (strict and problems):
        raise _AtFaultError
