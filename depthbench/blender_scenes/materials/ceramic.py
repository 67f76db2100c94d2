# SPDX-License-Identifier: Apache-2.0
"""Glazed ceramic: pooled and speckled glaze over clay, plain or with bands and motifs painted round the vessel."""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import RGB, matt, near, pick, shade
from depthbench.blender_scenes.nodes import Shader, Socket
from depthbench.layers import SurfaceClass

_GLAZES: tuple[RGB, ...] = (
    (0.78, 0.76, 0.71), (0.60, 0.52, 0.40), (0.10, 0.19, 0.24), (0.20, 0.30, 0.24), (0.30, 0.10, 0.06), (0.06, 0.06, 0.065), (0.55, 0.34, 0.10)
)  # fmt: skip


def make(rng: np.random.Generator, pattern: str | None = None) -> Any:
    """Make glazed ceramic; ``pattern`` 'plain', 'speckled', 'bands', 'motif' or drawn. Painting turns about the z axis."""
    shader = Shader("ceramic")
    pattern = pattern or pick(rng, ("plain", "speckled", "bands", "motif"), (2, 2, 1.5, 1.5))
    glaze = near(rng, pick(rng, _GLAZES, (5, 2, 2, 2, 1, 1, 1)))
    ink = near(
        rng,
        pick(rng, ((0.02, 0.05, 0.22), (0.30, 0.05, 0.03), (0.03, 0.12, 0.08), (0.10, 0.05, 0.03), (0.6, 0.56, 0.5))),
    )
    here = shader.position()
    pooled = shader.noise(shader.scaled(here, 1.0, 1.0, 0.45), 30.0, 4.0, 0.55, 0.5)
    colour = shader.mix(shader.remap(pooled, 0.35, 0.72, 0.0, 0.45), glaze, shade(near(rng, glaze, 0.03), 0.55))
    _, _, tall = shader.split(shader.add("TexCoord", {}, "Generated"))
    if pattern in ("bands", "motif"):
        wobble = shader.math("MULTIPLY", shader.math("SUBTRACT", shader.noise(here, 40.0, 2.0), 0.5), 0.02)
        level = shader.math("ADD", tall, wobble)
        painted: Any = 0.0
        for middle, half in zip(rng.uniform(0.15, 0.95, 3), rng.uniform(0.008, 0.04, 3), strict=True):
            off = shader.math("ABSOLUTE", shader.math("SUBTRACT", level, float(middle)))
            painted = shader.math("MAXIMUM", painted, shader.remap(off, float(half), float(half) + 0.01, 1.0, 0.0))
        if pattern == "motif":
            painted = shader.math("MAXIMUM", painted, _flowers(rng, shader, level))
        washed = shader.math("MULTIPLY", painted, shader.remap(shader.noise(here, 150.0, 3.0), 0.2, 0.6, 0.6, 0.97))
        colour = shader.mix(washed, colour, ink)
    if pattern == "speckled":
        spot = shader.remap(
            shader.math(
                "SUBTRACT", shader.cells(here, 210.0), shader.remap(shader.noise(here, 330.0), 0.4, 0.75, 0.0, 0.38)
            ),
            0.0,
            0.06,
            1.0,
            0.0,
        )
        colour = shader.mix(shader.math("MULTIPLY", spot, 0.85), colour, (0.06, 0.035, 0.02))
    roughness = shader.remap(pooled, 0.3, 0.7, rng.uniform(0.06, 0.15), rng.uniform(0.2, 0.4))
    surface = shader.principled(colour, roughness, shader.bump(pooled, 0.0008))
    return mark(shader.finish(surface, matt(glaze, 0.86)), SurfaceClass.OPAQUE)


def _flowers(rng: np.random.Generator, shader: Shader, level: Socket) -> Socket:
    """Flowers with a bare eye, row above row round the z axis, every other row half a flower further."""
    x, y, _ = shader.split(shader.position(per_object=False))
    row = shader.math("MULTIPLY", level, float(rng.integers(2, 6)))
    turn = shader.math("MULTIPLY", shader.math("ARCTAN2", y, x), float(rng.integers(6, 13)) / (2 * np.pi))
    turn = shader.math("ADD", turn, shader.math("MULTIPLY", shader.math("FLOOR", row), 0.5))
    across = shader.math("SUBTRACT", shader.math("FRACT", turn), 0.5)
    up = shader.math("SUBTRACT", shader.math("FRACT", row), 0.5)
    distance = shader.length(shader.combine(across, up, 0.0))
    around = shader.math("MULTIPLY", shader.math("ARCTAN2", up, across), float(rng.integers(4, 8)))
    reach = shader.math(
        "ADD", 0.29, shader.math("MULTIPLY", shader.math("COSINE", around), float(rng.uniform(0.06, 0.13)))
    )
    petals = shader.remap(shader.math("SUBTRACT", distance, reach), -0.015, 0.015, 1.0, 0.0)
    return shader.math("MULTIPLY", petals, shader.remap(distance, 0.07, 0.1))
