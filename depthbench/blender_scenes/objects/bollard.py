# SPDX-License-Identifier: Apache-2.0
"""Bollards: cast iron with rings, a steel tube with a reflecting band, a block of granite."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import lathe, rounded_box
from depthbench.blender_scenes.objects.forms import solid
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part

STYLES = ("iron", "steel", "stone")


def design(rng: np.random.Generator, style: str = "iron") -> Kit:
    """Make the parts of a bollard, about a metre tall; ``style`` is one of :data:`STYLES`."""
    tall = float(rng.uniform(0.82, 1.05))
    if style == "stone":
        block = rounded_box(0.3, 0.3, 0.6 * tall, 0.025)
        return Kit((part("bollard", block.moved(z=GAP_M), make("concrete", rng), None),))
    paint = make("metal", rng, finish="painted")
    if style == "iron":
        side = [[0.11, 0], [0.11, 0.08], [0.085, 0.11], [0.075, 0.2], [0.085, 0.22], [0.07, 0.25], [0.055, 0.72 * tall]]
        side += [
            [0.08, 0.74 * tall],
            [0.08, 0.77 * tall],
            [0.06, 0.8 * tall],
            [0.075, 0.9 * tall],
            [0.03, 0.985 * tall],
        ]
        post = lathe(solid([[0, 0], *side, [0, tall]], 0.008), 28)
        return Kit((part("bollard", post.moved(z=GAP_M), paint),))
    dome = [[0.057, tall - 0.03], [0.045, tall - 0.012], [0.02, tall]]
    low = 0.78 * tall
    band = lathe(solid([[0, low], [0.0585, low], [0.0585, low + 0.09], [0, low + 0.09]]), 28)
    ring = band.moved(z=GAP_M)
    # The tube is cut where the band goes round it, so that neither lies inside the other.
    under = lathe(solid([[0, 0], [0.09, 0], [0.09, 0.008], [0.057, 0.009], [0.057, low - GAP_M], [0, low - GAP_M]]), 28)
    over = lathe(solid([[0, low + 0.0905], [0.057, low + 0.0905], *dome, [0, tall]]), 28)
    return Kit(
        (
            part("bollard foot", under.moved(z=GAP_M), paint),
            part("bollard band", ring, make("paint", rng, colour=(0.7, 0.7, 0.66))),
            part("bollard head", over.moved(z=GAP_M), paint),
        )
    )


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "iron"
) -> list[bpy.types.Object]:
    """Put one bollard at ``location``."""
    return design(rng, style).place(location, turn_deg)
