# SPDX-License-Identifier: Apache-2.0
"""Ground: asphalt, concrete slabs, granite setts; gravel, soil, mown grass as a carpet under what grows on it."""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import RGB, matt, near, pick, shade
from depthbench.blender_scenes.materials.pieces import lay
from depthbench.blender_scenes.nodes import Shader
from depthbench.layers import SurfaceClass

_LOOSE: dict[str, tuple[tuple[RGB, ...], float, float]] = {
    "gravel": (((0.36, 0.33, 0.29), (0.28, 0.27, 0.26), (0.42, 0.35, 0.25)), 75.0, 0.012),
    "soil": (((0.075, 0.048, 0.03), (0.11, 0.075, 0.05), (0.05, 0.035, 0.025)), 55.0, 0.02),
    "grass": (((0.06, 0.11, 0.025), (0.085, 0.13, 0.03), (0.11, 0.12, 0.04)), 240.0, 0.025),
}
"""colours, lumps per metre, their relief in metres"""
LOOSE = tuple(_LOOSE)


def make(rng: np.random.Generator, kind: str | None = None) -> Any:
    """Make ground; ``kind`` 'asphalt', 'slabs', 'setts', or one of :data:`LOOSE`; one of the first three is drawn."""
    if kind in _LOOSE:
        return _loose(rng, kind)
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


def _loose(rng: np.random.Generator, kind: str) -> Any:
    """Lumps or blades, each of its own tone, over patches that are wetter, barer or greener."""
    bases, per_m, deep_m = _LOOSE[kind]
    shader = Shader(f"ground_{kind}")
    base = near(rng, pick(rng, bases), 0.02)
    here = shader.position(per_object=False)
    stretched = shader.scaled(shader.warped(here, 30.0, 0.01), 1.0, 0.35 if kind == "grass" else 1.0, 1.0)
    at = shader.warped(stretched, 20.0, 0.006)
    grey, second, _ = shader.split(shader.cells(at, per_m, output="Color"))
    round_off = shader.cells(at, per_m)
    colour = shader.mix(shader.remap(grey, 0.0, 1.0), shade(base, 0.5), shade(near(rng, base, 0.03), 1.6))
    colour = shader.mix(shader.remap(second, 0.82, 0.95, 0.0, 0.6), colour, shade(near(rng, base, 0.06), 2.0))
    colour = shader.mix(shader.remap(round_off, 0.25, 0.75, 0.0, 0.75), colour, shade(base, 0.3))
    patches = shader.noise(here, 0.8, 6.0, 0.6, 0.4)
    other = (0.16, 0.13, 0.06) if kind == "grass" else shade(base, 0.45)
    colour = shader.mix(shader.remap(patches, 0.42, 0.75, 0.0, 0.55), colour, other)
    grit = shader.noise(here, 420.0, 3.0, 0.65)
    lumps = shader.math("SUBTRACT", 1.0, round_off)
    normal = shader.bump(grit, 0.001, shader.bump(lumps, deep_m, shader.bump(shader.noise(here, 6.0, 4.0), 0.03)))
    return mark(shader.finish(shader.principled(colour, 0.92, normal), matt(base, 0.75)), SurfaceClass.OPAQUE)
