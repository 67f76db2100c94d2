# SPDX-License-Identifier: Apache-2.0
"""A computer mouse, on a mat or bare; its cable side is +y."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import box, join, lathe
from depthbench.blender_scenes.objects.forms import solid
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part


def design(rng: np.random.Generator, mat: bool | None = None, body: Any = None) -> Kit:
    """Make the parts; ``mat`` puts it on a sheet of cloth."""
    arc = [[0.98 * np.cos(a), 0.004 + 0.032 * np.sin(a)] for a in np.linspace(0.0, 1.45, 8)]
    hull = lathe(solid([[0, 0], [0.93, 0], [0.98, 0.003], *arc, [0, 0.036]]), 32).scaled(0.031, 0.056, 1.0)
    wheel = lathe(solid([[0, 0], [0.009, 0], [0.009, 0.006], [0, 0.006]], 0.0015), 16).rotated("y", 90.0)
    under = 0.0032 if (rng.random() < 0.4 if mat is None else mat) else 0.0
    body = body or make("paint", rng, colour=((0.02, 0.02, 0.021), (0.5, 0.5, 0.49))[int(rng.random() < 0.35)])
    shape = join([hull, wheel.moved(x=-0.003, y=0.03, z=0.0285)])
    parts = [part("mouse", shape.moved(z=under + GAP_M), body, 60.0)]
    if under:
        parts.append(
            part("mouse mat", box(0.22, 0.18, 0.0025).moved(z=GAP_M), make("fabric", rng, pattern="plain"), None)
        )
    return Kit(tuple(parts))


def add(rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0) -> list[bpy.types.Object]:
    """Put one mouse at ``location``."""
    return design(rng).place(location, turn_deg)
