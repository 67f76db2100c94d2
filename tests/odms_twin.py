# SPDX-License-Identifier: Apache-2.0
"""The published generator of masks, written anew from its description: slow, obvious, and what the fast one is held against.

Every point of every contour is set in a whole image of 480x640, holes are filled there, dilated or eroded there, and the image is
averaged down. ``pixel_centre_mask`` is the wrong rule: it fills the pixels whose centre lies inside the polygon.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import ndimage

from depthbench.generators.odms.objects import Contours

ROWS, COLUMNS = 480, 640


def contour_points(control_px: np.ndarray, curves: int, samples: int = 2000) -> np.ndarray:
    """Sample the curves one after the other, (N, 2)."""
    t = np.linspace(0, 1, samples)
    parts = []
    for curve in range(curves):
        total = np.zeros((samples, 2))
        for k in range(4):
            total = total + np.outer(math.comb(3, k) * t**k * (1 - t) ** (3 - k), control_px[curve, k])
        parts.append(total)
    return np.concatenate(parts)


def placed(points: np.ndarray, scale: float, size_px: int) -> tuple[np.ndarray, np.ndarray]:
    """Scale, truncate and centre."""
    half = int(scale * size_px / 2)
    rows = np.trunc(points[:, 0] * scale).astype(int) + ROWS // 2 - half
    columns = np.trunc(points[:, 1] * scale).astype(int) + COLUMNS // 2 - half
    return np.clip(rows, 0, ROWS - 1), np.clip(columns, 0, COLUMNS - 1)


def touched_mask(points: np.ndarray, scale: float, size_px: int) -> np.ndarray:
    """Every pixel touched, and what they enclose."""
    image = np.zeros((ROWS, COLUMNS), dtype=bool)
    image[placed(points, scale, size_px)] = True
    return ndimage.binary_fill_holes(image)


def grown(mask: np.ndarray, growth: int) -> np.ndarray:
    """Dilate or erode by a cross."""
    if growth == 0:
        return mask
    change = ndimage.binary_dilation if growth > 0 else ndimage.binary_erosion
    return change(mask, iterations=abs(growth))


def reduced_share(mask: np.ndarray) -> np.ndarray:
    """Average 480x640 down to 112x112 in float, by way of 3360x4480."""
    fine_columns = np.repeat(mask.astype(float), 7, axis=1).reshape(ROWS, 112, 40).mean(axis=2)
    return np.repeat(fine_columns, 7, axis=0).reshape(112, 30, 112).mean(axis=1)


def pixel_centre_mask(points: np.ndarray, scale: float, size_px: int) -> np.ndarray:
    """Fill the pixels whose centre lies inside the polygon (even-odd), untruncated."""
    from matplotlib.path import Path

    half = scale * size_px / 2
    vertices = points[::50] * scale + [ROWS / 2 - half, COLUMNS / 2 - half]
    low, high = np.floor(vertices.min(axis=0)).astype(int), np.ceil(vertices.max(axis=0)).astype(int)
    image = np.zeros((ROWS, COLUMNS), dtype=bool)
    low, high = np.maximum(low, 0), np.minimum(high, [ROWS, COLUMNS])
    rows, columns = np.mgrid[low[0] : high[0], low[1] : high[1]]
    inside = Path(vertices).contains_points(np.column_stack([rows.ravel(), columns.ravel()]))
    image[low[0] : high[0], low[1] : high[1]] = inside.reshape(rows.shape)
    return image


def one_contour(contours: Contours, number: int) -> tuple[np.ndarray, int]:
    """Return the points and the size of a contour."""
    return contour_points(contours.control_px[number], int(contours.curves[number])), int(contours.size_px[number])
