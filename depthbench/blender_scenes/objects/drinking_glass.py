# SPDX-License-Identifier: Apache-2.0
"""Drinking glasses: closed hollow shells of clear glass (outer and inner wall, massive foot)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import lathe
from depthbench.blender_scenes.objects.forms import smooth, vessel
from depthbench.blender_scenes.objects.kit import GLASS_GAP_M, Kit, part

_STEM = [[0.034, 0], [0.034, 0.0015], [0.02, 0.004], [0.006, 0.009], [0.004, 0.02], [0.0038, 0.065], [0.006, 0.078]]
_OUTSIDES: dict[str, tuple[list[list[float]], float, float]] = {
    "tumbler": ([[0.029, 0], [0.0305, 0.003], [0.033, 0.03], [0.0365, 0.088]], 0.0022, 0.009),
    "highball": ([[0.026, 0], [0.0275, 0.003], [0.028, 0.04], [0.0305, 0.145]], 0.002, 0.01),
    "latte": (
        [[0.024, 0], [0.026, 0.004], [0.023, 0.018], [0.028, 0.05], [0.038, 0.13], [0.0385, 0.15]],
        0.0024,
        0.024,
    ),
    "wine": ([*_STEM, [0.026, 0.096], [0.037, 0.125], [0.038, 0.145], [0.033, 0.185]], 0.0016, 0.082),
    "goblet": ([*_STEM[:5], [0.007, 0.05], [0.03, 0.066], [0.038, 0.1], [0.037, 0.145]], 0.0019, 0.054),
    "tealight": ([[0.03, 0], [0.034, 0.004], [0.037, 0.035], [0.034, 0.065]], 0.003, 0.008),
}
STYLES = tuple(_OUTSIDES)


def design(rng: np.random.Generator, style: str = "tumbler", colour: Any = None) -> Kit:
    """Make a glass; ``style`` is one of :data:`STYLES`; ``colour`` its material, clear glass if None."""
    outside, wall_m, floor_m = _OUTSIDES[style]
    size = float(rng.uniform(0.94, 1.08))
    shell = lathe(vessel(smooth(outside, 3), wall_m, floor_m), 36).scaled(size, size, float(rng.uniform(0.95, 1.06)))
    return Kit(
        (
            part(
                f"{style} glass",
                shell.moved(z=GLASS_GAP_M),
                colour or make("glass", rng),
            ),
        )
    )


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "tumbler"
) -> list[bpy.types.Object]:
    """Put one empty glass at ``location``."""
    return design(rng, style).place(location, turn_deg)
