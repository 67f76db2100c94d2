# SPDX-License-Identifier: Apache-2.0
"""Frames of a driving set into shards; whatever interrupts it, the same call continues."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.worker import WorkerContext
from depthbench.camera import Intrinsics
from depthbench.errors import DepthbenchError
from depthbench.formats.atomic import sweep, write_bytes
from depthbench.formats.driving_labels import Labels
from depthbench.formats.driving_shard import DrivingRecord, shard_ids, write_driving_shard
from depthbench.formats.image import decode_rgb
from depthbench.formats.limits import MOST_ARRAY_BYTES, read_limited
from depthbench.generators.config_file import open_config, recorded_values
from depthbench.generators.engines.choice import Choice
from depthbench.generators.engines.share import WHOLE
from depthbench.generators.engines.stored import stored
from depthbench.generators.engines.units import Event, Need, Unit
from depthbench.generators.membership.instances import WithoutDepth, find_instances
from depthbench.generators.membership.levels import STRIDES, membership_targets
from depthbench.generators.membership.packing import MOST_INSTANCES, pack_map
from depthbench.generators.membership.values import check_fuzziness
from depthbench.generators.progress import ProgressReport
from depthbench.generators.run_files import marked
from depthbench.generators.run_lock import only_run
from depthbench.registry import load_object

GENERATOR, GENERATOR_VERSION = "dvps", 1
TASK = "depthbench.generators.driving_shards.prepare:make_shard"
SHARDS, PROBLEMS = "shards", "problems.txt"


class DrivingSource(Protocol):
    """Where frames come from."""

    name: str
    problems: Sequence[str]

    def ids(self) -> list[str]:
        """Return every frame's id, in a fixed order."""

    def image_path(self, sample_id: str) -> Path:
        """Return where the picture lies."""

    def camera(self, sample_id: str, width: int, height: int) -> Intrinsics | None:
        """Return the camera of a picture of this size, where it is known."""

    def depth_and_labels(self, sample_id: str) -> tuple[npt.NDArray[np.float32], Labels | None]:
        """Return depth, float32 (H, W), NaN = unknown, and what is where, if anyone says."""


