# SPDX-License-Identifier: Apache-2.0
"""Bottles and carafes: closed hollow shells of glass, empty or full, with a cap and often a paper label around the body."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import lathe
from depthbench.blender_scenes.objects import fill
from depthbench.blender_scenes.objects.forms import cavity, fillet, smooth, solid, thick_sheet, vessel
from depthbench.blender_scenes.objects.kit import GLASS_GAP_M, Kit, part

# outline, wall, inside floor, label's lower and upper edge (None: no straight body), closed by a cap
_BODIES: dict[str, tuple[list[list[float]], float, tuple[float, float] | None, bool]] = {
    "wine": (
        [[0.036, 0], [0.0375, 0.004], [0.0375, 0.19], [0.016, 0.232], [0.0145, 0.27], [0.0148, 0.3]],
        0.003,
        (0.05, 0.14),
        True,
    ),
    "beer": ([[0.029, 0], [0.0305, 0.004], [0.0305, 0.13], [0.015, 0.18], [0.013, 0.228]], 0.0026, (0.04, 0.1), True),
    "syrup": (
        [[0.036, 0], [0.0375, 0.004], [0.0375, 0.2], [0.03, 0.235], [0.015, 0.26], [0.0145, 0.3]],
        0.003,
        (0.04, 0.16),
        True,
    ),
    "spirit": (
        [[0.04, 0], [0.042, 0.005], [0.042, 0.165], [0.016, 0.19], [0.0155, 0.245]],
        0.0035,
        (0.045, 0.125),
        True,
    ),
    "water": (
        [[0.038, 0], [0.04, 0.004], [0.04, 0.16], [0.03, 0.2], [0.0155, 0.235], [0.0145, 0.275]],
        0.0028,
        None,
        False,
    ),
    "carafe": (
        [[0.042, 0], [0.05, 0.02], [0.052, 0.06], [0.03, 0.14], [0.024, 0.17], [0.034, 0.225]],
        0.0026,
        None,
        False,
    ),
}
STYLES = tuple(_BODIES)
CONTENTS: dict[str, tuple[str, ...]] = {
    "wine": ("red_wine", "white_wine", "rose_wine"),
    "beer": ("beer",),
    "syrup": ("apple_juice", "rose_wine", "oil"),
    "spirit": ("tea", "water", "oil"),
    "water": ("water",),
    "carafe": ("water", "water", "red_wine", "orange_juice"),
}
_FLOOR_M = 0.009
_SEGMENTS = 36


def design(
    rng: np.random.Generator,
    style: str = "wine",
    colour: Any = None,
    cap: Any = None,
    label: Any = None,
    content: str | None = None,
) -> Kit:
    """Make the parts of a bottle.

    ``style`` is one of :data:`STYLES`; glass, cap and label of these materials or drawn; ``content`` a kind of ``liquid``, 'any'
    for one that suits the style, None for an empty bottle.
    """
    outline, wall_m, label_m, capped = _BODIES[style]
    outside = smooth(outline, 5) if style == "carafe" else fillet(outline, 0.02, 3)
    size = float(rng.uniform(0.95, 1.05))
    outside = outside * size
    glass = colour or make("glass", rng)
    base = GLASS_GAP_M
    parts = [part(f"{style} bottle", lathe(vessel(outside, wall_m, _FLOOR_M), _SEGMENTS).moved(z=base), glass)]
    kind = fill.draw(rng, CONTENTS, style, content)
    if kind is not None:
        inside = cavity(outside, wall_m, _FLOOR_M)
        body = fill.liquid(inside, fill.level_m(inside, float(rng.uniform(0.25, 0.85))), _SEGMENTS)
        parts.append(part("bottle content", body.moved(z=base), make("liquid", rng, kind=kind)))
    rim, top = outside[-1]
    if capped:
        top_outline = [[0, 0], [rim + 0.0005, 0], [rim + 0.0005, 0.013], [0, 0.013]]
        cap_part = lathe(solid(top_outline, 0.0015), 20).moved(z=base + top + wall_m * 0.4 + GLASS_GAP_M)
        parts.append(part("bottle cap", cap_part, cap or make("metal", rng, finish="painted")))
    if label_m is not None:
        angle, height = np.meshgrid(np.linspace(-1.9, 1.9, 25) - np.pi / 2, np.array(label_m) * size)
        radius = outline[2][0] * size + 0.0016
        around = np.stack([radius * np.cos(angle), radius * np.sin(angle), height + base], axis=-1)
        parts.append(part("bottle label", thick_sheet(around, 0.0003), label or make("print", rng, kind="label")))
    return Kit(tuple(parts))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "wine"
) -> list[bpy.types.Object]:
    """Put one bottle at ``location``, its label towards -y before the turn."""
    return design(rng, style, content="any").place(location, turn_deg)
