# SPDX-License-Identifier: Apache-2.0
"""Depth of a flat, level road under the camera: what a driving picture's depth is before anyone has looked at it."""

from __future__ import annotations

import math

import numpy as np

from depthbench.camera import Intrinsics
from depthbench.errors import DepthbenchError
from depthbench.tasks import DepthPrediction, MonoSample, Task


class GroundPlane:
    """A pixel below the horizon has the depth of the road there; one above it, or of road beyond ``far_m``, has ``far_m``.

    With the camera ``h`` over the road, pitched down by ``a``, the row at ``y = (v - cy) / fy`` sees the road at the depth
    ``h / (y cos a + sin a)``.

    Parameters
    ----------
    height_m : float
        Of the camera over the road; 0: the sample's, or 1.65 (KITTI's car) where it tells none.
    pitch_deg : float or None
        Down is positive; None: the sample's, or 0.
    far_m : float
    focal_px : float
        For samples without calibration, principal point in the middle; 0: they are refused.
    """

    task: Task = "mono"

    def __init__(
        self, height_m: float = 0.0, pitch_deg: float | None = None, far_m: float = 80.0, focal_px: float = 0.0
    ) -> None:
        if height_m < 0 or far_m <= 0 or focal_px < 0:
            raise DepthbenchError("ground-plane: height_m, far_m and focal_px are positive lengths")
        self._height_m, self._pitch_deg, self._far_m, self._focal_px = height_m, pitch_deg, far_m, focal_px

    def prepare(self, sample: MonoSample) -> tuple[Intrinsics, float, float]:
        """Return camera, height and pitch (radians)."""
        height, width, _ = sample.image.shape
        camera = sample.intrinsics
        if camera is None and self._focal_px:
            camera = Intrinsics.centred(width, height, self._focal_px)
        if camera is None:
            raise DepthbenchError(
                f"{sample.id}: the set tells no focal length; give one by --model-option focal_px=..., in pixels"
            )
        height_m = self._height_m or float(sample.meta.get("camera_height_m", 1.65))
        pitch_deg = sample.meta.get("camera_pitch_deg", 0.0) if self._pitch_deg is None else self._pitch_deg
        return camera, height_m, math.radians(float(pitch_deg))

    def forward(self, inputs: tuple[Intrinsics, float, float]) -> DepthPrediction:
        """Compute depth row by row."""
        camera, height_m, pitch = inputs
        y = (np.arange(camera.height) - camera.cy) / camera.fy
        below = y * math.cos(pitch) + math.sin(pitch)
        depth_m = np.full(camera.height, self._far_m)
        road = below > height_m / self._far_m
        depth_m[road] = height_m / below[road]
        return DepthPrediction(np.repeat(depth_m[:, None].astype(np.float32), camera.width, axis=1))

    def finish(self, outputs: DepthPrediction, sample: MonoSample) -> DepthPrediction:
        """Return it."""
        return outputs
