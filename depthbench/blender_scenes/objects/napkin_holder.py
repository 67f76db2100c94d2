# SPDX-License-Identifier: Apache-2.0
"""Napkins upright between two metal plates."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import box, join, rounded_box
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part


def design(rng: np.random.Generator) -> Kit:
    """Make the parts: holder and napkins."""
    gap = float(rng.uniform(0.03, 0.045))
    side = rounded_box(0.11, 0.003, 0.085, 0.0012).moved(z=0.002)
    holder = join([box(0.11, gap + 0.006, 0.002), side.moved(y=gap / 2 + 0.0015), side.moved(y=-gap / 2 - 0.0015)])
    sheets = int(rng.integers(9, 15))
    thickness = (gap - 0.004) / sheets
    napkin = box(0.1, thickness - 0.0007, 0.115)
    stack = [
        napkin.rotated("y", float(rng.normal(0, 0.4))).moved(
            float(rng.normal(0, 0.001)), (k - (sheets - 1) / 2) * thickness, 0.0035
        )
        for k in range(sheets)
    ]
    metal = make("metal", rng, finish=str(rng.choice(["brushed", "painted"])))
    return Kit(
        (
            part("napkin holder", holder.moved(z=GAP_M), metal),
            part("napkins", join(stack).moved(z=0.0005), make("paper", rng), None),
        )
    )


def add(rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0) -> list[bpy.types.Object]:
    """Put one napkin holder at ``location``."""
    return design(rng).place(location, turn_deg)
