# SPDX-License-Identifier: Apache-2.0
"""A gallery's hall while it is filled: ground taken, walls hidden, names given, works to light and to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.layouts.floor_plan import FloorPlan
from depthbench.blender_scenes.layouts.hanging import Span
from depthbench.blender_scenes.layouts.room import WALLS, Room
from depthbench.blender_scenes.objects.kit import Kit, turned

_SKIRTING_M = 0.02
_TRIES = 160


@dataclass(frozen=True)
class Item:
    """A thing in the frame of its group; ``shown_m`` is the height of what a visitor looks at, None for furniture."""

    name: str
    kit: Kit
    at: tuple[float, float, float]
    turn_deg: float = 0.0
    shown_m: float | None = None


Group = list[Item]


def _corners(group: Group) -> npt.NDArray[np.float64]:
    return np.concatenate([turned(item.kit.corners, item.turn_deg) + np.array(item.at) for item in group])


class Hall:
    """Where things can still stand, and what stands already.

    Attributes
    ----------
    plan : FloorPlan
    works : list of points to light and to look at, world frame.
    hidden : by wall, the stretches (start, end) before which something stands.
    faces : spans of half walls.
    """

    def __init__(self, rng: np.random.Generator, room: Room) -> None:
        self.rng, self.room = rng, room
        self.plan = FloorPlan(room.size_x_m, room.size_y_m)
        self.works: list[list[float]] = []
        self.hidden: dict[str, list[tuple[float, float]]] = {wall: [] for wall in WALLS}
        self.faces: list[Span] = []
        self._count = 0

    def put(self, name: str, kit: Kit, location: npt.ArrayLike, turn_deg: float) -> None:
        """Place a kit as one thing; its objects are called "thing number: part"."""
        self._count += 1
        for placed in kit.place(location, turn_deg):
            placed.name = f"{name} {self._count}: {placed.name}"

    def keep_free(self, wall: str, start_m: float, end_m: float, depth_m: float) -> None:
        """Take the ground before a stretch of wall."""
        low, high = self._before(wall, start_m, end_m, depth_m)
        self.plan.take((low + high) / 2, (high - low) / 2)

    def stand(
        self,
        group: Group,
        aisle_m: float = 0.95,
        wall_m: float = 0.95,
        above: FloorPlan | None = None,
        turns_deg: Sequence[float] = (0.0, 90.0, 180.0, 270.0),
    ) -> bool:
        """Find free ground for a group, turned by one of ``turns_deg``, and put it there; False when there is none.

        ``above`` is a second plan in which the group itself must find room, without aisles: the ceiling.
        """
        if not group:
            return False
        corners = _corners(group)
        low, high = corners.min(axis=0)[:2], corners.max(axis=0)[:2]
        half, middle = (high - low) / 2, (high + low) / 2
        for _ in range(_TRIES):
            turn = float(self.rng.choice(turns_deg))
            taken = (half[::-1] if round(turn) % 180 == 90 else half) + aisle_m / 2
            spot = self.rng.uniform(-1, 1, 2) * np.maximum(self.plan.half - taken - wall_m + aisle_m / 2, 0.0)
            free = self.plan.fits(spot, taken, max(wall_m - aisle_m / 2, 0.0))
            if free and (above is None or above.fits(spot, taken - aisle_m / 2)):
                self.plan.take(spot, taken)
                self._place(group, np.array([*spot, 0.0]) - turned([*middle, 0.0], turn), turn)
                return True
        return False

    def stand_at_wall(self, group: Group, aisle_m: float = 1.0, hides: bool = True) -> bool:
        """Put a group against a wall, its front (-y) to the room; False when there is no place."""
        corners = _corners(group)
        low, high = corners.min(axis=0), corners.max(axis=0)
        half, middle, deep = (high[0] - low[0]) / 2, (high[0] + low[0]) / 2, high[1] - low[1]
        for wall in self.rng.permutation(WALLS):
            spans = [span for span in self.room.free_spans(wall, 0.1) if span[1] - span[0] > 2 * half + 0.3]
            for _ in range(8 if spans else 0):
                start, end = spans[int(self.rng.integers(len(spans)))]
                along = float(self.rng.uniform(start + half + 0.12, end - half - 0.12))
                a, b = self._before(wall, along - half - 0.1, along + half + 0.1, deep + _SKIRTING_M + aisle_m / 2)
                if self.plan.fits((a + b) / 2, (b - a) / 2):
                    self.plan.take((a + b) / 2, (b - a) / 2)
                    if hides:
                        self.hidden[wall].append((along - half - 0.15, along + half + 0.15))
                    origin, turn = self.room.on_wall(wall, along, 0.0, _SKIRTING_M)
                    self._place(group, np.array(origin) - turned([middle, high[1], 0.0], turn), turn)
                    return True
        return False

    def _before(self, wall: str, start_m: float, end_m: float, depth_m: float) -> npt.NDArray[np.float64]:
        ends = [self.room.on_wall(wall, along, 0.0, off)[0][:2] for along, off in ((start_m, 0.001), (end_m, depth_m))]
        return np.sort(np.array(ends), axis=0)

    def _place(self, group: Sequence[Item], origin: npt.NDArray[np.float64], turn_deg: float) -> None:
        for item in group:
            here = origin + turned(item.at, turn_deg)
            self.put(item.name, item.kit, here, turn_deg + item.turn_deg)
            if item.shown_m is not None:
                self.works.append([float(here[0]), float(here[1]), float(here[2]) + item.shown_m])
