# SPDX-License-Identifier: Apache-2.0
"""An awning over a shop window: striped cloth on folding arms, its back at y = 0, its front towards -y."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import box, join, tube
from depthbench.blender_scenes.objects.forms import thick_sheet
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part
from depthbench.blender_scenes.objects.solids import outward


def design(rng: np.random.Generator, width_m: float, out_m: float = 1.1, drop_m: float = 0.45) -> Kit:
    """Make the parts of an awning whose upper edge is at z = 0; it hangs ``drop_m`` lower ``out_m`` before the wall."""
    metal = make("metal", rng, finish="painted")
    cloth = make("fabric", rng, pattern=str(rng.choice(["stripe", "stripe", "plain"])))
    box_m = 0.12
    case = box(width_m, box_m, 0.13).moved(y=-box_m / 2 - GAP_M, z=-0.13)
    t = np.linspace(0, 1, 9)
    y = -box_m - 0.004 - t * (out_m - box_m - 0.03)
    z = -0.03 - t * (drop_m - 0.03) - 0.025 * np.sin(np.pi * t)
    columns = np.linspace(-width_m / 2 + 0.03, width_m / 2 - 0.03, 25)
    rows = np.stack([np.broadcast_to(columns, (9, 25)), np.repeat(y[:, None], 25, 1), np.repeat(z[:, None], 25, 1)], -1)
    roof = outward(thick_sheet(rows, 0.002))
    end = np.array([y[-1] - 0.016, z[-1]])
    bar = box(width_m - 0.04, 0.028, 0.04).moved(y=float(end[0]) - 0.002, z=float(end[1]) - 0.02)
    wave = 0.02 * np.abs(np.sin(np.linspace(0, width_m / 0.22 * np.pi, 120)))
    skirt_x = np.linspace(-width_m / 2 + 0.03, width_m / 2 - 0.03, 120)
    top = np.stack([skirt_x, np.full(120, end[0]), np.full(120, end[1] - 0.0215)], -1)
    low = top - np.stack([np.zeros(120), 0 * wave, 0.14 + wave], -1)
    skirt = outward(thick_sheet(np.stack([top, 0.5 * (top + low), low]), 0.0016))
    arms = []
    for side in (-1, 1):
        x = side * (width_m / 2 - 0.12)
        foot = [x, -box_m - 0.0175, -0.105]
        elbow = [x - side * 0.22 * out_m, 0.5 * (foot[1] + float(end[0])), 0.5 * (foot[2] + float(end[1])) - 0.085]
        tip = [x, float(end[0]) + 0.028, float(end[1]) - 0.018]
        arms.append(tube(np.array([foot, elbow, tip]), 0.014, 10))
    return Kit(
        (
            part("awning case", case, metal, None),
            part("awning cloth", roof, cloth, 60.0),
            part("awning bar", bar, metal, None),
            part("awning skirt", skirt, cloth, 60.0),
            part("awning arms", join(arms), metal),
        )
    )


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, width_m: float = 2.4
) -> list[bpy.types.Object]:
    """Put one awning at ``location`` on a wall."""
    return design(rng, width_m).place(location, turn_deg)
