# SPDX-License-Identifier: Apache-2.0
"""What the builder of an outdoor place says about where to stand and what to look at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Spot = tuple[float, float, float]


@dataclass(frozen=True)
class Place:
    """A built place.

    Attributes
    ----------
    floors : list of (float64 (2, 2), float, int, tuple of str)
        Grounds to stand on: low and high corner (x, y), distance kept from things, how many camera boxes at most, beginnings of
        the names of things that enclose the ground and do not count.
    beyond : list of (x, y, z)
        Points behind see-through things.
    near : list of (x, y, z)
        Points on other things.
    distance_m : (low, high)
        From camera to target.
    """

    floors: list[tuple[npt.NDArray[np.float64], float, int, tuple[str, ...]]]
    beyond: list[Spot]
    near: list[Spot]
    distance_m: tuple[float, float]
