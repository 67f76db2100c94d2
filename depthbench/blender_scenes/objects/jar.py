# SPDX-License-Identifier: Apache-2.0
"""Jars of hollow glass: sugar dispenser, preserving jar, biscuit jar; lids of metal or wood; something inside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, join, lathe, tube
from depthbench.blender_scenes.objects import fill
from depthbench.blender_scenes.objects.forms import cavity, fillet, solid, vessel
from depthbench.blender_scenes.objects.kit import GLASS_GAP_M, Kit, part

# outline of the glass and thickness of its wall
_BODIES: dict[str, tuple[list[list[float]], float]] = {
    "sugar": ([[0.03, 0], [0.032, 0.003], [0.034, 0.07], [0.034, 0.105], [0.027, 0.12]], 0.0024),
    "preserve": ([[0.038, 0], [0.041, 0.004], [0.041, 0.1], [0.033, 0.118], [0.033, 0.128]], 0.0024),
    "biscuit": ([[0.07, 0], [0.075, 0.006], [0.085, 0.12], [0.075, 0.17], [0.055, 0.185]], 0.0035),
    "tall": ([[0.05, 0], [0.052, 0.004], [0.052, 0.24], [0.05, 0.25]], 0.003),
}
STYLES = tuple(_BODIES)
_FLOOR_M = 0.008
_SEGMENTS = 40


def _filling(rng: np.random.Generator, outside: Any, wall_m: float, share: float) -> Mesh:
    """A mound that stays 1.5 mm clear of the inside of the glass."""
    level = _FLOOR_M + 0.0015 + share * (outside[-1, 1] - _FLOOR_M)
    heights = np.linspace(_FLOOR_M + 0.0015, level, 8)
    radii = np.interp(heights, outside[:, 1], outside[:, 0]) - wall_m - 0.003
    edge = np.stack([radii, heights], axis=1)
    edge[0, 0] *= 0.8
    top = [[edge[-1, 0] * 0.6, level + 0.004], [0.0, level + 0.006]]
    return lathe(solid([[0.0, heights[0]], *edge.tolist(), *top]), 32)


def design(rng: np.random.Generator, style: str = "sugar", colour: Any = None, content: str | None = None) -> Kit:
    """Make the parts of a jar.

    ``style`` is one of :data:`STYLES`, ``colour`` its glass; ``content`` is a kind of ``liquid``, dry goods if None.
    """
    outline, wall_m = _BODIES[style]
    outside = fillet(outline, 0.012, 3) * float(rng.uniform(0.95, 1.06))
    base = GLASS_GAP_M
    parts = [
        part(
            f"{style} jar",
            lathe(vessel(outside, wall_m, _FLOOR_M), _SEGMENTS).moved(z=base),
            colour or make("glass", rng),
        )
    ]
    rim, top = outside[-1]
    over = base + top + 0.4 * wall_m + GLASS_GAP_M
    if style == "sugar":
        cap = lathe(solid([[0, 0], [rim + 0.002, 0], [rim * 0.7, 0.018], [0.007, 0.03], [0, 0.03]], 0.004), 32)
        spout = tube(np.array([[0, 0, 0.02], [0, -0.006, 0.05]]), 0.005)
        parts.append(part("jar cap", join([cap, spout]).moved(z=over), make("metal", rng, finish="polished")))
    elif rng.random() < 0.75:
        lid = [[0, 0], [rim + 0.002, 0], [rim + 0.002, 0.014], [0.2 * rim, 0.018], [0.22 * rim, 0.036], [0, 0.038]]
        wooden = style in ("biscuit", "tall")
        lid_material = make("wood", rng) if wooden else make("metal", rng, finish="brushed")
        parts.append(part("jar lid", lathe(solid(lid, 0.003), 32).moved(z=over), lid_material))
    if content is not None:
        inside = cavity(outside, wall_m, _FLOOR_M)
        body = fill.liquid(inside, fill.level_m(inside, float(rng.uniform(0.3, 0.8))), _SEGMENTS)
        parts.append(part("jar filling", body.moved(z=base), make("liquid", rng, kind=content)))
        return Kit(tuple(parts))
    filling = _filling(rng, outside, wall_m, float(rng.uniform(0.3, 0.75)))
    if style == "sugar" or rng.random() < 0.3:
        inside = make("plaster", rng, colour=(0.78, 0.76, 0.72))
    else:
        inside = make("food", rng, kind=str(rng.choice(["pastry", "chocolate", "bread"])))
    parts.append(part("jar filling", filling.moved(z=base), inside))
    return Kit(tuple(parts))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "sugar"
) -> list[bpy.types.Object]:
    """Put one jar at ``location``."""
    return design(rng, style).place(location, turn_deg)
