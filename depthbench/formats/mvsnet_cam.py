# SPDX-License-Identifier: Apache-2.0
"""Cameras as MVSNet and its descendants keep them: ``%08d_cam.txt`` with ``extrinsic``, ``intrinsic`` and a line about depths.

The extrinsic is world to camera, x_cam = R x_world + t; the unit is the scene's (DTU: mm). Pixels: integer coordinate = pixel centre.
The last line has 2, 3 or 4 numbers::

    DEPTH_MIN DEPTH_INTERVAL [DEPTH_NUM [DEPTH_MAX]]      mvsnet
    DEPTH_MIN DEPTH_MAX                                   patchmatchnet

Two numbers are ambiguous: where nobody says which they are and the second is larger than the first, so that it can hardly be an
interval, the file is refused. Some programs read words, others lines; here words are read, so both kinds of file are understood.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError
from depthbench.formats.atomic import write_bytes
from depthbench.formats.limits import MOST_TEXT_BYTES, read_limited

Dialect = Literal["mvsnet", "patchmatchnet"]
_ROTATION_TOLERANCE = 1e-3


@dataclass(frozen=True)
class MvsCamera:
    """A view of a scene.

    Attributes
    ----------
    intrinsics : float64 (3, 3)
        K in pixels of the picture that it belongs to (MVSNet's training files: of the depth map, a quarter of it).
    world_to_cam : float64 (4, 4)
    depth_min, depth_max : float
        Range of planar depth, in the scene's unit.
    depth_interval : float
        Between planes.
    planes : int or None
        How many, where the file says so.
    """

    intrinsics: npt.NDArray[np.float64]
    world_to_cam: npt.NDArray[np.float64]
    depth_min: float
    depth_max: float
    depth_interval: float
    planes: int | None = None

    @property
    def centre(self) -> npt.NDArray[np.float64]:
        """Optical centre in the world, (3,)."""
        centre: npt.NDArray[np.float64] = -self.world_to_cam[:3, :3].T @ self.world_to_cam[:3, 3]
        return centre


def read_mvsnet_camera(path: str | Path, dialect: Dialect | None = None, default_planes: int = 192) -> MvsCamera:
    """Read a camera file.

    Parameters
    ----------
    path : path
    dialect : str or None
        What two numbers in the last line mean; None: an interval, unless it is larger than the least depth.
    default_planes : int
        Where the file gives an interval alone, this many planes say where its depths end (min + interval * (planes - 1)).

    Raises
    ------
    DepthbenchError
        If the file is absent, of another form, ambiguous, its extrinsic is no rotation and shift, or its depths are none.
    """
    words = read_limited(path, MOST_TEXT_BYTES, "camera").decode("ascii", errors="replace").split()
    if len(words) < 29 or words[0] != "extrinsic" or words[17] != "intrinsic":
        raise DepthbenchError(
            f"{path}: not a camera of MVSNet ('extrinsic' and 16 numbers, 'intrinsic' and 9, a line of depths); "
            "`depthbench prepare mvs` makes them"
        )
    try:
        numbers = [float(word) for word in (*words[1:17], *words[18:])]
    except ValueError as error:
        raise DepthbenchError(f"{path}: holds a word where a number belongs ({error})") from error
    if not all(math.isfinite(number) for number in numbers):
        raise DepthbenchError(f"{path}: holds a number that is not finite")
    pose, matrix = np.array(numbers[:16]).reshape(4, 4), np.array(numbers[16:25]).reshape(3, 3)
    _check_pose(path, pose)
    if matrix[0, 0] <= 0 or matrix[1, 1] <= 0 or not np.allclose(matrix[[1, 2, 2, 2], [0, 0, 1, 2]], (0, 0, 0, 1)):
        raise DepthbenchError(f"{path}: the intrinsic is no calibration matrix (fx 0 cx, 0 fy cy, 0 0 1)")
    return MvsCamera(matrix, pose, *_depths(path, numbers[25:], dialect, default_planes))


def _check_pose(path: str | Path, pose: npt.NDArray[Any]) -> None:
    turn = pose[:3, :3]
    if not np.allclose(pose[3], (0, 0, 0, 1)):
        raise DepthbenchError(f"{path}: the last row of the extrinsic is {pose[3]}, not 0 0 0 1")
    if np.abs(turn @ turn.T - np.eye(3)).max() > _ROTATION_TOLERANCE or np.linalg.det(turn) < 0:
        raise DepthbenchError(f"{path}: the extrinsic is no rotation and shift (a scale, or a mirrored axis?)")


def _depths(
    path: str | Path, numbers: list[float], dialect: Dialect | None, default_planes: int
) -> tuple[float, float, float, int | None]:
    """Return least and largest depth, interval, planes."""
    if not 2 <= len(numbers) <= 4:
        raise DepthbenchError(f"{path}: {len(numbers)} numbers about depths in the last line, where 2 to 4 belong")
    least, second = numbers[:2]
    planes = None
    if dialect == "patchmatchnet":
        if len(numbers) != 2:
            raise DepthbenchError(f"{path}: {len(numbers)} numbers about depths; patchmatchnet has 2 (min, max)")
        most, interval = second, (second - least) / (default_planes - 1)
    else:
        if len(numbers) == 2 and dialect is None and second > least:
            raise DepthbenchError(
                f"{path}: the last line '{least:g} {second:g}' may be min and interval, or min and max as PatchmatchNet writes them; "
                "say which (--dialect mvsnet or patchmatchnet; of a set: --set-option dialect=...)"
            )
        interval = second
        if len(numbers) > 2:
            # the rule of one pixel per plane gives fractions
            planes = math.ceil(numbers[2] - 1e-6)
        most = numbers[3] if len(numbers) == 4 else least + interval * ((planes or default_planes) - 1)
    if not (0 < least < most and interval > 0 and (planes is None or planes > 1)):
        raise DepthbenchError(f"{path}: depths from {least:g} to {most:g} in steps of {interval:g} are none")
    return least, most, interval, planes


def write_mvsnet_camera(path: str | Path, camera: MvsCamera) -> None:
    """Write a camera, atomically: 12 lines, of depths 4 numbers (2 where the number of planes is not known)."""
    lines = ["extrinsic", *(_row(row) for row in camera.world_to_cam), "", "intrinsic"]
    lines += [*(_row(row) for row in camera.intrinsics), ""]
    depths = f"{camera.depth_min:.9g} {camera.depth_interval:.9g}"
    if camera.planes is not None:
        depths += f" {camera.planes} {camera.depth_max:.9g}"
    write_bytes(path, "\n".join([*lines, depths, ""]).encode("ascii"))


def _row(values: npt.NDArray[Any]) -> str:
    return " ".join(f"{value:.12g}" for value in values)
