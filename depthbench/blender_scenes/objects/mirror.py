# SPDX-License-Identifier: Apache-2.0
"""Mirrors: hung in a rectangular moulding, hung round, or tall and leaning against a wall. Backs are at y = 0."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import join, lathe
from depthbench.blender_scenes.objects.forms import solid
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part
from depthbench.blender_scenes.objects.solids import moulding, revolved
from depthbench.blender_scenes.slab import slab

STYLES = ("wall", "round", "leaning")
LEAN_DEG = 7.0


def design(rng: np.random.Generator, style: str = "wall", width_m: float = 0.6, height_m: float = 0.8) -> Kit:
    """Make a mirror of that outer size, standing on z = 0; ``style`` is one of :data:`STYLES`."""
    wood = make("wood", rng) if rng.random() < 0.5 else make("metal", rng, finish="brushed")
    if style == "round":
        radius = width_m / 2
        section = [
            [radius, GAP_M],
            [radius, 0.024],
            [radius - 0.018, 0.024],
            [radius - 0.018, 0.014],
            [radius - 0.03, GAP_M],
        ]
        rim = revolved(section, 72)
        disc = solid([[0, 0.006], [radius - 0.0195, 0.012], [0, 0.012]])
        disc[1:2] = [(radius - 0.0305, 0.006), (radius - 0.0195, 0.0125)]
        glass = lathe(disc, 72)
        lift = [mesh.rotated("x", 90.0).moved(z=radius) for mesh in (rim, glass)]
        return Kit((part("mirror frame", lift[0], wood), part("mirror", lift[1], make("mirror", rng))))
    section = [[0, 0.02], [0.01, 0.03], [0.04, 0.026], [0.045, 0.016], [0.037, 0.016], [0.037, GAP_M], [0, GAP_M]]
    frame = moulding(width_m, height_m, section)
    glass = slab(width_m - 0.078, height_m - 0.078, 0.005).moved(y=-0.0145, z=0.039)
    if style == "leaning":
        # The back's upper edge touches the wall, the front's lower edge the floor.
        frame, glass = (mesh.rotated("x", -LEAN_DEG) for mesh in (frame, glass))
        both = join([frame, glass]).vertices
        back, low = float(both[:, 1].max()), float(both[:, 2].min())
        frame, glass = (mesh.moved(y=-back - GAP_M, z=-low + GAP_M) for mesh in (frame, glass))
    return Kit((part("mirror frame", frame, wood, 30.0), part("mirror", glass, make("mirror", rng), None)))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "wall"
) -> list[bpy.types.Object]:
    """Put one mirror, the middle of its lower edge at ``location``."""
    return design(rng, style).place(location, turn_deg)
