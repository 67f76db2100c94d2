# SPDX-License-Identifier: Apache-2.0
"""What a room's windows look out on: a street before one wall, streets round the corner or behind before the others."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Matrix

from depthbench.blender_scenes.backdrop import add_street
from depthbench.blender_scenes.layouts.free_air import bounds
from depthbench.blender_scenes.layouts.room import WALL_M, WALLS, Room
from depthbench.blender_scenes.objects.kit import turned


def _add_street(
    rng: np.random.Generator, room: Room, wall: str, along_m: float, length_m: float, drop_m: float
) -> None:
    """Build a street before a wall; what would reach into the wall (the crown of a tree) is moved off it."""
    at, turn_deg = room.on_wall(wall, along_m, -drop_m, -WALL_M)
    things = add_street(rng, at, turn_deg, length_m)
    bpy.context.view_layer.update()
    outwards = turned([0.0, 1.0, 0.0], turn_deg)
    nearest = ((bounds(things) - np.array(at)) @ outwards).min(axis=1)
    for thing, distance in zip(things, nearest, strict=True):
        if distance < 0.0:
            thing.matrix_world = Matrix.Translation(outwards * (0.2 - distance)) @ thing.matrix_world


def add(rng: np.random.Generator, room: Room, main_wall: str, drop_m: float = 0.0) -> None:
    """Build the street before ``main_wall``, and those before the windows of other walls, ``drop_m`` below the floor."""
    _add_street(rng, room, main_wall, 0.0, 44.0, drop_m)
    corner = WALLS.index(main_wall)
    for side, wall in (
        (-1.0, WALLS[(corner + 1) % 4]),
        (0.0, WALLS[(corner + 2) % 4]),
        (1.0, WALLS[(corner - 1) % 4]),
    ):
        if any(hole.fill == "window" for hole in room.openings.get(wall, ())):
            # Round a corner, its ground ends where that of the first street begins.
            length_m = 26.0 if side else 44.0
            end = side * (room.length_m(wall) / 2 + WALL_M)
            _add_street(rng, room, wall, end - side * length_m / 2, length_m, drop_m)
