# SPDX-License-Identifier: Apache-2.0
"""Thinning as machine code, where the extra ``[fast]`` (numba) is installed: a hash grid of the points that are kept."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

_WIDER = 1.000001
"""Cells are this much wider than the spacing, so that rounding never puts two near points two cells apart."""


@numba.njit(cache=True, nogil=True, error_model="numpy")
def visit(points: Any, order: Any, spacing: float, heads: Any, following: Any, kept: Any) -> None:
    """Keep a point unless a kept one lies within ``spacing`` of it, in the given order.

    ``heads`` int32 of a power of two: -1, becomes the first kept point of every slot; ``following`` int32 (N): the next one of the
    same slot; ``kept`` bool (N): False. Cells that share a slot only cost comparisons. Cells above each other lie in slots beside
    each other, so that nine places in memory are looked up instead of 27.
    """
    slots = heads.size - 1
    limit = spacing * spacing
    cell = spacing * _WIDER
    for place in range(order.size):
        i = order[place]
        x, y, z = points[i, 0], points[i, 1], points[i, 2]
        across, along, up = np.int64(np.floor(x / cell)), np.int64(np.floor(y / cell)), np.int64(np.floor(z / cell))
        free = True
        for turn in range(9):
            # the own column first: most of what is dropped is dropped there
            column = (across + (turn + 1) % 3 - 1) * 73856093 ^ (along + (turn // 3 + 1) % 3 - 1) * 19349663
            for level in range(up - 1, up + 2):
                j = heads[(column + level) & slots]
                while j >= 0:
                    dx, dy, dz = points[j, 0] - x, points[j, 1] - y, points[j, 2] - z
                    if dx * dx + dy * dy + dz * dz <= limit:
                        free = False
                        break
                    j = following[j]
                if not free:
                    break
            if not free:
                break
        if free:
            kept[i] = True
            slot = (across * 73856093 ^ along * 19349663) + up & slots
            following[i] = heads[slot]
            heads[slot] = i
