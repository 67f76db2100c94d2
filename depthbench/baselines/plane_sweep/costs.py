# SPDX-License-Identifier: Apache-2.0
"""How badly each plane explains each pixel: 1 - NCC of windows of two sizes, over the better half of the source views.

The source is warped onto the reference through the plane, so windows follow the perspective. In bytes: 0 = the same up to brightness and
contrast, 255 = not alike at all (correlation of nothing or less), also where no source looks.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from depthbench.benchmarks.metrics.kernels import kernels

Grey = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Volume = npt.NDArray[np.uint8]
LEAST_VARIANCE = 1e-6
"""Of grey in a window (0 to 1): steps of an 8-bit picture alone have that much, so quite even surfaces correlate with nothing."""


def cost_volume(
    reference: Grey, sources: Sequence[Grey], carried: Sequence[Floats], inverse: Floats, radii: Sequence[int]
) -> Volume:
    """Return the costs: uint8 (H, W, planes).

    Parameters
    ----------
    reference : float32 (H, W)
        Grey, 0 to 1.
    sources : sequence of float32 (h, w)
    carried : sequence of float64 (3, 4)
        Of each source, see :func:`depthbench.fusion.consistency.carry`.
    inverse : float64 (planes,)
        Inverse depths.
    radii : sequence of int
        Windows have 2 radius + 1 pixels a side; a pixel's cost is the mean of theirs. Small ones keep edges, large ones find something to
        compare where there is little.
    """
    fast = kernels("depthbench.baselines.plane_sweep.compiled")
    volume: Volume = np.empty((*reference.shape, len(inverse)), np.uint8)
    each = np.empty((len(sources), len(radii), *reference.shape), np.float32)
    warped, seen = np.empty(reference.shape, np.float32), np.empty(reference.shape, bool)
    for number, step in enumerate(inverse):
        for costs, source, matrix in zip(each, sources, carried, strict=True):
            through = matrix[:, :3].copy()
            through[:, 2] += matrix[:, 3] * step
            (fast.warp if fast else warp)(source, through, warped, seen)
            for cost, radius in zip(costs, radii, strict=True):
                (fast.window_cost if fast else window_cost)(reference, warped, seen, radius, LEAST_VARIANCE, cost)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            mean = np.nanmean(each, axis=1)
        if fast:
            fast.better_half(mean, volume, number)
        else:
            volume[:, :, number] = better_half(mean)
    return volume


def warp(source: Grey, through: Floats, warped: Grey, seen: npt.NDArray[np.bool_]) -> None:
    """Fill ``warped`` with a source as the reference would see it, 0 where it does not, and ``seen`` with where it does.

    ``through`` takes (x, y, 1) of the reference to (u z, v z, z) of the source.
    """
    y, x = np.indices(warped.shape, dtype=np.float64)
    u, v, z = (row[0] * x + row[1] * y + row[2] for row in through)
    height, width = source.shape
    with np.errstate(divide="ignore", invalid="ignore"):
        u, v = u / z, v / z
        seen[:] = (z > 0) & (u >= 0) & (v >= 0) & (u <= width - 1) & (v <= height - 1)
    u, v = np.where(seen, u, 0), np.where(seen, v, 0)
    between = ndimage.map_coordinates(source.astype(np.float64), (v, u), order=1, mode="nearest")
    warped[:] = np.where(seen, between, 0)


def window_cost(
    reference: Grey,
    warped: Grey,
    seen: npt.NDArray[np.bool_],
    radius: int,
    least_variance: float,
    cost: npt.NDArray[np.float32],
) -> None:
    """Fill ``cost`` with 1 - NCC of windows, at most 1; NaN where a part of the window is not seen."""

    def summed(values: npt.NDArray[np.float64]) -> Floats:
        rows = ndimage.convolve1d(values, np.ones(2 * radius + 1), axis=0, mode="constant")
        total: Floats = ndimage.convolve1d(rows, np.ones(2 * radius + 1), axis=1, mode="constant")
        return total

    mine, theirs = reference.astype(np.float64), warped.astype(np.float64)
    pixels = summed(np.ones_like(mine))
    whole = summed(seen.astype(np.float64)) > pixels - 0.5
    mean, their_mean = summed(mine) / pixels, summed(theirs) / pixels
    variance = summed(mine**2) / pixels - mean**2
    their_variance = summed(theirs**2) / pixels - their_mean**2
    both = summed(mine * theirs) / pixels - mean * their_mean
    spread = np.maximum(variance + least_variance, 0) * np.maximum(their_variance + least_variance, 0)
    cost[:] = np.where(whole, np.clip(1 - both / np.sqrt(np.maximum(spread, 1e-12)), 0, 1), np.nan)


def better_half(each: npt.NDArray[np.float32]) -> Volume:
    """Return the mean of the better half (rounded up) of the sources that see a pixel, in bytes; 255 where none does."""
    ranked = np.sort(each, axis=0)  # NaN last
    known = np.isfinite(ranked).sum(axis=0)
    half = (known + 1) // 2
    chosen = np.arange(len(each))[:, None, None] < half
    mean = np.where(chosen, ranked, 0).sum(axis=0) / np.maximum(half, 1)
    return np.where(known > 0, np.rint(255 * mean), 255).astype(np.uint8)
