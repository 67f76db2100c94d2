# SPDX-License-Identifier: Apache-2.0
"""Camera and stereo-rig conventions of depthbench, in one place.

===============  ==========================================================================================
image            uint8 RGB, shape (H, W, 3)
depth            float32 metres, *planar* z (distance along the optical axis, not along the ray)
disparity        float32 positive pixels, left reference: d = x_left - x_right = f * B / Z - doffs
invalid          NaN; a point at infinity has depth +inf and disparity 0
camera frame     OpenCV: x right, y down, z forward
pixel grid       integer coordinate = pixel centre, so a centred camera has cx = (W - 1) / 2, cy = (H - 1) / 2
rig              left camera is the reference; the right one stands at +baseline_m along its x axis, parallel
transforms       4x4, the name says the direction: ``world_to_cam``, ``cam_to_world``
resize           coordinates (x + 0.5) * s - 0.5; disparity values scale with the width
===============  ==========================================================================================

Blender's camera looks along -z with y up; :data:`OPENCV_TO_BLENDER_CAMERA` converts. COLMAP and Blender place the
pixel origin at the corner of the first pixel: subtract 0.5 from their principal point.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[Any]

OPENCV_TO_BLENDER_CAMERA: FloatArray = np.diag([1.0, -1.0, -1.0, 1.0])
"""Right-multiply a Blender camera's ``matrix_world`` by this to get the OpenCV ``cam_to_world``, and back."""


@dataclass(frozen=True)
class Intrinsics:
    """Pinhole intrinsics in pixels; integer coordinates are pixel centres.

    Attributes
    ----------
    width, height : int
        Image size in pixels.
    fx, fy : float
        Focal lengths in pixels.
    cx, cy : float
        Principal point; ((W - 1) / 2, (H - 1) / 2) when centred.
    """

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float

    @classmethod
    def centred(cls, width: int, height: int, focal_px: float) -> Intrinsics:
        """Return square-pixel intrinsics with the principal point in the middle of the image."""
        return cls(width, height, focal_px, focal_px, (width - 1) / 2, (height - 1) / 2)

    @property
    def matrix(self) -> FloatArray:
        """The 3x3 calibration matrix K, float64."""
        return np.array([[self.fx, 0.0, self.cx], [0.0, self.fy, self.cy], [0.0, 0.0, 1.0]])

    def resized(self, width: int, height: int) -> Intrinsics:
        """Return the intrinsics of the image resized to (width, height): x' = (x + 0.5) * s - 0.5."""
        sx, sy = width / self.width, height / self.height
        return Intrinsics(
            width,
            height,
            self.fx * sx,
            self.fy * sy,
            (self.cx + 0.5) * sx - 0.5,
            (self.cy + 0.5) * sy - 0.5,
        )

    def pixel_directions(self) -> FloatArray:
        """Return the camera-frame ray of every pixel centre, scaled so that z = 1: float64 (H, W, 3).

        With this scaling the ray parameter of a hit *is* its planar depth.
        """
        x = (np.arange(self.width) - self.cx) / self.fx
        y = (np.arange(self.height) - self.cy) / self.fy
        directions = np.empty((self.height, self.width, 3))
        directions[..., 0] = x[None, :]
        directions[..., 1] = y[:, None]
        directions[..., 2] = 1.0
        return directions

    def back_project(self, depth_m: FloatArray) -> FloatArray:
        """Lift a planar depth map (H, W) in metres to camera-frame points (H, W, 3); NaN stays NaN."""
        points_cam: FloatArray = self.pixel_directions() * np.asarray(depth_m, dtype=np.float64)[..., None]
        return points_cam

    def project(self, points_cam: FloatArray) -> FloatArray:
        """Project camera-frame points (..., 3) to pixel coordinates (..., 2); points with z <= 0 become NaN."""
        points_cam = np.asarray(points_cam, dtype=np.float64)
        z = np.where(points_cam[..., 2] > 0, points_cam[..., 2], np.nan)
        return np.stack(
            [self.fx * points_cam[..., 0] / z + self.cx, self.fy * points_cam[..., 1] / z + self.cy], axis=-1
        )


@dataclass(frozen=True)
class StereoRig:
    """Two parallel pinhole cameras; the left one is the reference.

    Attributes
    ----------
    intrinsics : Intrinsics
        Those of the left camera, shared by the right one up to ``doffs``.
    baseline_m : float
        Distance between the optical centres in metres, > 0.
    doffs : float
        cx_right - cx_left in pixels (Middlebury's ``doffs``); 0 for rendered pairs.
    """

    intrinsics: Intrinsics
    baseline_m: float
    doffs: float = 0.0

    def disparity_from_depth(self, depth_m: FloatArray) -> npt.NDArray[np.float32]:
        """Convert planar depth in metres to disparity in pixels: d = f B / Z - doffs, +inf -> -doffs, NaN -> NaN."""
        depth = np.asarray(depth_m, dtype=np.float64)
        with np.errstate(divide="ignore"):
            disparity: npt.NDArray[np.float32] = (self.intrinsics.fx * self.baseline_m / depth - self.doffs).astype(
                np.float32
            )
        return disparity

    def depth_from_disparity(self, disp_px: FloatArray) -> npt.NDArray[np.float32]:
        """Convert disparity in pixels to planar depth in metres: Z = f B / (d + doffs), 0 -> +inf, NaN -> NaN."""
        disparity = np.asarray(disp_px, dtype=np.float64)
        with np.errstate(divide="ignore"):
            depth: npt.NDArray[np.float32] = (self.intrinsics.fx * self.baseline_m / (disparity + self.doffs)).astype(
                np.float32
            )
        return depth


def is_pose(matrix: FloatArray) -> bool:
    """Tell whether a (4, 4) is a rotation and a shift, to a millionth: no scale, no mirrored axis."""
    turn = matrix[:3, :3]
    return bool(
        np.isfinite(matrix).all()
        and np.abs(turn @ turn.T - np.eye(3)).max() < 1e-6
        and np.linalg.det(turn) > 0
        and (matrix[3] == (0, 0, 0, 1)).all()
    )


def right_from_left(left_cam_to_world: FloatArray, baseline_m: float) -> FloatArray:
    """Return ``cam_to_world`` (4x4) of the right camera: the left one moved by +baseline_m along its own x axis."""
    right = np.array(left_cam_to_world, dtype=np.float64)
    right[:3, 3] += right[:3, 0] * baseline_m
    return right
