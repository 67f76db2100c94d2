# SPDX-License-Identifier: Apache-2.0
"""Cafe tables: round or square on a pedestal, bistro marble on cast iron, four-legged wood, long shared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, box, join, lathe, rounded_box, tube
from depthbench.blender_scenes.objects.forms import fillet, solid
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part

STYLES = ("pedestal_round", "pedestal_square", "bistro", "four_leg", "long")


@dataclass(frozen=True)
class Table:
    """A table's kit, its top's half sizes, upper face and roundness, and how far its foot reaches over the floor."""

    kit: Kit
    half_x_m: float
    half_y_m: float
    height_m: float
    is_round: bool
    foot_m: float


def _pedestal(radius_m: float, height_m: float) -> Mesh:
    foot = lathe(solid([(0, 0), (radius_m, 0), (radius_m, 0.012), (0.05, 0.03), (0.03, 0.06), (0, 0.06)], 0.006), 40)
    column = lathe(solid([(0, 0.05), (0.026, 0.05), (0.026, height_m - 0.03), (0, height_m - 0.03)]), 24)
    return join(
        [
            foot,
            column,
            box(0.3, 0.05, 0.008).moved(z=height_m - 0.034),
            box(0.05, 0.3, 0.0079).moved(z=height_m - 0.008),
        ]
    )


def _cast_iron(reach_m: float, height_m: float, feet: int) -> Mesh:
    curve = fillet([[reach_m, 0, 0.012], [reach_m * 0.75, 0, 0.06], [0.05, 0, 0.2], [0.03, 0, 0.4]], 0.1, 5)
    leg = tube(curve, 0.012, 10)
    angles = np.arange(feet) * 360.0 / feet + 20.0
    rings = [(0, 0.16), (0.035, 0.17), (0.028, 0.2), (0.022, 0.26), (0.03, 0.4), (0.02, 0.43), (0.018, height_m - 0.09)]
    column = lathe(solid([*rings, (0.06, height_m - 0.02), (0.14, height_m), (0, height_m)], 0.006), 24)
    return join([column, *(leg.rotated("z", float(angle)) for angle in angles)])


def _frame(half_x_m: float, half_y_m: float, height_m: float, side_m: float) -> Mesh:
    x, y = half_x_m - side_m / 2 - 0.02, half_y_m - side_m / 2 - 0.02
    leg = rounded_box(side_m, side_m, height_m, 0.003)
    posts = [leg.moved(sx * x, sy * y) for sx in (-1, 1) for sy in (-1, 1)]
    rails = [box(2 * x - side_m - 0.001, 0.02, 0.07).moved(0, sy * y, height_m - 0.075) for sy in (-1, 1)]
    rails += [box(0.02, 2 * y - side_m - 0.001, 0.07).moved(sx * x, 0, height_m - 0.075) for sx in (-1, 1)]
    return join(posts + rails)


def design(rng: np.random.Generator, style: str, top: Any = None, base: Any = None) -> Table:
    """Make the parts of a table; ``style`` is one of :data:`STYLES`, ``top`` and ``base`` are its materials."""
    height_m = float(rng.uniform(0.735, 0.76))
    thickness_m = float(rng.uniform(0.022, 0.036))
    under_m = height_m - thickness_m - GAP_M
    is_round = style in ("pedestal_round", "bistro")
    if is_round:
        half_x = half_y = float(rng.uniform(0.3, 0.4))
        slab = lathe(solid([(0, 0), (half_x, 0), (half_x, thickness_m), (0, thickness_m)], 0.005), 72)
    else:
        half_x = {"pedestal_square": 0.35, "four_leg": 0.37, "long": 0.9}[style] + float(rng.uniform(-0.03, 0.03))
        half_y = 0.4 if style == "long" else half_x
        slab = rounded_box(2 * half_x, 2 * half_y, thickness_m, 0.004)
    top = top or make("marble" if style == "bistro" else "wood", rng)
    if style == "bistro":
        under, base = (
            _cast_iron(0.8 * half_x, under_m, int(rng.integers(3, 5))),
            base or make("metal", rng, finish="painted"),
        )
    elif style.startswith("pedestal"):
        under, base = _pedestal(0.22, under_m), base or make("metal", rng, finish="painted")
    else:
        under = _frame(half_x, half_y, under_m, 0.05 if style == "four_leg" else 0.07)
        base = base or make("wood", rng, grain="z")
    kit = Kit(
        (part("table top", slab.moved(z=height_m - thickness_m), top), part("table base", under.moved(z=GAP_M), base))
    )
    foot_m = {"bistro": 0.8 * half_x + 0.012, "pedestal_round": 0.22, "pedestal_square": 0.22}.get(style, 0.0)
    return Table(kit, half_x, half_y, height_m, is_round, foot_m)


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "pedestal_square"
) -> list[bpy.types.Object]:
    """Put one table with its feet at ``location``."""
    return design(rng, style).kit.place(location, turn_deg)
