# SPDX-License-Identifier: Apache-2.0
"""The inner loops of the plane sweep as machine code, where the extra ``[fast]`` (numba) is installed; see :mod:`.costs`, :mod:`.smoothing`."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

_compiled = numba.njit(cache=True, nogil=True, error_model="numpy")


@_compiled
def warp(source: Any, through: Any, warped: Any, seen: Any) -> None:
    """As :func:`.costs.warp`."""
    height, width = source.shape
    for y in range(warped.shape[0]):
        for x in range(warped.shape[1]):
            z = through[2, 0] * x + through[2, 1] * y + through[2, 2]
            u = (through[0, 0] * x + through[0, 1] * y + through[0, 2]) / z
            v = (through[1, 0] * x + through[1, 1] * y + through[1, 2]) / z
            inside = (z > 0) & (u >= 0) & (v >= 0) & (u <= width - 1) & (v <= height - 1)
            seen[y, x] = inside
            if not inside:
                warped[y, x] = 0.0
                continue
            left, top = min(int(u), width - 2), min(int(v), height - 2)
            fu, fv = u - left, v - top
            above = (1 - fu) * source[top, left] + fu * source[top, left + 1]
            below = (1 - fu) * source[top + 1, left] + fu * source[top + 1, left + 1]
            warped[y, x] = (1 - fv) * above + fv * below


@_compiled
def window_cost(
    reference: Any,
    mean: Any,
    inverse_spread: Any,
    warped: Any,
    seen: Any,
    radius: int,
    least_variance: float,
    cost: Any,
) -> None:
    """As :func:`.costs.window_cost`, by running sums down the columns and differences of sums along the rows."""
    height, width = reference.shape
    # warped, its square, its product with the reference, how many are seen
    columns = np.zeros((4, width))
    along = np.zeros((4, width + 2 * radius + 1))
    inverse = np.empty(width)
    rows = 0
    for y in range(-radius, height):
        new, old = y + radius, y - radius - 1
        if new < height:
            rows += 1
            for x in range(width):
                theirs = np.float64(warped[new, x])
                columns[0, x] += theirs
                columns[1, x] += theirs * theirs
                columns[2, x] += theirs * np.float64(reference[new, x])
                columns[3, x] += np.float64(seen[new, x])
        if old >= 0:
            rows -= 1
            for x in range(width):
                theirs = np.float64(warped[old, x])
                columns[0, x] -= theirs
                columns[1, x] -= theirs * theirs
                columns[2, x] -= theirs * np.float64(reference[old, x])
                columns[3, x] -= np.float64(seen[old, x])
        if y < 0:
            continue
        a = b = c = d = 0.0
        for x in range(width):
            a, b, c, d = a + columns[0, x], b + columns[1, x], c + columns[2, x], d + columns[3, x]
            place = x + radius + 1
            along[0, place], along[1, place], along[2, place], along[3, place] = a, b, c, d
        for x in range(radius):
            along[0, width + radius + 1 + x], along[1, width + radius + 1 + x] = a, b
            along[2, width + radius + 1 + x], along[3, width + radius + 1 + x] = c, d
        for x in range(width):
            inverse[x] = 1.0 / (rows * (min(x + radius + 1, width) - max(x - radius, 0)))
        step = 2 * radius + 1
        for x in range(width):
            share = inverse[x]
            their_mean = (along[0, x + step] - along[0, x]) * share
            variance = max((along[1, x + step] - along[1, x]) * share - their_mean * their_mean, 0.0)
            both = (along[2, x + step] - along[2, x]) * share - mean[y, x] * their_mean
            alike = both * inverse_spread[y, x] / np.sqrt(variance + least_variance)
            whole = (along[3, x + step] - along[3, x]) * share > 1 - 0.5 * share
            value = min(max(1 - alike, 0.0), 1.0)
            cost[y, x] = value if whole else np.nan


@_compiled
def better_half(each: Any, volume: Any, number: int) -> None:
    """As :func:`.costs.better_half`."""
    sources, windows, height, width = each.shape
    ranked = np.empty(sources, np.float32)
    for y in range(height):
        for x in range(width):
            known = 0
            for i in range(sources):
                value, there = np.float32(0), 0
                for j in range(windows):
                    if not np.isnan(each[i, j, y, x]):
                        value += each[i, j, y, x]
                        there += 1
                if there == 0:
                    continue
                value /= np.float32(there)
                place = known
                while place > 0 and ranked[place - 1] > value:
                    ranked[place] = ranked[place - 1]
                    place -= 1
                ranked[place] = value
                known += 1
            half = (known + 1) // 2
            total = np.float32(0)
            for i in range(half):
                total += ranked[i]
            volume[y, x, number] = np.uint8(np.rint(255 * total / half)) if known else np.uint8(255)


@_compiled
def add_paths(volume: Any, jump: Any, small: int, step_y: int, step_x: int, total: Any) -> None:
    """As :func:`.smoothing.add_paths`."""
    height, width, planes = volume.shape
    before, now = np.zeros((width, planes), np.int32), np.zeros((width, planes), np.int32)
    for row in range(height):
        y = row if step_y >= 0 else height - 1 - row
        before, now = now, before
        for column in range(width):
            x = column if step_x >= 0 else width - 1 - column
            from_x = x - step_x
            starts = (row == 0 and step_y != 0) or from_x < 0 or from_x >= width
            cost, sums, path = volume[y, x], total[y, x], now[x]
            if starts:
                for d in range(planes):
                    path[d] = cost[d]
                    sums[d] += np.uint16(cost[d])
                continue
            last = before[from_x] if step_y != 0 else now[from_x]
            least = last[0]
            for d in range(planes):
                least = min(least, last[d])
            far = least + jump[y, x]
            for d in range(planes):
                best = min(last[d], far)
                if d > 0:
                    best = min(best, last[d - 1] + small)
                if d < planes - 1:
                    best = min(best, last[d + 1] + small)
                path[d] = np.int32(cost[d]) + best - least
                sums[d] += np.uint16(path[d])
