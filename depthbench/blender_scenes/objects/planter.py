# SPDX-License-Identifier: Apache-2.0
"""Planters for a pavement or a terrace: a box of boards, concrete or rusty steel, planted full."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import box, join
from depthbench.blender_scenes.objects import tree
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, merge, part

STYLES = ("boards", "concrete", "steel")


def design(rng: np.random.Generator, style: str = "boards", length_m: float = 1.0) -> Kit:
    """Make the parts of a planted box, its length along x; ``style`` is one of :data:`STYLES`."""
    deep, tall = float(rng.uniform(0.36, 0.48)), float(rng.uniform(0.38, 0.55))
    wall = 0.06 if style == "concrete" else 0.025
    long_side = [box(length_m, wall, tall).moved(y=sy * (deep - wall) / 2) for sy in (-1, 1)]
    short_side = [box(wall, deep - 2 * wall - 0.001, tall).moved(x=sx * (length_m - wall) / 2) for sx in (-1, 1)]
    if style == "boards":
        rows = 4
        step = tall / rows
        long_side = [
            side.scaled(1, 1, (step - 0.006) / tall).moved(z=k * step) for side in long_side for k in range(rows)
        ]
        posts = [
            box(0.045, 0.045, tall + 0.02).moved(sx * (length_m / 2 - 0.05), sy * (deep / 2 - wall - 0.024))
            for sx in (-1, 1)
            for sy in (-1, 1)
        ]
        short_side = [
            side.scaled(1, 1, (step - 0.006) / tall).moved(z=k * step) for side in short_side for k in range(rows)
        ]
        short_side = [side.scaled(1, (deep - 2 * wall - 0.1) / (deep - 2 * wall), 1) for side in short_side] + posts
    matter = {"boards": "wood", "concrete": "concrete", "steel": "metal"}[style]
    finish = {"finish": "painted"} if style == "steel" else {}
    earth_up = tall - 0.05
    inner = (length_m - 2 * wall - 0.004, deep - 2 * wall - 0.004 - (0.1 if style == "boards" else 0.0))
    earth = box(inner[0] - (0.1 if style == "boards" else 0.0), inner[1], 0.03).moved(z=earth_up - 0.03)
    parts = [
        part("planter", join(long_side + short_side).moved(z=GAP_M), make(matter, rng, **finish), None),
        part("planter earth", earth, make("ground", rng, kind="soil"), None),
    ]
    count = max(1, round(length_m / 0.55))
    plant = tree.design(rng, "round", 1300, 0.8 * deep / 0.36 * 0.42, 0.058)
    kits = []
    for index in range(count):
        x = ((index + 0.5) / count - 0.5) * inner[0] * 0.8
        kits.append(plant.moved([x, 0.0, earth_up + GAP_M], float(rng.uniform(0, 360))))
    return merge([Kit(tuple(parts)), *kits])


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "boards"
) -> list[bpy.types.Object]:
    """Put one planter at ``location``."""
    return design(rng, style).place(location, turn_deg)
