# SPDX-License-Identifier: Apache-2.0
"""Baskets of wire mesh on the floor, on a table or as a shelf on a wall, and racks of wire shelves.

The mesh is an open sheet (class SCREEN) that ends just short of the rods that carry it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, join, tube
from depthbench.blender_scenes.objects.forms import fillet
from depthbench.blender_scenes.objects.kit import GAP_M, GLASS_GAP_M, Kit, part

STYLES = ("basket", "shelf", "rack")
FLOOR_M = 0.0085
"""Height over its foot at which things may stand in a basket or on a shelf."""
_ROD_M = 0.003
_CLEAR_M = _ROD_M + 1.3 * GLASS_GAP_M


def _hoop(half_x: float, half_y: float, z: float, radius_m: float = _ROD_M) -> Mesh:
    """A rectangle of rod with rounded corners, its ends meeting in the middle of a side."""
    corner = min(0.02, half_x, half_y)
    around = [
        [0, -half_y, z],
        [half_x, -half_y, z],
        [half_x, half_y, z],
        [-half_x, half_y, z],
        [-half_x, -half_y, z],
        [-0.0005, -half_y, z],
    ]
    return tube(fillet(around, corner, 4), radius_m, 8)


def _quad(a: Sequence[float], b: Sequence[float], c: Sequence[float], d: Sequence[float]) -> Mesh:
    return Mesh(np.array([a, b, c, d], dtype=np.float64), (np.array([[0, 1, 2, 3]]),))


def _net(rng: np.random.Generator) -> Any:
    return make(
        "screen",
        rng,
        pattern="wire",
        open_fraction=float(rng.uniform(0.7, 0.86)),
        pitch_m=float(rng.uniform(0.009, 0.022)),
    )


def _basket(rng: np.random.Generator, half_x: float, half_y: float, tall: float, metal: Any) -> Kit:
    """Four walls and a floor of mesh between two hoops and four upright rods."""
    low, high = _ROD_M + GAP_M, tall - _ROD_M
    rods = [_hoop(half_x, half_y, low), _hoop(half_x, half_y, high, 1.3 * _ROD_M)]
    for sx in (-1, 1):
        for sy in (-1, 1):
            x, y = sx * (half_x - 0.006), sy * (half_y - 0.006)
            rods.append(tube(np.array([[x, y, low], [x, y, high]]), _ROD_M, 8))
    # Walls hang inside the hoops, floor and walls apart from one another.
    x, y = half_x - _CLEAR_M - 0.0008, half_y - _CLEAR_M - 0.0008
    edge, bottom, top = 0.014, FLOOR_M - GLASS_GAP_M - 0.0002, high - 0.008
    walls = [
        _quad([-x + edge, s * y, bottom], [x - edge, s * y, bottom], [x - edge, s * y, top], [-x + edge, s * y, top])
        for s in (-1, 1)
    ]
    walls += [
        _quad([s * x, -y + edge, bottom], [s * x, y - edge, bottom], [s * x, y - edge, top], [s * x, -y + edge, top])
        for s in (-1, 1)
    ]
    inner_x, inner_y = x - 0.0046, y - 0.0046
    floor = _quad(
        [-inner_x, -inner_y, bottom],
        [inner_x, -inner_y, bottom],
        [inner_x, inner_y, bottom],
        [-inner_x, inner_y, bottom],
    )
    return Kit((part("basket rods", join(rods), metal), part("basket mesh", join([*walls, floor]), _net(rng), None)))


def rack_levels(height_m: float, shelves: int) -> list[float]:
    """Heights at which things may stand on a rack's shelves."""
    return [float(z) + FLOOR_M for z in np.linspace(0.1, height_m - 0.03, shelves)]


def _rack(rng: np.random.Generator, half_x: float, half_y: float, tall: float, metal: Any, shelves: int) -> Kit:
    """Four posts with shelves of mesh in hoops."""
    posts = [
        tube(np.array([[sx * half_x, sy * half_y, GAP_M], [sx * half_x, sy * half_y, tall]]), 0.011, 14)
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]
    hoops, sheets = [], []
    x, y = half_x - 0.014, half_y - 0.014
    for level in rack_levels(tall, shelves):
        z = level - GLASS_GAP_M - 0.0002
        hoops.append(_hoop(half_x, half_y, z, 0.004))
        # Two rods under the mesh carry it.
        hoops += [
            tube(
                np.array([[sx * 0.5 * half_x, -half_y, z - _CLEAR_M], [sx * 0.5 * half_x, half_y, z - _CLEAR_M]]),
                _ROD_M,
                6,
            )
            for sx in (-1, 1)
        ]
        sheets.append(_quad([-x, -y, z], [x, -y, z], [x, y, z], [-x, y, z]))
    return Kit((part("rack", join(posts + hoops), metal), part("rack mesh", join(sheets), _net(rng), None)))


def design(
    rng: np.random.Generator,
    style: str = "basket",
    width_m: float = 0.4,
    depth_m: float = 0.28,
    height_m: float = 0.26,
    shelves: int = 4,
) -> Kit:
    """Make a basket, or a 'rack' with ``shelves``; ``style`` is one of :data:`STYLES`, the size is that of the outside."""
    metal = make("metal", rng, finish=str(rng.choice(["painted", "polished", "brushed"])))
    if style == "rack":
        return _rack(rng, width_m / 2 - 0.011, depth_m / 2 - 0.011, height_m, metal, shelves)
    return _basket(rng, width_m / 2 - _ROD_M, depth_m / 2 - _ROD_M, height_m, metal)


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "basket"
) -> list[bpy.types.Object]:
    """Put one basket or rack at ``location``."""
    return design(rng, style, height_m=1.2 if style == "rack" else 0.26).place(location, turn_deg)
