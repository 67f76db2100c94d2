# SPDX-License-Identifier: Apache-2.0
"""Perfume bottles: thick clear or tinted glass, block, facetted, round or slender, with a collar and a cap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, join, lathe, rounded_box, sphere
from depthbench.blender_scenes.objects import fill
from depthbench.blender_scenes.objects.forms import cavity, smooth, solid, vessel
from depthbench.blender_scenes.objects.kit import GAP_M, GLASS_GAP_M, Kit, part

_WALL_M, _FLOOR_M = 0.003, 0.008
_CONTENTS = ("white_wine", "rose_wine", "apple_juice", "water")
"""Liquids of a perfume's colours."""
STYLES = ("block", "facetted", "round", "slender")
_OUTSIDES = {
    "facetted": [[0.026, 0], [0.03, 0.004], [0.034, 0.04], [0.016, 0.062], [0.0075, 0.066], [0.0075, 0.074]],
    "round": [[0.018, 0], [0.03, 0.008], [0.038, 0.034], [0.028, 0.058], [0.008, 0.068], [0.0075, 0.078]],
    "slender": [[0.014, 0], [0.0155, 0.003], [0.0165, 0.09], [0.0085, 0.1], [0.0075, 0.108]],
}


def _block(rng: np.random.Generator) -> tuple[Mesh, Mesh]:
    """A block of glass about a hollow, two closed surfaces, the inner one inside out; and the perfume in the hollow."""
    wide, deep, tall = (
        float(rng.uniform(0.045, 0.07)),
        float(rng.uniform(0.024, 0.036)),
        float(rng.uniform(0.055, 0.095)),
    )
    wall, floor = 0.005, float(rng.uniform(0.008, 0.014))
    inner, bevel = np.array([wide - 2 * wall, deep - 2 * wall, tall - floor - wall]), 0.003
    hollow = rounded_box(float(inner[0]), float(inner[1]), float(inner[2]), bevel).moved(z=floor).flipped()
    wet = inner + np.array([2 * fill.BITE_M, 2 * fill.BITE_M, fill.BITE_M])
    wet[2] *= float(rng.uniform(0.35, 0.85))
    content = rounded_box(float(wet[0]), float(wet[1]), float(wet[2]), bevel).moved(z=floor - fill.BITE_M)
    return join([rounded_box(wide, deep, tall, bevel), hollow]), content


def design(rng: np.random.Generator, style: str = "block", glass: Any = None) -> Kit:
    """Make the parts of a perfume bottle; ``style`` is one of :data:`STYLES`."""
    glass = glass or make("glass", rng)
    if style == "block":
        body, content = _block(rng)
    else:
        outside = np.array(_OUTSIDES[style]) * float(rng.uniform(0.85, 1.15))
        profile = outside if style == "facetted" else smooth(outside, 4)
        segments = int(rng.integers(6, 10)) if style == "facetted" else 32
        inside = cavity(profile, _WALL_M, _FLOOR_M)
        body = lathe(vessel(profile, _WALL_M, _FLOOR_M), segments)
        content = fill.liquid(inside, fill.level_m(inside, float(rng.uniform(0.3, 0.75))), segments)
    top = float(body.vertices[:, 2].max())
    over = GLASS_GAP_M + top + GLASS_GAP_M
    radius = float(rng.uniform(0.0085, 0.011))
    collar = lathe(solid([[0, 0], [radius, 0], [radius, 0.006], [0, 0.006]], 0.001), 24).moved(z=over)
    tall = float(rng.uniform(0.016, 0.03))
    kind = int(rng.integers(3))
    if kind == 0:
        cap = sphere(1.5 * radius, 24, 12).moved(z=1.5 * radius)
    elif kind == 1:
        cap = rounded_box(2.4 * radius, 2.4 * radius, tall, 0.0015)
    else:
        cap = lathe(solid([[0, 0], [1.15 * radius, 0], [1.3 * radius, tall], [0, tall]], 0.0015), 28)
    metal = make("metal", rng, finish=str(rng.choice(["polished", "brushed"])))
    lid = metal if rng.random() < 0.5 else make("paint", rng)
    crease = 18.0 if style in ("facetted", "block") else 50.0
    return Kit(
        (
            part("perfume bottle", body.moved(z=GLASS_GAP_M), glass, crease),
            part("perfume", content.moved(z=GLASS_GAP_M), make("liquid", rng, kind=str(rng.choice(_CONTENTS))), crease),
            part("perfume collar", collar, metal),
            part("perfume cap", cap.moved(z=over + 0.006 + GAP_M), lid),
        )
    )


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "block"
) -> list[bpy.types.Object]:
    """Put one perfume bottle at ``location``."""
    return design(rng, style).place(location, turn_deg)
