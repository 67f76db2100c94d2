# SPDX-License-Identifier: Apache-2.0
"""Office luminaires that hang down from their origin: a square panel in a ceiling grid, a long bar on wires."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import box, join, tube
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part
from depthbench.blender_scenes.slab import slab

STYLES = ("panel", "bar")
MODULE_M = 0.6
PANEL_M = 0.012
"""Depth of a panel under the ceiling."""


def design(
    rng: np.random.Generator,
    style: str = "panel",
    strength: float = 5.0,
    colour_k: float = 4500.0,
    drop_m: float = 0.5,
    length_m: float = 1.5,
    metal: Any = None,
) -> Kit:
    """Make the parts; ``style`` is one of :data:`STYLES`.

    ``strength`` is the radiance in W/(sr m^2); a bar hangs ``drop_m`` under the ceiling along x and is ``length_m`` long.
    """
    glow = make("emitter", rng, strength=strength, colour_temperature_k=colour_k)
    if style == "panel":
        metal = metal or make("paint", rng, colour=(0.72, 0.715, 0.7))
        size = MODULE_M - 0.03
        rim = slab(size, size, PANEL_M, [(-size / 2 + 0.012, size / 2 - 0.012, 0.012, size - 0.012)])
        rim = rim.rotated("x", 90.0).moved(y=size / 2, z=-PANEL_M - GAP_M)
        face = box(size - 0.026, size - 0.026, 0.004).moved(z=-PANEL_M + 0.002)
        return Kit((part("light panel rim", rim, metal, None), part("light panel", face, glow, None)))
    metal = metal or make("metal", rng, finish="painted")
    case = [
        box(length_m, 0.004, 0.05).moved(y=0.031),
        box(length_m, 0.004, 0.05).moved(y=-0.031),
        box(length_m, 0.058, 0.004).moved(z=0.046),
    ]
    ends = [box(0.004, 0.066, 0.05).moved(x=sx * (length_m / 2 + 0.002)) for sx in (-1, 1)]
    wires = [
        tube(np.array([[sx * 0.4 * length_m, 0, 0.049], [sx * 0.4 * length_m, 0, drop_m - GAP_M]]), 0.0012, 6)
        for sx in (-1, 1)
    ]
    caps = [box(0.05, 0.05, 0.015).moved(sx * 0.4 * length_m, 0, drop_m - 0.0155) for sx in (-1, 1)]
    face = box(length_m - 0.002, 0.056, 0.004).moved(z=0.006)
    return Kit(
        (
            part("light bar", join([*case, *ends, *wires, *caps]).moved(z=-drop_m), metal, None),
            part("light bar face", face.moved(z=-drop_m), glow, None),
        )
    )


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "panel"
) -> list[bpy.types.Object]:
    """Hang one luminaire from ``location``."""
    return design(rng, style).place(location, turn_deg)
