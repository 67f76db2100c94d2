# SPDX-License-Identifier: Apache-2.0
"""A flat round lamp under the ceiling: a metal ring about a glowing disc; hangs down from its origin."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import lathe
from depthbench.blender_scenes.objects.forms import solid
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part

RADIUS_M = 0.12
DEPTH_M = 0.05


def design(rng: np.random.Generator, strength: float = 8.0, colour_k: float = 3300.0) -> Kit:
    """Make the parts of a lamp."""
    body = [
        [0, -0.03],
        [0.9 * RADIUS_M, -0.03],
        [0.9 * RADIUS_M, -DEPTH_M],
        [RADIUS_M, -DEPTH_M],
        [RADIUS_M, -GAP_M],
        [0, -GAP_M],
    ]
    disc = [[0, 0], [0.88 * RADIUS_M, 0], [0.88 * RADIUS_M, 0.006], [0, 0.006]]
    glow = make("emitter", rng, strength=strength, colour_temperature_k=colour_k)
    return Kit(
        (
            part("ceiling lamp", lathe(solid(body), 40), make("metal", rng, finish="painted")),
            part("ceiling lamp disc", lathe(solid(disc), 40).moved(z=-0.037), glow),
        )
    )


def add(rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0) -> list[bpy.types.Object]:
    """Put one lamp under the ceiling at ``location``."""
    return design(rng).place(location, turn_deg)
