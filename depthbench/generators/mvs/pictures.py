# SPDX-License-Identifier: Apache-2.0
"""A worker's task: the pictures of some views of MVSNet's folder, undistorted and of their size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from depthbench.blender_scenes.worker import WorkerContext
from depthbench.errors import DepthbenchError
from depthbench.formats.atomic import write_bytes
from depthbench.formats.colmap import ColmapCamera
from depthbench.formats.image import read_rgb
from depthbench.generators.engines.choice import Choice
from depthbench.generators.engines.units import Event, Need, Unit
from depthbench.generators.mvs.folder import as_jpeg, picture_path
from depthbench.generators.mvs.undistort import is_distorted, undistorted
from depthbench.generators.progress import ProgressReport

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
        Unit(f"views-{k // PER_UNIT:06d}", TASK, {"out": str(out.resolve()), "pictures": told[k : k + PER_UNIT]})
        for k in range(0, len(told), PER_UNIT)
    ]


def make_all(out: Path, pictures: Sequence[Picture], choice: Choice | None = None, workers: int | None = None) -> None:
    """Make all pictures of a folder, or a share of them, and tell how far it is.

    Raises
    ------
    DepthbenchError
        If a photograph is at fault, or a picture could not be made.
    """
    choice = choice or Choice()
    units = [unit for number, unit in enumerate(picture_units(out, pictures)) if choice.share.takes(number)]
    with ProgressReport(0, sum(len(unit.job["pictures"]) for unit in units), what="views") as report:

        def listen(unit: str, event: Event) -> None:
            if event["event"] == "made":
                report.advance(event["made"])
            elif event["event"] in ("crash", "given-up"):
                report.say(f"{unit}: {event['event']} ({event['reason']})")

        failures = choice.run(units, Need(cores=1, workers=workers, light=True), out, listen)
    if failures:
        raise DepthbenchError(
            f"{out}: {failures[0].unit} was not made ({failures[0].reason}); the log is {failures[0].log}"
        )


def make_pictures(job: dict[str, Any], context: WorkerContext) -> None:
    """Make ``pictures`` into the folder ``out``; tells ``made`` of each."""
    for told in job["pictures"]:
        camera = told["camera"] and ColmapCamera(**told["camera"] | {"params": tuple(told["camera"]["params"])})
        data = _jpeg(Path(told["path"]), camera, tuple(told["size"]))
        write_bytes(picture_path(Path(job["out"]), told["id"]), data)
        context.send("made", made=1)


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
