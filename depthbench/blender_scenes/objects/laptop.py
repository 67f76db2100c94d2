# SPDX-License-Identifier: Apache-2.0
"""An open laptop: metal body, dark keyboard, lid with a faintly lit screen; its user sits at -y."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import box, join, rounded_box
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part


def design(rng: np.random.Generator) -> Kit:
    """Make the parts: body with lid, keys, screen."""
    width, depth, open_deg = 0.31, 0.215, float(rng.uniform(12, 28))
    base = rounded_box(width, depth, 0.012, 0.003)
    lid = rounded_box(width, 0.006, depth - 0.01, 0.002).rotated("x", -open_deg).moved(y=depth / 2 - 0.004, z=0.0125)
    key = rounded_box(0.0155, 0.0145, 0.0012, 0.0004)
    keys = [
        key.moved((column - 7) * 0.0185 + 0.003 * (row % 2), 0.005 + row * 0.0175, 0.012 + GAP_M)
        for row in range(5)
        for column in range(14)
    ]
    screen = box(width - 0.016, 0.001, depth - 0.03).moved(y=-0.0035 - GAP_M, z=0.01)
    screen = screen.rotated("x", -open_deg).moved(y=depth / 2 - 0.004, z=0.0125)
    metal = make("metal", rng, finish="brushed")
    return Kit(
        (
            part("laptop", join([base, lid]).moved(z=GAP_M), metal),
            part("laptop keys", join(keys).moved(z=GAP_M), make("paint", rng)),
            part("laptop screen", screen.moved(z=GAP_M), make("print", rng, kind="poster"), None),
        )
    )


def add(rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0) -> list[bpy.types.Object]:
    """Put one laptop at ``location``."""
    return design(rng).place(location, turn_deg)
