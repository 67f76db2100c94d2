# SPDX-License-Identifier: Apache-2.0
"""Wire fences: mesh panels on steel posts, with rails above and below."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import join, lathe, sheet, tube
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, Part, part

_POST_M, _RAIL_M = 0.024, 0.016


def design(rng: np.random.Generator, length_m: float, height_m: float = 1.6, pitch_m: float | None = None) -> Kit:
    """Make a fence along x, seen from -y with its mesh before the posts; ``pitch_m`` is the width of the mesh's openings."""
    steel = make("metal", rng, finish="painted" if rng.random() < 0.6 else "brushed")
    fraction = float(rng.uniform(0.8, 0.9))
    mesh = make(
        "screen", rng, pattern="wire", open_fraction=fraction, pitch_m=pitch_m or float(rng.uniform(0.04, 0.06))
    )
    bays = max(1, round(length_m / 2.4))
    step = length_m / bays
    posts = []
    for k in range(bays + 1):
        x = -length_m / 2 + k * step
        posts.append(tube(np.array([[x, 0, 0], [x, 0, 0.5], [x, 0, height_m + 0.05]]), _POST_M, 12))
        posts.append(
            lathe([(0, 0), (_POST_M + 0.005, 0), (_POST_M, 0.02), (0, 0.03)], 12).moved(x=x, z=height_m + 0.0502)
        )
    rail = tube(np.array([[-length_m / 2, 0, 0], [0, 0, 0], [length_m / 2, 0, 0]]), _RAIL_M, 10)
    front = -_POST_M - _RAIL_M - GAP_M
    rails = join([rail.moved(y=front, z=z) for z in (0.08, height_m - 0.02)])
    parts: list[Part] = [
        part("fence posts", join(posts).moved(z=GAP_M), steel),
        part("fence rails", rails, steel),
    ]
    panel = part("fence mesh", sheet(step - 0.004, height_m - 0.08), mesh, None)
    shown = Kit((panel,))
    for k in range(bays):
        at = [-length_m / 2 + (k + 0.5) * step, front - _RAIL_M - 2 * GAP_M, 0.06]
        parts += shown.moved(at).parts
    return Kit(tuple(parts))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, length_m: float = 4.8
) -> list[bpy.types.Object]:
    """Put one fence at ``location``."""
    return design(rng, length_m).place(location, turn_deg)
