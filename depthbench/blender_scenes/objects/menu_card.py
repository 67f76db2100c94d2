# SPDX-License-Identifier: Apache-2.0
"""A table menu in a holder of clear acrylic: two upright sheets of acrylic with a printed card between them."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import box
from depthbench.blender_scenes.objects.kit import GLASS_GAP_M, Kit, part


def design(rng: np.random.Generator) -> Kit:
    """Make the parts: foot, two sheets, card."""
    width, height = (0.105, 0.15) if rng.random() < 0.6 else (0.15, 0.21)
    clear = make("acrylic", rng, transmissivity=float(rng.uniform(0.85, 0.93)), finish="clear")
    sheet = box(width + 0.012, 0.002, height + 0.01)
    foot = box(width + 0.012, 0.07, 0.003)
    card = box(width * float(rng.uniform(0.6, 1.0)), 0.0004, height)
    up = 0.003 + 2 * GLASS_GAP_M
    return Kit(
        (
            part("menu foot", foot.moved(z=GLASS_GAP_M), clear, None),
            part("menu sheet front", sheet.moved(y=-0.0024 - GLASS_GAP_M, z=up), clear, None),
            part("menu sheet back", sheet.moved(y=0.0024 + GLASS_GAP_M, z=up), clear, None),
            part("menu card", card.moved(z=up + 0.002), make("print", rng, kind="menu"), None),
        )
    )


def add(rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0) -> list[bpy.types.Object]:
    """Put one menu holder at ``location``."""
    return design(rng).place(location, turn_deg)
