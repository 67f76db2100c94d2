# SPDX-License-Identifier: Apache-2.0
"""A sheet of tinted acrylic or perforated metal hung from the ceiling on two rods; hangs down from its origin."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import box, join, sheet, tube
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part

STYLES = ("acrylic", "screen")


def design(rng: np.random.Generator, style: str, width_m: float, height_m: float, drop_m: float) -> Kit:
    """Make the parts of a panel whose lower edge hangs ``drop_m`` under the ceiling.

    A 'screen' is one open sheet; 'acrylic' is a closed plate. Both hang from a rail 4 mm above their upper edge.
    """
    top = height_m - drop_m
    rail = box(width_m + 0.02, 0.02, 0.02).moved(z=top + 0.004)
    rods = [
        tube(np.array([[sx * (width_m / 2 - 0.08), 0, top + 0.023], [sx * (width_m / 2 - 0.08), 0, -GAP_M]]), 0.003, 8)
        for sx in (-1, 1)
    ]
    if style == "screen":
        panel = part("hung screen", sheet(width_m, height_m).moved(z=-drop_m), make("screen", rng), None)
    else:
        clear = make("acrylic", rng, transmissivity=float(rng.uniform(0.5, 0.9)))
        panel = part(
            "hung acrylic", box(width_m, float(rng.uniform(0.004, 0.008)), height_m).moved(z=-drop_m), clear, None
        )
    return Kit((panel, part("panel rail", join([rail, *rods]), make("metal", rng, finish="painted"))))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "acrylic"
) -> list[bpy.types.Object]:
    """Hang one panel from ``location``."""
    return design(rng, style, 1.2, 1.3, 2.0).place(location, turn_deg)
