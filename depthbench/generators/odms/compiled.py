# SPDX-License-Identifier: Apache-2.0
"""The rasteriser as machine code, where the extra ``[fast]`` (numba) is installed; the masks are those of :mod:`.plain`.

A mask is 480 rows of ten 64-bit words, column c being bit c % 64 of word c // 64, so that filling, growing and counting handle
64 pixels at a time.

**Touched pixels.** The published rule samples 2,000 points per curve, scales and truncates each. Along a stretch where both
coordinates only rise or only fall, so do the scaled and truncated ones (rounding and truncation keep order): if two samples lie in
one pixel or in two that share a side, all between them lie in these two. So points are skipped until the next one is farther
off, and only then looked for between: the same pixels, exactly, from a few evaluations per pixel.

**Enclosed pixels** are those that no path of 4-neighbours joins to the outside: whole free runs of a row are reached by the carry
of an addition, rows in sweeps down and up until nothing changes.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

ROWS, COLUMNS, WORDS = 480, 640, 10
REDUCED = 112
ROW_CELL, COLUMN_CELL = 30, 40
"""Rows and columns of a reduced cell in sevenths of a pixel: 480 / 112 = 30 / 7, 640 / 112 = 40 / 7."""

# no fastmath: the points must come out to the last bit
_compiled = numba.njit(cache=True, nogil=True, error_model="numpy")

_ONE = np.uint64(1)
_ZERO = np.uint64(0)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_TOP = np.uint64(63)
_DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)
_BIT_NUMBER = np.zeros(64, dtype=np.int64)
for _bit in range(64):
    _BIT_NUMBER[((1 << _bit) * 0x03F79D71B4CB0A89 % 2**64) >> 58] = _bit


@_compiled
def _sample(control: Any, curves: Any, basis: Any, rows: Any, columns: Any) -> Any:
    """Write the points of a contour; ``basis`` (4, S) are the Bernstein polynomials. Return their number."""
    size = basis.shape[1]
    b0, b1, b2, b3 = basis[0], basis[1], basis[2], basis[3]
    for curve in range(curves):
        p = control[curve]
        r = rows[curve * size : (curve + 1) * size]
        c = columns[curve * size : (curve + 1) * size]
        r0, r1, r2, r3 = p[0, 0], p[1, 0], p[2, 0], p[3, 0]
        c0, c1, c2, c3 = p[0, 1], p[1, 1], p[2, 1], p[3, 1]
        for i in range(size):
            r[i] = ((b0[i] * r0 + b1[i] * r1) + b2[i] * r2) + b3[i] * r3
            c[i] = ((b0[i] * c0 + b1[i] * c1) + b2[i] * c2) + b3[i] * c3
    return curves * size


@_compiled
def _stretches(rows: Any, columns: Any, count: Any, ends: Any) -> Any:
    """Write the last point of each stretch along which neither coordinate turns; return how many stretches there are."""
    found = 0
    row_way, column_way = 0.0, 0.0
    for i in range(1, count):
        row_step, column_step = rows[i] - rows[i - 1], columns[i] - columns[i - 1]
        if (row_step * row_way < 0) | (column_step * column_way < 0):
            ends[found] = i - 1
            found += 1
            row_way, column_way = row_step, column_step
        else:
            row_way = row_step if row_step != 0 else row_way
            column_way = column_step if column_step != 0 else column_way
    ends[found] = count - 1
    return found + 1


@_compiled
def _pixel(value: Any, scale: Any, shift: Any, last: Any) -> Any:
    """Scale, truncate towards zero, shift, keep in the image."""
    place = np.int64(value * scale) + shift
    return min(max(place, 0), last)


@_compiled
def _trace(rows: Any, columns: Any, ends: Any, stretches: Any, scale: Any, shift: Any, line: Any, box: Any) -> None:
    """Set the bits of the touched pixels; write first and last row and column to ``box``."""
    row_shift, column_shift = shift[0], shift[1]
    row, column = _pixel(rows[0], scale, row_shift, ROWS - 1), _pixel(columns[0], scale, column_shift, COLUMNS - 1)
    box[0], box[1], box[2], box[3] = row, row, column, column
    line[row, column >> 6] |= _ONE << np.uint64(column & 63)
    here, step = 0, 8
    for stretch in range(stretches):
        end = ends[stretch]
        while here < end:
            ahead = min(here + step, end)
            ahead_row = _pixel(rows[ahead], scale, row_shift, ROWS - 1)
            ahead_column = _pixel(columns[ahead], scale, column_shift, COLUMNS - 1)
            way = abs(ahead_row - row) + abs(ahead_column - column)
            if way == 0:
                step += (step >> 2) + 1
                here = ahead
                continue
            while (way > 1) & (ahead - here > 1):
                ahead = (here + ahead) >> 1
                ahead_row = _pixel(rows[ahead], scale, row_shift, ROWS - 1)
                ahead_column = _pixel(columns[ahead], scale, column_shift, COLUMNS - 1)
                way = abs(ahead_row - row) + abs(ahead_column - column)
                step = max(step - (step >> 3), 1)
            here, row, column = ahead, ahead_row, ahead_column
            line[row, column >> 6] |= _ONE << np.uint64(column & 63)
        box[0], box[1] = min(box[0], row), max(box[1], row)
        box[2], box[3] = min(box[2], column), max(box[3], column)


@_compiled
def _flow(line: Any, seeds: Any, span: Any, first: Any, last: Any, reached: Any) -> None:
    """Write the whole free runs of a row in which a seed lies: free is what is in ``span`` and not on the line."""
    carry = _ZERO
    for word in range(first, last + 1):
        free = ~line[word] & span[word]
        seed = seeds[word] & free
        part = free + seed
        total = part + carry
        carry = _ONE if (part < free) | (total < part) else _ZERO
        reached[word] = seed | (free & (free ^ total))
    carry = _ZERO
    for word in range(last, first - 1, -1):
        free = ~line[word] & span[word]
        run = reached[word] | ((carry << _TOP) & free)
        for shift in (1, 2, 4, 8, 16, 32):
            run |= free & (run >> np.uint64(shift))
            free &= free >> np.uint64(shift)
        reached[word] = run
        carry = run & _ONE


@_compiled
def _fill(line: Any, box: Any, outside: Any, seeds: Any, span: Any) -> None:
    """Set the bits of all pixels of ``line`` that the outside does not reach."""
    top, bottom, left, right = box[0], box[1], box[2], box[3]
    first, last = left >> 6, right >> 6
    for word in range(first, last + 1):
        span[word] = _ALL
    span[first] &= _ALL << np.uint64(left & 63)
    span[last] &= _ALL >> np.uint64(63 - (right & 63))
    for row in range(top, bottom + 1):
        for word in range(first, last + 1):
            if (row == top) | (row == bottom):
                seeds[word] = _ALL
            else:
                seeds[word] = outside[row - 1, word]
        seeds[first] |= _ONE << np.uint64(left & 63)
        seeds[last] |= _ONE << np.uint64(right & 63)
        _flow(line[row], seeds, span, first, last, outside[row])
    downwards = False
    again = True
    while again:
        again = False
        begin, stop, step = (top + 1, bottom + 1, 1) if downwards else (bottom - 1, top - 1, -1)
        for row in range(begin, stop, step):
            news = _ZERO
            for word in range(first, last + 1):
                news |= outside[row - step, word] & ~line[row, word] & span[word] & ~outside[row, word]
            if news:
                for word in range(first, last + 1):
                    seeds[word] = outside[row - step, word] | outside[row, word]
                _flow(line[row], seeds, span, first, last, outside[row])
                for word in range(first, last + 1):
                    back = outside[row, word] & ~line[row - step, word] & span[word] & ~outside[row - step, word]
                    again |= back != 0
        downwards = not downwards
    for row in range(top, bottom + 1):
        for word in range(first, last + 1):
            line[row, word] = span[word] & ~outside[row, word]


@_compiled
def _grow(mask: Any, box: Any, growth: Any, copy: Any) -> None:
    """Dilate (growth > 0) or erode by a cross; beyond the image there is nothing."""
    for _ in range(abs(growth)):
        if growth > 0:
            box[0], box[1] = max(box[0] - 1, 0), min(box[1] + 1, ROWS - 1)
            box[2], box[3] = max(box[2] - 1, 0), min(box[3] + 1, COLUMNS - 1)
        top, bottom, first, last = box[0], box[1], box[2] >> 6, box[3] >> 6
        for row in range(top, bottom + 1):
            for word in range(first, last + 1):
                here = mask[row, word]
                left = (here << _ONE) | (mask[row, word - 1] >> _TOP if word > 0 else _ZERO)
                right = (here >> _ONE) | (mask[row, word + 1] << _TOP if word < WORDS - 1 else _ZERO)
                above = mask[row - 1, word] if row > 0 else _ZERO
                below = mask[row + 1, word] if row < ROWS - 1 else _ZERO
                if growth > 0:
                    copy[row, word] = here | left | right | above | below
                else:
                    copy[row, word] = here & left & right & above & below
        for row in range(top, bottom + 1):
            for word in range(first, last + 1):
                mask[row, word] = copy[row, word]


@_compiled
def _combine(mask: Any, box: Any, patch: Any, patch_box: Any, adds: Any) -> None:
    """Add a patch to the mask, or take it away; the patch's bits are cleared."""
    for row in range(patch_box[0], patch_box[1] + 1):
        for word in range(patch_box[2] >> 6, (patch_box[3] >> 6) + 1):
            mask[row, word] = mask[row, word] | patch[row, word] if adds else mask[row, word] & ~patch[row, word]
            patch[row, word] = _ZERO
    if adds:
        box[0], box[1] = min(box[0], patch_box[0]), max(box[1], patch_box[1])
        box[2], box[3] = min(box[2], patch_box[2]), max(box[3], patch_box[3])


