# SPDX-License-Identifier: Apache-2.0
"""The inner loops of scoring as machine code, where the extra ``[fast]`` (numba) is installed.

Each function does in one pass what its caller otherwise does in several numpy passes, with the same result: counts and order
statistics are equal, sums differ in their last digits by the order of summation. Loops run over blocks that stay in the
processor's cache and are written so that the compiler turns them into vector instructions; nothing of the size of a map is
written but the map of errors, since fresh memory costs more than the arithmetic. The first call of all compiles (some
seconds); the machine code is kept beside this file, or in the user's cache folder.

Arrays are flat and C-contiguous, of one length where they belong together; errors are as :mod:`.error_map` says. ``among``
(bool) confines to a region, and is empty where there is none.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from depthbench.benchmarks.metrics.error_map import HOLE, UNKNOWN

_BLOCK = 4096
_UNKNOWN_BITS = np.float32(UNKNOWN).view(np.int32)
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
    error_px: Any,
) -> None:
    """Write the map of errors of a prediction; all arrays and limits are float32, see :class:`.error_map.Rules`."""
    infinity = np.float32(np.inf)
    for i in range(predicted_px.size):
        here, truth = predicted_px[i], truth_px[i]
        hole = (here == infinity) | (nan_is_hole & (here != here)) | (minus_inf_is_hole & (here == -infinity))
        hole = hole | (abs(here) > widest_px)
        known = (abs(truth) < infinity) & (truth > above_px) & (truth < below_px)
        # Written so that NaN stays NaN.
        clipped = lowest_px if here < lowest_px else here
        clipped = highest_px if clipped > highest_px else clipped
        error = np.float32(HOLE) if hole else abs(clipped - truth)
        error_px[i] = error if known else np.float32(UNKNOWN)


@_compiled
def scan(bits: Any, among: Any, cumulative: Any) -> tuple[int, int, float, float]:
    """Return how many pixels are known and how many estimated, the sum of their errors and of the squares; fill ``cumulative``.

    ``bits`` int32 are the patterns of the errors; ``cumulative`` int64 becomes how many errors lie in the bins of :mod:`.tally` up
    to each one. The histogram has two rows, since equal neighbours would wait for each other; pixels that are not estimated go
    in as zeros and are taken out at the end.
    """
    known: Any = 0
    count: Any = 0
    total: Any = 0.0
    squares: Any = 0.0
    even, odd = np.zeros(cumulative.size, dtype=np.int32), np.zeros(cumulative.size, dtype=np.int32)
    here = np.empty(_BLOCK, dtype=np.int32)
    values = here.view(np.float32)
    for start in range(0, bits.size, _BLOCK):
        block = bits[start : min(start + _BLOCK, bits.size)]
        size = block.size
        told = np.int32(0)
        picked = np.int32(0)
        if among.size:
            mask = among[start : start + size]
            for i in range(size):
                used = (block[i] >= 0) & mask[i]
                here[i] = block[i] if used else np.int32(0)
                picked = np.int32(picked + np.int32(used))
                told = np.int32(told + np.int32((block[i] != _UNKNOWN_BITS) & mask[i]))
        else:
            for i in range(size):
                used = block[i] >= 0
                here[i] = block[i] if used else np.int32(0)
                picked = np.int32(picked + np.int32(used))
                told = np.int32(told + np.int32(block[i] != _UNKNOWN_BITS))
        known += told
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
    below: Any = count - bits.size
    for place in range(cumulative.size):
        below += even[place] + odd[place]
        cumulative[place] = below
    return known, count, total, squares


@_compiled
def collect(bits: Any, among: Any, first: Any, second: Any, third: Any, fourth: Any, members: Any) -> int:
    """Write the patterns that lie in any of four bins (int32) to ``members`` in order; return how many there are."""
    count = 0
    inside = np.zeros(_BLOCK, dtype=np.uint8)
    eights = inside.view(np.uint64)
    for start in range(0, bits.size, _BLOCK):
        block = bits[start : min(start + _BLOCK, bits.size)]
        for i in range(block.size):
            place = np.int32((block[i] + 0xFFFF) >> 16)
            inside[i] = (place == first) | (place == second) | (place == third) | (place == fourth)
        inside[block.size :] = 0
        for eight in range(_BLOCK // 8):
            if eights[eight]:
                for i in range(8 * eight, 8 * eight + 8):
                    # Patterns of HOLE and UNKNOWN are negative, and so are their bins.
                    if inside[i] and (among.size == 0 or among[start + i]):
                        members[count] = block[i]
                        count += 1
    return count


@_compiled
def count_outliers(error_px: Any, truth_px: Any, among: Any, least_px: Any, least_share: float) -> Any:
    """Count the pixels whose error is above ``least_px`` (>= 0) and above that share of the truth (in float64).

    A product in float32 decides all but the few that lie within a thousandth of the share; only those are divided.
    """
    count: Any = 0
    unsure = np.zeros(_BLOCK, dtype=np.uint8)
    eights = unsure.view(np.uint64)
    under, over = np.float32(0.999 * least_share), np.float32(1.001 * least_share)
    for start in range(0, error_px.size, _BLOCK):
        end = min(start + _BLOCK, error_px.size)
        errors, truths = error_px[start:end], truth_px[start:end]
        sure = np.int32(0)
        if among.size:
            mask = among[start:end]
            for i in range(errors.size):
                far = (errors[i] > least_px) & mask[i]
                most = abs(truths[i])
                beyond = far & (errors[i] > over * most)
                sure = np.int32(sure + np.int32(beyond))
                unsure[i] = far & (not beyond) & (errors[i] >= under * most)
        else:
            for i in range(errors.size):
                far = errors[i] > least_px
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
