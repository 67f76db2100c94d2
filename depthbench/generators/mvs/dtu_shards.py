# SPDX-License-Identifier: Apache-2.0
"""DTU's folders, checked file by file, as shards: one per scan, resumed by shard.

The folder made holds ``config.json`` and ``shards/scan0002.h5``. Every picture is decoded, every depth map and camera read; what is
absent or at fault is named and left out, or, where the check is strict, leaves its scan out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from depthbench.errors import DepthbenchError
from depthbench.formats.atomic import sweep
from depthbench.formats.dtu_folder import DtuFolder
from depthbench.formats.mvs_pairs import Pairs
from depthbench.formats.mvs_shard import MvsShard, StoredView, write_mvs_shard
from depthbench.generators.config_file import generator_of, open_config
from depthbench.generators.run_lock import only_run

GENERATOR, GENERATOR_VERSION = "prepare-dtu", 1


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
    track: Callable[[Sequence[int]], Iterable[int]] = lambda scans: scans,
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
    track : callable
        Told of the scans.

    Raises
    ------
    DepthbenchError
        If ``out`` holds something else, another run is at work in it, or the disk is full.
    """
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
    with only_run(out):
        open_config(identity, out)
        sweep(out / "shards")
        for scan in track(scans):
            path = shard_path(out, scan)
            if path.is_file():
                MvsShard(path)
                report.there.append(scan)
                continue
            problems: list[str] = []
            try:
                write_mvs_shard(path, scan, _views(folder, scan, lights, strict, problems), identity)
                report.written.append(scan)
            except _AtFaultError:
                report.left_out.append(scan)
            # cameras and pairs may be common to all scans
            report.problems = list(dict.fromkeys([*report.problems, *problems]))
    return report


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
