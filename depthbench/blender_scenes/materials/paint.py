# SPDX-License-Identifier: Apache-2.0
"""Lacquer: one colour with brush marks or orange peel, dust, scuffs and slight fading; one draw in five spotless and even."""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import RGB, any_hue, matt, near, pick, shade
from depthbench.blender_scenes.nodes import Shader, Socket
from depthbench.layers import SurfaceClass

EVEN_SHARE = 0.2
"""Share of draws almost without texture."""


def make(rng: np.random.Generator, colour: RGB | None = None, coat: float = 0.0) -> Any:
    """Make lacquer; ``colour`` fixes it, ``coat`` in [0, 1] is how much polished clear coat lies over it, as on cars."""
    shader = Shader("paint")
    drawn = pick(
        rng, (any_hue(rng, (0.3, 0.85), (0.1, 0.6)), near(rng, (0.7, 0.68, 0.64)), near(rng, (0.03, 0.03, 0.033)))
    )
    lacquer = colour or drawn
    here = shader.position()
    even = bool(coat > 0 or rng.random() < EVEN_SHARE)
    faded = shader.noise(here, 4.0, 5.0, 0.6)
    other = shade(near(rng, lacquer, 0.02), 0.7)
    tinted = shader.mix(shader.remap(faded, 0.35, 0.75, 0.0, 0.15 if even else 0.4), lacquer, other)
    dust = shader.noise(here, 120.0, 5.0, 0.7)
    tinted = shader.mix(shader.remap(dust, 0.55, 0.8, 0.0, 0.06 if even else 0.22), tinted, (0.55, 0.53, 0.5))
    if not even:
        tinted = _used(rng, shader, lacquer, here, tinted)
    gloss = rng.uniform(0.15, 0.5)
    roughness = shader.remap(faded, 0.3, 0.7, gloss, gloss + 0.12)
    peel = shader.bump(shader.noise(here, 220.0, 2.0), 0.0002)
    clear = {"Coat_Weight": coat, "Coat_Roughness": 0.04} if coat else {}
    surface = shader.principled(tinted, roughness, peel, **clear)
    return mark(shader.finish(surface, matt(lacquer, 0.97 if even else 0.86)), SurfaceClass.OPAQUE)


def _used(rng: np.random.Generator, shader: Shader, lacquer: RGB, here: Socket, tinted: Socket) -> Socket:
    """Brush marks along the longer way of a face, a millimetre or two wide, and scuffs with chips of what is under it."""
    across = float(rng.uniform(350, 800))
    marks = shader.noise(shader.scaled(here, across, across, float(rng.uniform(6, 14))), 1.0, 3.0, 0.65)
    tinted = shader.mix(shader.remap(marks, 0.3, 0.7, 0.0, rng.uniform(0.08, 0.28)), tinted, shade(lacquer, 0.62))
    worn = shader.noise(here, 6.0, 3.0)
    scuffs = shader.noise(shader.scaled(here, 40.0, 90.0, 220.0), 1.0, 4.0, 0.7)
    rubbed = shader.math("MULTIPLY", shader.remap(scuffs, 0.56, 0.74), shader.remap(worn, 0.5, 0.7))
    tinted = shader.mix(shader.math("MULTIPLY", rubbed, 0.5), tinted, shade(lacquer, 0.5))
    chips = shader.noise(here, 55.0, 5.0, 0.7)
    bare = shader.math("MULTIPLY", shader.remap(chips, 0.68, 0.7), shader.remap(worn, 0.5, 0.6))
    return shader.mix(bare, tinted, (0.34, 0.27, 0.2))
