# SPDX-License-Identifier: Apache-2.0
"""Smoothing that keeps to the edges of a picture."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Floats = npt.NDArray[np.float32]


def guided_filter(guide: Floats, radius_px: int, epsilon: float) -> Callable[[Floats], Floats]:
    """Return the guided filter (He et al. 2013) of a grey guide (H, W), to be applied to maps of its size.

    In every window of 2 radius + 1 pixels a map is fitted as a linear function of the guide; ``epsilon`` is the variance of the guide
    (its range being 0 to 1) below which it counts as flat and the map is averaged.
    """
    side = 2 * radius_px + 1
    grey = guide.astype(np.float64)

    def mean(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        averaged: npt.NDArray[np.float64] = ndimage.uniform_filter(values, side)
        return averaged

    centre = mean(grey)
    spread = mean(grey**2) - centre**2 + epsilon

    def apply(values: Floats) -> Floats:
        values64 = values.astype(np.float64)
        average = mean(values64)
        slope = (mean(grey * values64) - centre * average) / spread
        return (mean(slope) * grey + mean(average - slope * centre)).astype(np.float32)

    return apply


def smooth_along_edges(
    values: Floats, confidence: Floats, guide: Floats, strength: float, contrast: float, passes: int = 3
) -> Floats:
    """Return the map that is near ``values`` where confidence is high, and smooth but across edges of the guide.

    The fast global smoother (Min et al. 2014): least squares with first differences weighted by exp(-|difference of the guide| /
    contrast), solved exactly along rows, then columns, ``passes`` times with less and less strength. Unlike a window it carries
    sure values over textureless areas of any size.

    Parameters
    ----------
    values, confidence : float32 (H, W)
        Confidence >= 0.
    guide : float32 (H, W) or (H, W, C)
        0 to 1.
    strength : float
        Weight of smoothness against a confidence of 1.
    contrast : float
        Difference of the guide that counts as an edge.
    """
    top, bottom = (confidence * values).astype(np.float64), confidence.astype(np.float64) + 1e-9
    shares = []
    for axis in (1, 0):
        steps = np.abs(np.diff(guide.astype(np.float64), axis=axis))
        shares.append(np.exp(-(steps if steps.ndim == 2 else steps.max(axis=2)) / contrast))
    for number in range(passes):
        weight = 1.5 * strength * 4 ** (passes - 1 - number) / (4**passes - 1)
        for axis in (1, 0):
            top = _solve(top, weight * shares[1 - axis], axis)
            bottom = _solve(bottom, weight * shares[1 - axis], axis)
    return (top / bottom).astype(np.float32)


def _solve(values: npt.NDArray[np.float64], links: npt.NDArray[np.float64], axis: int) -> npt.NDArray[np.float64]:
    """Solve (1 + L) u = values along an axis, L the Laplacian of a chain with these links: one tridiagonal system per line."""
    # steps first, so that each step of the recursion is one pass over contiguous memory
    right, link = (values, links) if axis == 0 else (np.ascontiguousarray(values.T), np.ascontiguousarray(links.T))
    length, lines = right.shape
    zero = np.zeros((1, lines))
    before, after = np.concatenate([zero, link]), np.concatenate([link, zero])
    diagonal = 1 + before + after
    upper, solved = np.empty((length, lines)), np.empty((length, lines))
    upper[0], solved[0] = -after[0] / diagonal[0], right[0] / diagonal[0]
    for i in range(1, length):
        pivot = diagonal[i] + before[i] * upper[i - 1]
        upper[i] = -after[i] / pivot
        solved[i] = (right[i] + before[i] * solved[i - 1]) / pivot
    for i in range(length - 2, -1, -1):
        solved[i] -= upper[i] * solved[i + 1]
    return solved if axis == 0 else solved.T
