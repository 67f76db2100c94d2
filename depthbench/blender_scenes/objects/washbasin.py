# SPDX-License-Identifier: Apache-2.0
"""A round basin that stands on a top, of ceramic or glass, with a tap behind it; its back is at y = 0."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import join, lathe, rounded_box, tube
from depthbench.blender_scenes.objects.forms import cavity, fillet, smooth, solid, vessel
from depthbench.blender_scenes.objects.kit import GAP_M, GLASS_GAP_M, Kit, part

STYLES = ("ceramic", "glass")
_OUTSIDE = [[0.07, 0.0], [0.1, 0.004], [0.15, 0.05], [0.17, 0.125]]
_BACK_M, _TAP_M = 0.255, 0.055
"""Distance of the bowl's axis and of the tap's from the back."""


def design(rng: np.random.Generator, style: str = "ceramic") -> Kit:
    """Make the parts, standing on z = 0; ``style`` is one of :data:`STYLES`."""
    clear = style == "glass"
    wall_m, floor_m = (0.008, 0.016) if clear else (0.013, 0.02)
    outside = smooth(np.array(_OUTSIDE) * [1.0, float(rng.uniform(0.8, 1.1))], 5)
    body = make("glass", rng) if clear else make("ceramic", rng, pattern="plain")
    bowl = lathe(vessel(outside, wall_m, floor_m), 72).moved(y=-_BACK_M, z=GLASS_GAP_M)
    metal = make("metal", rng, finish=str(rng.choice(["polished", "brushed", "painted"])))
    bottom = float(cavity(outside, wall_m, floor_m)[0, 1])
    drain = lathe(solid([[0, 0], [0.026, 0], [0.028, 0.003], [0, 0.004]], 0.001), 32)
    tall, reach = float(rng.uniform(0.24, 0.3)), float(rng.uniform(0.11, 0.16))
    spout = fillet([[0, 0, 0.004], [0, 0, tall], [0, -reach, tall], [0, -reach, tall - 0.03]], 0.03, 5)
    foot = lathe(solid([[0, 0], [0.024, 0], [0.024, 0.008], [0, 0.008]], 0.002), 32)
    lever = rounded_box(0.075, 0.014, 0.008, 0.002).moved(x=0.04, z=0.6 * tall)
    tap = join([foot, tube(spout, 0.0115, 16), lever]).moved(y=-_TAP_M, z=GAP_M)
    return Kit(
        (
            part("washbasin", bowl, body),
            part("washbasin drain", drain.moved(y=-_BACK_M, z=bottom + 2 * GLASS_GAP_M), metal),
            part("washbasin tap", tap, metal),
        )
    )


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "ceramic"
) -> list[bpy.types.Object]:
    """Put one basin, the middle of its back at ``location``."""
    return design(rng, style).place(location, turn_deg)
