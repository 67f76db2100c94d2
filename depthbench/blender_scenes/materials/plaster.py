# SPDX-License-Identifier: Apache-2.0
"""Painted plaster: the stipple and the lanes of the roller, trowel waves, specks, stains, sometimes hair cracks.

About one draw in seven is even on purpose, nearly without texture: such walls are common, and hard for stereo.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import RGB, matt, near, pick, shade
from depthbench.blender_scenes.nodes import Shader, Socket
from depthbench.layers import SurfaceClass

_PAINTS: tuple[RGB, ...] = (
    (0.80, 0.78, 0.74), (0.72, 0.68, 0.60), (0.66, 0.58, 0.45), (0.50, 0.56, 0.50), (0.42, 0.50, 0.58), (0.60, 0.38, 0.28),
    (0.12, 0.20, 0.22), (0.22, 0.28, 0.18), (0.55, 0.45, 0.48),
)  # fmt: skip
EVEN_SHARE = 0.15
"""Share of draws without texture."""


def make(rng: np.random.Generator, colour: RGB | None = None, even: bool | None = None) -> Any:
    """Make painted plaster; ``colour`` fixes the paint, otherwise drawn, mostly pale; ``even`` forces or forbids evenness."""
    shader = Shader("plaster")
    paint = colour or near(rng, pick(rng, _PAINTS, (5, 3, 2, 1, 1, 1, 0.7, 0.7, 1)))
    even = bool(rng.random() < EVEN_SHARE) if even is None else even
    here = shader.position()
    stipple = shader.noise(here, rng.uniform(250, 450), 2.0)
    trowel = shader.noise(shader.warped(here, 2.0, 0.1), rng.uniform(4, 9), 4.0, 0.55)
    normal = shader.bump(stipple, 0.0006, shader.bump(trowel, rng.uniform(0.0005, 0.002 if even else 0.004)))
    tinted = paint if even else _worn(rng, shader, paint, here, stipple)
    surface = shader.principled(tinted, rng.uniform(0.7, 0.95), normal)
    return mark(shader.finish(surface, matt(paint, 0.98 if even else 0.79)), SurfaceClass.OPAQUE)


def _worn(rng: np.random.Generator, shader: Shader, paint: RGB, here: Socket, stipple: Socket) -> Socket:
    """The paint's colour with everything that a roller and the years leave on it."""
    stains = shader.noise(here, rng.uniform(0.6, 1.4), 5.0, 0.6, 0.4)
    smudges = shader.noise(here, 9.0, 5.0, 0.7)
    strength = rng.uniform(0.16, 0.45)
    tinted = shader.mix(shader.remap(stains, 0.35, 0.7, 0.0, strength), paint, shade(near(rng, paint, 0.03), 0.6))
    tinted = shader.mix(shader.remap(smudges, 0.48, 0.76, 0.0, strength), tinted, shade(paint, 0.62))
    mottle = shader.noise(here, rng.uniform(22, 48), 4.0, 0.65)
    tinted = shader.mix(shader.remap(mottle, 0.36, 0.68, 0.0, rng.uniform(0.1, 0.32)), tinted, shade(paint, 0.68))
    # Where the roller was full it left more paint: nap of 3 to 6 mm, and lanes a hand's breadth or two wide.
    nap = shader.noise(here, rng.uniform(70, 160), 4.0, 0.7)
    tinted = shader.mix(shader.remap(nap, 0.36, 0.64, 0.0, rng.uniform(0.18, 0.48)), tinted, shade(paint, 0.64))
    tinted = shader.mix(shader.remap(stipple, 0.3, 0.7, 0.0, 0.14), tinted, shade(paint, 0.75))
    u, _, _ = shader.split(shader.warped(shader.face_plane(), 3.0, 0.03))
    lane = shader.math("DIVIDE", u, rng.uniform(0.12, 0.24))
    number, _ = shader.hashed(shader.combine(shader.math("FLOOR", lane), 3.0, 0.0))
    drag = shader.noise(shader.scaled(here, 60.0, 60.0, 5.0), 1.0, 3.0, 0.6)
    uneven = shader.math("ADD", shader.math("MULTIPLY", number, 0.5), shader.math("MULTIPLY", drag, 0.5))
    tinted = shader.mix(shader.remap(uneven, 0.3, 0.7, 0.0, rng.uniform(0.05, 0.17)), tinted, shade(paint, 0.7))
    specks = shader.cells(here, rng.uniform(18, 40))
    spot = shader.remap(specks, 0.06, 0.1, rng.uniform(0.2, 0.7), 0.0)
    tinted = shader.mix(spot, tinted, shade(near(rng, paint, 0.05), 0.35))
    if rng.random() < 0.3:
        edge = shader.cells(shader.warped(here, 4.0, 0.12), rng.uniform(1.2, 2.5), "DISTANCE_TO_EDGE")
        crack = shader.math("MULTIPLY", shader.remap(edge, 0.0, 0.003, 0.8, 0.0), shader.remap(stains, 0.45, 0.6))
        tinted = shader.mix(crack, tinted, shade(paint, 0.25))
    return tinted
