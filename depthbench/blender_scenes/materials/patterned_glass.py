# SPDX-License-Identifier: Apache-2.0
"""Patterned glass: fluted and hammered relief, printed dots (frit), panes leaded together.

The truth is geometric: the flat pane that the mesh is, then what the straight ray meets behind it. The picture differs from that.
Relief is a bump: through flutes and dimples the world behind is seen squeezed, doubled and torn by up to some twenty degrees, and
the refraction map counts the flat pane alone. Printed dots and leads are part of the pane: behind them the picture shows print or
lead, while the layer behind is still in the truth.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import near, pick
from depthbench.blender_scenes.materials.panes import IOR, front, on_pane, refracting, straight
from depthbench.blender_scenes.materials.pieces import lay
from depthbench.blender_scenes.nodes import Shader
from depthbench.layers import SurfaceClass

STYLES = ("fluted", "hammered", "frit", "leaded")
_CLEAR = (0.985, 0.995, 0.99)


def _relief(rng: np.random.Generator, shader: Shader, style: str) -> Any:
    """Glass with one side in relief: cylindrical flutes 8 to 24 mm wide, or dimples 15 to 30 mm wide."""
    if style == "fluted":
        width_m = float(rng.uniform(0.008, 0.024))
        u, _, _ = shader.split(shader.face_plane())
        off = shader.math("SUBTRACT", shader.math("FRACT", shader.math("DIVIDE", u, width_m)), 0.5)
        height = shader.math("SUBTRACT", 1.0, shader.math("MULTIPLY", shader.math("MULTIPLY", off, off), 4.0))
        depth_m = float(rng.uniform(0.15, 0.34)) * width_m
    else:
        per_m = float(rng.uniform(35, 70))
        height = shader.cells(on_pane(shader), per_m, "SMOOTH_F1")
        depth_m = float(rng.uniform(0.15, 0.4)) / per_m
    normal = shader.bump(shader.math("MULTIPLY", height, front(shader)), depth_m)
    return mark(shader.finish(refracting(shader, IOR, _CLEAR, [0.94] * 3, 0.0, normal)), SurfaceClass.TRANSMISSIVE, IOR)


def _frit(rng: np.random.Generator, shader: Shader) -> Any:
    """White or black enamel dots of 2 to 6 mm on one side, even or thinning out with height."""
    pitch_m = float(rng.uniform(0.006, 0.014))
    u, v, _ = shader.split(shader.face_plane())
    row = shader.math("FLOOR", shader.math("DIVIDE", v, pitch_m))
    u = shader.math("ADD", shader.math("DIVIDE", u, pitch_m), shader.math("MULTIPLY", row, 0.5))
    v = shader.math("DIVIDE", v, pitch_m)
    across, up = (shader.math("SUBTRACT", shader.math("FRACT", part), 0.5) for part in (u, v))
    _, _, tall = shader.split(shader.add("TexCoord", {}, "Generated"))
    radius = float(rng.uniform(0.28, 0.4))
    reach = shader.remap(tall, 0.1, 0.9, radius, radius if rng.random() < 0.4 else 0.06)
    away = shader.math("SUBTRACT", shader.length(shader.combine(across, up, 0.0)), reach)
    dot = shader.math("MULTIPLY", shader.remap(away, -0.03, 0.03, 1.0, 0.0), front(shader))
    enamel = near(rng, pick(rng, ((0.72, 0.72, 0.70), (0.03, 0.03, 0.032)), (3, 1)))
    printed = shader.principled(enamel, 0.35)
    return mark(shader.finish(shader.choose(dot, straight(shader, _CLEAR), printed)), SurfaceClass.TRANSMISSIVE)


def _leaded(rng: np.random.Generator, shader: Shader) -> Any:
    """Small panes of slightly different tint, square or in diamonds, between leads 6 to 10 mm wide."""
    u, v, _ = shader.split(shader.face_plane())
    if rng.random() < 0.6:
        steep = float(rng.uniform(0.55, 0.75))
        slanted = shader.math("MULTIPLY", v, steep)
        u, v = shader.math("ADD", u, slanted), shader.math("SUBTRACT", u, slanted)
        size = (float(rng.uniform(0.1, 0.16)),) * 2
    else:
        size = (float(rng.uniform(0.1, 0.16)), float(rng.uniform(0.14, 0.22)))
    laid = lay(shader, shader.combine(u, v, 0.0), *size, float(rng.uniform(0.006, 0.01)), 0.002, 0.0)
    stained = rng.random() < 0.45
    pale = near(rng, (0.93, 0.97, 0.92), 0.05)
    bold = [near(rng, hue, 0.04) for hue in ((0.9, 0.55, 0.12), (0.2, 0.5, 0.75), (0.75, 0.16, 0.12), (0.3, 0.6, 0.25))]
    stops = [(0.0, pale), (0.55, pale), *((0.6 + 0.1 * k, hue) for k, hue in enumerate(bold))] if stained else None
    tint = (
        shader.ramp(laid.number, stops) if stops else shader.mix(laid.number, pale, near(rng, (0.80, 0.88, 0.78), 0.05))
    )
    worn = shader.noise(shader.position(), 60.0, 4.0, 0.6)
    came = shader.principled(
        shader.mix(worn, (0.05, 0.05, 0.052), (0.16, 0.16, 0.165)), 0.5, shader.bump(laid.joint, 0.002), Metallic=0.6
    )
    per_face = shader.vector("POWER", tint, (0.5, 0.5, 0.5))
    wavy = shader.remap(shader.noise(shader.position(), 9.0, 2.0), 0.3, 0.7, 0.0, 0.06)
    surface = shader.choose(laid.joint, straight(shader, per_face, wavy), came)
    return mark(shader.finish(surface), SurfaceClass.TRANSMISSIVE)


def make(rng: np.random.Generator, style: str | None = None) -> Any:
    """Make patterned glass; ``style`` is one of :data:`STYLES` or drawn."""
    style = style or pick(rng, STYLES, (3, 2, 2, 2))
    shader = Shader(f"patterned_glass_{style}")
    if style == "frit":
        return _frit(rng, shader)
    return _leaded(rng, shader) if style == "leaded" else _relief(rng, shader, style)
