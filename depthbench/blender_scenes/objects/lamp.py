# SPDX-License-Identifier: Apache-2.0
"""Table and floor lamps: a foot, a stem, and a glowing shade open above and below."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import join, lathe, sphere, tube
from depthbench.blender_scenes.objects.forms import solid
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part
from depthbench.blender_scenes.objects.solids import revolved

STYLES = ("floor", "table")


def design(rng: np.random.Generator, style: str = "floor", strength: float = 2.2, colour_k: float = 2800.0) -> Kit:
    """Make the parts of a lamp; ``style`` is one of :data:`STYLES`, ``strength`` the shade's radiance in W/(sr m^2)."""
    if style == "floor":
        height_m, shade_m, low_m, top_m, foot_m = 1.62, 0.3, 0.24, 0.2, 0.14
    else:
        height_m, shade_m, low_m, top_m, foot_m = 0.58, 0.22, 0.17, 0.12, 0.08
    size = rng.uniform(0.9, 1.1)
    height_m, shade_m, low_m, top_m = height_m * size, shade_m * size, low_m * size, top_m * rng.uniform(0.7, 1.15)
    under_m = height_m - shade_m
    wall_m = 0.003
    shade = revolved([(low_m, under_m), (low_m + wall_m, under_m), (top_m + wall_m, height_m), (top_m, height_m)], 64)
    metal = make("metal", rng, finish=str(rng.choice(["brushed", "painted", "polished"])))
    neck_m = under_m + 0.45 * shade_m
    if style == "floor":
        outline = [[0, 0], [foot_m, 0], [foot_m, 0.02], [0.03, 0.03], [0.011, 0.06], [0.011, neck_m], [0, neck_m]]
        stem = [lathe(solid(outline, 0.004), 40)]
    else:
        outline = [
            [0, 0],
            [foot_m, 0],
            [foot_m, 0.015],
            [0.05, 0.03],
            [0.075, 0.12],
            [0.07, 0.22],
            [0.014, 0.3],
            [0.012, neck_m],
            [0, neck_m],
        ]
        stem = [lathe(solid(outline, 0.03), 48)]
    spider_m = under_m + 0.2 * shade_m
    across = low_m + (top_m - low_m) * 0.2 - 0.002
    stem += [
        tube(np.array([[-across, 0, spider_m], [0, 0, spider_m], [across, 0, spider_m]]), 0.002, 6).rotated("z", a)
        for a in (0.0, 90.0)
    ]
    glow = make("emitter", rng, strength=strength, colour_temperature_k=colour_k)
    bulb = make("emitter", rng, strength=12 * strength, colour_temperature_k=colour_k)
    return Kit(
        (
            part("lamp stem", join(stem).moved(z=GAP_M), metal),
            part("lamp shade", shade.moved(z=GAP_M), glow),
            part("lamp bulb", sphere(0.03, 20, 10).moved(z=neck_m + 0.033), bulb),
        )
    )


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "floor"
) -> list[bpy.types.Object]:
    """Put one lamp at ``location``."""
    return design(rng, style).place(location, turn_deg)
