# SPDX-License-Identifier: Apache-2.0
"""The inner loops of scoring as machine code, where the extra ``[fast]`` (numba) is installed.

Each function does in one pass what its caller otherwise does in several numpy passes, with the same result: counts and order
statistics are equal, sums differ in their last digits by the order of summation. Loops run over blocks that stay in the
processor's cache and are written so that the compiler turns them into vector instructions. The first call of all compiles
(some seconds); the machine code is kept beside this file, or in the user's cache folder.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

_BLOCK = 4096
_compiled = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"nsz", "contract", "reassoc"})


@_compiled
def compare(
    predicted_px: Any,
    truth_px: Any,
    lowest_px: Any,
    highest_px: Any,
    widest_px: Any,
    nan_is_hole: bool,
    minus_inf_is_hole: bool,
    above_px: Any,
    below_px: Any,
    abs_px: Any,
    estimated: Any,
    known: Any,
) -> None:
    """Write |clipped prediction - truth|, where the prediction has a value, and where the truth is known.

    All arrays are flat, C-contiguous and of one length: ``predicted_px``, ``truth_px`` and the output ``abs_px`` float32, the
    outputs ``estimated`` and ``known`` bool. A prediction beyond ``widest_px`` in magnitude is a hole, as is +inf; the truth is
    known where it is finite, > ``above_px`` and < ``below_px``. Limits are float32, infinite where there is none.
    """
    infinity = np.float32(np.inf)
    for i in range(predicted_px.size):
        here, truth = predicted_px[i], truth_px[i]
        hole = (here == infinity) | (nan_is_hole & (here != here)) | (minus_inf_is_hole & (here == -infinity))
        estimated[i] = not (hole | (abs(here) > widest_px))
        known[i] = (abs(truth) < infinity) & (truth > above_px) & (truth < below_px)
        # Written so that NaN stays NaN.
        clipped = lowest_px if here < lowest_px else here
        clipped = highest_px if clipped > highest_px else clipped
        abs_px[i] = abs(clipped - truth)


@_compiled
def scan(bits: Any, chosen: Any, masked: Any, histogram: Any) -> tuple[float, float, int]:
    """Return the sum, the sum of squares and the number of the chosen values; fill ``masked`` and ``histogram``.

    ``bits`` int32 are the patterns of floats >= 0, ``chosen`` bool; ``masked`` becomes the patterns, 0 where not chosen;
    ``histogram`` (2, 0x8001) int32 is added to as :mod:`.tally` says: two rows, since equal neighbours would wait for each other.
    """
    count: Any = 0
    total: Any = 0.0
    squares: Any = 0.0
    even, odd = histogram[0], histogram[1]
    for start in range(0, bits.size, _BLOCK):
        end = min(start + _BLOCK, bits.size)
        block, pick, here = bits[start:end], chosen[start:end], masked[start:end]
        values = here.view(np.float32)
        size = block.size
        picked = np.int32(0)
        for i in range(size):
            here[i] = block[i] if pick[i] else np.int32(0)
            picked = np.int32(picked + np.int32(pick[i]))
        count += picked
        block_total: Any = 0.0
        block_squares: Any = 0.0
        for i in range(size):
            wide = np.float64(values[i])
            block_total += wide
            block_squares += wide * wide
        total += block_total
        squares += block_squares
        for i in range(0, size - 1, 2):
            even[np.uint32(here[i] + 0xFFFF) >> np.uint32(16)] += 1
            odd[np.uint32(here[i + 1] + 0xFFFF) >> np.uint32(16)] += 1
        if size & 1:
            even[np.uint32(here[size - 1] + 0xFFFF) >> np.uint32(16)] += 1
    return total, squares, count


@_compiled
def collect(masked: Any, first: Any, second: Any, third: Any, fourth: Any, members: Any) -> int:
    """Write the patterns that lie in any of four bins (int32) to ``members`` in order; return how many there are."""
    count = 0
    inside = np.zeros(_BLOCK, dtype=np.uint8)
    eights = inside.view(np.uint64)
    for start in range(0, masked.size, _BLOCK):
        end = min(start + _BLOCK, masked.size)
        block = masked[start:end]
        for i in range(block.size):
            place = np.int32((block[i] + 0xFFFF) >> 16)
            inside[i] = (place == first) | (place == second) | (place == third) | (place == fourth)
        inside[block.size :] = 0
        for eight in range(_BLOCK // 8):
            if eights[eight]:
                for i in range(8 * eight, 8 * eight + 8):
                    if inside[i]:
                        members[count] = block[i]
                        count += 1
    return count


@_compiled
def count_outliers(abs_px: Any, truth_px: Any, used: Any, least_px: Any, least_share: float) -> Any:
    """Count the used pixels whose error is above ``least_px`` and above that share of the truth (in float64).

    A product in float32 decides all but the few that lie within a thousandth of the share; only those are divided.
    """
    count: Any = 0
    unsure = np.zeros(_BLOCK, dtype=np.uint8)
    eights = unsure.view(np.uint64)
    under, over = np.float32(0.999 * least_share), np.float32(1.001 * least_share)
    for start in range(0, abs_px.size, _BLOCK):
        end = min(start + _BLOCK, abs_px.size)
        errors, truths, picks = abs_px[start:end], truth_px[start:end], used[start:end]
        sure = np.int32(0)
        for i in range(errors.size):
            far = (errors[i] > least_px) & picks[i]
            most = abs(truths[i])
            beyond = far & (errors[i] > over * most)
            sure = np.int32(sure + np.int32(beyond))
            unsure[i] = far & (not beyond) & (errors[i] >= under * most)
        count += sure
        unsure[errors.size :] = 0
        for eight in range(_BLOCK // 8):
            if eights[eight]:
                for i in range(8 * eight, 8 * eight + 8):
                    if unsure[i] and np.float64(errors[i]) / abs(np.float64(truths[i])) > least_share:
                        count += 1
    return count
