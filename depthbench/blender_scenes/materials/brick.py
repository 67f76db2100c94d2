# SPDX-License-Identifier: Apache-2.0
"""Brickwork in stretcher bond: bricks of 215 x 65 mm with 10 mm joints, each fired differently, edges chipped."""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import RGB, matt, near, pick, shade
from depthbench.blender_scenes.materials.pieces import lay
from depthbench.blender_scenes.nodes import Shader
from depthbench.layers import SurfaceClass

_CLAYS: tuple[RGB, ...] = (
    (0.30, 0.095, 0.055), (0.38, 0.15, 0.08), (0.42, 0.27, 0.15), (0.16, 0.075, 0.055), (0.62, 0.59, 0.55), (0.10, 0.095, 0.09)
)  # fmt: skip


def make(rng: np.random.Generator) -> Any:
    """Make brickwork: red, orange, buff, brown, whitewashed or dark."""
    shader = Shader("brick")
    clay = near(rng, pick(rng, _CLAYS, (4, 3, 2, 2, 2, 1)))
    mortar = near(rng, pick(rng, ((0.48, 0.45, 0.40), (0.30, 0.28, 0.26), (0.62, 0.60, 0.56))), 0.01)
    here = shader.position()
    plane = shader.warped(shader.face_plane(), 35.0, 0.0022, 3.0)
    wall = lay(shader, plane, 0.225, 0.075, 0.010, 0.004, 0.5)
    red, green, blue = shader.split(wall.colour)
    grit = shader.noise(here, 260.0, 4.0, 0.65)
    blotches = shader.noise(shader.vector("ADD", here, wall.colour), 22.0, 5.0, 0.62)
    fired = shader.mix(shader.remap(red, 0.0, 1.0), shade(clay, 0.62), shade(near(rng, clay, 0.03), 1.4))
    fired = shader.mix(shader.remap(green, 0.78, 0.98, 0.0, rng.uniform(0.3, 0.75)), fired, shade(clay, 0.28))
    fired = shader.mix(shader.remap(blotches, 0.4, 0.75, 0.0, 0.55), fired, shade(near(rng, clay, 0.03), 0.5))
    fired = shader.mix(shader.remap(grit, 0.55, 0.75, 0.0, 0.45), fired, shade(clay, 1.7))
    sand = shader.mix(shader.remap(grit, 0.3, 0.7), shade(mortar, 0.65), shade(mortar, 1.15))
    colour = shader.mix(wall.joint, fired, sand)
    soot = shader.noise(here, 0.8, 5.0, 0.6, 0.5)
    colour = shader.mix(shader.remap(soot, 0.45, 0.8, 0.0, rng.uniform(0.1, 0.5)), colour, shade(clay, 0.35))
    relief = shader.math("SUBTRACT", shader.blend(blue, 0.85, 1.0), wall.joint)
    normal = shader.bump(relief, 0.008)
    normal = shader.bump(blotches, 0.003, normal)
    normal = shader.bump(grit, 0.0012, normal)
    return mark(
        shader.finish(shader.principled(colour, rng.uniform(0.75, 0.95), normal), matt(clay, 0.8, mortar, 0.12)),
        SurfaceClass.OPAQUE,
    )
