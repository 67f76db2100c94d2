# SPDX-License-Identifier: Apache-2.0
"""Paper and card: off-white fibres, slightly creased and yellowed."""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import RGB, matt, near, pick, shade
from depthbench.blender_scenes.nodes import Shader
from depthbench.layers import SurfaceClass


def make(rng: np.random.Generator, colour: RGB | None = None) -> Any:
    """Make paper; ``colour`` fixes its tint."""
    shader = Shader("paper")
    sheet = colour or near(
        rng, pick(rng, ((0.78, 0.76, 0.71), (0.68, 0.60, 0.46), (0.46, 0.32, 0.19), (0.60, 0.62, 0.60)))
    )
    here = shader.position()
    pulp = shader.noise(shader.warped(here, 300.0, 0.003), 500.0, 3.0, 0.65)
    creased = shader.noise(here, 12.0, 5.0, 0.6)
    aged = shader.noise(here, 4.0, 4.0, 0.6)
    colour_now = shader.mix(shader.remap(pulp, 0.3, 0.7, 0.0, 0.25), sheet, shade(sheet, 0.65))
    colour_now = shader.mix(shader.remap(aged, 0.4, 0.75, 0.0, 0.35), colour_now, shade(near(rng, sheet, 0.02), 0.72))
    normal = shader.bump(pulp, 0.0002, shader.bump(creased, 0.0025))
    return mark(shader.finish(shader.principled(colour_now, 0.9, normal), matt(sheet, 0.9)), SurfaceClass.OPAQUE)
