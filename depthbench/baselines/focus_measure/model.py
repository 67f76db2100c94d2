# SPDX-License-Identifier: Apache-2.0
"""The model ``focus-measure``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from depthbench.baselines.focus_measure.align import movements, warp
from depthbench.baselines.focus_measure.measures import MEASURES
from depthbench.baselines.focus_measure.peak import peak
from depthbench.baselines.focus_measure.smoothing import guided_filter, smooth_along_edges
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.tasks import DepthPrediction, FocusSample, Task

ALIGNMENTS = ("none", "similarity")
GUIDE_RADIUS_PX, GUIDE_EPSILON = 8, 1e-3
CONTRAST = 0.03
NOISE = 0.5 / 255
"""Standard deviation of grey in an 8-bit picture of nothing."""
_NOISE_FACTOR = 8.0
_LEAST = 1e-12
FARTHEST_M = 1000.0

Floats = npt.NDArray[np.float32]
Inputs = tuple[npt.NDArray[np.uint8], npt.NDArray[np.float64], Sequence[npt.NDArray[np.float64]]]
"""Pictures, inverse distances, and each picture's movement from the one that stays."""


class FocusMeasure:
    """Sharpness along the stack, its peak between the planes, and smoothing along the picture's edges, all in inverse distance.

    Parameters
    ----------
    measure : {"ring", "sml", "tenengrad", "variance"}
    window : float
        Standard deviation in pixels of the window that sums the measure up.
    smooth : float
        Strength of the smoothing; 0: none, each pixel by itself.
    align : {"none", "similarity"}
        Bring the pictures onto each other first; the estimate is then seen by the picture of the narrowest view.
    """

    task: Task = "focus"

    def __init__(self, measure: str = "ring", window: float = 2.0, smooth: float = 10.0, align: str = "none") -> None:
        if measure not in MEASURES:
            raise unknown_name("focus measure", measure, MEASURES)
        if align not in ALIGNMENTS:
            raise unknown_name("alignment", align, ALIGNMENTS)
        if window < 0 or smooth < 0:
            raise DepthbenchError(f"window={window:g}, smooth={smooth:g}: neither can be negative")
        self._measure, self._window, self._smooth, self._align = MEASURES[measure], window, smooth, align
        noise = np.random.default_rng(0).normal(0, NOISE, (64, 64)).astype(np.float32)
        self._noise = float(self._measure(noise).mean())

    def prepare(self, sample: FocusSample) -> Inputs:
        """Turn distances into inverse ones, and find how the pictures lie to each other if asked."""
        still = [np.eye(3)] * len(sample.stack)
        return sample.stack, 1 / sample.focus_m, movements(sample.stack) if self._align == "similarity" else still

    def forward(self, inputs: Inputs) -> Floats:
        """Return inverse depth (H, W), 1/m."""
        stack, dioptre, moved = inputs
        # sharpness is measured before anything is warped: interpolation would dull every picture but the one that stays
        volume = np.stack([warp(self._sharpness(picture), by) for picture, by in zip(stack, moved, strict=True)])
        sharp = all_in_focus(stack, volume, moved)
        if not self._smooth:
            return peak(volume, dioptre)[0]
        strongest = volume.max(axis=0)
        texture = strongest / (strongest + _NOISE_FACTOR * self._noise)
        # every textured pixel has one vote, else strong edges would answer for all that lies around them
        votes = volume * (texture / np.maximum(strongest, _LEAST))
        over_edges = guided_filter(sharp.mean(axis=2), GUIDE_RADIUS_PX, GUIDE_EPSILON)
        found, confidence = peak(np.stack([np.maximum(over_edges(plane), 0) for plane in votes]), dioptre)
        return smooth_along_edges(found, (confidence * texture) ** 2, sharp, self._smooth, CONTRAST)

    def _sharpness(self, picture: npt.NDArray[np.uint8]) -> Floats:
        grey = picture.mean(axis=2, dtype=np.float32) / 255
        summed: Floats = ndimage.gaussian_filter(self._measure(grey), self._window)
        return summed

    def finish(self, outputs: Floats, sample: FocusSample) -> DepthPrediction:
        """Turn inverse depth into metres; beyond :data:`FARTHEST_M` is infinity."""
        with np.errstate(divide="ignore", over="ignore"):
            depth_m = (1 / np.maximum(outputs, 0)).astype(np.float32)
        return DepthPrediction(np.where(depth_m > FARTHEST_M, np.float32(np.inf), depth_m))


def all_in_focus(
    stack: npt.NDArray[np.uint8], volume: Floats, moved: Sequence[npt.NDArray[np.float64]] | None = None
) -> Floats:
    """Return each pixel's colours from where it is sharpest: float32 (H, W, 3), 0 to 1, a mean weighted by sharpness to the fourth."""
    strongest = np.maximum(volume.max(axis=0), _LEAST)
    total, weights = np.zeros((*strongest.shape, 3), np.float32), np.zeros_like(strongest)
    for index, (picture, sharpness) in enumerate(zip(stack, volume, strict=True)):
        weight = (sharpness / strongest) ** 4 + np.float32(1e-6)
        colours = picture / np.float32(255)
        if moved is not None:
            colours = np.stack([warp(colours[..., c], moved[index]) for c in range(3)], axis=2)
        total += weight[..., None] * colours
        weights += weight
    mean: Floats = total / weights[..., None]
    return mean
