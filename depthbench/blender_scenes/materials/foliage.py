# SPDX-License-Identifier: Apache-2.0
"""Leaves: greens that differ from plant to plant and leaf to leaf, waxy above, lit through from behind."""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import RGB, near, pick, shade
from depthbench.blender_scenes.nodes import Shader
from depthbench.layers import SurfaceClass

_GREENS: tuple[RGB, ...] = (
    (0.06, 0.14, 0.03),
    (0.10, 0.20, 0.045),
    (0.03, 0.09, 0.045),
    (0.16, 0.20, 0.05),
    (0.09, 0.15, 0.09),
)


def make(rng: np.random.Generator) -> Any:
    """Make foliage (opaque to the truth: a leaf lets light glow, not a view)."""
    shader = Shader("foliage")
    leaf = near(rng, pick(rng, _GREENS), 0.02)
    here = shader.position()
    island = shader.add("NewGeometry", {}, "Random Per Island")
    patches = shader.noise(here, 18.0, 4.0, 0.6)
    fine = shader.noise(here, 240.0, 3.0, 0.6)
    colour = shader.mix(shader.remap(patches, 0.3, 0.7), shade(leaf, 0.55), shade(near(rng, leaf, 0.03), 1.6))
    colour = shader.mix(shader.math("MULTIPLY", island, 0.5), colour, shade(near(rng, leaf, 0.05), 0.9))
    colour = shader.mix(shader.remap(fine, 0.55, 0.75, 0.0, 0.35), colour, shade(leaf, 2.4))
    spots = shader.remap(shader.noise(here, 55.0, 5.0, 0.7), 0.66, 0.74, 0.0, rng.uniform(0.0, 0.8))
    colour = shader.mix(spots, colour, (0.22, 0.15, 0.05))
    waxy = shader.principled(colour, rng.uniform(0.35, 0.6), shader.bump(fine, 0.0006))
    glow = shader.add("BsdfTranslucent", {"Color": shader.mix(0.5, colour, (0.25, 0.35, 0.05))})
    return mark(shader.finish(shader.choose(0.25, waxy, glow), leaf), SurfaceClass.OPAQUE)
