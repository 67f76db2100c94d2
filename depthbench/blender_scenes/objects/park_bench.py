# SPDX-License-Identifier: Apache-2.0
"""A bench with a back: wooden slats on cast iron ends, its front towards -y."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import box, join, rounded_box, tube
from depthbench.blender_scenes.objects.forms import fillet, smooth
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part


def design(rng: np.random.Generator, length_m: float = 1.6) -> Kit:
    """Make the parts of a bench of that length along x."""
    iron = make("metal", rng, finish="painted")
    wood = make("wood", rng)
    ends = []
    for side in (-1, 1):
        x = side * (length_m / 2 - 0.16)
        back = smooth([[x, 0.22, 0.012], [x, 0.17, 0.2], [x, 0.16, 0.395], [x, 0.2, 0.6], [x, 0.25, 0.83]], 4)
        leg = smooth([[x, -0.24, 0.012], [x, -0.2, 0.2], [x, -0.23, 0.385]], 4)
        arm = fillet([[x, -0.268, 0.385], [x, -0.275, 0.62], [x, 0.05, 0.687], [x, 0.2, 0.687]], 0.1, 4)
        ends += [
            tube(back, 0.02, 10),
            tube(leg, 0.02, 10),
            box(0.04, 0.22, 0.03).moved(x=x, y=-0.18, z=0.378),
            box(0.04, 0.279, 0.03).moved(x=x, y=0.07, z=0.378),
            tube(arm, 0.016, 10),
        ]
        ends += [box(0.06, 0.07, 0.012).moved(x, y, 0.0) for y in (-0.24, 0.22)]
    slats = [rounded_box(length_m, 0.065, 0.03, 0.006).moved(y=-0.215 + 0.078 * k, z=0.412 + GAP_M) for k in range(5)]
    inner = length_m - 0.02
    for k, (y, z) in enumerate(((0.145, 0.49), (0.165, 0.58), (0.195, 0.72), (0.215, 0.8))):
        slat = rounded_box(inner, 0.024, 0.07, 0.006).rotated("x", -8.0 - 3.0 * k)
        slats.append(slat.moved(y=y - 0.03, z=z))
    return Kit((part("bench iron", join(ends).moved(z=GAP_M), iron), part("bench slats", join(slats), wood, None)))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, length_m: float = 1.6
) -> list[bpy.types.Object]:
    """Put one bench at ``location``."""
    return design(rng, length_m).place(location, turn_deg)
