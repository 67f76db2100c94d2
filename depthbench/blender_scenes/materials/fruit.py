# SPDX-License-Identifier: Apache-2.0
"""Skins of fruit and vegetables: each piece its own ripeness, flecked, waxed or dull."""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import RGB, matt, near, pick, shade
from depthbench.blender_scenes.nodes import Shader
from depthbench.layers import SurfaceClass

_KINDS: dict[str, tuple[RGB, RGB, float, float]] = {
    "apple": ((0.42, 0.035, 0.02), (0.46, 0.36, 0.07), 0.25, 60.0),
    "green_apple": ((0.26, 0.38, 0.05), (0.45, 0.42, 0.1), 0.25, 120.0),
    "orange": ((0.74, 0.25, 0.02), (0.8, 0.38, 0.03), 0.4, 900.0),
    "lemon": ((0.8, 0.56, 0.04), (0.62, 0.55, 0.06), 0.4, 900.0),
    "plum": ((0.07, 0.02, 0.06), (0.2, 0.15, 0.26), 0.4, 40.0),
    "tomato": ((0.55, 0.035, 0.015), (0.6, 0.2, 0.03), 0.15, 30.0),
    "peach": ((0.72, 0.32, 0.11), (0.5, 0.07, 0.04), 0.7, 50.0),
    "potato": ((0.38, 0.26, 0.13), (0.2, 0.13, 0.07), 0.85, 160.0),
    "squash": ((0.62, 0.21, 0.02), (0.5, 0.36, 0.1), 0.45, 30.0),
}
KINDS = tuple(_KINDS)


def make(rng: np.random.Generator, kind: str | None = None) -> Any:
    """Make the skin of a heap of one ``kind`` of fruit (one of :data:`KINDS`)."""
    main, other, rough, per_m = _KINDS[kind or pick(rng, KINDS)]
    main, other = near(rng, main, 0.012), near(rng, other, 0.012)
    shader = Shader("fruit")
    here = shader.position()
    piece = shader.add("NewGeometry", {}, "Random Per Island")
    _, _, up = shader.split(shader.add("NewGeometry", {}, "Normal"))
    cheek = shader.noise(shader.vector("ADD", here, shader.combine(piece, piece, 0.0)), 16.0, 4.0, 0.55)
    ripe = shader.math("ADD", cheek, shader.math("MULTIPLY", shader.math("SUBTRACT", piece, 0.5), 0.35))
    colour = shader.mix(shader.remap(ripe, 0.42, 0.68), main, other)
    flecks = shader.cells(here, per_m * 4)
    colour = shader.mix(shader.remap(flecks, 0.05, 0.2, 0.35, 0.0), colour, shade(other, 1.4))
    bruise = shader.noise(here, 40.0, 3.0, 0.6)
    colour = shader.mix(shader.remap(bruise, 0.62, 0.75, 0.0, 0.5), colour, shade(main, 0.45))
    colour = shader.mix(shader.remap(up, -1.0, 0.2, 0.35, 0.0), colour, shade(main, 0.4))
    normal = shader.bump(flecks, 0.0012, shader.bump(bruise, 0.002))
    return mark(
        shader.finish(shader.principled(colour, rough, normal), matt(main, 0.85, other, 0.35)), SurfaceClass.OPAQUE
    )
