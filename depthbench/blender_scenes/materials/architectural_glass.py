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
from depthbench.blender_scenes.materials.panes import straight
from depthbench.blender_scenes.nodes import Shader
from depthbench.layers import SurfaceClass


def make(rng: np.random.Generator, tint: float | None = None) -> Any:
    """Make straight glass; ``tint`` in [0, 1] is what a closed pane absorbs in the weakest channel, a little by default."""
    shader = Shader("architectural_glass")
    absorbed = float(rng.uniform(0.0, 0.05)) if tint is None else tint
    hue = near(rng, pick(rng, ((0.3, 1.0, 0.55), (0.45, 0.8, 1.0), (1.0, 0.85, 0.6)), (6, 2, 1)), 0.02, 0.1, 0.0)
    lightest = max(hue)
    per_face = [float(np.sqrt(1 - absorbed * (1 - part / lightest))) for part in hue]
    wiped = shader.noise(shader.warped(shader.position(), 3.0, 0.1), 5.0, 4.0, 0.6)
    roughness = shader.remap(wiped, 0.5, 0.8, 0.0, rng.uniform(0.0, 0.12))
    return mark(shader.finish(straight(shader, per_face, roughness)), SurfaceClass.TRANSMISSIVE)
