# SPDX-License-Identifier: Apache-2.0
"""Marble: veins are the zero lines of folded noise, fine ones branching off broad ones, over clouded ground."""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import RGB, matt, near, pick
from depthbench.blender_scenes.nodes import Shader
from depthbench.layers import SurfaceClass

_KINDS: tuple[tuple[RGB, RGB], ...] = (
    ((0.80, 0.79, 0.77), (0.22, 0.22, 0.24)), ((0.74, 0.70, 0.62), (0.36, 0.24, 0.13)), ((0.02, 0.02, 0.022), (0.75, 0.72, 0.66)),
    ((0.035, 0.085, 0.06), (0.50, 0.58, 0.50)), ((0.34, 0.16, 0.12), (0.75, 0.66, 0.60)),
)  # fmt: skip


def make(rng: np.random.Generator) -> Any:
    """Make polished marble: white, cream, black, green or rose."""
    shader = Shader("marble")
    ground, vein = pick(rng, _KINDS, (4, 2, 2, 1.5, 1))
    ground, vein = near(rng, ground, 0.01), near(rng, vein, 0.02)
    here = shader.position()
    turn = shader.scaled(here, *(float(f) for f in rng.uniform(0.5, 1.6, 3)))
    bent = shader.warped(turn, rng.uniform(1.5, 3.0), rng.uniform(0.12, 0.3), 5.0)

    def veins(per_m: float, width: float, detail: float) -> Any:
        folded = shader.math("ABSOLUTE", shader.math("SUBTRACT", shader.noise(bent, per_m, detail, 0.5), 0.5))
        return shader.remap(folded, 0.0, width, 1.0, 0.0)

    broad = veins(rng.uniform(1.6, 3.2), rng.uniform(0.02, 0.05), 4.0)
    fine = veins(rng.uniform(6, 12), 0.012, 3.0)
    fade = shader.remap(shader.noise(here, 3.0, 3.0), 0.35, 0.65)
    clouds = shader.noise(bent, 4.0, 6.0, 0.6)
    colour = shader.mix(shader.remap(clouds, 0.3, 0.75, 0.0, 0.55), ground, shader.mix(0.35, ground, vein))
    colour = shader.mix(shader.math("MULTIPLY", broad, shader.blend(fade, 0.35, 0.9)), colour, vein)
    colour = shader.mix(shader.math("MULTIPLY", fine, shader.math("MULTIPLY", fade, 0.65)), colour, vein)
    grain = shader.noise(here, 500.0, 2.0)
    colour = shader.mix(shader.remap(grain, 0.3, 0.7, 0.0, 0.12), colour, shader.mix(0.5, vein, ground))
    gloss = rng.uniform(0.05, 0.28)
    roughness = shader.remap(shader.noise(here, 3.0, 4.0, 0.65), 0.4, 0.7, gloss, gloss + 0.1)
    return mark(
        shader.finish(shader.principled(colour, roughness), matt(ground, 0.95, vein, 0.25)), SurfaceClass.OPAQUE
    )
