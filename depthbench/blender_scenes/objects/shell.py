# SPDX-License-Identifier: Apache-2.0
"""Sea shells: a tube that grows as it winds, flat as a nautilus or drawn out into a whelk (Raup 1966's three numbers)."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part
from depthbench.blender_scenes.objects.solids import skin

STYLES = ("nautilus", "whelk", "snail")


def design(rng: np.random.Generator, style: str = "whelk", size_m: float = 0.09) -> Kit:
    """Make a shell lying on z = 0, at most ``size_m`` long; ``style`` is one of :data:`STYLES`."""
    turns, growth, climb = {"nautilus": (2.6, 2.6, 0.0), "whelk": (6.0, 1.55, 3.2), "snail": (4.5, 1.7, 1.1)}[style]
    climb *= rng.uniform(0.9, 1.15)
    t = np.linspace(0, 2 * np.pi * turns, int(26 * turns))
    scale = growth ** ((t - t[-1]) / (2 * np.pi))
    s = np.arange(18) * 2 * np.pi / 18
    ribs = 1 + rng.uniform(0.0, 0.06) * np.cos(14 * t)[:, None]
    across, up = 0.62 * np.cos(s)[None] * ribs, rng.uniform(0.55, 0.8) * np.sin(s)[None] * ribs
    distance = scale[:, None] * (1.0 + across)
    height = scale[:, None] * up - climb * scale[:, None]
    points = np.stack([distance * np.cos(t)[:, None], distance * np.sin(t)[:, None], height], axis=-1)
    mesh = skin(points).rotated("x", 0.0 if style == "snail" else 90.0 if style == "nautilus" else 78.0)
    low, high = mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)
    factor = size_m / float((high - low).max())
    x, y = (low + high)[:2] / 2
    mesh = mesh.moved(-x, -y, -low[2]).scaled(factor, factor, factor)
    return Kit((part(f"{style} shell", mesh.moved(z=GAP_M), make("ceramic", rng, pattern="speckled"), 80.0),))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "whelk"
) -> list[bpy.types.Object]:
    """Put one shell at ``location``."""
    return design(rng, style).place(location, turn_deg)
