# SPDX-License-Identifier: Apache-2.0
"""The shell of a room: floor, ceiling, four walls with holes for windows and doors, skirting.

The room is centred on the z axis, its floor is z = 0 and its inside faces are at x = +-size_x/2 and y = +-size_y/2.
Walls are named by the side they stand on: north is +y, east is +x. Whatever hangs on a wall or stands against one is
modelled with its back at y = 0 and its front towards -y; :meth:`Room.on_wall` says where to put it.

Parts keep half a millimetre apart, so that no two surfaces ever lie at one depth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from depthbench.blender_scenes import assembly
from depthbench.blender_scenes.layouts.openings import GAP_M, Finish, Opening, Pane, fill_opening
from depthbench.blender_scenes.mesh import box
from depthbench.blender_scenes.slab import slab

WALLS = ("north", "east", "south", "west")
_TURN_DEG = {"north": 0.0, "east": -90.0, "south": 180.0, "west": 90.0}
WALL_M = 0.22
"""Thickness of the walls, outwards of the inner faces."""
_FLOOR_M = 0.12


@dataclass(frozen=True)
class Room:
    """Inner size of a room in metres, its openings by wall, and its panes once built."""

    size_x_m: float
    size_y_m: float
    height_m: float
    openings: Mapping[str, Sequence[Opening]]
    panes: tuple[Pane, ...] = ()

    def length_m(self, wall: str) -> float:
        """Inner length of a wall."""
        return self.size_x_m if wall in ("north", "south") else self.size_y_m

    def on_wall(self, wall: str, along_m: float, up_m: float = 0.0, off_m: float = GAP_M) -> tuple[list[float], float]:
        """Return (location, turn_deg) for a thing on a wall.

        ``along_m`` runs from the wall's middle to the right as seen from inside, ``up_m`` from the floor; the thing's
        back is ``off_m`` in front of the wall's face.
        """
        x = {"east": self.size_x_m / 2, "west": -self.size_x_m / 2}.get(wall, 0.0)
        y = {"north": self.size_y_m / 2, "south": -self.size_y_m / 2}.get(wall, 0.0)
        cos, sin = np.cos(np.deg2rad(_TURN_DEG[wall])), np.sin(np.deg2rad(_TURN_DEG[wall]))
        return [float(x + cos * along_m + sin * off_m), float(y + sin * along_m - cos * off_m), up_m], _TURN_DEG[wall]

    def free_spans(self, wall: str, margin_m: float = 0.05, below_m: float = np.inf) -> list[tuple[float, float]]:
        """Stretches (start, end) along a wall that hold no opening whose lower edge is under ``below_m``."""
        half = self.length_m(wall) / 2
        taken = sorted(
            (hole.centre_m - hole.width_m / 2 - margin_m, hole.centre_m + hole.width_m / 2 + margin_m)
            for hole in self.openings.get(wall, ())
            if hole.sill_m < below_m
        )
        starts = [-half] + [end for _, end in taken]
        ends = [start for start, _ in taken] + [half]
        return [(start, end) for start, end in zip(starts, ends, strict=True) if end > start]


def add(
    size_x_m: float, size_y_m: float, height_m: float, openings: Mapping[str, Sequence[Opening]], finish: Finish
) -> Room:
    """Build the shell in the current scene and return it with its panes.

    Openings of one wall must not overlap and must stay 0.1 m clear of its ends and of the ceiling.
    """
    plan = Room(size_x_m, size_y_m, height_m, openings)
    floor = box(size_x_m - 2 * GAP_M, size_y_m - 2 * GAP_M, _FLOOR_M)
    assembly.add("floor", floor, finish.floor, (0, 0, -_FLOOR_M))
    ceiling = box(size_x_m + 2 * WALL_M, size_y_m + 2 * WALL_M, _FLOOR_M)
    assembly.add("ceiling", ceiling, finish.ceiling, (0, 0, height_m + GAP_M))
    panes: list[Pane] = []
    for wall in WALLS:
        holes = openings.get(wall, ())
        length = plan.length_m(wall)
        long = length + 2 * WALL_M if wall in ("north", "south") else length - 2 * GAP_M
        cuts = [
            (
                hole.centre_m - hole.width_m / 2,
                hole.centre_m + hole.width_m / 2,
                hole.sill_m + _FLOOR_M,
                hole.head_m + _FLOOR_M,
            )
            for hole in holes
        ]
        at, turn_deg = plan.on_wall(wall, 0.0, -_FLOOR_M, 0.0)
        assembly.add(f"{wall} wall", slab(long, height_m + _FLOOR_M, WALL_M, cuts), finish.walls[wall], at, turn_deg)
        for index, hole in enumerate(holes):
            at, turn_deg = plan.on_wall(wall, hole.centre_m, hole.sill_m, 0.0)
            panes += fill_opening(f"{wall} {hole.fill} {index}", hole, finish, at, turn_deg)
        for index, (start, end) in enumerate(plan.free_spans(wall, 0.002, below_m=0.12)):
            corner_m = 0.0165 if wall in ("east", "west") else GAP_M
            start, end = max(start, -length / 2 + corner_m), min(end, length / 2 - corner_m)
            if finish.skirting is not None and end - start > 0.02:
                at, turn_deg = plan.on_wall(wall, (start + end) / 2, GAP_M)
                board = slab(end - start, 0.09, 0.015).moved(y=-0.015)
                assembly.add(f"{wall} skirting {index}", board, finish.skirting, at, turn_deg)
    return Room(size_x_m, size_y_m, height_m, openings, tuple(panes))
