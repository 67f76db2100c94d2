# SPDX-License-Identifier: Apache-2.0
"""A watering can: body, arched handle, long spout with a rose."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import join, lathe, tube
from depthbench.blender_scenes.objects.forms import smooth, solid
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part
from depthbench.blender_scenes.objects.solids import horn


def design(rng: np.random.Generator) -> Kit:
    """Make the parts of a watering can whose spout points towards +x."""
    size = float(rng.uniform(0.8, 1.15))
    metal = make("metal", rng, finish=str(rng.choice(["brushed", "painted"])))
    wall = [
        [0.11, 0],
        [0.11, 0.02],
        [0.1, 0.03],
        [0.1, 0.24],
        [0.103, 0.25],
        [0.1, 0.26],
        [0.094, 0.255],
        [0.094, 0.04],
    ]
    body = lathe(solid([[0, 0], *wall, [0, 0.04]]), 40)
    spout = smooth([[0.105, 0, 0.06], [0.2, 0, 0.16], [0.3, 0, 0.29], [0.37, 0, 0.33]], 4)
    rose = lathe(solid([[0, 0], [0.012, 0], [0.035, 0.045], [0.036, 0.05], [0, 0.054]]), 20)
    handle = smooth(
        [[-0.104, 0, 0.08], [-0.2, 0, 0.16], [-0.17, 0, 0.3], [-0.05, 0, 0.36], [0.055, 0, 0.34], [0.097, 0, 0.262]], 5
    )
    whole = join(
        [
            body,
            horn(spout, np.linspace(0.022, 0.011, len(spout)), 12),
            rose.rotated("y", 62.0).moved(0.373, 0, 0.332),
            tube(handle, 0.009, 10),
        ]
    )
    return Kit((part("watering can", whole.scaled(size, size, size).moved(z=GAP_M), metal),))


def add(rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0) -> list[bpy.types.Object]:
    """Put one watering can at ``location``."""
    return design(rng).place(location, turn_deg)
