# SPDX-License-Identifier: Apache-2.0
"""What a point becomes out of focus: tables of pixelated discs (or Gaussians), kept as differences along the rows.

A row of a disc is a box, and a box is where its running sum changes: four numbers, two at each end for the fractions of a
pixel. Points are added to a picture of differences at O(radius) each, and one running sum turns it into the blurred picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

PSFS = ("disk", "gauss")
STEPS_PER_PX = 16
"""Radii are rounded to sixteenths of a pixel; above 6 px, to 1 %."""
MOST_PX = 64.0
"""Larger radii are taken as this; nothing is left to see there."""
CHORDS = 16
LEAST_DISK_PX = 1 / math.sqrt(math.pi)
"""A smaller disc lies within one pixel."""


@dataclass(frozen=True, eq=False)
class SpreadTable:
    """Kernels for all radii up to a largest one.

    Attributes
    ----------
    lookup : int32 (M,)
        Number of the kernel for the radius i / 16 px.
    half : int32 (K,)
        Rows of a kernel above its middle.
    first_row : int32 (K,)
        Where in ``row_start`` its rows begin.
    row_start : int32 (R + 1,)
        Where in ``dx`` and ``weight`` each row begins.
    dx, weight : int32, float32 (E,)
        Differences: the running sum along a row over ``weight`` is the kernel, which sums to 1.
    """

    lookup: npt.NDArray[np.int32]
    half: npt.NDArray[np.int32]
    first_row: npt.NDArray[np.int32]
    row_start: npt.NDArray[np.int32]
    dx: npt.NDArray[np.int32]
    weight: npt.NDArray[np.float32]


def disk(radius_px: float) -> npt.NDArray[np.float64]:
    """Return the share of a disc in every pixel around its middle, float64 (2n + 1, 2n + 1), sum 1.

    Chords of the disc, sixteen in each row, are laid over the pixels.
    """
    if radius_px <= LEAST_DISK_PX:
        return np.ones((1, 1))
    n = math.ceil(radius_px - 0.5)
    chord = (np.arange(CHORDS * (2 * n + 1)) + 0.5) / CHORDS - n - 0.5
    half_width = np.sqrt(np.maximum(radius_px**2 - chord**2, 0))[:, None]
    edges = np.arange(-n, n + 2) - 0.5
    share = np.diff(np.clip(edges, -half_width, half_width), axis=1)
    kernel = share.reshape(2 * n + 1, CHORDS, 2 * n + 1).sum(1)
    return np.asarray(kernel / kernel.sum())


def gauss(radius_px: float) -> npt.NDArray[np.float64]:
    """Return a Gaussian of the same spread as the disc (standard deviation R / 2 along each axis), cut at three deviations."""
    if radius_px <= LEAST_DISK_PX:
        return np.ones((1, 1))
    n = math.ceil(1.5 * radius_px)
    line = np.exp(-2 * (np.arange(-n, n + 1) / radius_px) ** 2)
    kernel = line[:, None] * line[None]
    return np.asarray(kernel / kernel.sum())


KERNELS = {"disk": disk, "gauss": gauss}


@lru_cache(maxsize=8)
def spread_table(psf: str, radius_px: int) -> SpreadTable:
    """Return the kernels of a kind for radii from 0 to ``radius_px``."""
    radii: list[float] = []
    lookup = []
    for step in range(radius_px * STEPS_PER_PX + 1):
        radius = step / STEPS_PER_PX
        if not radii or radius - radii[-1] >= 0.01 * radius:
            radii.append(radius)
        lookup.append(len(radii) - 1)
    half, first_row, row_start, dx, weight = [], [], [0], [], []
    for radius in radii:
        kernel = KERNELS[psf](radius)
        n = len(kernel) // 2
        half.append(n)
        first_row.append(len(row_start) - 1)
        for row in np.diff(kernel, axis=1, prepend=0, append=0):
            places = np.flatnonzero(np.abs(row) > 1e-12)
            dx.append(places - n)
            weight.append(row[places])
            row_start.append(row_start[-1] + len(places))

    def whole(values: Any) -> npt.NDArray[np.int32]:
        return np.asarray(values, dtype=np.int32)

    return SpreadTable(
        whole(lookup), whole(half), whole(first_row), whole(row_start), whole(np.concatenate(dx)),
        np.concatenate(weight).astype(np.float32),
    )  # fmt: skip
