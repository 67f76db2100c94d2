# SPDX-License-Identifier: Apache-2.0
"""Painted plaster: nearly even, with the stipple of the roller, trowel waves and faint stains."""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import RGB, matt, near, pick, shade
from depthbench.blender_scenes.nodes import Shader
from depthbench.layers import SurfaceClass

_PAINTS: tuple[RGB, ...] = (
    (0.80, 0.78, 0.74), (0.72, 0.68, 0.60), (0.66, 0.58, 0.45), (0.50, 0.56, 0.50), (0.42, 0.50, 0.58), (0.60, 0.38, 0.28),
    (0.12, 0.20, 0.22), (0.22, 0.28, 0.18), (0.55, 0.45, 0.48),
)  # fmt: skip


def make(rng: np.random.Generator, colour: RGB | None = None) -> Any:
    """Make painted plaster; ``colour`` fixes the paint, which is otherwise drawn, mostly pale."""
    shader = Shader("plaster")
    paint = colour or near(rng, pick(rng, _PAINTS, (5, 3, 2, 1, 1, 1, 0.7, 0.7, 1)))
    here = shader.position()
    stipple = shader.noise(here, rng.uniform(250, 450), 2.0)
    trowel = shader.noise(shader.warped(here, 2.0, 0.1), rng.uniform(4, 9), 4.0, 0.55)
    stains = shader.noise(here, rng.uniform(0.6, 1.4), 5.0, 0.6, 0.4)
    smudges = shader.noise(here, 9.0, 5.0, 0.7)
    strength = rng.uniform(0.14, 0.4)
    tinted = shader.mix(shader.remap(stains, 0.35, 0.7, 0.0, strength), paint, shade(near(rng, paint, 0.03), 0.55))
    tinted = shader.mix(shader.remap(smudges, 0.5, 0.78, 0.0, strength), tinted, shade(paint, 0.6))
    tinted = shader.mix(shader.remap(stipple, 0.3, 0.7, 0.0, 0.10), tinted, shade(paint, 0.8))
    normal = shader.bump(stipple, 0.0006, shader.bump(trowel, rng.uniform(0.0005, 0.004)))
    return mark(
        shader.finish(shader.principled(tinted, rng.uniform(0.7, 0.95), normal), matt(paint, 0.95)), SurfaceClass.OPAQUE
    )
