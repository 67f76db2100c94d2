# SPDX-License-Identifier: Apache-2.0
"""Wood: rings around a pith that lies off the board, fibres and pores along the grain; solid or laid as planks."""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import RGB, matt, near, pick, shade
from depthbench.blender_scenes.materials.pieces import lay
from depthbench.blender_scenes.nodes import Shader
from depthbench.layers import SurfaceClass

_LIGHT: tuple[RGB, ...] = ((0.50, 0.31, 0.15), (0.60, 0.42, 0.23), (0.55, 0.33, 0.14), (0.42, 0.28, 0.16))
_DARK: tuple[RGB, ...] = ((0.15, 0.072, 0.036), (0.20, 0.075, 0.035), (0.075, 0.042, 0.026), (0.25, 0.12, 0.05))


def make(rng: np.random.Generator, tone: str | None = None, planks: bool = False, grain: str = "x") -> Any:
    """Make wood. ``tone`` 'light', 'dark' or either; ``planks`` lays a floor; ``grain`` is the axis of the fibres."""
    shader = Shader("wood")
    tone = tone or pick(rng, ("light", "dark"))
    base = near(rng, pick(rng, _LIGHT if tone == "light" else _DARK))
    here = shader.position()
    order = {"x": (0, 1, 2), "y": (1, 0, 2), "z": (2, 0, 1)}[grain]
    parts = shader.split(here)
    here = shader.combine(*(parts[axis] for axis in order))
    laid = None
    if planks:
        laid = lay(
            shader,
            shader.face_plane(),
            rng.uniform(0.8, 1.8),
            pick(rng, (0.07, 0.09, 0.12, 0.16, 0.2)),
            0.002,
            0.0012,
            None,
        )
        jump = shader.vector("MULTIPLY", laid.colour, (19.0, 3.0, 3.0))
        here = shader.vector("ADD", here, jump)

    # The log: rings are distance from a pith that wanders slowly along the grain.
    wander = shader.noise(shader.scaled(here, 0.35, 1.5, 1.5), 1.0, 2.0, colour=True)
    bent = shader.vector(
        "ADD", here, shader.scaled(shader.vector("SUBTRACT", wander, (0.5, 0.5, 0.5)), 0.0, 0.22, 0.22)
    )
    _, across, deep = shader.split(bent)
    pith_y, pith_z = rng.uniform(-0.05, 0.05), rng.uniform(0.05, 0.16)
    from_pith = shader.combine(0.0, shader.math("ADD", across, pith_y), shader.math("ADD", deep, pith_z))
    radius = shader.length(from_pith)
    ring_m = rng.uniform(0.006, 0.016)
    phase = shader.math("FRACT", shader.math("DIVIDE", radius, ring_m))
    late = shader.math("POWER", phase, rng.uniform(1.6, 3.5))
    late = shader.math("MULTIPLY", late, shader.remap(phase, 0.93, 1.0, 1.0, 0.0))
    streaks = shader.noise(shader.scaled(here, 3.0, 90.0, 90.0), 1.0, 4.0, 0.65)
    fibres = shader.noise(shader.scaled(here, 14.0, 700.0, 700.0), 1.0, 2.0, 0.6)
    pores = shader.remap(shader.noise(shader.scaled(here, 30.0, 420.0, 420.0), 1.0, 1.0), 0.62, 0.72)

    contrast = rng.uniform(0.45, 0.85)
    colour = shader.mix(shader.math("MULTIPLY", late, contrast), shade(base, 1.12), shade(base, 0.42))
    colour = shader.mix(shader.remap(streaks, 0.3, 0.75, 0.0, 0.6), colour, shade(base, 0.62))
    colour = shader.mix(shader.remap(fibres, 0.35, 0.8, 0.0, 0.35), colour, shade(base, 1.35))
    colour = shader.mix(shader.math("MULTIPLY", pores, rng.uniform(0.2, 0.6)), colour, shade(base, 0.25))
    height = shader.math("SUBTRACT", fibres, shader.math("MULTIPLY", pores, 0.8))
    normal = shader.bump(height, 0.00025)
    gloss = rng.uniform(0.32, 0.6)
    roughness = shader.remap(streaks, 0.2, 0.8, gloss - 0.08, gloss + 0.1)
    if laid is not None:
        lightness = shader.blend(laid.number, rng.uniform(0.45, 0.75), rng.uniform(1.15, 1.4))
        colour = shader.mix(1.0, colour, shader.combine(lightness, lightness, lightness), "MULTIPLY")
        colour = shader.mix(laid.joint, colour, shade(base, 0.12))
        normal = shader.bump(shader.math("SUBTRACT", 1.0, laid.joint), 0.0015, normal)
    surface = shader.principled(colour, roughness, normal, Coat_Weight=pick(rng, (0.0, 0.25)), Coat_Roughness=0.2)
    return mark(shader.finish(surface, matt(base, 0.92)), SurfaceClass.OPAQUE)
