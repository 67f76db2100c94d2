# SPDX-License-Identifier: Apache-2.0
"""Lorries of the kind that delivers to shops: a cab, and behind it a closed box or a load under canvas."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.materials.palette import RGB, any_hue, near, pick
from depthbench.blender_scenes.mesh import box, join, rounded_box, tube
from depthbench.blender_scenes.objects import heavy_parts
from depthbench.blender_scenes.objects.forms import prism
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, Part, part

STYLES = ("box", "canvas")
_COLOURS: tuple[RGB, ...] = (
    (0.62, 0.62, 0.6),
    (0.5, 0.05, 0.03),
    (0.05, 0.1, 0.3),
    (0.55, 0.33, 0.03),
    (0.06, 0.2, 0.1),
)


def design(rng: np.random.Generator, style: str = "box") -> Kit:
    """Make the parts of a lorry that drives towards +x; ``style`` is one of :data:`STYLES`."""
    load_m, wide = float(rng.uniform(3.8, 5.6)), float(rng.uniform(2.2, 2.4))
    tall, half = float(rng.uniform(2.1, 2.5)), wide / 2
    cab_m, bed = 1.85, 1.0
    rear = -(load_m + 0.1 + cab_m) / 2
    back_of_cab = rear + load_m + 0.1
    nose = back_of_cab + cab_m
    lacquer = make("paint", rng, colour=near(rng, pick(rng, _COLOURS)), coat=1.0)
    dark = make("paint", rng, colour=near(rng, (0.02, 0.024, 0.028)))
    grey = make("paint", rng, colour=near(rng, (0.06, 0.06, 0.062)))
    sill, top = (nose, 1.3), (nose - 0.28, 2.45)
    outline = [
        (back_of_cab, 0.52),
        (nose - 0.05, 0.52),
        (nose, 0.6),
        sill,
        top,
        (nose - 0.55, 2.62),
        (back_of_cab, 2.62),
    ]
    cab = heavy_parts.side_view(outline, wide - 0.12)
    panes = [
        heavy_parts.on_slope(sill, top, (0.08, 0.9), wide - 0.3),
        *heavy_parts.on_sides([(nose - 1.2, nose - 0.38, 1.4, 2.25)], half - 0.06),
    ]
    chassis = box(load_m + 1.2, 0.8, 0.3).moved(x=rear + (load_m + 1.2) / 2, z=0.6)
    guard = rounded_box(0.08, wide - 0.2, 0.12, 0.02).moved(x=rear + 0.1, z=0.45)
    mirrors = []
    for side in (-1.0, 1.0):
        foot = np.array([nose - 0.25, side * (half - 0.05), 2.2])
        mirrors += [
            tube(np.stack([foot, foot + np.array([0.1, side * 0.16, 0.02])]), 0.015, 8),
            rounded_box(0.06, 0.16, 0.38, 0.02).moved(*(foot + np.array([0.1, side * 0.2, -0.25]))),
        ]
    parts: list[Part] = [
        part("cab", cab, lacquer, None),
        part("panes", join(panes), dark, None),
        part("chassis", join([chassis, guard]), grey, None),
        part("mirrors", join(mirrors), grey, 50.0),
        *_load(rng, style, rear, load_m, wide, tall, bed),
    ]
    parts += heavy_parts.wheels(rng, (rear + 0.9, nose - 1.0), half - 0.06)
    parts += heavy_parts.lamps(rng, nose, rear, half - 0.05, 0.72)
    # The tail lamps hang on a beam under the load.
    beam = rounded_box(0.06, wide - 0.1, 0.25, 0.01).moved(x=rear + 0.03, z=0.66)
    return Kit(heavy_parts.named([*parts, part("beam", beam, grey, None)], "lorry")).moved([0.0, 0.0, GAP_M])


def _load(
    rng: np.random.Generator, style: str, rear: float, load_m: float, wide: float, tall: float, bed: float
) -> list[Part]:
    """A box with doors at its back and a band of colour, or canvas over hoops."""
    middle = rear + load_m / 2
    if style == "canvas":
        outline = [(-wide / 2, bed), (wide / 2, bed), (wide / 2, bed + 0.85 * tall), (0.6 * wide / 2, bed + tall), (-0.6 * wide / 2, bed + tall), (-wide / 2, bed + 0.85 * tall)]  # fmt: skip

        cloth = make("fabric", rng, colour=any_hue(rng, (0.3, 0.7), (0.1, 0.4)))
        return [part("canvas", prism(outline, load_m).moved(x=middle), cloth, None)]
    white = make("paint", rng, colour=near(rng, pick(rng, ((0.68, 0.68, 0.66), (0.68, 0.68, 0.66), (0.4, 0.41, 0.42)))))
    colour = make("paint", rng, colour=any_hue(rng, (0.5, 0.9), (0.15, 0.5)))
    shell = rounded_box(load_m, wide, tall, 0.03).moved(x=middle, z=bed)
    low = bed + float(rng.uniform(0.2, 0.5)) * tall
    band = heavy_parts.on_sides(
        [(rear + 0.3, rear + load_m - 0.3, low, low + float(rng.uniform(0.2, 0.45)) * tall)], wide / 2
    )
    doors = [
        rounded_box(0.01, wide / 2 - 0.1, tall - 0.2, 0.003).moved(
            x=rear - 0.005 - GAP_M, y=side * wide / 4, z=bed + 0.1
        )
        for side in (-1.0, 1.0)
    ]
    return [
        part("box", shell, white, None),
        part("band", join(band), colour, None),
        part("doors", join(doors), make("metal", rng, finish="painted"), None),
    ]


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "box"
) -> list[bpy.types.Object]:
    """Put one lorry at ``location``."""
    return design(rng, style).place(location, turn_deg)
