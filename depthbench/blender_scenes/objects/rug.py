# SPDX-License-Identifier: Apache-2.0
"""Rugs lying on the floor: rectangular with fringes, or round; slightly wavy."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, box, join, lathe
from depthbench.blender_scenes.objects.forms import solid, thick_sheet
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part

STYLES = ("rectangular", "round")
TOP_M = 0.0136
"""Height over the floor at which things may stand on a rug."""
_THICK_M = 0.009


def design(rng: np.random.Generator, style: str = "rectangular", width_m: float = 1.6, depth_m: float = 1.1) -> Kit:
    """Make a rug; ``style`` is one of :data:`STYLES`, a round one is ``width_m`` across."""
    pattern = str(rng.choice(["stripe", "plaid", "melange"]))
    cloth = make("fabric", rng, pattern=pattern)
    if style == "round":
        disc = lathe(solid([[0, 0], [width_m / 2, 0], [width_m / 2, _THICK_M], [0, _THICK_M]], 0.003), 72)
        return Kit((part("rug", disc.moved(z=GAP_M), cloth),))
    x, y = np.meshgrid(np.linspace(-width_m / 2, width_m / 2, 40), np.linspace(-depth_m / 2, depth_m / 2, 28))
    wave = 0.0016 * (1 + np.sin(7 * x + rng.uniform(0, 6)) * np.sin(6 * y + rng.uniform(0, 6)))
    sheet = thick_sheet(np.stack([x, y, _THICK_M / 2 + wave], axis=-1), _THICK_M)
    sheet = Mesh(np.maximum(sheet.vertices, [-np.inf, -np.inf, 0.0]), sheet.polygons)
    parts = [part("rug", sheet.moved(z=GAP_M), cloth, 60.0)]
    if rng.random() < 0.6:
        threads = [
            box(long_m, 0.004, 0.003).moved(float(sx * (width_m / 2 + 0.002 + long_m / 2)), float(v), 0.0)
            for sx in (-1, 1)
            for v in np.arange(-depth_m / 2 + 0.01, depth_m / 2 - 0.01, 0.016)
            for long_m in (0.05 * float(rng.uniform(0.8, 1.1)),)
        ]
        fringe = make("fabric", rng, pattern="plain", colour=(0.68, 0.63, 0.53))
        parts.append(part("rug fringe", join(threads).moved(z=GAP_M), fringe, None))
    return Kit(tuple(parts))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "rectangular"
) -> list[bpy.types.Object]:
    """Put one rug at ``location``."""
    return design(rng, style).place(location, turn_deg)
