# SPDX-License-Identifier: Apache-2.0
"""Architectural glass: windows, display cases, picture glass. Light goes straight on, less what the faces reflect.

No refraction, so the truth along the straight ray is exactly what the picture shows; shadows and indirect light pass without
caustics. A closed pane reflects at both faces, as real glass does, and lets through (1 - R) / (1 + R) = 92 % at right angles.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import near, pick
from depthbench.blender_scenes.nodes import Shader
from depthbench.layers import SurfaceClass

_IOR = 1.5


def make(rng: np.random.Generator, tint: float | None = None) -> Any:
    """Make straight glass; ``tint`` in [0, 1] is what a closed pane absorbs in the weakest channel, a little by default."""
    shader = Shader("architectural_glass")
    absorbed = float(rng.uniform(0.0, 0.05)) if tint is None else tint
    hue = near(rng, pick(rng, ((0.3, 1.0, 0.55), (0.45, 0.8, 1.0), (1.0, 0.85, 0.6)), (6, 2, 1)), 0.02, 0.1, 0.0)
    lightest = max(hue)
    per_face = [float(np.sqrt(1 - absorbed * (1 - part / lightest))) for part in hue]
    reflected = shader.fresnel(_IOR)
    passed = shader.math("SUBTRACT", 1.0, reflected)
    straight = shader.vector("MULTIPLY", shader.combine(passed, passed, passed), per_face)
    # A diffuse ray that finds a lamp by way of a reflection is a firefly, not a picture.
    seen = shader.math("SUBTRACT", 1.0, shader.add("LightPath", {}, "Is Diffuse Ray"))
    mirrored = shader.math("MULTIPLY", reflected, seen)
    here = shader.position()
    wiped = shader.noise(shader.warped(here, 3.0, 0.1), 5.0, 4.0, 0.6)
    gloss = shader.add(
        "BsdfGlossy",
        {
            "Color": shader.combine(mirrored, mirrored, mirrored),
            "Roughness": shader.remap(wiped, 0.5, 0.8, 0.0, rng.uniform(0.0, 0.12)),
        },
    )
    surface = shader.sum(shader.add("BsdfTransparent", {"Color": straight}), gloss)
    return mark(shader.finish(surface), SurfaceClass.TRANSMISSIVE)
