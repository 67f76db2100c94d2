# SPDX-License-Identifier: Apache-2.0
"""A round clock on a wall, back at y = 0: rim, dial, hands, and a disc of glass before them. Its middle is the origin."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import box, join, lathe
from depthbench.blender_scenes.objects.forms import solid
from depthbench.blender_scenes.objects.kit import GAP_M, GLASS_GAP_M, Kit, part
from depthbench.blender_scenes.objects.solids import revolved


def design(rng: np.random.Generator, radius_m: float | None = None) -> Kit:
    """Make the parts; 13 to 19 cm of radius by default."""
    radius = float(rng.uniform(0.13, 0.19)) if radius_m is None else radius_m
    inner = radius - 0.012
    rim = revolved(
        [
            (inner, GAP_M),
            (radius, GAP_M),
            (radius, 0.036),
            (inner + 0.003, 0.04),
            (inner - 0.004, 0.036),
            (inner - 0.004, 0.03),
            (inner, 0.03),
        ],
        64,
    )
    dial = lathe(solid([(0, 0.002), (inner - GAP_M, 0.002), (inner - GAP_M, 0.006), (0, 0.006)]), 64)
    glass = lathe(
        solid([(0, 0.0265), (inner - 1.2 * GLASS_GAP_M, 0.0265), (inner - 1.2 * GLASS_GAP_M, 0.0285), (0, 0.0285)]), 64
    )
    hands = []
    for depth, long, wide, turn in (
        (0.012, 0.55, 0.011, rng.uniform(0, 360)),
        (0.015, 0.82, 0.007, rng.uniform(0, 360)),
    ):
        hand = box(wide, 0.0015, long * inner).moved(y=-float(depth), z=-0.12 * inner).rotated("y", float(turn))
        hands.append(hand)
    pin = lathe(solid([(0, 0.006 + GAP_M), (0.006, 0.006 + GAP_M), (0.006, 0.019), (0, 0.019)]), 16).rotated("x", 90.0)
    dark = make("paint", rng, colour=(0.02, 0.02, 0.021))
    frame = make("metal", rng, finish="polished") if rng.random() < 0.4 else make("paint", rng)
    return Kit(
        (
            part("clock rim", rim.rotated("x", 90.0), frame),
            part("clock dial", dial.rotated("x", 90.0), make("print", rng, kind="clock"), None),
            part("clock hands", join([*hands, pin]), dark, None),
            part("clock glass", glass.rotated("x", 90.0), make("architectural_glass", rng), None),
        )
    )


def add(rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0) -> list[bpy.types.Object]:
    """Hang one clock with its middle at ``location`` on the wall."""
    return design(rng).place(location, turn_deg)
