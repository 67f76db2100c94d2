# SPDX-License-Identifier: Apache-2.0
"""Where the pictures of a stack are focused.

A policy that looks at the depth of the very picture tells a model about the answer: ``gt-range`` its least and greatest depth,
``quantile`` its 5 % and 95 % quantiles. Every sample says which policy made it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError, unknown_name

Distances = npt.NDArray[np.float64]

POLICIES = {
    "fixed": "the same distances for every picture: a list, or evenly spaced in metres from near to far",
    "dioptre-uniform": "the same for every picture, evenly spaced in inverse distance from near to far",
    "quantile": "evenly spaced in inverse distance between the 5 % and 95 % quantiles of the picture's own depth",
    "gt-range": "evenly spaced in metres from the least to the greatest depth of the picture itself, as HybridDepth's paper does",
}
"""Name -> what it does."""
FROM_TRUTH = ("quantile", "gt-range")
"""Policies that tell a model something of the depth that it is to find."""
LEAST_SPAN = 1.02
"""Distances drawn from a flat picture are widened to this ratio, so that they differ."""


@dataclass(frozen=True)
class FocusPlanes:
    """A policy with its numbers.

    Attributes
    ----------
    policy : str
        Name in :data:`POLICIES`.
    count : int
        Pictures of a stack.
    near_m, far_m : float
        Ends of ``fixed`` and ``dioptre-uniform``; ``far_m`` may be infinite for the latter.
    list_m : tuple of float
        Distances of ``fixed``, ascending, instead of evenly spaced ones.

    Raises
    ------
    DepthbenchError
        If these are no distances to focus at.
    """

    policy: str = "fixed"
    count: int = 10
    near_m: float = 0.7
    far_m: float = 10.0
    list_m: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.policy not in POLICIES:
            raise unknown_name("focus policy", self.policy, POLICIES)
        if self.list_m and self.policy != "fixed":
            raise DepthbenchError(f"a list of focus distances is for the policy fixed, not {self.policy}")
        count = len(self.list_m) or self.count
        if not 2 <= count <= 1000:
            raise DepthbenchError(
                f"{count} focus distances: a stack has 2 to 1000 (one picture tells nothing of depth)"
            )
        if self.list_m and not ascending(self.list_m):
            raise DepthbenchError(
                f"focus distances must be positive and ascending, not {', '.join(map(str, self.list_m))}"
            )
        if not 0 < self.near_m < self.far_m:
            raise DepthbenchError(
                f"focus from {self.near_m:g} to {self.far_m:g} m: near must be positive and less than far"
            )
        if self.policy == "fixed" and not self.list_m and not np.isfinite(self.far_m):
            raise DepthbenchError("evenly spaced distances cannot end at infinity; use the policy dioptre-uniform")

    def distances_m(self, depth_m: npt.NDArray[Any]) -> Distances:
        """Return the distances for a picture of this depth (NaN = hole), ascending, float64 (N,)."""
        if self.list_m:
            return np.asarray(self.list_m, dtype=np.float64)
        return _SPACED[self.policy](self, depth_m)


def ascending(distances_m: Sequence[float] | Distances) -> bool:
    """Tell whether distances are positive and ascend."""
    metres = np.asarray(distances_m, dtype=np.float64)
    return bool((metres > 0).all() and (np.diff(metres) > 0).all())


def _even_dioptres(near_m: float, far_m: float, count: int) -> Distances:
    with np.errstate(divide="ignore"):
        return np.asarray(1 / np.linspace(1 / near_m, 1 / far_m, count))


def _widened(low: float, high: float) -> tuple[float, float]:
    if high >= low * LEAST_SPAN:
        return low, high
    middle = float(np.sqrt(low * high))
    return middle / LEAST_SPAN**0.5, middle * LEAST_SPAN**0.5


def _quantile(planes: FocusPlanes, depth_m: npt.NDArray[Any]) -> Distances:
    low, high = np.quantile(depth_m[np.isfinite(depth_m)], [0.05, 0.95])
    return _even_dioptres(*_widened(float(low), float(high)), planes.count)


def _gt_range(planes: FocusPlanes, depth_m: npt.NDArray[Any]) -> Distances:
    known = depth_m[np.isfinite(depth_m)]
    return np.linspace(*_widened(float(known.min()), float(known.max())), planes.count)


_SPACED: dict[str, Callable[[FocusPlanes, npt.NDArray[Any]], Distances]] = {
    "fixed": lambda planes, _: np.linspace(planes.near_m, planes.far_m, planes.count),
    "dioptre-uniform": lambda planes, _: _even_dioptres(planes.near_m, planes.far_m, planes.count),
    "quantile": _quantile,
    "gt-range": _gt_range,
}
