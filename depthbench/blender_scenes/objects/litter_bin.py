# SPDX-License-Identifier: Apache-2.0
"""Litter bins: a slatted drum, a steel tub under a hood, a ring with a clear bag (none is empty)."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import box, join, lathe, rounded_box
from depthbench.blender_scenes.objects.forms import ring, solid
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, Part, part

STYLES = ("slats", "hood", "bag")


def _rubbish(rng: np.random.Generator, radius_m: float, up_m: float) -> Part:
    """Crumpled paper and cups heaped on a disc of that radius, 0.1 m under ``up_m``."""
    lumps = [lathe([(0, 0), (radius_m, 0), (radius_m, 0.004), (0, 0.004)], 36).moved(z=up_m - 0.1)]
    for _ in range(9):
        size = rng.uniform(0.05, 0.1, 3)
        turn = [float(angle) for angle in rng.uniform(0, 360, 3)]
        lump = (
            rounded_box(float(size[0]), float(size[1]), float(size[2]), 0.012)
            .rotated("x", turn[0])
            .rotated("y", turn[1])
            .rotated("z", turn[2])
        )
        way, reach = rng.uniform(0, 2 * np.pi), rng.uniform(0, max(radius_m - 0.1, 0.01))
        lumps.append(lump.moved(reach * np.cos(way), reach * np.sin(way), up_m + float(rng.uniform(-0.08, 0.0))))
    return part("bin rubbish", join(lumps), make("paper", rng))


def design(rng: np.random.Generator, style: str = "slats") -> Kit:
    """Make the parts of a litter bin; ``style`` is one of :data:`STYLES`."""
    metal = make("metal", rng, finish="painted")
    tall, radius = float(rng.uniform(0.78, 0.92)), float(rng.uniform(0.2, 0.24))
    if style == "bag":
        up = tall - 0.02
        post = box(0.05, 0.05, tall + 0.15).moved(y=radius + 0.041, z=0.0105 + GAP_M)
        foot = box(0.26, 0.3, 0.01).moved(y=radius + 0.045, z=GAP_M)
        hoop = ring(radius, 0.012).moved(z=up)
        bag = [[0.55 * radius, 0.12], [0.85 * radius, 0.2], [0.93 * radius, 0.5], [radius - 0.016, up + 0.002]]
        inner = [[r - 0.003, z + 0.004] for r, z in bag[::-1]]
        film = lathe(solid([[0, 0.1], *bag, *inner, [0, 0.105]]), 40)
        parts = [
            part("bin post", join([foot, post]), metal, None),
            part("bin hoop", hoop, metal),
            part("bin bag", film, make("acrylic", rng, transmissivity=0.6, finish="tinted")),
        ]
        return Kit((*parts, _rubbish(rng, 0.877 * radius - 0.008, 0.4)))
    wall = [[0.93 * radius, 0], [radius, tall], [radius - 0.012, tall], [0.9 * radius, 0.03]]
    tub = lathe(solid([[0, 0], *wall, [0, 0.03]]), 36).moved(z=GAP_M)
    if style == "slats":
        count = 22
        slat = rounded_box(0.045, 0.018, tall - 0.06, 0.003).moved(y=-radius - 0.0095 - 0.002, z=0.03)
        slats = [slat.rotated("z", index * 360.0 / count) for index in range(count)]
        parts = [part("bin tub", tub, metal), part("bin slats", join(slats), make("wood", rng, grain="z"), None)]
        return Kit((*parts, _rubbish(rng, 0.97 * radius - 0.012, tall - 0.1)))
    legs = [box(0.011, 0.03, 0.148).moved(x=sx * (radius - 0.0065), z=tall + 0.0015) for sx in (-1, 1)]
    hood = lathe(solid([[0, 0.16], [radius, 0.16], [radius, 0.18], [0.6 * radius, 0.3], [0, 0.33]], 0.01), 36)
    parts = [part("bin tub", tub, metal), part("bin hood", hood.moved(z=tall - 0.01), metal)]
    return Kit((*parts, part("bin legs", join(legs), metal, None)))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "slats"
) -> list[bpy.types.Object]:
    """Put one litter bin at ``location``."""
    return design(rng, style).place(location, turn_deg)
