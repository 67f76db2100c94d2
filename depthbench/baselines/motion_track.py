# SPDX-License-Identifier: Apache-2.0
"""Depth of an object while its masks arrive: the median over subsets of all that has been seen, at the pose of now."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@runtime_checkable
class LiveModel(Protocol):
    """A motion model that can be asked again and again: what it keeps of a mask, and depths from rows of what it kept."""

    def observe(self, mask: Mask) -> Any:
        """Return what is kept of a mask (H, W): a number or an array, of one shape for all."""

    def estimate(self, observed: npt.NDArray[Any], behind_m: Floats) -> Floats:
        """Return depths (S,) of rows of observations (S, n, ...), each row near to far, at the row's first pose."""


@dataclass(frozen=True)
class LiveEstimate:
    """What is known at one pose.

    Attributes
    ----------
    depth : float
        In the unit of the positions; NaN while nothing is known.
    low, high : float
        Quartiles of the subsets' estimates.
    subsets : int
        How many of them gave a depth in front of the camera.
    note : str
        Why there is no depth, or what is odd about it; mostly empty.
    """

    depth: float = math.nan
    low: float = math.nan
    high: float = math.nan
    subsets: int = 0
    note: str = ""


class DepthTracker:
    """Collects masks with positions; positions may come in any order and from any origin.

    Parameters
    ----------
    model : LiveModel
    n : int
        Observations in a subset; all that there are, while they are fewer.
    subsets : int
        The most subsets that are asked: every one where there are no more, else random ones, each with the newest mask.

    Raises
    ------
    DepthbenchError
        If ``n`` is below 2.
    """

    def __init__(self, model: LiveModel, n: int = 10, subsets: int = 64) -> None:
        if n < 2:
            raise DepthbenchError(f"n={n}: a depth from motion takes at least 2 observations")
        self._model, self._n, self._most = model, n, subsets
        self._rng = np.random.default_rng(0)
        self._observed: list[Any] = []
        self._z: list[float] = []
        self._shape: tuple[int, ...] = ()

    def add(self, mask: Mask, z: float) -> LiveEstimate:
        """Take a mask, seen from the position ``z`` along the optical axis, and estimate the depth from there.

        An empty mask tells nothing: the estimate of the earlier ones is carried on to the new position.

        Raises
        ------
        DepthbenchError
            If the mask is not of the size of those before.
        """
        before = self._shape = self._shape or mask.shape
        if mask.shape != before:
            told = " and ".join(f"{width}x{height}" for height, width in (before, mask.shape))
            raise DepthbenchError(f"masks of different sizes, {told}")
        empty = not mask.any()
        if not empty:
            self._observed.append(self._model.observe(mask))
            self._z.append(z)
        found = self._estimate(z)
        if empty and math.isfinite(found.depth):
            return LiveEstimate(found.depth, found.low, found.high, found.subsets, "empty mask, carried on")
        return LiveEstimate(note="empty mask") if empty else found

    def _estimate(self, z: float) -> LiveEstimate:
        if len(self._z) < 2:
            return LiveEstimate(note="one observation")
        positions = np.array(self._z)
        if np.ptp(positions) == 0:
            return LiveEstimate(note="no movement along the optical axis")
        chosen = self._choose(len(positions))
        order = np.argsort(-positions[chosen], axis=1, kind="stable")
        chosen = np.take_along_axis(chosen, order, axis=1)
        near = positions[chosen[:, :1]]
        depths = self._model.estimate(np.array(self._observed)[chosen], near - positions[chosen])
        depths = depths + near[:, 0] - z
        # subsets without movement or growth, and noise that puts the object behind the camera
        moved = np.ptp(positions[chosen], axis=1) > 0
        depths = depths[moved & np.isfinite(depths) & (depths > 0)]
        if not len(depths):
            return LiveEstimate(note="the mask does not grow as it would at any depth")
        low, middle, high = np.percentile(depths, [25, 50, 75])
        return LiveEstimate(float(middle), float(low), float(high), len(depths))

    def _choose(self, seen: int) -> npt.NDArray[np.intp]:
        """Return rows of indices of observations: every subset, or as many random ones as allowed, all with the newest."""
        n = min(self._n, seen)
        if math.comb(seen, n) <= self._most:
            return np.array(list(itertools.combinations(range(seen), n)))
        others = np.argsort(self._rng.random((self._most, seen - 1)), axis=1)[:, : n - 1]
        return np.concatenate([others, np.full((self._most, 1), seen - 1)], axis=1)
