# SPDX-License-Identifier: Apache-2.0
"""A desk lamp on two arms: foot, joints, cone or bar head with a shining disc; it leans towards -y."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import box, join, lathe, rounded_box, sphere, tube
from depthbench.blender_scenes.objects.forms import solid
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part
from depthbench.blender_scenes.objects.solids import revolved

STYLES = ("cone", "bar")
_SHINING_M2 = {"cone": 0.011, "bar": 0.019}
"""Surface of what shines."""


def design(rng: np.random.Generator, style: str = "cone", watts: float = 6.0, metal: Any = None) -> Kit:
    """Make the parts; ``style`` is one of :data:`STYLES`. 6 radiant ``watts`` give the top below about 5 W/m^2."""
    knee = np.array([0.0, float(rng.uniform(0.08, 0.14)), float(rng.uniform(0.3, 0.36))])
    head = np.array([0.0, float(rng.uniform(-0.2, -0.12)), float(rng.uniform(0.4, 0.47))])
    foot = lathe(solid([(0, 0), (0.085, 0), (0.085, 0.014), (0.02, 0.022), (0.012, 0.05), (0, 0.05)], 0.004), 40)
    start = np.array([0.0, 0.0, 0.045])
    across = np.array([0.011, 0.0, 0.0])
    rods = [
        tube(np.array([a + s * across, b + s * across]), 0.0042, 8)
        for a, b in ((start, knee), (knee, head))
        for s in (-1, 1)
    ]
    joints = [
        lathe(solid([(0, -0.016), (0.013, -0.016), (0.013, 0.016), (0, 0.016)], 0.003), 20)
        .rotated("y", 90.0)
        .moved(*spot.tolist())
        for spot in (start, knee, head)
    ]
    metal = metal or make("metal", rng, finish=str(rng.choice(["painted", "brushed"])))
    radiance = watts / (np.pi * _SHINING_M2[style])
    glow = make("emitter", rng, strength=radiance, colour_temperature_k=float(rng.uniform(2800, 4200)))
    if style == "cone":
        tilt = float(rng.uniform(-25, -5))
        cap = revolved(
            [(0.016, -0.02), (0.03, -0.028), (0.075, -0.115), (0.077, -0.115), (0.032, -0.026), (0.016, -0.012)], 40
        )
        plug = sphere(0.02, 20, 10).moved(z=-0.012)
        bulb = lathe(solid([(0, -0.085), (0.022, -0.085), (0.03, -0.06), (0.018, -0.0345), (0, -0.0345)], 0.008), 24)
        cap, plug, bulb = (mesh.rotated("x", tilt).moved(*head.tolist()) for mesh in (cap, plug, bulb))
        return Kit(
            (
                part("desk lamp", join([foot, *rods, *joints, cap, plug]).moved(z=GAP_M), metal),
                part("desk lamp bulb", bulb.moved(z=GAP_M), glow),
            )
        )
    bar = rounded_box(0.34, 0.045, 0.016, 0.004).moved(head[0], head[1] - 0.03, head[2] - 0.008)
    light = box(0.31, 0.03, 0.0015).moved(head[0], head[1] - 0.03, head[2] - 0.01)
    return Kit(
        (
            part("desk lamp", join([foot, *rods, *joints, bar]).moved(z=GAP_M), metal),
            part("desk lamp bulb", light.moved(z=0.0), glow, None),
        )
    )


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "cone"
) -> list[bpy.types.Object]:
    """Put one lamp at ``location``."""
    return design(rng, style).place(location, turn_deg)
