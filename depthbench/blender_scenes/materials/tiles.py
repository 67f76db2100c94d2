# SPDX-License-Identifier: Apache-2.0
"""Ceramic tiles: mosaic, metro, square and hexagon-free floors; plain, chequered or a patterned mix, with grout."""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import matt, near, pick, shade
from depthbench.blender_scenes.materials.pieces import lay
from depthbench.blender_scenes.nodes import Shader
from depthbench.layers import SurfaceClass

_SIZES_M = ((0.052, 0.052, 0.0), (0.152, 0.076, 0.5), (0.102, 0.102, 0.0), (0.302, 0.302, 0.0), (0.602, 0.302, 0.5))


def make(rng: np.random.Generator, chequered: bool | None = None) -> Any:
    """Make tiling; ``chequered`` forces or forbids two alternating colours, which is otherwise drawn."""
    shader = Shader("tiles")
    width, height, shift = pick(rng, _SIZES_M)
    chequered = bool(rng.uniform() < 0.3) if chequered is None else chequered
    if chequered:
        shift = 0.0
    pale = near(rng, pick(rng, ((0.75, 0.73, 0.69), (0.62, 0.56, 0.46), (0.50, 0.58, 0.56))))
    other = near(rng, pick(rng, ((0.05, 0.05, 0.055), (0.25, 0.07, 0.045), (0.05, 0.13, 0.12), (0.06, 0.09, 0.17))))
    if not chequered and rng.uniform() < 0.4:
        pale = other
    here = shader.position()
    laid = lay(shader, shader.face_plane(), width, height, rng.uniform(0.002, 0.004), 0.0015, shift)
    clouds = shader.noise(shader.vector("ADD", here, laid.colour), 9.0, 5.0, 0.6, 0.6)
    colour = shader.mix(shader.remap(clouds, 0.3, 0.75, 0.0, 0.5), pale, shade(near(rng, pale, 0.02), 0.68))
    if chequered:
        odd = shader.math("PINGPONG", shader.math("ADD", laid.column, laid.row), 1.0)
        dark = shader.mix(shader.remap(clouds, 0.4, 0.7, 0.0, 0.6), other, shade(other, 2.2))
        colour = shader.mix(odd, colour, dark)
    tone = shader.blend(laid.number, 1.0 - rng.uniform(0.05, 0.35), 1.0)
    colour = shader.mix(1.0, colour, shader.combine(tone, tone, tone), "MULTIPLY")
    grit = shader.noise(here, 350.0, 3.0)
    grout = near(rng, pick(rng, ((0.45, 0.43, 0.40), (0.16, 0.155, 0.15), (0.68, 0.66, 0.62))))
    dirty = shader.mix(shader.noise(here, 3.0, 4.0, 0.6), shade(grout, 0.55), grout)
    colour = shader.mix(laid.joint, colour, dirty)
    average = matt(pale, 0.82, other, 0.5 if chequered else 0.0)
    gloss = rng.uniform(0.08, 0.35)
    wear = shader.noise(here, 2.5, 5.0, 0.65)
    roughness = shader.blend(laid.joint, shader.remap(wear, 0.4, 0.7, gloss, gloss + 0.15), 0.9)
    pillow = shader.remap(laid.edge_m, 0.0, 0.006)
    uneven = shader.bump(shader.noise(here, 12.0, 2.0), 0.0005)
    normal = shader.bump(shader.math("MULTIPLY", grit, laid.joint), 0.0008, shader.bump(pillow, 0.0018, uneven))
    return mark(shader.finish(shader.principled(colour, roughness, normal), average), SurfaceClass.OPAQUE)
