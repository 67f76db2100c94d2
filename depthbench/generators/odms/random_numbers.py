# SPDX-License-Identifier: Apache-2.0
"""Uniform numbers by counting: number i of a purpose of sample k is a hash of (seed, split, k, purpose, i).

A :class:`numpy.random.Generator` per sample takes longer to set up than the sample's masks take to draw, and draws for one sample
at a time. SplitMix64 (Steele, Lea and Flood, OOPSLA 2014) is a counter and a hash of it, so that the numbers of any samples are
made at once, in any order, each the same as when it is made alone.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

U64 = npt.NDArray[np.uint64]

SPLITS = {"train": 0x747261696E, "val": 0x76616C, "test": 0x74657374}
"""Split -> word of its own, so that no sample of one is one of another, whatever the seeds."""
PURPOSES = ("distance", "object", "points", "perturb", "missing", "background", "wrong", "jitter", "rotation", "moving")
"""What numbers are drawn for, each by a sequence of its own; append only."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def _mixed(values: U64) -> U64:
    """The output function of SplitMix64, a bijection."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


class SampleNumbers:
    """The random numbers of some samples.

    Parameters
    ----------
    seed : int
        0 <= seed < 2^64.
    split : str
        Name in :data:`SPLITS`.
    indices : array of int (B,)
        Numbers of the samples, >= 0.
    """

    def __init__(self, seed: int, split: str, indices: npt.ArrayLike) -> None:
        start = _mixed(_mixed(np.array([seed], dtype=np.uint64) + _GOLDEN) ^ np.uint64(SPLITS[split]))
        self._states = _mixed(start + np.asarray(indices).astype(np.uint64) * _GOLDEN)

    def __len__(self) -> int:
        return len(self._states)

    def uniform(
        self, purpose: str, count: int, first: int = 0, rows: npt.NDArray[np.intp] | None = None
    ) -> npt.NDArray[np.float64]:
        """Return the numbers ``first`` to ``first + count - 1`` of a purpose, float64 (B, count) in [0, 1).

        ``rows`` chooses some of the samples.
        """
        states = self._states if rows is None else self._states[rows]
        begins = _mixed(states ^ np.uint64(PURPOSES.index(purpose) + 1))
        steps = np.arange(first + 1, first + 1 + count, dtype=np.uint64) * _GOLDEN
        return (_mixed(begins[:, None] + steps) >> np.uint64(11)).astype(np.float64) * 2.0**-53
