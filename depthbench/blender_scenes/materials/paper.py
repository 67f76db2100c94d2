# SPDX-License-Identifier: Apache-2.0
"""Paper and card: off-white fibres with flecks, creased, yellowed and spotted; one draw in six blank and even."""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import RGB, matt, near, pick, shade
from depthbench.blender_scenes.nodes import Shader
from depthbench.layers import SurfaceClass

EVEN_SHARE = 0.16
"""Share of draws almost without texture."""


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
    even = bool(rng.random() < EVEN_SHARE)
    colour_now = shader.mix(shader.remap(pulp, 0.3, 0.7, 0.0, 0.12 if even else 0.34), sheet, shade(sheet, 0.62))
    old = shade(near(rng, sheet, 0.02), 0.72)
    colour_now = shader.mix(shader.remap(aged, 0.4, 0.75, 0.0, 0.1 if even else 0.4), colour_now, old)
    if not even:
        flecks = shader.cells(shader.scaled(here, 1.0, 2.2, 1.6), rng.uniform(160, 320))
        there = shader.remap(shader.noise(here, 130.0, 2.0), 0.45, 0.6)
        fleck = shader.math("MULTIPLY", shader.remap(flecks, 0.1, 0.22, rng.uniform(0.25, 0.7), 0.0), there)
        colour_now = shader.mix(fleck, colour_now, shade(near(rng, sheet, 0.06), 0.4))
        foxed = shader.remap(shader.noise(here, 38.0, 3.0, 0.6), 0.6, 0.72, 0.0, rng.uniform(0.1, 0.45))
        colour_now = shader.mix(foxed, colour_now, (0.42, 0.28, 0.14))
    if not even and rng.random() < 0.35:  # crumpled once
        folds = shader.cells(shader.warped(here, 12.0, 0.01), rng.uniform(14, 30), "DISTANCE_TO_EDGE")
        crease = shader.remap(folds, 0.0, 0.05, rng.uniform(0.1, 0.4), 0.0)
        colour_now = shader.mix(crease, colour_now, shade(sheet, 0.7))
    normal = shader.bump(pulp, 0.0002, shader.bump(creased, 0.0025))
    stand_in = matt(sheet, 0.95 if even else 0.8)
    return mark(shader.finish(shader.principled(colour_now, 0.9, normal), stand_in), SurfaceClass.OPAQUE)
