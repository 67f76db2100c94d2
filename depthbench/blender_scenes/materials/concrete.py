# SPDX-License-Identifier: Apache-2.0
"""Cast concrete: clouded cement, pinholes of trapped air, faint shuttering lines."""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import matt, near, pick, shade
from depthbench.blender_scenes.materials.pieces import lay
from depthbench.blender_scenes.nodes import Shader
from depthbench.layers import SurfaceClass


def make(rng: np.random.Generator) -> Any:
    """Make concrete, pale to dark grey, with or without the lines of the shuttering boards."""
    shader = Shader("concrete")
    base = near(rng, pick(rng, ((0.36, 0.35, 0.33), (0.25, 0.245, 0.24), (0.44, 0.41, 0.37))), 0.02)
    here = shader.position()
    clouds = shader.noise(here, rng.uniform(1.2, 2.5), 7.0, 0.62, 0.3)
    mottle = shader.noise(here, 18.0, 5.0, 0.65)
    grit = shader.noise(here, 420.0, 3.0, 0.6)
    colour = shader.mix(shader.remap(clouds, 0.3, 0.72), shade(base, 0.6), shade(base, 1.25))
    colour = shader.mix(shader.remap(mottle, 0.42, 0.7, 0.0, 0.4), colour, shade(near(rng, base, 0.05), 0.62))
    colour = shader.mix(shader.remap(grit, 0.35, 0.7, 0.0, 0.3), colour, shade(base, 1.6))
    per_m = rng.uniform(35, 70)
    size = shader.noise(here, 9.0, 2.0)
    hole = shader.remap(
        shader.math("SUBTRACT", shader.cells(here, per_m), shader.remap(size, 0.5, 0.8, 0.0, 0.24)), 0.0, 0.05, 1.0, 0.0
    )
    hole = shader.math("MULTIPLY", hole, shader.math("GREATER_THAN", size, 0.52))
    colour = shader.mix(shader.math("MULTIPLY", hole, 0.75), colour, shade(base, 0.2))
    normal = shader.bump(shader.math("SUBTRACT", mottle, hole), 0.0025)
    if rng.uniform() < 0.5:
        board = lay(shader, shader.face_plane(), 2.4, rng.uniform(0.12, 0.6), 0.004, 0.003, 0.37)
        tone = shader.blend(board.number, 0.82, 1.06)
        colour = shader.mix(1.0, colour, shader.combine(tone, tone, tone), "MULTIPLY")
        colour = shader.mix(shader.math("MULTIPLY", board.joint, 0.5), colour, shade(base, 0.4))
        normal = shader.bump(shader.math("SUBTRACT", 1.0, board.joint), 0.003, normal)
    normal = shader.bump(grit, 0.0006, normal)
    return mark(
        shader.finish(shader.principled(colour, rng.uniform(0.6, 0.9), normal), matt(base, 0.88)), SurfaceClass.OPAQUE
    )
