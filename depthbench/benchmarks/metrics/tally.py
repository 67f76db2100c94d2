# SPDX-License-Identifier: Apache-2.0
"""Sums, threshold counts and exact order statistics of the errors in a pixel set, in passes of cache-sized blocks.

Non-negative floats sort like their bit patterns, so a histogram of the upper 16 bits (half-open bins *(low, high]*)
counts what lies above any threshold with 7 mantissa bits (0.5, 1, 2, 3, 4, 8, ...) and brackets every rank within 1/128 of
its value; only what lies in the bracketing bins is then sorted. That is several times faster than sorting or partitioning
an image, and the answer is the same. Blocks keep every temporary array in the processor's cache. Where numba is installed
the passes are those of :mod:`.compiled`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from depthbench.benchmarks.metrics.error_map import UNKNOWN
from depthbench.benchmarks.metrics.kernels import kernels

_BINS = 0x8001
"""Bin 0 holds zero, bin k the bit patterns ((k - 1) << 16, k << 16]; the last ones hold infinity and NaN."""
_INFINITY_BIN = 0x7F80
_UNKNOWN_BITS = np.float32(UNKNOWN).view(np.int32)
_BLOCK = 1 << 16
NOWHERE = np.empty(0, dtype=np.bool_)
"""Instead of a region, where there is none."""


class Tally:
    """What one pass over a map of errors leaves.

    Parameters
    ----------
    error_px : float32, any shape
        Errors as :mod:`.error_map` says. A NaN sorts last, exceeds no threshold, and spoils the sums.
    among : bool, same shape, or None
        The region that counts; None = everywhere.

    Attributes
    ----------
    known : int
        Pixels of known truth.
    count : int
        Pixels that have an error: known and estimated.
    total, total_of_squares : float
        Sums over them, in float64.
    """

    def __init__(self, error_px: npt.NDArray[np.float32], among: npt.NDArray[np.bool_] | None = None) -> None:
        bits = np.ascontiguousarray(error_px, dtype=np.float32).reshape(-1).view(np.int32)
        self._bits = bits
        self._among = NOWHERE if among is None else np.ascontiguousarray(among, dtype=np.bool_).reshape(-1)
        self.known: int
        self.count: int
        self.total: float
        self.total_of_squares: float
        if fast := kernels():
            self._cumulative = np.empty(_BINS, dtype=np.intp)
            scanned = fast.scan(bits, self._among, self._cumulative)
            self.known, self.count, self.total, self.total_of_squares = scanned
            return
        if among is not None:
            bits = bits[self._among]
        self.known = int(np.count_nonzero(bits != _UNKNOWN_BITS))
        self._bits, self._among = bits[bits >= 0], NOWHERE
        self.count = self._bits.size
        self.total = self.total_of_squares = 0.0
        for block in self._blocks():
            wide = block.view(np.float32).astype(np.float64)
            self.total += float(wide.sum())
            # Not a dot product: a block is too small for the threads that BLAS would wake.
            self.total_of_squares += float(np.multiply(wide, wide, out=wide).sum())

    @cached_property
    def _cumulative(self) -> npt.NDArray[np.intp]:
        """How many errors lie in the bins up to and including each one."""
        histogram = np.zeros(_BINS, dtype=np.intp)
        for block in self._blocks():
            histogram += np.bincount(_bins(block), minlength=_BINS)
        return np.cumsum(histogram)

    def _blocks(self) -> Iterator[npt.NDArray[np.int32]]:
        """Yield the bit patterns of the region's errors, a cacheful at a time; compiled passes leave holes (negative) in."""
        for start in range(0, self._bits.size, _BLOCK):
            block = self._bits[start : start + _BLOCK]
            yield block[self._among[start : start + _BLOCK]] if self._among.size else block

    def count_above(self, threshold: float) -> int:
        """Return how many errors are strictly greater than ``threshold`` (>= 0); NaN is not."""
        exact = np.float32(threshold)
        bits = int(exact.view(np.int32))
        if bits & 0xFFFF or exact != threshold or "_cumulative" not in self.__dict__:
            # A threshold between bins; or no rank was asked for yet, and one count is cheaper than the histogram.
            return sum(int(np.count_nonzero(block.view(np.float32) > threshold)) for block in self._blocks())
        return int(self._cumulative[_INFINITY_BIN] - self._cumulative[bits >> 16])

    def at(self, ranks: Sequence[int]) -> list[float]:
        """Return ``sorted(errors)[rank]`` for each rank (0-based)."""
        wanted = np.searchsorted(self._cumulative, ranks, side="right")
        bins = np.unique(wanted)
        members = np.sort(self._members(bins))
        ends = self._cumulative[bins]
        starts = np.where(bins > 0, self._cumulative[np.maximum(bins, 1) - 1], 0)
        first_member = np.concatenate([[0], np.cumsum(ends - starts)[:-1]])
        place = np.searchsorted(bins, wanted)
        picked = [members[first_member[p] + rank - starts[p]] for p, rank in zip(place, ranks, strict=True)]
        return [float(bits.view(np.float32)) for bits in picked]

    def _members(self, bins: npt.NDArray[np.intp]) -> npt.NDArray[np.int32]:
        """Return the bit patterns that lie in some bins, in no order."""
        if fast := kernels():
            found = [np.empty(0, dtype=np.int32)]
            for start in range(0, bins.size, 4):
                four = bins[start : start + 4]
                counts = self._cumulative[four] - np.where(four > 0, self._cumulative[four - 1], 0)
                members = np.empty(int(counts.sum()), dtype=np.int32)
                fast.collect(self._bits, self._among, *np.resize(four, 4).astype(np.int32), members)
                found.append(members)
            return np.concatenate(found)
        lookup = np.zeros(_BINS, dtype=np.bool_)
        lookup[bins] = True
        return np.concatenate([block[np.flatnonzero(lookup[_bins(block)])] for block in self._blocks()])


def _bins(bits: npt.NDArray[np.int32]) -> npt.NDArray[np.intp]:
    bins: npt.NDArray[np.intp] = ((bits + 0xFFFF) >> 16).astype(np.intp)
    return bins
