# SPDX-License-Identifier: Apache-2.0
"""Lamps that hang from a ceiling: dome or cone of painted metal, clear glass globe or tube about a glowing bulb.

The kit hangs down from its origin, which goes to the ceiling.
"""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, join, lathe, sphere
from depthbench.blender_scenes.objects.forms import smooth, solid
from depthbench.blender_scenes.objects.kit import GAP_M, GLASS_GAP_M, Kit, part

STYLES = ("dome", "cone", "globe", "tube")
BULB_M = 0.03
BULB_UP_M = 0.09
"""Height of the bulb's middle above the lamp's lowest point."""
LIGHT_UP_M, LIGHT_RADIUS_M = 0.03, 0.02
"""Where a light belongs that stands for the bulb: under it, inside the shade."""


def _hung(side: list[list[float]], wall_m: float, neck_m: float) -> Mesh:
    """A shade open below, of wall ``wall_m``, its profile given from the rim (z = 0) up to the neck."""
    outer = smooth(side, 3) if len(side) < 10 else np.array(side)
    along = np.gradient(outer, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    inner = outer + wall_m * np.stack([-along[:, 1], along[:, 0]], axis=1)
    inner = inner[inner[:, 0] > 0.2 * neck_m]
    top = outer[-1, 1] + wall_m
    return lathe(solid([[0.0, inner[-1, 1]], *inner[::-1].tolist(), *outer.tolist(), [0.0, top]]), 40)


def design(
    rng: np.random.Generator, style: str, drop_m: float, strength: float = 30.0, colour_k: float = 2900.0
) -> Kit:
    """Make the parts of a lamp whose lowest point hangs ``drop_m`` under the ceiling; ``style`` is one of :data:`STYLES`."""
    metal = make("metal", rng, finish="painted")
    glow = make("emitter", rng, strength=strength, colour_temperature_k=colour_k)
    size = float(rng.uniform(0.85, 1.2))
    if style == "dome":
        side = [[0.17, 0], [0.165, 0.05], [0.12, 0.12], [0.03, 0.15], [0.022, 0.19]]
    elif style == "cone":
        side = [[0.14, 0], [0.13, 0.03], [0.05, 0.16], [0.024, 0.19]]
    elif style == "globe":
        turn = np.linspace(-1.2, 1.32, 22)
        side = np.stack([0.12 * np.cos(turn), 0.12 * (np.sin(turn) - np.sin(-1.2))], axis=1).tolist()
    else:
        side = [[0.055, 0], [0.055, 0.1], [0.055, 0.2], [0.04, 0.235], [0.022, 0.245]]
    see_through = style in ("globe", "tube")
    shade = _hung(side, 0.0025, side[-1][0]).scaled(size, size, size)
    height = float(shade.vertices[:, 2].max())
    clear = GLASS_GAP_M if see_through else GAP_M
    holder_low = height + clear
    cord = [[0, holder_low], [0.02, holder_low], [0.018, holder_low + 0.04], [0.003, holder_low + 0.055]]
    rose = [[0.003, drop_m - 0.03], [0.045, drop_m - 0.022], [0.05, drop_m - GAP_M], [0, drop_m - GAP_M]]
    neck = lathe(solid([[0, 0], [0.012, 0], [0.012, 0.03], [0, 0.03]]), 20).moved(z=BULB_UP_M + BULB_M + 0.002)
    inside = float(shade.vertices[np.hypot(*shade.vertices.T[:2]) < 1e-6, 2].min())
    stem_top = inside - clear
    stem_low = BULB_UP_M + BULB_M + 0.033
    stem = lathe(solid([[0, stem_low], [0.005, stem_low], [0.005, stem_top], [0, stem_top]]), 12)
    return Kit(
        (
            part("lamp cord", lathe(solid([*cord, *rose]), 20).moved(z=-drop_m), metal),
            part("lamp shade", shade.moved(z=-drop_m), make("glass", rng) if see_through else metal),
            part("lamp holder", join([neck, stem]).moved(z=-drop_m), metal),
            part("lamp bulb", sphere(BULB_M, 24, 12).moved(z=BULB_UP_M - drop_m), glow),
        )
    )


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "dome", drop_m: float = 1.1
) -> list[bpy.types.Object]:
    """Hang one lamp from ``location``."""
    return design(rng, style, drop_m).place(location, turn_deg)
