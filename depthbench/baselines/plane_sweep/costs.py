# SPDX-License-Identifier: Apache-2.0
"""How badly each plane explains each pixel: 1 - NCC of windows of two sizes, over the better half of the source views.

The source is warped onto the reference through the plane, so windows follow the perspective. In bytes: 0 = the same up to brightness and
contrast, 255 = not alike at all (correlation of nothing or less), also where no source looks.
"""

from __future__ import annotations

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
    windows = [(radius, *window_statistics(reference, radius, LEAST_VARIANCE)) for radius in radii]
    compare = fast.window_cost if fast else window_cost
    for number, step in enumerate(inverse):
        for costs, source, matrix in zip(each, sources, carried, strict=True):
            through = matrix[:, :3].copy()
            through[:, 2] += matrix[:, 3] * step
            (fast.warp if fast else warp)(source, through, warped, seen)
            for cost, (radius, mean, inverse_spread) in zip(costs, windows, strict=True):
                compare(reference, mean, inverse_spread, warped, seen, radius, LEAST_VARIANCE, cost)
        (fast.better_half if fast else better_half)(each, volume, number)
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


def box_sum(values: npt.NDArray[np.float64], radius: int) -> Floats:
    """Return sums over windows (H, W), over less than a window at the border."""
    rows = ndimage.convolve1d(values, np.ones(2 * radius + 1), axis=0, mode="constant")
    total: Floats = ndimage.convolve1d(rows, np.ones(2 * radius + 1), axis=1, mode="constant")
    return total


def window_statistics(grey: Grey, radius: int, least_variance: float) -> tuple[Floats, Floats]:
    """Return mean and 1 / standard deviation of windows."""
    wide = grey.astype(np.float64)
    pixels = box_sum(np.ones_like(wide), radius)
    mean = box_sum(wide, radius) / pixels
    variance = np.maximum(box_sum(wide**2, radius) / pixels - mean**2, 0)
    return mean, 1 / np.sqrt(variance + least_variance)


def window_cost(
    reference: Grey,
    mean: Floats,
    inverse_spread: Floats,
    warped: Grey,
    seen: npt.NDArray[np.bool_],
    radius: int,
    least_variance: float,
    cost: npt.NDArray[np.float32],
) -> None:
    """Fill ``cost`` with 1 - NCC of windows, at most 1; NaN where a part of the window is not seen.

    ``mean`` and ``inverse_spread`` are :func:`window_statistics` of the reference.
    """
    pixels = box_sum(np.ones(reference.shape), radius)
    whole = box_sum(seen.astype(np.float64), radius) > pixels - 0.5
    their_mean, their_inverse = window_statistics(warped, radius, least_variance)
    both = box_sum(reference.astype(np.float64) * warped, radius) / pixels - mean * their_mean
    cost[:] = np.where(whole, np.clip(1 - both * inverse_spread * their_inverse, 0, 1), np.nan)


def better_half(each: npt.NDArray[np.float32], volume: Volume, number: int) -> None:
    """Fill a plane of the volume with the mean of the better half (rounded up) of the sources that see a pixel, in bytes; 255 where none does.

    ``each`` is (sources, windows, H, W); a source's cost is the mean of its windows that have one.
    """
    there = np.isfinite(each)
    windows = there.sum(axis=1)
    cost = np.where(there, each, 0).sum(axis=1) / np.where(windows, windows, np.nan)
    ranked = np.sort(cost, axis=0)  # NaN last
    known = np.isfinite(ranked).sum(axis=0)
    half = (known + 1) // 2
    chosen = np.arange(len(each))[:, None, None] < half
    mean = np.where(chosen, ranked, 0).sum(axis=0) / np.maximum(half, 1)
    volume[:, :, number] = np.where(known > 0, np.rint(255 * mean), 255).astype(np.uint8)
