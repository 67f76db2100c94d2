# SPDX-License-Identifier: Apache-2.0
"""Dividers that stand on desks, in the plane y = 0: acrylic, glass, or boards of felt, held by clamps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import box, join, rounded_box
from depthbench.blender_scenes.objects.kit import GAP_M, GLASS_GAP_M, Kit, part

STYLES = ("acrylic", "glass", "felt")
FOOT_M = 0.14
"""Length of a clamp's plate across the divider."""


def design(
    rng: np.random.Generator,
    style: str,
    width_m: float,
    height_m: float,
    fill: Any = None,
    metal: Any = None,
    clamps_m: Sequence[float] | None = None,
) -> Kit:
    """Make the parts.

    ``style`` is one of :data:`STYLES`, ``fill`` and ``metal`` are materials, ``clamps_m`` the places of the clamps along x, near
    the ends by default.
    """
    metal = metal or make("metal", rng, finish="painted")
    spots = clamps_m if clamps_m is not None else [sx * (0.5 * width_m - 0.12) for sx in (-1, 1)]
    if style == "felt":
        thick = 0.024
        panel = rounded_box(width_m, thick, height_m, 0.004)
        fill = fill or make("fabric", rng, pattern=str(rng.choice(["plain", "melange"])))
    else:
        thick = float(rng.choice([0.005, 0.008]))
        panel = box(width_m, thick, height_m)
        if style == "glass":
            fill = fill or make("architectural_glass", rng)
        else:
            finish = str(rng.choice(["clear", "tinted", "frosted"], p=[0.5, 0.3, 0.2]))
            fill = fill or make("acrylic", rng, transmissivity=float(rng.uniform(0.45, 0.9)), finish=finish)
    plate = rounded_box(0.05, FOOT_M, 0.004, 0.001)
    out = thick / 2 + 1.5 * GLASS_GAP_M
    cheeks = [box(0.045, 0.006, 0.05).moved(0, sy * (out + 0.003), 0.002) for sy in (-1, 1)]
    clamps = join([join([plate, *cheeks]).moved(x=float(x)) for x in spots])
    up = 0.004 + 1.5 * GLASS_GAP_M
    return Kit(
        (
            part(f"divider {style}", panel.moved(z=up + GAP_M), fill, None),
            part("divider clamps", clamps.moved(z=GAP_M), metal, None),
        )
    )


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "acrylic"
) -> list[bpy.types.Object]:
    """Put one divider on a desk's top at ``location``."""
    return design(rng, style, 1.4, 0.4).place(location, turn_deg)
