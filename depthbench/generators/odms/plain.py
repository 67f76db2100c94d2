# SPDX-License-Identifier: Apache-2.0
"""The rasteriser in numpy and scipy, for where numba is not installed; the masks are those of :mod:`.compiled`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.ndimage import binary_dilation, binary_erosion, label

ROWS, COLUMNS, REDUCED = 480, 640, 112
Bools = npt.NDArray[np.bool_]


def _overlap(pixels: int) -> npt.NDArray[np.float64]:
    """Return how many sevenths of each pixel lie in each cell, (112, pixels)."""
    cell = 7 * pixels // REDUCED
    cells, places = np.arange(REDUCED)[:, None], np.arange(pixels)
    shared = np.minimum(cell * (cells + 1), 7 * (places + 1)) - np.maximum(cell * cells, 7 * places)
    overlap: npt.NDArray[np.float64] = np.maximum(shared, 0).astype(np.float64)
    return overlap


_ROW_SHARE, _COLUMN_SHARE = _overlap(ROWS), _overlap(COLUMNS)
_CELL = (7 * ROWS // REDUCED) * (7 * COLUMNS // REDUCED)


def _points(control: npt.NDArray[np.float64], curves: int, basis: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the points of a contour, (2, S): rows and columns."""
    p = control[:curves].transpose(1, 2, 0)[..., None]
    points: npt.NDArray[np.float64] = ((basis[0] * p[0] + basis[1] * p[1]) + basis[2] * p[2]) + basis[3] * p[3]
    return points.reshape(2, -1)


def _filled(points: npt.NDArray[np.float64], scale: float, shift: npt.NDArray[np.int64]) -> tuple[Bools, Any]:
    """Return the touched and enclosed pixels, cut to their box, and the box as two slices."""
    rows, columns = (
        np.clip((axis * scale).astype(np.int64) + moved, 0, last - 1)
        for axis, moved, last in zip(points, shift, (ROWS, COLUMNS), strict=True)
    )
    top, left = rows.min(), columns.min()
    # a frame of background around the box joins all that is outside
    line = np.zeros((rows.max() - top + 3, columns.max() - left + 3), dtype=bool)
    line[rows - top + 1, columns - left + 1] = True
    regions, _ = label(~line)
    filled = (regions != regions[0, 0])[1:-1, 1:-1]
    return filled, (slice(top, top + filled.shape[0]), slice(left, left + filled.shape[1]))


def _box(image: Bools, margin: int = 0) -> tuple[slice, slice] | None:
    """Return where a mask lies, with a margin as far as the image goes; None where it is empty."""
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    if not len(rows):
        return None
    top, left = max(int(rows[0]) - margin, 0), max(int(columns[0]) - margin, 0)
    return slice(top, int(rows[-1]) + margin + 1), slice(left, int(columns[-1]) + margin + 1)


def draw(
    control: npt.NDArray[np.float64],
    curves: npt.NDArray[np.int64],
    basis: npt.NDArray[np.float64],
    contour: npt.NDArray[np.int64],
    scale: npt.NDArray[np.float64],
    shift: npt.NDArray[np.int64],
    patch: npt.NDArray[np.int64],
    patch_scale: npt.NDArray[np.float64],
    patch_shift: npt.NDArray[np.int64],
    patch_adds: Bools,
    growth: npt.NDArray[np.int64],
    binary: bool,
    reduced: npt.NDArray[np.uint8],
    words: npt.NDArray[np.uint64],
) -> None:
    """Draw masks, see :func:`depthbench.generators.odms.compiled.draw`."""
    sampled = -1
    points = np.empty((2, 0))
    for mask in range(len(contour)):
        if contour[mask] != sampled:
            sampled = int(contour[mask])
            points = _points(control[sampled], int(curves[sampled]), basis)
        image = np.zeros((ROWS, COLUMNS), dtype=bool)
        filled, box = _filled(points, float(scale[mask]), shift[mask])
        image[box] = filled
        if patch[mask] >= 0:
            which = patch[mask]
            more, there = _filled(
                _points(control[which], int(curves[which]), basis), float(patch_scale[mask]), patch_shift[mask]
            )
            image[there] = image[there] | more if patch_adds[mask] else image[there] & ~more
        if growth[mask]:
            change, steps = (binary_dilation, growth[mask]) if growth[mask] > 0 else (binary_erosion, -growth[mask])
            if part := _box(image, int(steps) + 1):
                image[part] = change(image[part], iterations=int(steps))
        if len(reduced) and (part := _box(image)):
            sums = _ROW_SHARE[:, part[0]] @ image[part].astype(np.float64) @ _COLUMN_SHARE[:, part[1]].T
            sevenths = sums.astype(np.int64)
            reduced[mask] = 255 * (2 * sevenths >= _CELL) if binary else (510 * sevenths + _CELL) // (2 * _CELL)
        if len(words):
            words[mask] = np.packbits(image, axis=1, bitorder="little").view("<u8")
