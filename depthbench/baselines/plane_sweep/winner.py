# SPDX-License-Identifier: Apache-2.0
"""The best plane of each pixel, where between planes the surface lies, and how sure that is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from depthbench.baselines.plane_sweep.costs import Floats, Volume
from depthbench.baselines.plane_sweep.smoothing import DIRECTIONS, Sums

Map = npt.NDArray[np.float32]
SOFTNESS = 0.1
"""Difference of the summed cost (as a correlation) that makes a plane e times less likely."""


def best_depth(sums: Sums, inverse: Floats) -> Map:
    """Return depth (H, W): the plane of least sum, moved within half a step to the bottom of the parabola through its neighbours."""
    best = sums.argmin(axis=2)
    middle = np.clip(best, 1, sums.shape[2] - 2)[..., None]
    low, least, high = (
        np.take_along_axis(sums, middle + offset, axis=2)[..., 0].astype(np.float64) for offset in (-1, 0, 1)
    )
    bend = low - 2 * least + high
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = np.where((bend > 0) & (best == middle[..., 0]), (low - high) / (2 * bend), 0)
    step = inverse[1] - inverse[0]
    depth: Map = (1 / (inverse[0] + step * (best + np.clip(shift, -0.5, 0.5)))).astype(np.float32)
    return depth


def sureness(sums: Sums, volume: Volume) -> Map:
    """Return confidence (H, W), 0 to 1: how likely the five planes round the best are, times how well the best one correlates.

    The first factor is what networks of this kind give (of four planes): the share of a softmax. The second is their data's: a
    correlation of 0.5 and more counts fully.
    """
    best = sums.argmin(axis=2)
    least = np.take_along_axis(sums, best[..., None], axis=2)
    scale = np.float32(1 / (255 * len(DIRECTIONS) * SOFTNESS))
    likely = np.exp((least.astype(np.int32) - sums).astype(np.float32) * scale)
    whole = likely.sum(axis=2)
    near = np.zeros_like(whole)
    planes = sums.shape[2]
    for offset in (-2, -1, 0, 1, 2):
        place = best + offset
        inside = (place >= 0) & (place < planes)
        near += inside * np.take_along_axis(likely, np.clip(place, 0, planes - 1)[..., None], axis=2)[..., 0]
    alike = 1 - np.take_along_axis(volume, best[..., None], axis=2)[..., 0] / np.float32(255)
    sure: Map = np.minimum(near / whole, 1) * np.minimum(2 * alike, 1)
    return sure
