# SPDX-License-Identifier: Apache-2.0
"""Silvered mirror: opaque, marked reflective, faintly green, with a touch of age."""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import near
from depthbench.blender_scenes.nodes import Shader
from depthbench.layers import SurfaceClass


def make(rng: np.random.Generator) -> Any:
    """Make a mirror."""
    shader = Shader("mirror")
    silver = near(rng, (0.86, 0.89, 0.87), 0.02, 0.3, 0.04)
    here = shader.position()
    bloom = shader.noise(shader.warped(here, 4.0, 0.05), 9.0, 5.0, 0.65)
    aged = shader.remap(bloom, 0.6, 0.8, 0.0, rng.uniform(0.0, 0.12))
    colour = shader.mix(aged, silver, (0.25, 0.22, 0.18))
    surface = shader.principled(colour, shader.remap(bloom, 0.55, 0.85, 0.0, 0.08), Metallic=1.0)
    return mark(shader.finish(surface, silver), SurfaceClass.OPAQUE, reflective=True)
