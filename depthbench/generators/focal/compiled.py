# SPDX-License-Identifier: Apache-2.0
"""The inner loops of the renderers as machine code, where the extra ``[fast]`` (numba) is installed; :mod:`.plain` has them in numpy."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

_compiled = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath=True)


_1, _2, _3 = np.uint64(1), np.uint64(2), np.uint64(3)


@_compiled
def spread_points(
    row: Any,
    column: Any,
    dioptre: Any,
    light: Any,
    start: Any,
    pad: Any,
    lookup: Any,
    half: Any,
    first_row: Any,
    row_start: Any,
    dx: Any,
    weight: Any,
    steps_per_dioptre: Any,
    focus_dioptre: Any,
    out: Any,
) -> None:
    """Write the picture focused at one distance to ``out`` float32 (H, W, 3), linear light."""
    height, width = out.shape[0], out.shape[1]
    most = half.max()
    margin = pad + most + 1
    columns = width + 2 * margin
    flat = np.zeros(4 * height * columns, np.float32)
    left = np.full(height, columns, np.int64)
    right = np.full(height, -1, np.int64)
    budget = np.ones((height, width), np.float32)
    out[:] = 0
    last = len(lookup) - 1
    for bin_ in range(len(start) - 1):
        for point in range(start[bin_], start[bin_ + 1]):
            step = int(abs(dioptre[point] - focus_dioptre) * steps_per_dioptre + np.float32(0.5))
            kernel = lookup[min(step, last)]
            n = half[kernel]
            y, x = row[point] - pad, column[point] - pad
            if (y < -n) | (y >= height + n) | (x < -n) | (x >= width + n):
                continue
            x += margin
            l0, l1, l2, l3 = light[point, 0], light[point, 1], light[point, 2], light[point, 3]
            for line in range(max(0, y - n), min(height, y + n + 1)):
                entries = first_row[kernel] + line - y + n
                begin = 4 * (line * columns + x)
                for entry in range(np.uint64(row_start[entries]), np.uint64(row_start[entries + 1])):
                    w = weight[entry]
                    # without a sign, so that the index is not looked at for being negative
                    at = np.uint64(begin + 4 * dx[entry])
                    flat[at] += w * l0
                    flat[at + _1] += w * l1
                    flat[at + _2] += w * l2
                    flat[at + _3] += w * l3
                left[line] = min(left[line], x - n)
                right[line] = max(right[line], x + n + 1)
        for line in range(height):
            s0 = s1 = s2 = s3 = np.float32(0)
            for along in range(left[line], right[line] + 1):
                here = np.uint64(4 * (line * columns + along))
                s0 += flat[here]
                s1 += flat[here + _1]
                s2 += flat[here + _2]
                s3 += flat[here + _3]
                flat[here] = flat[here + _1] = flat[here + _2] = flat[here + _3] = 0
                x = along - margin
                if (x >= 0) & (x < width) & (s3 > np.float32(1e-5)):
                    free = budget[line, x]
                    share = min(np.float32(1), free / s3)
                    budget[line, x] = free - share * s3
                    out[line, x, 0] += share * s0
                    out[line, x, 1] += share * s1
                    out[line, x, 2] += share * s2
            left[line], right[line] = columns, -1
    for line in range(height):
        for x in range(width):
            scale = np.float32(1) / max(np.float32(1) - budget[line, x], np.float32(1e-6))
            for c in range(3):
                out[line, x, c] *= scale


@_compiled
def _row_sums(power: Any, image: Any, weight: Any, ring: Any, sums: Any) -> None:
    """Write to ``sums`` (4, W) what a row of sources gives to each column of a row that lies ``ring`` rows away.

    ``power`` (W,) is exp(-2 / R^2), ``weight`` (W,) R^-2 where the source takes part and 0 elsewhere, ``image`` (W, 3).
    """
    width = len(power)
    sums[:] = 0
    for x in range(width):
        if weight[x] == 0:
            continue
        e = power[x]
        e4 = (e * e) * (e * e)
        w0 = weight[x]
        if ring == 1:
            w0 *= e
        elif ring == 2:
            w0 *= e4
        elif ring == 3:
            w0 *= e4 * e4 * e
        w1, w4, w9 = w0 * e, w0 * e4, w0 * (e4 * e4 * e)
        for offset in range(-3, 4):
            to = x + offset
            if (to < 0) | (to >= width):
                continue
            w = w0 if offset == 0 else w1 if abs(offset) == 1 else w4 if abs(offset) == 2 else w9
            sums[to, 0] += w * image[x, 0]
            sums[to, 1] += w * image[x, 1]
            sums[to, 2] += w * image[x, 2]
            sums[to, 3] += w


@_compiled
def gather(image: Any, radius: Any, out: Any) -> None:
    """Write to ``out`` float32 (H, W, 3) the published 7x7 kernel's picture of ``image`` float32 (H, W, 3), ``radius`` (H, W)."""
    height, width = radius.shape
    sums = np.empty((4, width, 4), np.float32)
    totals = np.zeros((height, width, 4), np.float32)
    power, weight = np.empty(width, np.float32), np.empty(width, np.float32)
    for source in range(height):
        some = False
        for x in range(width):
            r = radius[source, x]
            takes_part = r > 1
            some |= takes_part
            weight[x] = 1 / (r * r) if takes_part else np.float32(0)
            power[x] = np.exp(np.float32(-2) / (r * r)) if takes_part else np.float32(0)
        if not some:
            continue
        for ring in range(4):
            _row_sums(power, image[source], weight, ring, sums[ring])
        for line in range(max(0, source - 3), min(height, source + 4)):
            part = sums[abs(line - source)]
            for x in range(width):
                totals[line, x, 0] += part[x, 0]
                totals[line, x, 1] += part[x, 1]
                totals[line, x, 2] += part[x, 2]
                totals[line, x, 3] += part[x, 3]
    for line in range(height):
        for x in range(width):
            blurred = radius[line, x] > 1
            for c in range(3):
                out[line, x, c] = totals[line, x, c] / totals[line, x, 3] if blurred else image[line, x, c]
