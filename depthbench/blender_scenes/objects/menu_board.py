# SPDX-License-Identifier: Apache-2.0
"""Menu boards: framed on a wall, or a folding board on the floor."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import join
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part
from depthbench.blender_scenes.slab import slab


def design(rng: np.random.Generator, style: str = "wall", width_m: float = 1.2, height_m: float = 0.8) -> Kit:
    """Make the parts: 'wall' has its back at y = 0 and its lower edge on z = 0; 'floor' stands as a tent."""
    edge = 0.035
    wood = make("wood", rng)
    hole = (-width_m / 2 + edge, width_m / 2 - edge, edge, height_m - edge)
    frame = slab(width_m, height_m, 0.03, [hole]).moved(y=-0.03)
    board = slab(hole[1] - hole[0] - 2 * GAP_M, hole[3] - hole[2] - 2 * GAP_M, 0.01).moved(y=-0.012, z=edge + GAP_M)
    writing = make("print", rng, kind="menu")
    if style == "wall":
        return Kit((part("menu frame", frame, wood, None), part("menu board", board, writing, None)))
    pair = []
    for mesh in (frame, board):
        front = mesh.rotated("x", -14.0).moved(y=-0.008 - height_m * np.sin(np.deg2rad(14.0)), z=0.002)
        pair.append(join([front, front.rotated("z", 180.0)]))
    return Kit((part("menu frame", pair[0], wood, None), part("menu board", pair[1], writing, None)))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "wall"
) -> list[bpy.types.Object]:
    """Put one board at ``location``."""
    return design(rng, style).place(location, turn_deg)
