# SPDX-License-Identifier: Apache-2.0
"""A worker's task: the pictures of some views of MVSNet's folder, undistorted and of their size."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from depthbench.blender_scenes.worker import WorkerContext
from depthbench.errors import DepthbenchError
from depthbench.formats.atomic import sweep, write_bytes
from depthbench.formats.colmap import ColmapCamera
from depthbench.formats.image import read_rgb
from depthbench.formats.json_file import to_json
from depthbench.generators.config_file import open_config
from depthbench.generators.engines.choice import Choice
from depthbench.generators.engines.share import WHOLE
from depthbench.generators.engines.stored import stored_items
from depthbench.generators.engines.units import Event, Need, Unit
from depthbench.generators.mvs.folder import as_jpeg, picture_path
from depthbench.generators.mvs.undistort import is_distorted, undistorted
from depthbench.generators.progress import ProgressReport
from depthbench.generators.run_lock import only_run

GENERATOR, GENERATOR_VERSION = "prepare-mvs", 1
TASK = "depthbench.generators.mvs.pictures:make_pictures"
PER_UNIT = 16


@dataclass(frozen=True)
class Picture:
    """What the picture of view ``id`` is made of: a photograph, its camera (None: no distortion), its size (width, height)."""

    id: int
    path: Path
    size: tuple[int, int]
    camera: ColmapCamera | None = None


def picture_units(out: Path, pictures: Sequence[Picture]) -> list[Unit]:
    """Return the units that make the pictures of a folder."""
    told = [asdict(picture) | {"path": str(picture.path.resolve())} for picture in pictures]
    return [
        Unit(f"views-{k // PER_UNIT:06d}", TASK, {"folder": str(out.resolve()), "pictures": told[k : k + PER_UNIT]})
        for k in range(0, len(told), PER_UNIT)
    ]


def make_all(
    out: Path,
    pictures: Sequence[Picture],
    choice: Choice | None = None,
    workers: int | None = None,
    asked: Mapping[str, Any] | None = None,
) -> None:
    """Make the pictures that a folder lacks, or a share of them, and tell how far it is.

    ``asked`` is what decides the folder's cameras and pairs. With it, the views and the photographs' names and sizes, ``config.json`` says
    what the folder is of; it continues with the same only.

    Raises
    ------
    DepthbenchError
        If a photograph is at fault, the folder holds something else, another run is at work in it, or a picture could not be made.
    """
    choice = choice or Choice()
    out.mkdir(parents=True, exist_ok=True)
    with only_run(out, choice.share):
        open_config(_identity(pictures, asked or {}), out)
        if choice.share == WHOLE:
            sweep(out / "images")
        every = [unit for number, unit in enumerate(picture_units(out, pictures)) if choice.share.takes(number)]
        missing = {unit.name: _missing(unit, out) for unit in every}
        units = [unit for unit in every if missing[unit.name]]
        if units:
            there = sum(len(unit.job["pictures"]) for unit in every) - sum(missing.values())
            _make(out, units, choice, workers, (len(pictures), there, there + sum(missing.values())))


def _identity(pictures: Sequence[Picture], asked: Mapping[str, Any]) -> dict[str, Any]:
    told = [asdict(picture) | {"path": [picture.path.name, picture.path.stat().st_size]} for picture in pictures]
    digest = hashlib.sha256(to_json(told, indent=None).encode()).hexdigest()
    made_by = {"generator": GENERATOR, "generator_version": GENERATOR_VERSION}
    return {**made_by, **asked, "views": len(pictures), "cameras_and_photographs": digest[:16]}


def _missing(unit: Unit, out: Path) -> int:
    """Return how many pictures of a unit are neither in the folder nor in the storage."""
    away, ids = stored_items(out, unit.name), [told["id"] for told in unit.job["pictures"]]
    return sum(view not in away and not picture_path(out, view).is_file() for view in ids)


def _make(out: Path, units: Sequence[Unit], choice: Choice, workers: int | None, views: tuple[int, int, int]) -> None:
    """Make pictures and leave the run's record; ``views``: of the folder, there, to be there after this run."""
    asked, there, total = views
    need = Need(cores=1, workers=workers, light=True)
    with choice.recorded(out, need, asked) as told, ProgressReport(there, total, what="views") as report:
        told["made"] = 0

        def listen(unit: str, event: Event) -> None:
            if event["event"] == "made":
                told["made"] += event["made"]
                report.advance(event["made"])
            elif event["event"] in ("crash", "given-up"):
                report.say(f"{unit}: {event['event']} ({event['reason']})")

        failures = choice.run(units, need, out, listen)
    if failures:
        raise DepthbenchError(
            f"{choice.url or out}: {failures[0].unit} was not made ({failures[0].reason}); the log is {failures[0].log}"
        )


def make_pictures(job: dict[str, Any], context: WorkerContext) -> None:
    """Make those of ``pictures`` that the job's ``folder`` lacks; tells ``made`` of each, and ``settled``."""
    for told in job["pictures"]:
        path = picture_path(Path(job["folder"]), told["id"])
        if not path.is_file():
            camera = told["camera"] and ColmapCamera(**told["camera"] | {"params": tuple(told["camera"]["params"])})
            write_bytes(path, _jpeg(Path(told["path"]), camera, tuple(told["size"])))
            context.send("made", made=1)
    context.send("settled", items=[told["id"] for told in job["pictures"]])


def _jpeg(path: Path, camera: ColmapCamera | None, size: tuple[int, int]) -> bytes:
    """Return the JPEG for a view: the file as it is where nothing is to be done to it."""
    rgb = read_rgb(path)
    if camera is None:
        return as_jpeg(np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.BOX)))
    whole = camera.width, camera.height
    if rgb.shape[:2] != whole[::-1]:
        raise DepthbenchError(
            f"{path}: {rgb.shape[1]} x {rgb.shape[0]} pixels where the model's camera has {camera.width} x {camera.height}"
        )
    if size == whole and not is_distorted(camera) and path.suffix.lower() in (".jpg", ".jpeg"):
        return path.read_bytes()
    return as_jpeg(undistorted(rgb, camera, size))
