# SPDX-License-Identifier: Apache-2.0
"""Plinths: boxes and drums with a recessed foot, stepped stones, slender metal stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import box, join, lathe, rounded_box
from depthbench.blender_scenes.objects.forms import solid
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part

STYLES = ("box", "drum", "stepped", "stand")
_FOOT_M = 0.04


@dataclass(frozen=True)
class Plinth:
    """A plinth's kit, the radius of the circle that fits on its top, and the height of its top."""

    kit: Kit
    top_radius_m: float
    height_m: float


def design(
    rng: np.random.Generator,
    style: str,
    width_m: float,
    height_m: float,
    material: Any = None,
    foot: Any = None,
    metal: Any = None,
) -> Plinth:
    """Make the parts of a plinth; ``style`` is one of :data:`STYLES`; materials that are None are drawn."""
    body = material or make("paint", rng, colour=(0.78, 0.77, 0.74))
    rise = height_m - _FOOT_M - GAP_M
    half = width_m / 2
    if style == "stand":
        plate = rounded_box(width_m, width_m, 0.012, 0.002)
        side = half - 0.012
        posts = [
            box(0.02, 0.02, height_m - 0.02).moved(sx * side, sy * side, GAP_M) for sx in (-1, 1) for sy in (-1, 1)
        ]
        rails = [box(2 * side - 0.018, 0.0192, 0.0196).moved(0, sy * side, 0.1) for sy in (-1, 1)]
        rails += [box(0.0192, 2 * side - 0.018, 0.0194).moved(sx * side, 0, 0.1002) for sx in (-1, 1)]
        legs = part("stand legs", join(posts + rails), metal or make("metal", rng, finish="painted"), None)
        top = part("stand top", plate.moved(z=height_m - 0.012), body, None)
        return Plinth(Kit((legs, top)), half, height_m)
    if style == "drum":
        base = lathe(solid([(0, 0), (half - 0.03, 0), (half - 0.03, _FOOT_M), (0, _FOOT_M)]), 48)
        block = lathe(solid([(0, 0), (half, 0), (half, rise), (0, rise)], 0.003), 72)
    else:
        base = box(width_m - 0.06, width_m - 0.06, _FOOT_M)
        block = rounded_box(width_m, width_m, rise, 0.002)
    parts = [
        part("plinth foot", base.moved(z=GAP_M), foot or make("paint", rng, colour=(0.03, 0.03, 0.032))),
        part("plinth block", block.moved(z=_FOOT_M + 2 * GAP_M), body, 30.0),
    ]
    if style != "stepped":
        return Plinth(Kit(tuple(parts)), half, height_m + GAP_M)
    inner = width_m * 0.78
    step = rounded_box(inner, inner, 0.05, 0.003)
    parts.append(part("plinth step", step.moved(z=height_m + 2 * GAP_M), make("marble", rng), 30.0))
    return Plinth(Kit(tuple(parts)), inner / 2, height_m + 2 * GAP_M + 0.05)


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "box"
) -> list[bpy.types.Object]:
    """Put one plinth at ``location``."""
    return design(rng, style, float(rng.uniform(0.35, 0.5)), float(rng.uniform(0.8, 1.1))).kit.place(location, turn_deg)
