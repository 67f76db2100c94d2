# SPDX-License-Identifier: Apache-2.0
"""A wall shelf on two brackets, its back at y = 0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, box, join, tube
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part
from depthbench.blender_scenes.slab import slab

BOARD_M = 0.03


def _bracket(x: float, depth_m: float) -> Mesh:
    plate = box(0.025, 0.004, 0.1).moved(x, -0.0025, -0.1 - GAP_M)
    arm = box(0.02, depth_m * 0.85, 0.005).moved(x, -depth_m * 0.425 - 0.005, -0.0055 - GAP_M)
    brace = tube(np.array([[x, -0.006, -0.085], [x, -depth_m * 0.8, -0.012]]), 0.004, 8)
    return join([plate, arm, brace])


def materials(rng: np.random.Generator) -> tuple[Any, Any]:
    """Draw the board's and the brackets' materials, for shelves that are to match."""
    return make("wood", rng), make("metal", rng, finish="painted")


def design(
    rng: np.random.Generator, length_m: float, depth_m: float = 0.24, board: Any = None, metal: Any = None
) -> Kit:
    """Make the parts: the board's upper face is at z = ``BOARD_M``, the brackets hang below z = 0."""
    plank = slab(length_m, BOARD_M, depth_m).moved(y=-depth_m)
    brackets = join([_bracket(sx * (length_m / 2 - 0.15), depth_m) for sx in (-1, 1)])
    return Kit(
        (
            part("shelf", plank, board or make("wood", rng), None),
            part("shelf brackets", brackets, metal or make("metal", rng, finish="painted")),
        )
    )


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, length_m: float = 1.2
) -> list[bpy.types.Object]:
    """Put one shelf at ``location`` on a wall."""
    return design(rng, length_m).place(location, turn_deg)
