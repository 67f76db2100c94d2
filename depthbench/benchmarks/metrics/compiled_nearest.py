# SPDX-License-Identifier: Apache-2.0
"""Nearest neighbours that are near, as machine code, where the extra ``[fast]`` (numba) is installed: a hash grid of one cloud."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

_SURE = 0.999999
"""Of a cell: whatever is nearer than this lies in the 27 cells about a point, however coordinates are rounded."""

_compiled = numba.njit(cache=True, nogil=True, error_model="numpy")


@_compiled
def fill(others: Any, cell: float, heads: Any, following: Any) -> None:
    """Put points float64 (M, 3) into a grid: ``heads`` int32 of a power of two, -1; ``following`` int32 (M)."""
    slots = heads.size - 1
    for i in range(following.size):
        column = np.int64(np.floor(others[i, 0] / cell)) * 131072 + np.int64(np.floor(others[i, 1] / cell)) * 64
        slot = (column + np.int64(np.floor(others[i, 2] / cell))) & slots
        following[i] = heads[slot]
        heads[slot] = i


@_compiled
def near(points: Any, others: Any, cell: float, heads: Any, following: Any, distances: Any) -> None:
    """Write the distance of every point to the nearest other where that is surely below ``cell``, elsewhere -1."""
    slots = heads.size - 1
    sure = (_SURE * cell) ** 2
    for i in range(distances.size):
        x, y, z = points[i, 0], points[i, 1], points[i, 2]
        across, along, up = np.int64(np.floor(x / cell)), np.int64(np.floor(y / cell)), np.int64(np.floor(z / cell))
        best = np.inf
        for turn in range(9):
            column = (across + turn % 3 - 1) * 131072 + (along + turn // 3 - 1) * 64
            for level in range(up - 1, up + 2):
                j = heads[(column + level) & slots]
                while j >= 0:
                    dx, dy, dz = x - others[j, 0], y - others[j, 1], z - others[j, 2]
                    square = dx * dx + dy * dy + dz * dz
                    best = min(best, square)
                    j = following[j]
        distances[i] = np.sqrt(best) if best < sure else -1.0
