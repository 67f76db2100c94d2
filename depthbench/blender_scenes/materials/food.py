# SPDX-License-Identifier: Apache-2.0
"""Baked things: crust browned unevenly, crumb with pores, icing and chocolate."""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import RGB, matt, near, pick, shade
from depthbench.blender_scenes.nodes import Shader
from depthbench.layers import SurfaceClass

_KINDS: dict[str, tuple[RGB, RGB, float]] = {
    "pastry": ((0.58, 0.31, 0.09), (0.17, 0.055, 0.014), 0.42),
    "bread": ((0.50, 0.26, 0.08), (0.13, 0.045, 0.015), 0.6),
    "cake": ((0.66, 0.45, 0.18), (0.36, 0.17, 0.05), 0.85),
    "chocolate": ((0.085, 0.036, 0.018), (0.028, 0.011, 0.006), 0.4),
    "icing": ((0.80, 0.74, 0.66), (0.62, 0.42, 0.40), 0.4),
}


def make(rng: np.random.Generator, kind: str | None = None) -> Any:
    """Make food; ``kind`` 'pastry', 'bread', 'cake', 'chocolate', 'icing' or drawn."""
    kind = kind or pick(rng, tuple(_KINDS))
    pale, brown, rough = _KINDS[kind]
    shader = Shader(f"food_{kind}")
    pale, brown = near(rng, pale, 0.012), near(rng, brown, 0.012)
    here = shader.position()
    _, _, up = shader.split(shader.add("NewGeometry", {}, "Normal"))
    baked = shader.noise(shader.warped(here, 20.0, 0.01), 45.0, 5.0, 0.6)
    crumb = shader.noise(here, 500.0, 4.0, 0.7)
    browned = shader.math("ADD", shader.math("MULTIPLY", up, 0.22), baked)
    colour = shader.mix(shader.remap(browned, 0.35, 0.9), pale, brown)
    colour = shader.mix(shader.remap(crumb, 0.5, 0.75, 0.0, 0.4), colour, shade(pale, 1.25))
    pores = shader.remap(shader.cells(shader.warped(here, 200.0, 0.002), 300.0), 0.12, 0.4)
    deep = {"cake": 0.8, "bread": 0.35}.get(kind, 0.1)
    colour = shader.mix(shader.math("MULTIPLY", shader.math("SUBTRACT", 1.0, pores), deep), colour, shade(brown, 0.7))
    normal = shader.bump(baked, 0.006)
    normal = shader.bump(shader.math("ADD", crumb, shader.math("MULTIPLY", pores, deep * 2)), 0.0012, normal)
    surface = shader.principled(colour, rough, normal)
    return mark(shader.finish(surface, matt(pale, 0.75, brown, 0.1)), SurfaceClass.OPAQUE)
