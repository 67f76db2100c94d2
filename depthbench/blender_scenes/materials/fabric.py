# SPDX-License-Identifier: Apache-2.0
"""Woven cloth: over-and-under threads at millimetre scale; plain, melange, striped or plaid."""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import RGB, any_hue, matt, near, pick, shade
from depthbench.blender_scenes.nodes import Shader
from depthbench.layers import SurfaceClass


def make(rng: np.random.Generator, pattern: str | None = None, colour: RGB | None = None) -> Any:
    """Make cloth; ``pattern`` 'plain', 'melange', 'stripe', 'plaid' or drawn; ``colour`` fixes that of its ground."""
    shader = Shader("fabric")
    pattern = pattern or pick(rng, ("plain", "melange", "stripe", "plaid"))
    ground = any_hue(rng, (0.1, 0.75), (0.08, 0.6))
    ground = colour or ground
    second = pick(rng, (shade(ground, 0.35), near(rng, (0.7, 0.66, 0.58)), any_hue(rng, (0.2, 0.8), (0.05, 0.5))))
    here = shader.position()
    u, v, _ = shader.split(shader.face_plane())
    per_m = 1.0 / rng.uniform(0.0012, 0.003)
    threads_u, threads_v = shader.math("MULTIPLY", u, per_m), shader.math("MULTIPLY", v, per_m)
    round_u = shader.math("SINE", shader.math("MULTIPLY", shader.math("FRACT", threads_u), np.pi))
    round_v = shader.math("SINE", shader.math("MULTIPLY", shader.math("FRACT", threads_v), np.pi))
    parity = shader.math("ADD", shader.math("FLOOR", threads_u), shader.math("FLOOR", threads_v))
    over = shader.math("PINGPONG", parity, 1.0)
    height = shader.blend(over, round_u, round_v)

    def bands(along: Any) -> Any:
        width = rng.uniform(0.03, 0.12)
        place = shader.math("FRACT", shader.math("DIVIDE", along, width))
        edges = np.sort(rng.uniform(0.05, 0.95, 4))
        wide = shader.math(
            "MULTIPLY", shader.math("GREATER_THAN", place, edges[0]), shader.math("LESS_THAN", place, edges[1])
        )
        thin = shader.math("LESS_THAN", shader.math("ABSOLUTE", shader.math("SUBTRACT", place, edges[3])), 0.04)
        return shader.math("MAXIMUM", wide, thin)

    warp_colour: Any = ground
    weft_colour: Any = ground
    if pattern == "plaid":
        warp_colour, weft_colour = shader.mix(bands(u), ground, second), shader.mix(bands(v), ground, second)
    elif pattern == "stripe":
        warp_colour = weft_colour = shader.mix(bands(u), ground, second)
    elif pattern == "melange":
        strand_u, _ = shader.hashed(
            shader.combine(shader.math("FLOOR", threads_u), shader.math("FLOOR", shader.math("MULTIPLY", v, 45.0)), 0.0)
        )
        strand_v, _ = shader.hashed(
            shader.combine(shader.math("FLOOR", threads_v), shader.math("FLOOR", shader.math("MULTIPLY", u, 45.0)), 1.0)
        )
        warp_colour, weft_colour = shader.mix(strand_u, ground, second), shader.mix(strand_v, ground, second)
    cloth: Any = shader.mix(over, warp_colour, weft_colour)
    hairs = shader.noise(here, 900.0, 2.0, 0.6)
    worn = shader.noise(here, 7.0, 5.0, 0.6)
    cloth = shader.mix(shader.remap(height, 0.0, 0.8, 0.55, 0.0), cloth, (0.0, 0.0, 0.0))
    cloth = shader.mix(shader.remap(worn, 0.35, 0.75, 0.0, 0.22), cloth, shade(second, 1.2))
    cloth = shader.mix(shader.remap(hairs, 0.4, 0.8, 0.0, 0.2), cloth, shade(ground, 1.7))
    folds = shader.bump(shader.noise(here, 5.0, 2.0), 0.006)
    normal = shader.bump(shader.math("ADD", height, hairs), 0.0004, folds)
    surface = shader.principled(cloth, 0.9, normal, Sheen_Weight=rng.uniform(0.1, 0.5), Sheen_Roughness=0.4)
    return mark(
        shader.finish(surface, matt(ground, 0.95, second, 0.1 if pattern == "plain" else 0.35)), SurfaceClass.OPAQUE
    )
