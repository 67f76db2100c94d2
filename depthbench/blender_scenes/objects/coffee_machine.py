# SPDX-License-Identifier: Apache-2.0
"""An espresso machine with two groups, and a grinder with a hopper of clear acrylic; their barista stands at -y."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, box, join, lathe, rounded_box, tube
from depthbench.blender_scenes.objects.forms import solid, vessel
from depthbench.blender_scenes.objects.kit import GAP_M, GLASS_GAP_M, Kit, part


def _group(x: float) -> list[Mesh]:
    head = lathe(solid([[0, 0], [0.034, 0], [0.036, 0.03], [0.03, 0.0745], [0, 0.0745]], 0.004), 28).moved(
        x, -0.16, 0.24
    )
    basket = lathe(solid([[0, 0], [0.026, 0], [0.033, 0.025], [0, 0.026]], 0.004), 28).moved(x, -0.16, 0.213)
    handle = tube(np.array([[x, -0.19, 0.228], [x, -0.25, 0.222], [x, -0.32, 0.21]]), 0.012)
    return [head, basket, handle]


def design(rng: np.random.Generator) -> Kit:
    """Make the parts of an espresso machine, 0.75 m wide."""
    width = float(rng.uniform(0.68, 0.8))
    feet = [
        lathe(solid([[0, 0], [0.022, 0], [0.018, 0.05], [0, 0.05]], 0.003), 20).moved(x, y)
        for x in (-0.27, 0.27)
        for y in (-0.17, 0.17)
    ]
    shell = [
        rounded_box(width, 0.46, 0.07, 0.012).moved(z=0.051),
        rounded_box(width - 0.04, 0.24, 0.2, 0.01).moved(y=0.1, z=0.1205),
        rounded_box(width, 0.5, 0.14, 0.03).moved(y=0.01, z=0.315),
    ]
    rail_low = 0.455 + 0.03
    rail = [
        tube(np.array([[-width / 2 + 0.04, y, rail_low], [width / 2 - 0.04, y, rail_low]]), 0.005) for y in (-0.2, 0.22)
    ]
    rail += [
        tube(np.array([[x, y, 0.4555], [x, y, rail_low]]), 0.004)
        for x in (-width / 2 + 0.05, 0.0, width / 2 - 0.05)
        for y in (-0.2, 0.22)
    ]
    wands = [
        tube(
            np.array(
                [
                    [sx * (width / 2 - 0.05), -0.2, 0.309],
                    [sx * (width / 2 - 0.045), -0.24, 0.28],
                    [sx * (width / 2 - 0.04), -0.26, 0.17],
                ]
            ),
            0.005,
        )
        for sx in (-1, 1)
    ]
    bright = make("metal", rng, finish="polished")
    body = make("metal", rng, finish="painted")
    groups = [mesh for x in (-0.16, 0.16) for mesh in _group(x)]
    grate = [box(width - 0.08, 0.004, 0.004).moved(y=-0.2 + 0.016 * k, z=0.1215 + GAP_M) for k in range(11)]
    return Kit(
        (
            part("coffee machine", join([*feet, *shell]).moved(z=GAP_M), body),
            part("coffee machine fittings", join([*rail, *wands, *groups, *grate]).moved(z=GAP_M), bright),
        )
    )


def grinder(rng: np.random.Generator) -> Kit:
    """Make the parts of a grinder: body, hopper, beans."""
    body = [
        rounded_box(0.17, 0.25, 0.05, 0.01),
        lathe(solid([[0, 0], [0.06, 0], [0.075, 0.1], [0.075, 0.26], [0, 0.26]], 0.01), 36).moved(y=0.03, z=0.04),
        tube(np.array([[0, -0.02, 0.22], [0, -0.08, 0.2], [0, -0.09, 0.17]]), 0.016),
    ]
    clear = make("acrylic", rng, transmissivity=float(rng.uniform(0.8, 0.92)), finish="clear")
    side = np.array([[0.05, 0], [0.053, 0.02], [0.085, 0.11], [0.085, 0.19]])
    beans = lathe(solid([[0, 0.008], [0.042, 0.0085], [0.046, 0.02], [0.068, 0.083], [0.055, 0.09], [0, 0.098]]), 32)
    lid = lathe(solid([[0, 0], [0.087, 0], [0.085, 0.012], [0, 0.014]], 0.003), 36)
    base = 0.3 + GAP_M + GLASS_GAP_M
    paint = make("metal", rng, finish="painted")
    return Kit(
        (
            part("grinder", join(body).moved(z=GAP_M), paint),
            part("grinder hopper", lathe(vessel(side, 0.003, 0.005), 48).moved(y=0.03, z=base), clear),
            part("grinder beans", beans.moved(y=0.03, z=base), make("food", rng, kind="chocolate")),
            part("grinder lid", lid.moved(y=0.03, z=base + 0.193), paint),
        )
    )


def add(rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0) -> list[bpy.types.Object]:
    """Put one espresso machine at ``location``."""
    return design(rng).place(location, turn_deg)
