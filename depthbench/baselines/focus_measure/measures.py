# SPDX-License-Identifier: Apache-2.0
"""Focus measures: how sharp a picture is at each pixel, before any window sums it up. Larger is sharper; none is below zero."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
from scipy import ndimage

FloatMap = npt.NDArray[np.float32]


def modified_laplacian(grey: FloatMap) -> FloatMap:
    """|second difference along x| + |along y| (Nayar and Nakagawa 1994); summed over a window it is their SML."""
    kernel = np.array([-1, 2, -1], np.float32)
    across: FloatMap = np.abs(ndimage.convolve1d(grey, kernel, axis=1)) + np.abs(
        ndimage.convolve1d(grey, kernel, axis=0)
    )
    return across


def tenengrad(grey: FloatMap) -> FloatMap:
    """Squared Sobel gradient (Tenenbaum 1970; Krotkov 1988)."""
    energy: FloatMap = ndimage.sobel(grey, axis=1) ** 2 + ndimage.sobel(grey, axis=0) ** 2
    return energy / 64


def variance(grey: FloatMap) -> FloatMap:
    """Variance of grey over 5x5 pixels."""
    mean = ndimage.uniform_filter(grey, 5)
    spread: FloatMap = np.maximum(ndimage.uniform_filter(grey**2, 5) - mean**2, 0)
    return spread


def ring_difference(grey: FloatMap) -> FloatMap:
    """|mean over a disc of radius 1 - mean over the ring from 2 to 3| (ring difference filter, Jeon et al. 2019)."""
    y, x = np.mgrid[-3:4, -3:4]
    distance = np.hypot(x, y)
    disc, ring = distance <= 1, (distance >= 2) & (distance <= 3)
    kernel = (disc / disc.sum() - ring / ring.sum()).astype(np.float32)
    difference: FloatMap = np.abs(ndimage.convolve(grey, kernel))
    return difference


MEASURES: Mapping[str, Callable[[FloatMap], FloatMap]] = {
    "sml": modified_laplacian,
    "tenengrad": tenengrad,
    "variance": variance,
    "ring": ring_difference,
}
