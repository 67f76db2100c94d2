# SPDX-License-Identifier: Apache-2.0
"""Window blinds that hang down from their origin, in the plane y = 0: slats on cords, or a roller of see-through mesh."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import box, join, rounded_box, sheet, tube
from depthbench.blender_scenes.objects.forms import thick_sheet
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part

STYLES = ("slats", "roller")
SLAT_M = 0.025
_PITCH_M = 0.021
_HEAD_M = 0.03


def design(
    rng: np.random.Generator,
    style: str = "slats",
    width_m: float = 1.2,
    drop_m: float = 1.2,
    tilt_deg: float | None = None,
    fill: Any = None,
    metal: Any = None,
) -> Kit:
    """Make the parts of a blind that reaches ``drop_m`` down.

    ``tilt_deg`` turns the slats (0: level, so that one sees out between them; 70: nearly shut), drawn if None; ``fill`` is the
    material of slats or mesh.
    """
    metal = metal or make("paint", rng, colour=(0.62, 0.61, 0.59))
    head = box(width_m, SLAT_M, _HEAD_M).moved(z=-_HEAD_M - GAP_M)
    if style == "roller":
        fill = fill or make("screen", rng, pattern="wire", pitch_m=0.003, open_fraction=float(rng.uniform(0.15, 0.4)))
        top = -_HEAD_M - GAP_M - 0.001
        foot = rounded_box(width_m, 0.012, 0.022, 0.004).moved(z=-drop_m)
        mesh = sheet(width_m, drop_m + top - 0.0235).moved(z=-drop_m + 0.023)
        return Kit(
            (
                part("blind head", head, metal, None),
                part("blind foot", foot, metal),
                part("blind mesh", mesh, fill, None),
            )
        )
    tilt = float(rng.uniform(-35, 55)) if tilt_deg is None else tilt_deg
    fill = fill or make("metal", rng, finish="brushed" if rng.random() < 0.35 else "painted")
    across = np.linspace(-SLAT_M / 2, SLAT_M / 2, 5)
    arch = 0.0022 * (1 - (2 * across / SLAT_M) ** 2)
    ends = np.array([-width_m / 2, width_m / 2])
    x, y = np.meshgrid(ends, across)
    one = thick_sheet(np.stack([x, y, np.broadcast_to(arch[:, None], x.shape)], axis=-1), 0.0004).rotated("x", tilt)
    count = max(2, int((drop_m - _HEAD_M - 0.035) / _PITCH_M))
    levels = -_HEAD_M - 0.02 - _PITCH_M * np.arange(count)
    slats = join([one.moved(z=float(z)) for z in levels])
    foot_z = float(levels[-1]) - 0.022
    reach = SLAT_M / 2 + 0.0015
    spots = np.linspace(-0.5, 0.5, max(2, round(width_m / 0.6))) * (width_m - 0.3)
    up = np.array([foot_z + 0.002, *levels[::-1], -_HEAD_M / 2])
    # The head is as deep as a slat: cords run just before and behind it, a hand's breadth of them above its lower edge.
    cords = [
        tube(np.stack([np.full(len(up), s), np.full(len(up), sy * reach), up], axis=1), 0.0008, 5)
        for s in spots
        for sy in (-1, 1)
    ]
    foot = rounded_box(width_m, SLAT_M - 0.001, 0.012, 0.003).moved(z=foot_z - 0.006)
    return Kit(
        (
            part("blind head", head, metal, None),
            part("blind slats", slats, fill, 30.0),
            part("blind foot", foot, metal),
            part("blind cords", join(cords), metal, None),
        )
    )


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "slats"
) -> list[bpy.types.Object]:
    """Hang one blind from ``location``."""
    return design(rng, style).place(location, turn_deg)
