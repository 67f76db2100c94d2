# SPDX-License-Identifier: Apache-2.0
"""Checks driven sequences by themselves: files, ids, boxes, and that what stands is met again from the next pose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.camera import Intrinsics
from depthbench.errors import DepthbenchError
from depthbench.formats.grey_png import read_grey
from depthbench.formats.image import read_rgb
from depthbench.formats.json_file import read_json
from depthbench.generators.config_file import CONFIG_FILE, generator_of, read_config
from depthbench.generators.driving.classes import CLASSES, DIVISOR, FIRST_THING, VOID, panoptic_id
from depthbench.generators.driving.config import GENERATOR, DrivingConfig, FramePaths, paths, stem

QUANTUM_M = 1 / 256
MOST_UNLIKE = 0.02
"""Of the road's pixels that the next pose sees, how many may lie before what is seen there: edges and rounding."""
_TOLERANCE = 0.02


def holds_drives(folder: Path) -> bool:
    """Tell whether ``depthbench generate dvps-twin`` made a folder."""
    return generator_of(folder) == GENERATOR


@dataclass(frozen=True, eq=False)
class DrivenFrame:
    """What lies in the files of a frame.

    Attributes
    ----------
    id : str
    image : uint8 (H, W, 3)
    panoptic : uint16 (H, W)
    depth_m : float32 (H, W)
        NaN where there is none.
    record : dict
    """

    id: str
    image: npt.NDArray[np.uint8]
    panoptic: npt.NDArray[np.uint16]
    depth_m: npt.NDArray[np.float32]
    record: dict[str, Any]

    @property
    def camera(self) -> tuple[Intrinsics, npt.NDArray[np.float64]]:
        """Intrinsics and ``cam_to_world``."""
        return Intrinsics(**self.record["intrinsics"]), np.array(self.record["cam_to_world"])

    def points(self) -> npt.NDArray[np.float64]:
        """Points (H, W, 3) in the street's frame, NaN where there is no depth."""
        intrinsics, pose = self.camera
        found: npt.NDArray[np.float64] = intrinsics.back_project(self.depth_m) @ pose[:3, :3].T + pose[:3, 3]
        return found


def open_drives(folder: Path) -> DrivingConfig:
    """Return the configuration of a folder.

    Raises
    ------
    DepthbenchError
        If another program made it, or another version.
    """
    return read_config(folder, GENERATOR, DrivingConfig.from_json)


def frames(folder: Path, config: DrivingConfig) -> Iterator[tuple[int, int, FramePaths]]:
    """Yield (sequence, frame, files) of every frame that is there, in order."""
    found = sorted(path.name for path in (folder / "frames").glob("*/*.json"))
    for name in found:
        sequence, image = (int(part) for part in name.split("_")[:2])
        yield (
            sequence,
            image - sequence * config.frames,
            paths(folder, config, sequence, image - sequence * config.frames),
        )


def read_frame(files: FramePaths) -> DrivenFrame:
    """Read a frame.

    Raises
    ------
    DepthbenchError
        If a file is absent, damaged or of another encoding.
    """
    raw, record = read_grey(files.depth, 16), read_json(files.record)
    return DrivenFrame(str(record["id"]), read_rgb(files.image), read_grey(files.panoptic, 16), metres(raw), record)


def metres(raw: npt.NDArray[np.uint16]) -> npt.NDArray[np.float32]:
    """Return depth of its file's numbers, NaN where there is none."""
    return np.where(raw == 0, np.nan, raw * np.float32(QUANTUM_M)).astype(np.float32)


def verify_drives(folder: Path) -> tuple[int, list[str]]:
    """Check every frame; return how many there are and a sentence for each fault."""
    config = open_drives(folder)
    problems: list[str] = []
    count, before = 0, None
    for sequence, number, files in frames(folder, config):
        count += 1
        try:
            here = read_frame(files)
        except (DepthbenchError, KeyError) as error:
            problems.append(f"{files.record.stem}: {error}")
            before = None
            continue
        problems += [f"{here.id}: {fault}" for fault in faults_of(here, config, stem(config, sequence, number))]
        if before is not None and before.record["sequence"] == sequence and before.record["frame"] == number - 1:
            problems += [f"{here.id}: {fault}" for fault in unlike(before, here)]
        before = here
    if not count:
        raise DepthbenchError(
            f"{folder}: no frame is made yet ({CONFIG_FILE} alone); run the command that began it again"
        )
    return count, problems


def faults_of(here: DrivenFrame, config: DrivingConfig, name: str) -> list[str]:
    """Return what is wrong with a frame by itself."""
    size = (config.height, config.width)
    if here.id != name or {here.image.shape[:2], here.panoptic.shape, here.depth_m.shape} != {size}:
        return [f"is {here.id} of {here.image.shape[1]}x{here.image.shape[0]}, should be {name} of {size[1]}x{size[0]}"]
    problems = []
    classes, instance = np.divmod(here.panoptic.astype(np.int64), DIVISOR)
    wrong = (classes >= len(CLASSES)) & (here.panoptic != VOID)
    wrong |= (classes < FIRST_THING) & (instance > 0)
    wrong |= (classes >= FIRST_THING) & (classes < len(CLASSES)) & (instance == 0)
    if wrong.any():
        problems.append(
            f"{int(wrong.sum())} pixels have ids that there are not, such as {int(here.panoptic[wrong][0])}"
        )
    sky = here.panoptic == panoptic_id("sky")
    if (sky != np.isnan(here.depth_m)).any():
        problems.append(
            f"depth is missing elsewhere than in the sky, at {int((sky != np.isnan(here.depth_m)).sum())} pixels"
        )
    boxes = {int(one["panoptic_id"]): one for one in here.record["objects"]}
    points = here.points()
    for number in np.unique(here.panoptic[(classes >= FIRST_THING) & ~wrong & (here.panoptic != VOID)]):
        if int(number) not in boxes:
            problems.append(f"the record does not know {number}, which is in the picture")
            continue
        centre, half = (np.array(boxes[int(number)][key]) for key in ("centre_m", "size_m"))
        seen = points[here.panoptic == number]
        if not (np.abs(seen - centre) <= half / 2 + 0.01 + 2 * QUANTUM_M).all():
            problems.append(f"{number} reaches out of its box")
    return problems


def unlike(before: DrivenFrame, here: DrivenFrame) -> list[str]:
    """Return what is wrong between two frames in a row: road that was seen must be there, or be hidden by something nearer."""
    road = (before.panoptic == panoptic_id("road")) & ~np.isnan(before.depth_m)
    intrinsics, pose = here.camera
    to_camera = np.linalg.inv(pose)
    seen = before.points()[road] @ to_camera[:3, :3].T + to_camera[:3, 3]
    pixels = np.rint(intrinsics.project(seen))
    inside = ((pixels >= 0) & (pixels < [intrinsics.width, intrinsics.height])).all(axis=1)
    columns, rows = pixels[inside].astype(int).T
    if not len(rows):
        return []
    # half a pixel of rounding is much depth where the road is far
    slack = _TOLERANCE + seen[inside, 2] / intrinsics.fy
    gone = ~(here.depth_m[rows, columns] <= seen[inside, 2] * (1 + slack))
    share = float(gone.mean())
    return [f"{share:.1%} of the road before is not where the pose says"] if share > MOST_UNLIKE else []
