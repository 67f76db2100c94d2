# SPDX-License-Identifier: Apache-2.0
"""Which ground is taken: axis-aligned rectangles on a floor that must not overlap."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


class FloorPlan:
    """Rectangles taken on a floor centred on the origin, size (x, y) in metres."""

    def __init__(self, size_x_m: float, size_y_m: float) -> None:
        self.half = np.array([size_x_m, size_y_m]) / 2
        self.taken: list[npt.NDArray[np.float64]] = []

    def fits(self, centre: npt.ArrayLike, half: npt.ArrayLike, wall_gap_m: float = 0.0) -> bool:
        """Whether a rectangle lies on the floor, ``wall_gap_m`` from its edge, and overlaps nothing taken."""
        low, high = np.subtract(centre, half), np.add(centre, half)
        if (low < -self.half + wall_gap_m).any() or (high > self.half - wall_gap_m).any():
            return False
        return not any(((low < other[1]) & (high > other[0])).all() for other in self.taken)

    def take(self, centre: npt.ArrayLike, half: npt.ArrayLike) -> None:
        """Take a rectangle, whether free or not."""
        self.taken.append(np.stack([np.subtract(centre, half), np.add(centre, half)]))
