# SPDX-License-Identifier: Apache-2.0
"""A coat stand: a pole on a foot or on three legs, hooks around its head."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import join, lathe, sphere, tube
from depthbench.blender_scenes.objects.forms import smooth, solid
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part

STYLES = ("disc", "legs")


def design(rng: np.random.Generator, style: str = "disc") -> Kit:
    """Make the parts; ``style`` is one of :data:`STYLES`."""
    high = float(rng.uniform(1.65, 1.8))
    pole = lathe(
        solid(
            [(0, 0.01), (0.017, 0.01), (0.015, high - 0.03), (0.022, high - 0.02), (0.018, high), (0, high + 0.008)],
            0.004,
        ),
        24,
    )
    parts = [pole]
    if style == "disc":
        parts.append(lathe(solid([(0, 0), (0.17, 0), (0.17, 0.014), (0.03, 0.03), (0, 0.03)], 0.005), 48))
    else:
        leg = tube(smooth([[0.23, 0, 0.012], [0.12, 0, 0.06], [0.03, 0, 0.2], [0.012, 0, 0.32]], 5), 0.0115, 10)
        parts += [leg.rotated("z", 120.0 * index) for index in range(3)]
    count = int(rng.integers(4, 7))
    hook = tube(smooth([[0.01, 0, 0], [0.05, 0, -0.03], [0.095, 0, -0.01], [0.115, 0, 0.045]], 5), 0.0065, 8)
    knob = sphere(0.011, 14, 8).moved(0.115, 0, 0.05)
    for index in range(count):
        drop = high - (0.07 if index % 2 else 0.17)
        parts.append(join([hook, knob]).moved(z=drop).rotated("z", 360.0 * index / count))
    material = make("wood", rng, grain="z") if rng.random() < 0.5 else make("metal", rng, finish="painted")
    return Kit((part("coat stand", join(parts).moved(z=GAP_M), material),))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "disc"
) -> list[bpy.types.Object]:
    """Put one stand at ``location``."""
    return design(rng, style).place(location, turn_deg)
