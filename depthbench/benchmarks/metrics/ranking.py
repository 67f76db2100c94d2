# SPDX-License-Identifier: Apache-2.0
"""Exact order statistics and threshold counts of non-negative float32 values, from one pass over their upper bits.

Non-negative floats sort like their bit patterns, so a histogram of the upper 16 bits (half-open bins *(low, high]*)
brackets every rank within 1/128 of its value; only what lies in those few bins is then sorted. That is several times
faster than sorting or partitioning an image, and the answer is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

_BINS = 0x8001
"""Bin 0 holds zero, bin k the bit patterns ((k - 1) << 16, k << 16]; the last ones hold infinity and NaN."""


class Ranking:
    """The ranks of float32 values >= 0 (NaN sorts last), any shape."""

    def __init__(self, values: npt.NDArray[np.float32]) -> None:
        self._values = np.ascontiguousarray(values, dtype=np.float32).reshape(-1)

    @cached_property
    def _keys(self) -> npt.NDArray[np.intp]:
        bits = self._values.view(np.int32)
        return ((bits + 0xFFFF) >> 16).astype(np.intp)

    @cached_property
    def _cumulative(self) -> npt.NDArray[np.intp]:
        return np.cumsum(np.bincount(self._keys, minlength=_BINS))

    def count_above(self, threshold: float) -> int:
        """Return how many values are strictly greater than ``threshold`` (>= 0); NaN is not."""
        exact = np.float32(threshold)
        bits = int(exact.view(np.int32))
        if bits & 0xFFFF or exact != threshold:
            return int(np.count_nonzero(self._values > threshold))
        infinity_key = 0x7F80
        return int(self._cumulative[infinity_key] - self._cumulative[bits >> 16])

    def at(self, ranks: Sequence[int]) -> list[float]:
        """Return ``sorted(values)[rank]`` for each rank (0-based)."""
        wanted = np.searchsorted(self._cumulative, ranks, side="right")
        bins = np.unique(wanted)
        chosen = np.zeros(_BINS, dtype=np.bool_)
        chosen[bins] = True
        members = np.sort(self._values[np.flatnonzero(chosen[self._keys])])
        ends = self._cumulative[bins]
        starts = np.where(bins > 0, self._cumulative[np.maximum(bins, 1) - 1], 0)
        first_member = np.concatenate([[0], np.cumsum(ends - starts)[:-1]])
        place = np.searchsorted(bins, wanted)
        return [float(members[first_member[p] + rank - starts[p]]) for p, rank in zip(place, ranks, strict=True)]
