# SPDX-License-Identifier: Apache-2.0
"""Coffee cup with saucer and spoon: a hollow ceramic cup, a drink in it, a handle towards +x."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, join, lathe, tube
from depthbench.blender_scenes.objects import fill
from depthbench.blender_scenes.objects.forms import cavity, smooth, solid, thick_sheet, vessel
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part

STYLES = ("espresso", "cappuccino", "mug")
DRINKS: dict[str, tuple[str, ...]] = {
    "espresso": ("coffee",),
    "cappuccino": ("latte", "latte", "coffee", "chocolate", "tea"),
    "mug": ("coffee", "latte", "tea", "herb_tea", "chocolate", "milk"),
}
_SEGMENTS = 32


def spoon(length_m: float = 0.13) -> Mesh:
    """Return a spoon lying along x with its bowl's lowest point on z = 0."""
    along = np.array([0.0, 0.006, 0.016, 0.028, 0.034, 0.05, 0.09, 0.125, 0.13]) * (length_m / 0.13)
    half = np.array([0.002, 0.0085, 0.0125, 0.0085, 0.003, 0.0022, 0.003, 0.0045, 0.003])
    height = np.array([0.005, 0.003, 0.0015, 0.003, 0.006, 0.009, 0.008, 0.005, 0.004])
    across = np.linspace(-1, 1, 5)
    dish = 0.003 * (across[None] ** 2) * (half[:, None] / 0.0125)
    points = np.stack(
        [np.broadcast_to(along[:, None], (9, 5)), half[:, None] * across[None], height[:, None] + dish], axis=-1
    )
    return thick_sheet(points - [length_m / 2, 0, 0], 0.0014)


def design(
    rng: np.random.Generator, style: str = "cappuccino", colour: Any = None, saucer: bool = True, full: bool = True
) -> Kit:
    """Make the parts of a cup; ``style`` is one of :data:`STYLES`, ``colour`` its ceramic."""
    ceramic = colour or make("ceramic", rng)
    foot, belly, rim, height = {
        "espresso": (0.02, 0.029, 0.032, 0.055),
        "cappuccino": (0.027, 0.043, 0.049, 0.062),
        "mug": (0.036, 0.041, 0.041, 0.095),
    }[style]
    base = 0.012 if saucer else GAP_M
    outside = smooth(
        [
            [foot, 0],
            [foot * 1.02, 0.004],
            [(foot + belly) / 2 + 0.003, height * 0.2],
            [belly, height * 0.55],
            [rim, height],
        ],
        3,
    )
    cup = lathe(vessel(outside, 0.0032, 0.008), _SEGMENTS)
    at = np.array([0.78, 0.82, 0.6, 0.35, 0.3]) * height
    reach = np.array([-0.0014, 0.018, 0.026, 0.018, -0.0014]) + np.interp(at, outside[:, 1], outside[:, 0])
    loop = np.stack([reach, np.zeros(5), at], axis=1)
    handle = tube(smooth(loop, 4), 0.0042 if style == "mug" else 0.0034, 8)
    parts = [part("cup", join([cup, handle]).moved(z=base), ceramic)]
    if full:
        inside = cavity(outside, 0.0032, 0.008)
        body = fill.liquid(inside, fill.level_m(inside, float(rng.uniform(0.6, 0.86))), _SEGMENTS)
        drink = make("liquid", rng, kind=fill.draw(rng, DRINKS, style, "any"))
        parts.append(part("drink", body.moved(z=base), drink))
    if saucer:
        wide = rim * 1.55
        dish = [
            [0, 0],
            [wide * 0.5, 0],
            [wide * 0.75, 0.006],
            [wide, 0.017],
            [wide - 0.002, 0.019],
            [wide * 0.72, 0.0095],
            [wide * 0.5, 0.0055],
        ]
        plate = lathe(solid([*dish, [foot + 0.004, 0.005], [foot + 0.002, 0.0085], [0, 0.0085]], 0.002), 32)
        parts.append(part("saucer", plate.moved(z=GAP_M), ceramic))
        lying = spoon(0.125).rotated("z", 90.0).moved(x=-(foot + wide) * 0.5 - 0.004, z=0.0198)
        parts.append(part("spoon", lying, make("metal", rng, finish="polished")))
    return Kit(tuple(parts))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "cappuccino"
) -> list[bpy.types.Object]:
    """Put one full cup on its saucer at ``location``."""
    return design(rng, style).place(location, turn_deg)