@_compiled
def _reduce(mask: Any, box: Any, sums: Any, bit_number: Any, binary: Any, out: Any) -> None:
    """Write the covered share of each cell, in 255ths, rounded; ``sums`` (112, 112) is 0 before and after."""
    first, last = box[2] >> 6, box[3] >> 6
    for row in range(box[0], box[1] + 1):
        upper = 7 * row // ROW_CELL
        in_upper = min(ROW_CELL * (upper + 1) - 7 * row, 7)
        in_lower = 7 - in_upper
        before = _ZERO
        begin = 0
        for word in range(first, last + 2):
            bits = mask[row, word] if word <= last else _ZERO
            edges = bits ^ ((bits << _ONE) | before)
            before = bits >> _TOP
            while edges:
                lowest = edges & (~edges + _ONE)
                edges ^= lowest
                column = 64 * word + bit_number[(lowest * _DE_BRUIJN) >> np.uint64(58)]
                if bits & lowest:
                    begin = 7 * column
                    continue
                end = 7 * column
                cell = begin // COLUMN_CELL
                while begin < end:
                    reach = min(end, COLUMN_CELL * (cell + 1))
                    sums[upper, cell] += in_upper * (reach - begin)
                    if in_lower:
                        sums[upper + 1, cell] += in_lower * (reach - begin)
                    begin = reach
                    cell += 1
    whole = ROW_CELL * COLUMN_CELL
    for row in range(7 * box[0] // ROW_CELL, (7 * box[1] + 6) // ROW_CELL + 1):
        for column in range(7 * box[2] // COLUMN_CELL, (7 * box[3] + 6) // COLUMN_CELL + 1):
            if binary:
                out[row, column] = 255 if 2 * sums[row, column] >= whole else 0
            else:
                out[row, column] = (510 * sums[row, column] + whole) // (2 * whole)
            sums[row, column] = 0


@_compiled
def draw(
    control: Any,
    curves: Any,
    basis: Any,
    contour: Any,
    scale: Any,
    shift: Any,
    patch: Any,
    patch_scale: Any,
    patch_shift: Any,
    patch_adds: Any,
    growth: Any,
    binary: Any,
    reduced: Any,
    words: Any,
) -> None:
    """Draw masks into ``reduced`` uint8 (M, 112, 112) and ``words`` uint64 (M, 480, 10), either of which may be empty.

    Both are 0 before. The others are the arrays of :class:`depthbench.generators.odms.scene.Drawing`.
    """
    most = control.shape[1] * basis.shape[1]
    rows, columns, ends = np.empty(most), np.empty(most), np.empty(most, np.int64)
    patch_rows, patch_columns, patch_ends = np.empty(most), np.empty(most), np.empty(most, np.int64)
    line, other = np.zeros((ROWS, WORDS), np.uint64), np.zeros((ROWS, WORDS), np.uint64)
    scratch = np.zeros((ROWS, WORDS), np.uint64)
    seeds, span = np.zeros(WORDS, np.uint64), np.zeros(WORDS, np.uint64)
    box, patch_box = np.zeros(4, np.int64), np.zeros(4, np.int64)
    sums = np.zeros((REDUCED + 1, REDUCED), np.int32)
    bit_number = _BIT_NUMBER
    sampled = -1
    stretches = 0
    for mask in range(len(contour)):
        if contour[mask] != sampled:
            sampled = contour[mask]
            count = _sample(control[sampled], curves[sampled], basis, rows, columns)
            stretches = _stretches(rows, columns, count, ends)
        _trace(rows, columns, ends, stretches, scale[mask], shift[mask], line, box)
        _fill(line, box, scratch, seeds, span)
        if patch[mask] >= 0:
            which = patch[mask]
            count = _sample(control[which], curves[which], basis, patch_rows, patch_columns)
            parts = _stretches(patch_rows, patch_columns, count, patch_ends)
            _trace(patch_rows, patch_columns, patch_ends, parts, patch_scale[mask], patch_shift[mask], other, patch_box)
            _fill(other, patch_box, scratch, seeds, span)
            _combine(line, box, other, patch_box, patch_adds[mask])
        if growth[mask] != 0:
            _grow(line, box, growth[mask], scratch)
        if len(reduced):
            _reduce(line, box, sums, bit_number, binary, reduced[mask])
        for row in range(box[0], box[1] + 1):
            for word in range(box[2] >> 6, (box[3] >> 6) + 1):
                if len(words):
                    words[mask, row, word] = line[row, word]
                line[row, word] = _ZERO
