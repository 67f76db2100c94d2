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
def window_cost(reference: Any, warped: Any, seen: Any, radius: int, least_variance: float, cost: Any) -> None:
    """As :func:`.costs.window_cost`, by running sums."""
    height, width = reference.shape
    columns, count = np.zeros((5, width)), np.zeros(width, np.int64)
    rows = 0
    for y in range(-radius, height):
        for new, sign in ((y + radius, 1.0), (y - radius - 1, -1.0)):
            if 0 <= new < height:
                rows += int(sign)
                for x in range(width):
                    mine, theirs = np.float64(reference[new, x]), np.float64(warped[new, x])
                    columns[0, x] += sign * mine
                    columns[1, x] += sign * mine * mine
                    columns[2, x] += sign * theirs
                    columns[3, x] += sign * theirs * theirs
                    columns[4, x] += sign * mine * theirs
                    count[x] += int(sign) * int(seen[new, x])
        if y < 0:
            continue
        a = b = c = d = e = 0.0
        pixels = there = 0
        for x in range(-radius, width):
            new, old = x + radius, x - radius - 1
            if new < width:
                a, b, c = a + columns[0, new], b + columns[1, new], c + columns[2, new]
                d, e = d + columns[3, new], e + columns[4, new]
                pixels, there = pixels + rows, there + count[new]
            if old >= 0:
                a, b, c = a - columns[0, old], b - columns[1, old], c - columns[2, old]
                d, e = d - columns[3, old], e - columns[4, old]
                pixels, there = pixels - rows, there - count[old]
            if x < 0:
                continue
            if there < pixels:
                cost[y, x] = np.nan
                continue
            mean, their_mean = a / pixels, c / pixels
            variance = max(b / pixels - mean * mean + least_variance, 0.0)
            their_variance = max(d / pixels - their_mean * their_mean + least_variance, 0.0)
            both = e / pixels - mean * their_mean
            cost[y, x] = min(max(1 - both / np.sqrt(max(variance * their_variance, 1e-12)), 0.0), 1.0)


@_compiled
def better_half(each: Any, volume: Any, number: int) -> None:
    """As :func:`.costs.better_half`, into plane ``number`` of the volume."""
    sources, height, width = each.shape
    ranked = np.empty(sources, np.float32)
    for y in range(height):
        for x in range(width):
            known = 0
            for i in range(sources):
                value = each[i, y, x]
                if np.isnan(value):
                    continue
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