@dataclass(frozen=True)
class TargetConfig:
    """What decides the targets.

    Attributes
    ----------
    source, split : str
    fuzziness : float
    sparse : bool
    most : int or None
        Instances of a frame, the largest.
    without_depth : {"drop", "binary"}
    strides : tuple of int
    per_shard : int
        Frames.
    """

    source: str
    split: str
    fuzziness: float = 2.0
    sparse: bool = False
    most: int | None = None
    without_depth: WithoutDepth = "drop"
    strides: tuple[int, ...] = STRIDES
    per_shard: int = 32

    def __post_init__(self) -> None:
        check_fuzziness(self.fuzziness)

    def to_json(self) -> dict[str, Any]:
        """Return plain data: the content of ``config.json``."""
        told = {"generator": GENERATOR, "generator_version": GENERATOR_VERSION, **asdict(self)}
        return told | {"strides": list(self.strides)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> TargetConfig:
        """Undo :meth:`to_json`.

        Raises
        ------
        DepthbenchError
            If a key is missing or unknown, or the version is another.
        """
        data = recorded_values(data, GENERATOR, GENERATOR_VERSION, cls)
        try:
            return cls(**data | {"strides": tuple(int(stride) for stride in data["strides"])})
        except (TypeError, KeyError, ValueError) as error:
            raise DepthbenchError(f"the configuration has values that are not this version's: {error}") from error


@dataclass(frozen=True)
class Prepared:
    """What a run did: frames written, frames that were there, what was left out and why, instances without any depth."""

    made: int
    there: int
    problems: tuple[str, ...]
    instances: int
    dropped: int


def make_record(source: DrivingSource, sample_id: str, config: TargetConfig) -> DrivingRecord:
    """Read a frame and make its targets.

    Raises
    ------
    DepthbenchError
        If a file of it is absent, damaged or of another encoding, or sizes differ.
    """
    path = source.image_path(sample_id)
    image = read_limited(path, MOST_ARRAY_BYTES, "picture")
    height, width, _ = decode_rgb(image, str(path)).shape
    depth_m, labels = source.depth_and_labels(sample_id)
    if depth_m.shape != (height, width):
        raise DepthbenchError(
            f"{path}: of {width}x{height}, and its depth of {depth_m.shape[1]}x{depth_m.shape[0]}; files of one picture share a size"
        )
    ids = np.zeros((height, width), dtype=np.int32) if labels is None else labels.instance_ids
    most = min(config.most or MOST_INSTANCES, MOST_INSTANCES)
    made = membership_targets(ids, depth_m, config.strides, config.fuzziness, config.sparse, most, config.without_depth)
    _, row = find_instances(ids, depth_m, most, config.without_depth)
    return DrivingRecord(
        sample_id,
        image,
        np.rint(np.nan_to_num(depth_m) * 256).astype(np.uint16),
        (row + 1).astype(np.uint16),
        made.instances.ids,
        made.instances.centroid_m,
        made.instances.area,
        np.array(made.instances.dropped, dtype=np.int64),
        {stride: pack_map(level) for stride, level in made.levels.items()},
        source.camera(sample_id, width, height),
    )


@dataclass(frozen=True)
class Reopen:
    """How another process opens a source: ``package.module:function``, and its arguments after which it is the same."""

    function: str
    name: str
    root: str
    options: dict[str, Any]

    def open(self) -> DrivingSource:
        """Open it."""
        source: DrivingSource = load_object(self.function)(self.name, Path(self.root), self.options)
        return source


def prepare(
    source: DrivingSource,
    folder: Path,
    config: TargetConfig,
    strict: bool = False,
    limit: int | None = None,
    reopen: Reopen | None = None,
    choice: Choice | None = None,
    workers: int | None = None,
) -> Prepared:
    """Write the shards that the folder lacks.

    Shard k holds frames ``k * per_shard`` and on of the source; one whose frames are all there is not made again. Frames that cannot be
    read are left out and named in ``problems.txt``. Without ``reopen`` the work is done in this process; else where ``choice`` says, by so many
    ``workers``.

    Raises
    ------
    DepthbenchError
        If anything is wrong with a file and ``strict`` is set; the folder holds another configuration, or another run is at work
        in it; nothing is left; or the disk is full.
    """
    problems = list(source.problems)
    if strict and problems:
        raise DepthbenchError(problems[0])
    choice = (choice if reopen else None) or Choice()
    ids = source.ids()[:limit]
    folder.mkdir(parents=True, exist_ok=True)
    counts = Counter[str]()
    with only_run(folder, choice.share):
        open_config(config.to_json(), folder)
        shards = folder / SHARDS
        shards.mkdir(exist_ok=True)
        if choice.share == WHOLE:
            sweep(shards)
        mine = [names for k, names in enumerate(batched(ids, config.per_shard)) if choice.share.takes(k)]
        waiting = {path: names for path, names in _waiting(folder, ids, config.per_shard).items() if names in mine}
        todo = sum(map(len, waiting.values()))
        there = sum(map(len, mine)) - todo
        run = secrets.token_hex(4)
        job = {"config": config.to_json(), "strict": strict, "reopen": reopen and asdict(reopen), "run": run}
        job |= {"folder": str(folder.resolve())}
        units = [
            Unit(path.stem, TASK, job | {"path": str(path), "names": names}, output=str(path))
            for path, names in waiting.items()
        ]
        need = Need(cores=1, workers=workers if reopen else None, light=True)
        if units:
            _OPEN[run] = source
            try:
                counts = _run(units, choice, need, folder, (len(ids), there, there + todo), problems)
            finally:
                del _OPEN[run]
        listed = marked(folder / PROBLEMS, choice.share)
        if problems:
            write_bytes(listed, ("\n".join(problems) + "\n").encode())
        else:
            listed.unlink(missing_ok=True)
    if not counts["made"] and not there and (mine or not ids):
        raise DepthbenchError(
            f"{choice.url or folder}: no frame could be prepared. {problems[0] if problems else 'The set is empty.'}"
        )
    return Prepared(counts["made"], there, tuple(problems), counts["instances"], counts["dropped"])


def _run(
    units: Sequence[Unit], choice: Choice, need: Need, folder: Path, frames: tuple[int, int, int], problems: list[str]
) -> Counter[str]:
    """Make shards and leave the run's record; ``frames``: asked of the set, there, to be there after this run. Faults are appended."""
    counts = Counter[str]()
    asked, there, total = frames
    with choice.recorded(folder, need, asked) as told, ProgressReport(there, total, what="frames") as report:
        told["made"] = 0

        def listen(unit: str, event: Event) -> None:
            if event["event"] == "made":
                counts.update({name: event[name] for name in ("made", "instances", "dropped")})
                told["made"] = counts["made"]
                report.advance()
            elif event["event"] == "left-out":
                problems.append(event["reason"])

        for failure in choice.run(units, need, folder, listen):
            problems.append(f"shard {failure.unit}: {failure.reason}; the log is {failure.log}")
    return counts


_OPEN: dict[str, DrivingSource] = {}
"""Sources that this process has open, by run."""


def make_shard(job: dict[str, Any], context: WorkerContext) -> None:
    """A worker's task: one shard; tells ``made`` of each frame, ``left-out`` of one that cannot be read, and ``settled``."""
    if job["run"] not in _OPEN:
        _OPEN[job["run"]] = Reopen(**job["reopen"]).open()
    source, config = _OPEN[job["run"]], TargetConfig.from_json(job["config"])
    path = Path(job["folder"]) / job["path"]
    if not path.is_file() or shard_ids(path) != job["names"]:
        _write(path, source, config, job, context)
    context.send("settled", items=shard_ids(path) if path.is_file() else [])


def _write(
    path: Path, source: DrivingSource, config: TargetConfig, job: dict[str, Any], context: WorkerContext
) -> None:
    records = []
    for name in job["names"]:
        try:
            record = make_record(source, name, config)
        except DepthbenchError as error:
            if job["strict"]:
                raise
            context.send("left-out", reason=str(error))
        else:
            records.append(record)
            context.send("made", made=1, instances=len(record.instance_ids), dropped=len(record.dropped))
    if records:
        write_driving_shard(path, records)


def batched(ids: Sequence[str], size: int) -> list[list[str]]:
    """Cut ids into lists."""
    return [list(ids[start : start + size]) for start in range(0, len(ids), size)]


def _waiting(folder: Path, ids: Sequence[str], per_shard: int) -> dict[Path, list[str]]:
    """Return the shards, as paths from the folder, that are not there whole, with their frames."""
    waiting = {}
    for number, names in enumerate(batched(ids, per_shard)):
        path = Path(SHARDS) / f"{number:06d}.h5"
        away = (stored(folder, path.stem) or {"items": []})["items"]
        if (shard_ids(folder / path) if (folder / path).is_file() else away) != names:
            waiting[path] = names
    return waiting
