# SPDX-License-Identifier: Apache-2.0
"""Etched glass: one side is rough, so that what stands behind is blurred the more the farther it is.

All over, in a band across the middle with clear glass above and below, or in stripes. The truth is geometric all the same: the
pane, then what the straight ray meets behind it. Where the pane is rough the picture shows that only as a blur about it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import pick
from depthbench.blender_scenes.materials.panes import IOR, front, refracting, veil
from depthbench.blender_scenes.nodes import Shader, Socket
from depthbench.layers import SurfaceClass

STYLES = ("whole", "band", "stripes")


def _etched(rng: np.random.Generator, shader: Shader, style: str) -> Socket | float:
    """1 where the glass is rough."""
    if style == "whole":
        return 1.0
    if style == "band":
        _, _, tall = shader.split(shader.add("TexCoord", {}, "Generated"))
        middle, half = float(rng.uniform(0.45, 0.6)), float(rng.uniform(0.12, 0.28))
        off = shader.math("ABSOLUTE", shader.math("SUBTRACT", tall, middle))
        return shader.math("LESS_THAN", off, half)
    _, up, _ = shader.split(shader.face_plane())
    place = shader.math("FRACT", shader.math("DIVIDE", up, float(rng.uniform(0.03, 0.09))))
    return shader.math("LESS_THAN", place, float(rng.uniform(0.6, 0.85)))


def make(rng: np.random.Generator, style: str | None = None, roughness: float | None = None) -> Any:
    """Make frosted glass; ``style`` is one of :data:`STYLES`; ``roughness`` of the etched side 0.18 to 0.5 by default."""
    style = style or pick(rng, STYLES, (3, 3, 1.5))
    rough = float(rng.uniform(0.18, 0.5)) if roughness is None else roughness
    shader = Shader(f"frosted_glass_{style}")
    etched = shader.math("MULTIPLY", _etched(rng, shader, style), front(shader))
    grain = shader.remap(shader.noise(shader.position(), 300.0, 3.0, 0.6), 0.3, 0.7, 0.85, 1.15)
    blur = shader.math("MULTIPLY", etched, shader.math("MULTIPLY", grain, rough))
    glass = refracting(shader, IOR, (0.985, 0.995, 0.99), [0.94] * 3, blur)
    milky = shader.math("MULTIPLY", etched, float(rng.uniform(0.06, 0.22)))
    surface = shader.choose(milky, glass, veil(shader, (0.86, 0.87, 0.87)))
    return mark(shader.finish(surface), SurfaceClass.TRANSMISSIVE, ior=IOR)
