# SPDX-License-Identifier: Apache-2.0
"""A water cooler facing -y: cabinet, two taps over a drip tray, a clear bottle upside down with water in it."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, box, join, lathe, rounded_box
from depthbench.blender_scenes.objects import fill
from depthbench.blender_scenes.objects.forms import cavity, fillet, smooth, solid, vessel
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part
from depthbench.blender_scenes.objects.solids import revolved

_BODY_M = 0.92
_WALL_M = 0.0022
_SEGMENTS = 40


def _bottle(rng: np.random.Generator) -> tuple[Mesh, Mesh]:
    """The bottle as it stands on its neck (its mouth is a closed cap below), and the water in it."""
    ribs = [[0.133 if k % 2 else 0.128, 0.16 + 0.022 * k] for k in range(9)]
    outside = np.array(
        [
            [0.02, 0.0],
            [0.024, 0.004],
            [0.026, 0.06],
            [0.05, 0.075],
            [0.115, 0.115],
            [0.132, 0.14],
            *ribs,
            [0.132, 0.375],
            [0.118, 0.395],
        ]
    )
    outside = smooth(fillet(outside, 0.012, 2), 2)
    # A vessel open above, closed by a dome that stays clear of it by nothing: the profile goes on over the top.
    floor = 0.006
    profile = vessel(outside, _WALL_M, floor)
    rim = len(outside) + 1
    over = [(0.06, 0.401), (0.0, 0.403)]
    under = [(0.0, 0.403 - _WALL_M), (0.06, 0.401 - _WALL_M)]
    shell = lathe([*profile[:rim], *over], _SEGMENTS)
    inner = lathe(solid([*[(0.0, floor)], *profile[rim + 1 : -2][::-1], *under[::-1]]), _SEGMENTS)
    hollow = join([shell, inner.flipped()])
    level = float(rng.uniform(0.16, 0.37))
    water = fill.liquid(cavity(outside, _WALL_M, floor), level, _SEGMENTS)
    return hollow, water


def design(rng: np.random.Generator) -> Kit:
    """Make the parts."""
    light = ((0.72, 0.72, 0.71), (0.05, 0.052, 0.055))[int(rng.random() < 0.25)]
    shell, water = _bottle(rng)
    half = 0.15
    niche = 0.62
    body = [
        rounded_box(2 * half, 0.3, niche, 0.012),
        box(2 * half, 0.16, 0.2).moved(y=0.07, z=niche - 0.001),
        rounded_box(2 * half, 0.3, _BODY_M - niche - 0.19, 0.012).moved(z=niche + 0.19),
    ]
    collar = revolved([(0.034, 0.0), (0.1, 0.0), (0.09, 0.03), (0.034, 0.045)], 48).moved(z=_BODY_M - 0.002)
    tap = join(
        [
            box(0.03, 0.05, 0.03).moved(y=-0.036 + 0.01),
            lathe(solid([(0, -0.03), (0.008, -0.03), (0.008, 0.0), (0, 0.0)]), 16).moved(y=-0.04),
            rounded_box(0.02, 0.035, 0.012, 0.003).moved(y=-0.045, z=0.032),
        ]
    )
    front = -0.01
    taps = [tap.moved(sx * 0.06, front, niche + 0.13) for sx in (-1, 1)]
    drip = box(0.2, 0.1, 0.012).moved(y=-0.085, z=niche + GAP_M)
    up = _BODY_M + 0.002
    clear = make("glass", rng, ior=1.45, tint=(0.9, 0.96, 0.99))
    return Kit(
        (
            part("cooler body", join([*body, collar]).moved(z=GAP_M), make("paint", rng, colour=light)),
            part("cooler tap hot", taps[0].moved(z=GAP_M), make("paint", rng, colour=(0.5, 0.03, 0.03))),
            part("cooler tap cold", taps[1].moved(z=GAP_M), make("paint", rng, colour=(0.03, 0.1, 0.5))),
            part("cooler drip tray", drip.moved(z=GAP_M), make("paint", rng, colour=(0.08, 0.08, 0.085))),
            part("cooler bottle", shell.moved(z=up), clear, 60.0),
            part("cooler water", water.moved(z=up), make("liquid", rng, kind="water"), 60.0),
        )
    )


def add(rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0) -> list[bpy.types.Object]:
    """Put one cooler at ``location``."""
    return design(rng).place(location, turn_deg)
