# SPDX-License-Identifier: Apache-2.0
"""Pavement: asphalt, concrete slabs or granite setts."""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import matt, near, pick, shade
from depthbench.blender_scenes.materials.pieces import lay
from depthbench.blender_scenes.nodes import Shader
from depthbench.layers import SurfaceClass


def make(rng: np.random.Generator, kind: str | None = None) -> Any:
    """Make ground; ``kind`` 'asphalt', 'slabs', 'setts' or drawn."""
    kind = kind or pick(rng, ("asphalt", "slabs", "setts"))
    shader = Shader(f"ground_{kind}")
    here = shader.position(per_object=False)
    patches = shader.noise(here, 0.7, 6.0, 0.62, 0.3)
    grit = shader.noise(here, 180.0, 4.0, 0.7)
    if kind == "asphalt":
        base = near(rng, (0.075, 0.074, 0.073), 0.02)
        stones = shader.cells(here, 170.0, output="Color")
        grey, _, _ = shader.split(stones)
        colour = shader.mix(shader.remap(grey, 0.3, 1.0), shade(base, 0.6), shade(base, 1.7))
        normal = shader.bump(shader.cells(here, 170.0), 0.003)
    else:
        size = (rng.uniform(0.3, 0.6), rng.uniform(0.3, 0.5)) if kind == "slabs" else (0.13, 0.10)
        base = near(rng, pick(rng, ((0.30, 0.29, 0.275), (0.36, 0.32, 0.27), (0.22, 0.22, 0.225))), 0.02)
        soft = 0.004 if kind == "slabs" else 0.009
        plane = shader.warped(shader.face_plane(), 12.0, 0.003 if kind == "slabs" else 0.008, 2.0)
        laid = lay(shader, plane, size[0], size[1], 0.008 if kind == "slabs" else 0.006, soft, 0.5)
        colour = shader.mix(shader.remap(grit, 0.3, 0.7), shade(base, 0.65), shade(base, 1.25))
        tone = shader.blend(laid.number, 0.7, 1.2)
        colour = shader.mix(1.0, colour, shader.combine(tone, tone, tone), "MULTIPLY")
        colour = shader.mix(laid.joint, colour, shade(near(rng, base, 0.05), 0.3))
        normal = shader.bump(shader.math("SUBTRACT", 1.0, laid.joint), 0.005 if kind == "slabs" else 0.018)
    colour = shader.mix(shader.remap(patches, 0.4, 0.75, 0.0, 0.45), colour, shade(base, 0.45))
    surface = shader.principled(colour, rng.uniform(0.7, 0.95), shader.bump(grit, 0.0015, normal))
    return mark(
        shader.finish(surface, matt(base, {"asphalt": 0.8, "slabs": 0.78, "setts": 0.68}[kind])), SurfaceClass.OPAQUE
    )
