# SPDX-License-Identifier: Apache-2.0
"""Drinking glasses: closed hollow shells of clear glass (outer and inner wall, massive foot), empty or with a drink, a straw or ice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, join, lathe, rounded_box, tube
from depthbench.blender_scenes.objects import fill
from depthbench.blender_scenes.objects.forms import Points, cavity, smooth, vessel
from depthbench.blender_scenes.objects.kit import GLASS_GAP_M, Kit, part

_STEM = [[0.034, 0], [0.034, 0.0015], [0.02, 0.004], [0.006, 0.009], [0.004, 0.02], [0.0038, 0.065], [0.006, 0.078]]
_OUTSIDES: dict[str, tuple[list[list[float]], float, float]] = {
    "tumbler": ([[0.029, 0], [0.0305, 0.003], [0.033, 0.03], [0.0365, 0.088]], 0.0022, 0.009),
    "highball": ([[0.026, 0], [0.0275, 0.003], [0.028, 0.04], [0.0305, 0.145]], 0.002, 0.01),
    "latte": (
        [[0.024, 0], [0.026, 0.004], [0.023, 0.018], [0.028, 0.05], [0.038, 0.13], [0.0385, 0.15]],
        0.0024,
        0.024,
    ),
    "wine": ([*_STEM, [0.026, 0.096], [0.037, 0.125], [0.038, 0.145], [0.033, 0.185]], 0.0016, 0.082),
    "goblet": ([*_STEM[:5], [0.007, 0.05], [0.03, 0.066], [0.038, 0.1], [0.037, 0.145]], 0.0019, 0.054),
    "tealight": ([[0.03, 0], [0.034, 0.004], [0.037, 0.035], [0.034, 0.065]], 0.003, 0.008),
}
STYLES = tuple(_OUTSIDES)


# what is drunk from them, and how full they are
DRINKS: dict[str, tuple[str, ...]] = {
    "tumbler": ("water", "water", "apple_juice", "orange_juice", "cola", "milk"),
    "highball": ("water", "cola", "apple_juice", "orange_juice", "smoothie", "beer"),
    "latte": ("latte", "latte", "tea", "herb_tea", "chocolate"),
    "wine": ("red_wine", "white_wine", "rose_wine"),
    "goblet": ("water", "beer", "white_wine"),
}
_SHARES = {"wine": (0.25, 0.5), "goblet": (0.4, 0.75)}
_SEGMENTS = 36
_STRAW_M = 0.0032


def design(rng: np.random.Generator, style: str = "tumbler", colour: Any = None, drink: str | None = None) -> Kit:
    """Make a glass.

    ``style`` is one of :data:`STYLES`; ``colour`` its material, clear glass if None; ``drink`` a kind of ``liquid``, 'any' for
    one that suits the style, None for an empty glass.
    """
    outside, wall_m, floor_m = _OUTSIDES[style]
    size = float(rng.uniform(0.94, 1.08))
    scale = (size, size, float(rng.uniform(0.95, 1.06)))
    curve = smooth(outside, 3)
    shell = lathe(vessel(curve, wall_m, floor_m), _SEGMENTS).scaled(*scale)
    parts = [part(f"{style} glass", shell.moved(z=GLASS_GAP_M), colour or make("glass", rng))]
    kind = fill.draw(rng, DRINKS, style, drink)
    if kind is not None:
        inside = cavity(curve, wall_m, floor_m)
        level = fill.level_m(inside, float(rng.uniform(*_SHARES.get(style, (0.5, 0.88)))))
        body = fill.liquid(inside, level, _SEGMENTS).scaled(*scale)
        parts.append(part("drink", body.moved(z=GLASS_GAP_M), make("liquid", rng, kind=kind)))
        extra = rng.random() if style in ("tumbler", "highball") and kind not in ("beer", "milk") else 1.0
        if extra < 0.35:
            parts.append(part("straw", _straw(inside).scaled(*scale).moved(z=GLASS_GAP_M), make("paint", rng)))
        elif extra < 0.65:
            ice = _ice(rng, inside, level).scaled(*scale).moved(z=GLASS_GAP_M)
            parts.append(part("ice", ice, make("glass", rng, ior=1.31, tint=(0.97, 0.98, 0.985))))
    return Kit(tuple(parts))


def _straw(inside: Points) -> Mesh:
    """A straw from the bottom's edge to the rim opposite and beyond, 1.5 mm clear of the glass."""
    off = _STRAW_M + 1.5 * GLASS_GAP_M
    low, high = float(inside[0, 1]) + 2 * off, float(inside[-1, 1])
    foot, rim = (float(np.interp(z, inside[1:, 1], inside[1:, 0])) - off for z in (low, high))
    down, up = np.array([-foot, 0.0, low]), np.array([rim, 0.0, high])
    way = (up - down) / np.linalg.norm(up - down)
    return tube(np.array([down, (down + up) / 2, up + 0.05 * way]), _STRAW_M, 12)


def _ice(rng: np.random.Generator, inside: Points, level_m: float) -> Mesh:
    """Cubes in pairs, clear of the glass and of each other: one pair afloat, its top out of the drink, others below it."""
    radius = float(np.interp(level_m, inside[1:, 1], inside[1:, 0]))
    side = float(rng.uniform(0.78, 0.86)) * (radius - 2 * GLASS_GAP_M) / np.hypot(1.0, 0.5)
    middle, cubes = level_m - 0.3 * side, list[Mesh]()
    while not cubes or (middle > inside[0, 1] + 0.8 * side and len(cubes) < 4):
        turn = float(rng.uniform(0, 360))
        for sx in (-1, 1):
            cube = rounded_box(side, side, side, 0.16 * side).moved(z=-side / 2)
            cube = cube.rotated("x", float(rng.uniform(-9, 9))).moved(x=0.54 * sx * side, z=middle)
            cubes.append(cube.rotated("z", turn))
        middle -= 1.25 * side
    return join(cubes)


def add(
    rng: np.random.Generator,
    location: Sequence[float],
    turn_deg: float = 0.0,
    style: str = "tumbler",
    drink: str | None = "any",
) -> list[bpy.types.Object]:
    """Put one glass at ``location``."""
    return design(rng, style, None, drink).place(location, turn_deg)
