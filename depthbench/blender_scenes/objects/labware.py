# SPDX-License-Identifier: Apache-2.0
"""Glassware of a laboratory: beakers, conical and round flasks, cylinders, watch glasses, test tubes in a rack; some filled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import box, join, lathe
from depthbench.blender_scenes.objects import fill
from depthbench.blender_scenes.objects.forms import cavity, fillet, ring, vessel
from depthbench.blender_scenes.objects.kit import GAP_M, GLASS_GAP_M, Kit, Part, part

# outline (radius, z) of the outside
_OUTSIDES: dict[str, list[list[float]]] = {
    "beaker": [[0.03, 0], [0.034, 0.004], [0.034, 0.09], [0.037, 0.096]],
    "conical": [[0.04, 0], [0.044, 0.005], [0.015, 0.1], [0.015, 0.125], [0.019, 0.132]],
    "round": [
        [0.016, 0],
        [0.034, 0.012],
        [0.045, 0.042],
        [0.034, 0.074],
        [0.0125, 0.092],
        [0.0125, 0.14],
        [0.016, 0.145],
    ],
    "cylinder": [[0.033, 0], [0.034, 0.005], [0.0155, 0.014], [0.0155, 0.2], [0.019, 0.21]],
    "dish": [[0.04, 0], [0.045, 0.003], [0.046, 0.02]],
}
STYLES = (*_OUTSIDES, "rack")
_WALL_M = 0.0016
_SEGMENTS = 40
_LIQUIDS = ("water", "water", "herb_tea", "rose_wine", "apple_juice", "oil", "red_wine")
"""By colour."""


def _liquid(rng: np.random.Generator) -> Any:
    return make("liquid", rng, kind=str(rng.choice(_LIQUIDS)))


def _vessel(rng: np.random.Generator, style: str, glass: Any, share: float) -> list[Part]:
    outside = fillet(_OUTSIDES[style], 0.006, 3) * float(rng.uniform(0.85, 1.35))
    floor = 0.016 if style == "cylinder" else 0.003
    parts = [part(f"{style} glass", lathe(vessel(outside, _WALL_M, floor), _SEGMENTS), glass)]
    if share > 0 and style != "dish":
        inside = cavity(outside, _WALL_M, floor)
        body = fill.liquid(inside, fill.level_m(inside, share), _SEGMENTS)
        parts.append(part("liquid", body, _liquid(rng), 50.0))
    return list(Kit(tuple(parts)).moved([0, 0, GLASS_GAP_M]).parts)


def _rack(rng: np.random.Generator, glass: Any) -> list[Part]:
    """Test tubes that stand through a board on feet, each clear of its hole."""
    count, pitch = int(rng.integers(5, 8)), 0.03
    outline = fillet([[0.002, 0], [0.0055, 0.0015], [0.008, 0.008], [0.008, 0.13], [0.0095, 0.134]], 0.004, 2)
    tube_body = lathe(vessel(outline, 0.0011, 0.0022), 24)
    inside = cavity(outline, 0.0011, 0.0022)
    wide = count * pitch + 0.03
    base = box(wide, 0.06, 0.008)
    ends = [box(0.008, 0.05, 0.1).moved(sx * (wide / 2 - 0.004)) for sx in (-1, 1)]
    collars = [ring(0.0115, 0.0022, 28, 8).moved(x=(k - (count - 1) / 2) * pitch, z=0.092) for k in range(count)]
    rails = [box(wide - 0.01, 0.004, 0.006).moved(y=sy * 0.0152, z=0.089) for sy in (-1, 1)]
    wood = make("wood", rng) if rng.random() < 0.5 else make("metal", rng, finish="painted")
    parts = [part("tube rack", join([base, *ends, *collars, *rails]).moved(z=GAP_M), wood)]
    for index in range(count):
        if rng.random() < 0.85:
            spot = Kit((part("test tube", tube_body, glass),))
            if rng.random() < 0.6:
                body = fill.liquid(inside, float(rng.uniform(0.02, 0.09)), 24)
                spot = Kit((*spot.parts, part("liquid", body, _liquid(rng), 50.0)))
            parts += spot.moved([(index - (count - 1) / 2) * pitch, 0, 0.008 + GAP_M + GLASS_GAP_M]).parts
    return parts


def design(rng: np.random.Generator, style: str = "beaker", glass: Any = None, share: float | None = None) -> Kit:
    """Make one; ``style`` is one of :data:`STYLES`; ``share`` is how high it is filled, drawn if None (0: empty)."""
    glass = glass or make("glass", rng, tint=(0.985, 0.995, 0.99))
    if style == "rack":
        return Kit(tuple(_rack(rng, glass)))
    level = (float(rng.uniform(0.2, 0.7)) if rng.random() < 0.6 else 0.0) if share is None else share
    return Kit(tuple(_vessel(rng, style, glass, level)))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "beaker"
) -> list[bpy.types.Object]:
    """Put one at ``location``."""
    return design(rng, style).place(location, turn_deg)
