# SPDX-License-Identifier: Apache-2.0
"""Traffic lights: a post with a head at its top, or a mast with a second head on an arm over the road."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.materials.palette import RGB, near
from depthbench.blender_scenes.mesh import Mesh, join, lathe, rounded_box, tube
from depthbench.blender_scenes.objects.forms import smooth, solid
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, Part, part
from depthbench.blender_scenes.objects.solids import horn, revolved

STYLES = ("post", "mast")
_LAMPS: tuple[tuple[RGB, RGB], ...] = (
    ((0.9, 0.03, 0.02), (0.08, 0.008, 0.008)),
    ((0.9, 0.45, 0.02), (0.09, 0.05, 0.008)),
    ((0.05, 0.85, 0.35), (0.008, 0.07, 0.04)),
)
"""Colour when it burns and when it does not: red, amber, green."""
_HEAD_M = (0.28, 0.2, 0.88)
_LENS_M = 0.1


def _head(at: tuple[float, float, float]) -> tuple[list[Mesh], list[Mesh]]:
    """Return housing with visors, and the three lenses, facing -y."""
    x, y, z = at
    wide, deep, tall = _HEAD_M
    housing = [rounded_box(wide, deep, tall, 0.03).moved(x, y, z)]
    lenses = []
    for index in range(3):
        up = z + tall - 0.15 - 0.29 * index
        disc = lathe(solid([[0, 0], [_LENS_M, 0], [_LENS_M, 0.012], [0, 0.012]], 0.003), 24)
        lenses.append(disc.rotated("x", 90.0).moved(x, y - deep / 2 - GAP_M, up))
        hood = revolved(
            [[_LENS_M + 0.012, 0], [_LENS_M + 0.018, 0], [_LENS_M + 0.018, 0.16], [_LENS_M + 0.012, 0.16]], 24
        )
        housing.append(hood.rotated("x", 90.0).moved(x, y - deep / 2 + 0.01, up))
    return housing, lenses


def design(rng: np.random.Generator, style: str = "post", burning: int | None = None) -> Kit:
    """Make the parts of a traffic light that faces -y; the arm of a mast reaches to -x.

    ``burning`` is the lamp that burns, 0 red, 1 amber, 2 green; drawn if None.
    """
    lit = int(rng.choice(3, p=[0.45, 0.1, 0.45])) if burning is None else burning
    steel = make("metal", rng, finish="painted")
    black = make("paint", rng, colour=near(rng, (0.02, 0.022, 0.022)))
    heads = [(0.0, -0.19, 2.35)]
    top = 3.3
    posts = [lathe(solid([[0, 0], [0.12, 0], [0.12, 0.015], [0.06, 0.03], [0.055, top], [0, top]]), 20)]
    if style == "mast":
        top, arm_m = 5.6, float(rng.uniform(3.2, 4.4))
        posts = [lathe(solid([[0, 0], [0.17, 0], [0.17, 0.02], [0.1, 0.05], [0.075, top], [0, top]]), 24)]
        arm = smooth([[0, 0, top - 0.05], [-0.5, 0, top + 0.25], [-arm_m, 0, top + 0.35]], 6)
        posts.append(horn(arm, np.linspace(0.065, 0.045, len(arm)), 14))
        heads.append((-arm_m + 0.25, -0.19, top - 0.25))
    posts += [tube(np.array([[x, -0.02, z + 0.6], [x, y + 0.05, z + 0.6]]), 0.025, 8) for x, y, z in heads]
    found = [_head(at) for at in heads]
    parts: list[Part] = [
        part("signal post", join(posts).moved(z=GAP_M), steel),
        part("signal head", join([mesh for housing, _ in found for mesh in housing]), black, 50.0),
    ]
    for index, (burns, dark) in enumerate(_LAMPS):
        lens = make("paint", rng, colour=near(rng, burns if index == lit else dark, 0.01))
        parts.append(part("signal lens", join([lenses[index] for _, lenses in found]), lens, 60.0))
    return Kit(tuple(parts))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "post"
) -> list[bpy.types.Object]:
    """Put one traffic light at ``location``."""
    return design(rng, style).place(location, turn_deg)
