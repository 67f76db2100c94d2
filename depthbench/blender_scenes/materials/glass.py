# SPDX-License-Identifier: Apache-2.0
"""Solid glass that refracts: bottles, vases, tumblers, bells. Give it closed meshes with outward normals.

Rays seen by the camera refract; shadow rays and rays scattered by matt surfaces go straight through, which replaces caustics
and keeps what stands behind glass lit. Colour is absorption along the way inside (Beer and Lambert's law), without a volume: at a
back face, the length of the ray is the way through glass.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import RGB, near, pick
from depthbench.blender_scenes.materials.panes import refracting
from depthbench.blender_scenes.nodes import Shader
from depthbench.layers import SurfaceClass

_TINTS: tuple[RGB, ...] = (
    (0.985, 0.995, 0.99), (0.72, 0.90, 0.74), (0.93, 0.68, 0.32), (0.55, 0.75, 0.95), (0.80, 0.79, 0.77), (0.95, 0.72, 0.72)
)  # fmt: skip
_TINT_DEPTH_M = 0.005


def make(rng: np.random.Generator, ior: float | None = None, tint: RGB | None = None) -> Any:
    """Make refracting glass.

    ``ior`` is drawn from 1.45 to 1.55 by default; ``tint`` is the linear colour of white light after 5 mm of glass, mostly
    near white by default.
    """
    shader = Shader("glass")
    index = float(rng.uniform(1.45, 1.55)) if ior is None else ior
    drawn = near(rng, pick(rng, _TINTS, (8, 2, 1, 1.5, 1, 0.5)), 0.01, 0.1, 0.0)
    colour = tint or drawn
    back = shader.add("NewGeometry", {}, "Backfacing")
    path = shader.tree.nodes.new("ShaderNodeLightPath")
    way = shader.math("MULTIPLY", shader.math("DIVIDE", path.outputs["Ray Length"], _TINT_DEPTH_M), back)
    left = shader.combine(*(shader.math("POWER", max(part, 1e-3), way) for part in colour))
    reflected = ((index - 1) / (index + 1)) ** 2
    per_face = [float(np.sqrt(part)) * (1 - reflected) for part in colour]
    surface = refracting(shader, index, left, per_face)
    return mark(shader.finish(surface), SurfaceClass.TRANSMISSIVE, ior=index)
