# SPDX-License-Identifier: Apache-2.0
"""A town bus: one body with a row of windows, doors on its right side, a route over the windscreen."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.materials.palette import RGB, near, pick
from depthbench.blender_scenes.mesh import join, rounded_box
from depthbench.blender_scenes.objects import heavy_parts
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, Part, part

_COLOURS: tuple[RGB, ...] = (
    (0.5, 0.03, 0.025),
    (0.6, 0.42, 0.04),
    (0.55, 0.56, 0.55),
    (0.04, 0.12, 0.3),
    (0.08, 0.3, 0.16),
)


def design(rng: np.random.Generator) -> Kit:
    """Make the parts of a bus that drives towards +x."""
    length, wide, tall = float(rng.uniform(9.5, 11.5)), 2.5, 3.0
    nose, rear, half = length / 2, -length / 2, wide / 2
    lacquer = make("paint", rng, colour=near(rng, pick(rng, _COLOURS)), coat=1.0)
    dark = make("paint", rng, colour=near(rng, (0.02, 0.024, 0.028)))
    sill, brow = (nose, 1.0), (nose - 0.12, 2.75)
    outline = [(rear, 0.36), (nose - 0.06, 0.36), (nose, 0.45), sill, brow, (nose - 0.4, tall), (rear + 0.1, tall), (rear, tall - 0.1)]  # fmt: skip
    panes = [heavy_parts.on_slope(sill, brow, (0.08, 0.8), wide - 0.24)]
    count = int(rng.integers(5, 7))
    step = (length - 1.6) / count
    spans = [(rear + 0.5 + k * step, rear + 0.5 + (k + 1) * step - 0.12, 1.25, 2.45) for k in range(count)]
    panes += heavy_parts.on_sides(spans, half)
    panes.append(rounded_box(0.004, wide - 0.5, 0.9, 0.0015).moved(x=rear - 0.005, z=1.55))
    doors = [
        rounded_box(1.15, 0.006, 1.85, 0.002).moved(x=x, y=-half - 0.012, z=0.5)
        for x in (nose - 1.0, float(rng.uniform(-0.5, 0.5)))
    ]
    route = heavy_parts.on_slope(sill, brow, (0.84, 0.98), 1.5)
    parts: list[Part] = [
        part("body", heavy_parts.side_view(outline, wide), lacquer, None),
        part("panes", join(panes), dark, None),
        part("doors", join(doors), make("paint", rng, colour=near(rng, (0.1, 0.11, 0.115))), None),
        part("route", route, make("paint", rng, colour=near(rng, (0.8, 0.5, 0.05))), None),
        *heavy_parts.wheels(rng, (rear + 2.4, nose - 2.2), half + 0.02),
        *heavy_parts.lamps(rng, nose, rear, half, 0.62),
    ]
    return Kit(heavy_parts.named(parts, "bus")).moved([0.0, 0.0, GAP_M])


def add(rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0) -> list[bpy.types.Object]:
    """Put one bus at ``location``."""
    return design(rng).place(location, turn_deg)
