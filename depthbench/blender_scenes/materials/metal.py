# SPDX-License-Identifier: Apache-2.0
"""Metal: brushed along one axis, polished to a mirror, or painted with wear; with fingerprints and fine scratches."""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import RGB, matt, near, pick, shade
from depthbench.blender_scenes.nodes import Shader
from depthbench.layers import SurfaceClass

_METALS: tuple[RGB, ...] = (
    (0.55, 0.55, 0.56),
    (0.75, 0.76, 0.78),
    (0.72, 0.50, 0.22),
    (0.70, 0.36, 0.22),
    (0.42, 0.40, 0.38),
)
_LACQUERS: tuple[RGB, ...] = (
    (0.02, 0.02, 0.022),
    (0.55, 0.54, 0.52),
    (0.10, 0.14, 0.13),
    (0.35, 0.05, 0.03),
    (0.03, 0.07, 0.14),
    (0.50, 0.33, 0.06),
)


def make(rng: np.random.Generator, finish: str | None = None) -> Any:
    """Make metal; ``finish`` 'brushed', 'polished' (marked reflective), 'painted' or drawn."""
    finish = finish or pick(rng, ("brushed", "polished", "painted"))
    shader = Shader(f"metal_{finish}")
    metal = near(rng, pick(rng, _METALS, (4, 3, 2, 1, 1)), 0.01)
    here = shader.position()
    prints = shader.remap(shader.noise(shader.warped(here, 8.0, 0.03), 12.0, 5.0, 0.65), 0.48, 0.75)
    if finish == "painted":
        lacquer = near(rng, pick(rng, _LACQUERS))
        peel = shader.noise(here, 260.0, 2.0)
        dull = shader.mix(shader.math("MULTIPLY", prints, 0.12), lacquer, shade(near(rng, lacquer, 0.02), 1.8))
        nicks = shader.noise(here, 70.0, 5.0, 0.7)
        bare = shader.math(
            "MULTIPLY", shader.remap(nicks, 0.66, 0.69), shader.remap(shader.noise(here, 4.0, 2.0), 0.45, 0.65)
        )
        gloss = rng.uniform(0.2, 0.5)
        roughness = shader.blend(prints, gloss, gloss + 0.15)
        coat = shader.principled(dull, roughness, shader.bump(peel, 0.0003))
        steel = shader.principled(shade(metal, 0.6), 0.45, Metallic=1.0)
        return mark(shader.finish(shader.choose(bare, coat, steel), matt(lacquer, 1.0)), SurfaceClass.OPAQUE)
    if finish == "polished":
        film = shader.mix(shader.math("MULTIPLY", prints, 0.25), metal, shade(metal, 0.75))
        roughness = shader.remap(prints, 0.0, 1.0, rng.uniform(0.02, 0.06), rng.uniform(0.1, 0.18))
        surface = shader.principled(film, roughness, shader.bump(shader.noise(here, 25.0, 2.0), 0.0002), Metallic=1.0)
        return mark(shader.finish(surface, shade(metal, 0.9)), SurfaceClass.OPAQUE, reflective=True)
    along = (float(rng.uniform(4, 12)), 1400.0, 1400.0)
    lines = shader.noise(shader.scaled(here, *along), 1.0, 3.0, 0.7)
    broad = shader.noise(shader.scaled(here, 2.0, 160.0, 160.0), 1.0, 3.0, 0.6)
    colour = shader.mix(shader.remap(lines, 0.25, 0.75), shade(metal, 0.55), shade(metal, 1.1))
    colour = shader.mix(shader.remap(broad, 0.4, 0.75, 0.0, 0.35), colour, shade(metal, 0.5))
    gloss = rng.uniform(0.24, 0.36)
    roughness = shader.math(
        "ADD", shader.remap(lines, 0.2, 0.8, gloss - 0.06, gloss + 0.08), shader.math("MULTIPLY", prints, 0.12)
    )
    surface = shader.principled(colour, roughness, shader.bump(lines, 0.00008), Metallic=1.0)
    return mark(shader.finish(surface, shade(metal, 0.75)), SurfaceClass.OPAQUE)
