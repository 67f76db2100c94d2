# SPDX-License-Identifier: Apache-2.0
"""The consistency check as machine code, where the extra ``[fast]`` (numba) is installed; see :mod:`.consistency`.

Row by row, in loops of which all but the gathering one have no branches, so that the compiler turns them into vector instructions.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

_compiled = numba.njit(cache=True, nogil=True, error_model="numpy")


@_compiled
def _row(
    y: int, across: Any, depths: Any, source: Any, there: Any, back: Any, u: Any, v: Any, square: Any, given: Any
) -> None:
    """Fill, for the pixels of a row, their place in the source, how far they come back (squared) and how deep; 0 = they do not.

    ``across`` are the columns as float64: processors have no vector instruction to turn integers into those.
    """
    height, width = source.shape
    flat = source.ravel()
    a, b, c, d = there[0, 0], there[0, 1] * y + there[0, 2], there[0, 3], there[1, 0]
    e, f, g = there[1, 1] * y + there[1, 2], there[1, 3], there[2, 0]
    h, i = there[2, 1] * y + there[2, 2], there[2, 3]
    right_most, lowest = np.float64(width - 1), np.float64(height - 1)
    for x in range(depths.size):
        here = np.float64(depths[x])
        z = here * (g * across[x] + h) + i
        along = (here * (a * across[x] + b) + c) / z
        down = (here * (d * across[x] + e) + f) / z
        inside = (here > 0) & (z > 0) & (along >= 0) & (down >= 0) & (along <= right_most) & (down <= lowest)
        u[x] = along if inside else -1.0
        v[x] = down if inside else -1.0
    corner = np.empty(depths.size, dtype=np.int32)
    for x in range(depths.size):
        left = min(np.int32(max(u[x], 0.0)), np.int32(width - 2))
        corner[x] = min(np.int32(max(v[x], 0.0)), np.int32(height - 2)) * np.int32(width) + left
    four = np.empty((4, depths.size), dtype=np.float32)
    for x in range(depths.size):
        # unsigned: no negative places to look out for
        place = np.uint64(corner[x])
        four[0, x], four[1, x] = flat[place], flat[place + np.uint64(1)]
        four[2, x], four[3, x] = flat[place + np.uint64(width)], flat[place + np.uint64(width + 1)]
    for x in range(depths.size):
        fu = u[x] - min(np.int32(max(u[x], 0.0)), np.int32(width - 2))
        fv = v[x] - min(np.int32(max(v[x], 0.0)), np.int32(height - 2))
        # what is not known is 0 from here on: a NaN times a weight of 0 would be one
        p = np.float64(four[0, x]) if four[0, x] > 0 else 0.0
        q = np.float64(four[1, x]) if four[1, x] > 0 else 0.0
        r = np.float64(four[2, x]) if four[2, x] > 0 else 0.0
        s = np.float64(four[3, x]) if four[3, x] > 0 else 0.0
        known = (u[x] >= 0) & ((p > 0) | (fu == 1) | (fv == 1)) & ((q > 0) | (fu == 0) | (fv == 1))
        known = known & ((r > 0) | (fu == 1) | (fv == 0)) & ((s > 0) | (fu == 0) | (fv == 0))
        between = (1 - fv) * ((1 - fu) * p + fu * q) + fv * ((1 - fu) * r + fu * s)
        given[x] = between if known else 0.0
    a, b, c, d, e = back[0, 0], back[0, 1], back[0, 2], back[0, 3], back[1, 0]
    f, g, h, i = back[1, 1], back[1, 2], back[1, 3], back[2, 0]
    j, k, m = back[2, 1], back[2, 2], back[2, 3]
    for x in range(depths.size):
        sampled, along, down = given[x], u[x], v[x]
        w = sampled * (i * along + j * down + k) + m
        inverse = 1 / w
        p = (sampled * (a * along + b * down + c) + d) * inverse - across[x]
        q = (sampled * (e * along + f * down + g) + h) * inverse - y
        square[x] = p * p + q * q
        given[x] = w if (sampled > 0) & (w > 0) else 0.0


@_compiled
def compare(depth: Any, source: Any, there: Any, back: Any, levels: Any, counts: Any, total: Any) -> None:
    """Add 1 to ``counts`` (levels, H, W) where a source agrees, and the depth it gives to ``total`` where the loosest level is met."""
    height, width = depth.shape
    u, v, square, given = np.empty(width), np.empty(width), np.empty(width), np.empty(width)
    across = np.arange(width).astype(np.float64)
    relative = np.empty(width)
    for y in range(height):
        _row(y, across, depth[y], source, there, back, u, v, square, given)
        here = depth[y]
        for x in range(width):
            relative[x] = abs(given[x] - here[x]) / here[x] if given[x] > 0 else np.inf
        for level in range(levels.shape[0]):
            limit, share = levels[level, 0] * levels[level, 0], levels[level, 1]
            count = counts[level, y]
            for x in range(width):
                count[x] += np.uint8((square[x] < limit) & (relative[x] < share))
        limit, share = levels[-1, 0] * levels[-1, 0], levels[-1, 1]
        row = total[y]
        for x in range(width):
            row[x] += given[x] if (square[x] < limit) & (relative[x] < share) else 0.0


@_compiled
def mark(depth: Any, source: Any, there: Any, back: Any, loosest: Any, kept: Any, used: Any) -> None:
    """Set ``used`` of a source where a kept pixel lies in it, if the two agree."""
    height, width = depth.shape
    u, v, square, given = np.empty(width), np.empty(width), np.empty(width), np.empty(width)
    across = np.arange(width).astype(np.float64)
    for y in range(height):
        _row(y, across, depth[y], source, there, back, u, v, square, given)
        for x in range(width):
            if kept[y, x] and given[x] > 0 and square[x] < loosest[0] * loosest[0]:
                here = np.float64(depth[y, x])
                if abs(given[x] - here) / here < loosest[1]:
                    used[int(np.rint(v[x])), int(np.rint(u[x]))] = True
