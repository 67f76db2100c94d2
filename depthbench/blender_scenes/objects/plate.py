# SPDX-License-Identifier: Apache-2.0
"""Ceramic plates and serving boards: what food lies on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import lathe, rounded_box
from depthbench.blender_scenes.objects.forms import solid
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part

STYLES = ("plate", "tray", "board")
TOP_M = {"plate": 0.0075 + GAP_M, "tray": 0.006 + GAP_M, "board": 0.016 + GAP_M}
"""Height of the face that food stands on."""


def design(rng: np.random.Generator, style: str = "plate", size_m: float = 0.2, colour: Any = None) -> Kit:
    """Make a plate of diameter ``size_m``, or a tray or board of length ``size_m`` along x and 0.75 of it along y."""
    if style == "plate":
        r = size_m / 2
        rim = [[r * 0.62, 0], [r * 0.7, 0.006], [r, 0.017], [r, 0.0195], [r * 0.68, 0.011], [r * 0.6, 0.0075]]
        mesh = lathe(solid([[0, 0], *rim, [0, 0.0075]], 0.003), 40)
        return Kit((part("plate", mesh.moved(z=GAP_M), colour or make("ceramic", rng)),))
    thickness_m = TOP_M[style] - GAP_M
    mesh = rounded_box(size_m, 0.75 * size_m, thickness_m, 0.002).moved(z=GAP_M)
    default = make("wood", rng) if style == "board" else make("metal", rng, finish="brushed")
    return Kit((part(style, mesh, colour or default),))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "plate"
) -> list[bpy.types.Object]:
    """Put one plate at ``location``."""
    return design(rng, style).place(location, turn_deg)
