# SPDX-License-Identifier: Apache-2.0
"""Salt and pepper: two small hollow glasses with metal caps, something inside, side by side along x."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import lathe
from depthbench.blender_scenes.objects.forms import fillet, solid, vessel
from depthbench.blender_scenes.objects.kit import GLASS_GAP_M, Kit, merge, part


def design(rng: np.random.Generator) -> Kit:
    """Make the parts of a pair."""
    outside = fillet([[0.017, 0], [0.019, 0.003], [0.0175, 0.06], [0.0165, 0.065]], 0.003)
    glass, metal = make("glass", rng), make("metal", rng, finish="polished")
    shell = part("shaker", lathe(vessel(outside, 0.002, 0.006), 32).moved(z=GLASS_GAP_M), glass)
    cap_outline = [[0, 0], [0.0185, 0], [0.0175, 0.014], [0.01, 0.021], [0, 0.022]]
    cap = part("shaker cap", lathe(solid(cap_outline, 0.003), 28).moved(z=0.066 + 2 * GLASS_GAP_M), metal)
    pair = []
    salt, pepper = make("plaster", rng, colour=(0.8, 0.79, 0.77)), make("food", rng, kind="chocolate")
    for side, inside in ((-1, salt), (1, pepper)):
        level = float(rng.uniform(0.02, 0.05))
        grains = lathe(solid([[0, 0.0075], [0.0115, 0.0075], [0.0125, 0.011], [0.0125, level], [0, level + 0.002]]), 24)
        filling = part("shaker filling", grains.moved(z=GLASS_GAP_M), inside)
        pair.append(Kit((shell, cap, filling)).moved([side * 0.026, 0.0, 0.0]))
    return merge(pair)


def add(rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0) -> list[bpy.types.Object]:
    """Put one pair at ``location``."""
    return design(rng).place(location, turn_deg)
