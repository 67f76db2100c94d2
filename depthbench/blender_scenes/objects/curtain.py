# SPDX-License-Identifier: Apache-2.0
"""Curtains on a rod: sheers of thin fabric (open sheets, class SCREEN) behind heavy ones, hung by rings, drawn or tied back.

The kit hangs down from its origin, which is on the wall at the height of the rod; its back is y = 0, its front -y.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, box, join, sphere, tube
from depthbench.blender_scenes.objects.forms import ring
from depthbench.blender_scenes.objects.kit import GAP_M, GLASS_GAP_M, Kit, Part, part
from depthbench.blender_scenes.objects.soft import hanging

STYLES = ("sheer", "heavy", "both")
SHEER_OFF_M, HEAVY_OFF_M = 0.085, 0.175
"""How far before the wall the sheets hang."""
DEPTH_M = 0.235
"""How far the curtains reach into the room."""
_WIRE_M = 0.0025


def _rod(half_m: float, off_m: float, radius_m: float) -> Mesh:
    """A rod before the wall between two brackets, knobs at its ends."""
    line = np.linspace([-half_m, -off_m, 0], [half_m, -off_m, 0], 5)
    knobs = [sphere(1.7 * radius_m, 16, 8).moved(sx * half_m, -off_m, 0) for sx in (-1, 1)]
    arms = [
        part_
        for sx in (-1, 1)
        for part_ in (
            box(0.018, off_m - GAP_M, 0.012).moved(sx * (half_m - 0.02), -off_m / 2 - GAP_M, -0.006),
            box(0.03, 0.006, 0.07).moved(sx * (half_m - 0.02), -0.003 - GAP_M, -0.035),
        )
    ]
    return join([tube(line, radius_m, 14), *knobs, *arms])


def _rings(at_m: Sequence[float], off_m: float, radius_m: float) -> tuple[Mesh, float]:
    """Rings that hang on a rod, and the height of their lowest point."""
    inner = radius_m + 0.0035
    hung = -(inner - radius_m - GAP_M)
    one = ring(inner + _WIRE_M, _WIRE_M, 18, 6).rotated("y", 90.0)
    return join([one.moved(x, -off_m, hung) for x in at_m]), hung - inner - 2 * _WIRE_M


def _sheets(
    rng: np.random.Generator, half_m: float, drop_m: float, off_m: float, radius_m: float, covered: float, fold_m: float
) -> tuple[list[Mesh], Mesh]:
    """Two sheets drawn to the sides so that ``covered`` of the width hangs behind them, and their rings."""
    inner = half_m * (1 - covered) + 0.008
    tied = float(rng.uniform(0.35, 0.7)) if covered > 0.55 and rng.random() < 0.4 else 0.0
    ends = [(-half_m, -inner, tied), (inner, half_m, -tied)]
    at = [float(x) for left, right, _ in ends for x in np.arange(left + 0.01, right, fold_m)]
    rings, low = _rings(at, off_m, radius_m)
    depth = 0.36 * fold_m
    sheets = [
        hanging(rng, left, right, drop_m + low - GLASS_GAP_M, fold_m, min(depth, 0.036), pull).moved(
            y=-off_m, z=low - GLASS_GAP_M
        )
        for left, right, pull in ends
    ]
    return sheets, rings


def design(
    rng: np.random.Generator,
    width_m: float,
    drop_m: float,
    style: str = "both",
    sheer_share: float = 1.0,
    heavy_share: float = 0.3,
    sheer: Any = None,
    heavy: Any = None,
) -> Kit:
    """Make curtains for a rod ``width_m`` long whose sheets end ``drop_m`` under it.

    Parameters
    ----------
    style : str
        One of :data:`STYLES`.
    sheer_share, heavy_share : float
        How much of the width each pair covers: 1 is drawn shut, 0.2 gathered at the sides.
    sheer, heavy : material
        Drawn if None.
    """
    half = width_m / 2
    metal = make("metal", rng, finish=str(rng.choice(["painted", "brushed", "polished"])))
    parts: list[Part] = []
    if style in ("sheer", "both"):
        cloth = sheer or make("thin_fabric", rng)
        sheets, rings = _sheets(
            rng, half - 0.09, drop_m, SHEER_OFF_M, 0.006, sheer_share, float(rng.uniform(0.08, 0.13))
        )
        parts.append(part("sheer rod", _rod(half - 0.045, SHEER_OFF_M, 0.006), metal))
        parts.append(part("sheer rings", rings, metal))
        parts += [part("sheer curtain", mesh, cloth, 80.0) for mesh in sheets]
    if style in ("heavy", "both"):
        cloth = heavy or make("fabric", rng)
        sheets, rings = _sheets(rng, half, drop_m, HEAVY_OFF_M, 0.011, heavy_share, float(rng.uniform(0.07, 0.1)))
        parts.append(part("curtain rod", _rod(half + 0.04, HEAVY_OFF_M, 0.011), metal))
        parts.append(part("curtain rings", rings, metal))
        parts += [part("curtain", mesh, cloth, 80.0) for mesh in sheets]
    return Kit(tuple(parts))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "both"
) -> list[bpy.types.Object]:
    """Hang curtains from ``location`` on a wall."""
    return design(rng, 2.0, 2.2, style).place(location, turn_deg)
