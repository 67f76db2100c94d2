# SPDX-License-Identifier: Apache-2.0
"""Lacquer: one colour with orange peel, dust and slight fading."""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import RGB, any_hue, matt, near, pick, shade
from depthbench.blender_scenes.nodes import Shader
from depthbench.layers import SurfaceClass


def make(rng: np.random.Generator, colour: RGB | None = None, coat: float = 0.0) -> Any:
    """Make lacquer; ``colour`` fixes it, ``coat`` in [0, 1] is how much polished clear coat lies over it, as on cars."""
    shader = Shader("paint")
    drawn = pick(
        rng, (any_hue(rng, (0.3, 0.85), (0.1, 0.6)), near(rng, (0.7, 0.68, 0.64)), near(rng, (0.03, 0.03, 0.033)))
    )
    lacquer = colour or drawn
    here = shader.position()
    faded = shader.noise(here, 4.0, 5.0, 0.6)
    tinted = shader.mix(shader.remap(faded, 0.35, 0.75, 0.0, 0.35), lacquer, shade(near(rng, lacquer, 0.02), 0.7))
    dust = shader.noise(here, 120.0, 5.0, 0.7)
    tinted = shader.mix(shader.remap(dust, 0.55, 0.8, 0.0, 0.18), tinted, (0.55, 0.53, 0.5))
    gloss = rng.uniform(0.15, 0.5)
    roughness = shader.remap(faded, 0.3, 0.7, gloss, gloss + 0.12)
    peel = shader.bump(shader.noise(here, 220.0, 2.0), 0.0002)
    clear = {"Coat_Weight": coat, "Coat_Roughness": 0.04} if coat else {}
    surface = shader.principled(tinted, roughness, peel, **clear)
    return mark(shader.finish(surface, matt(lacquer, 0.94)), SurfaceClass.OPAQUE)
