# SPDX-License-Identifier: Apache-2.0
"""Voile and net: a woven sheet without thickness that is partly open, seen through along the straight ray.

Voile is too fine for a picture to resolve its holes: a share of the light goes straight on, the less of it the more slanting
the sheet is met (a weave of openness T at right angles lets T^(1/cos) through), the threads scatter the rest to both sides. Net has
holes of millimetres that are open or not. Stripes, dots or sprigs are woven denser.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import RGB, any_hue, near, pick
from depthbench.blender_scenes.nodes import Shader, Socket
from depthbench.layers import SurfaceClass

WEAVES = ("voile", "net")
_WHITES: tuple[RGB, ...] = ((0.82, 0.81, 0.78), (0.76, 0.71, 0.60), (0.55, 0.55, 0.54), (0.30, 0.30, 0.31))
_DENSER = 0.45
"""Openness of a woven pattern over that of its ground."""


def make(
    rng: np.random.Generator, openness: float | None = None, weave: str | None = None, pattern: str | None = None
) -> Any:
    """Make thin fabric for open sheets.

    ``openness`` in (0, 1) is the share of light that passes straight on at right angles, 0.4 to 0.72 by default; ``weave`` is
    'voile', 'net' or drawn; ``pattern`` 'plain', 'stripe', 'dot', 'sprig' or drawn.
    """
    share = float(rng.uniform(0.4, 0.72)) if openness is None else openness
    if not 0 < share < 1:
        raise ValueError(f"openness must be in (0, 1), got {share}")
    weave = weave or pick(rng, WEAVES, (3, 1))
    pattern = pattern or pick(rng, ("plain", "stripe", "dot", "sprig"), (2, 1.5, 1, 1))
    shader = Shader(f"thin_fabric_{weave}")
    white = near(rng, pick(rng, _WHITES, (5, 3, 1.5, 0.7)))
    colour = white if rng.random() < 0.8 else any_hue(rng, (0.15, 0.5), (0.35, 0.75))
    plane = shader.face_plane()
    open_share = _voile(rng, shader, plane, share) if weave == "voile" else _net(rng, shader, plane, share)
    if pattern != "plain":
        woven = _figures(rng, shader, plane, pattern)
        open_share = shader.math("MULTIPLY", open_share, shader.blend(woven, 1.0, _DENSER))
    thread = shader.mix(shader.noise(shader.position(), 60.0, 4.0, 0.6), colour, near(rng, colour, 0.01, 0.1, 0.2))
    cloth = shader.choose(
        0.45, shader.add("BsdfDiffuse", {"Color": thread}), shader.add("BsdfTranslucent", {"Color": thread})
    )
    return mark(shader.finish(shader.choose(open_share, cloth, shader.add("BsdfTransparent", {}))), SurfaceClass.SCREEN)


def _voile(rng: np.random.Generator, shader: Shader, plane: Socket, share: float) -> Socket:
    """Openness by angle, with slubs: threads here and there thicker over some centimetres."""
    geometry = shader.tree.nodes.new("ShaderNodeNewGeometry")
    facing = shader.add(
        "VectorMath", {0: geometry.outputs["Incoming"], 1: geometry.outputs["Normal"]}, "Value", operation="DOT_PRODUCT"
    )
    cosine = shader.math("MAXIMUM", shader.math("ABSOLUTE", facing), 0.08)
    across = shader.noise(shader.vector("MULTIPLY", plane, (700.0, 14.0, 1.0)), 1.0, 2.0)
    along = shader.noise(shader.vector("MULTIPLY", plane, (14.0, 700.0, 1.0)), 1.0, 2.0)
    slub = shader.math("MULTIPLY", shader.math("SUBTRACT", shader.math("ADD", across, along), 1.0), rng.uniform(0.8, 2))
    power = shader.math("DIVIDE", shader.math("ADD", 1.0, slub), cosine)
    return shader.math("POWER", share, shader.math("MAXIMUM", power, 0.05))


def _net(rng: np.random.Generator, shader: Shader, plane: Socket, share: float) -> Socket:
    """Square holes 2 to 5 mm apart, upright or on their corners; 1 in a hole, 0 on a thread."""
    pitch, turned = float(rng.uniform(0.002, 0.005)), bool(rng.random() < 0.6)
    u, v, _ = shader.split(shader.vector("DIVIDE", plane, (pitch, pitch, pitch)))
    if turned:
        u, v = shader.math("ADD", u, v), shader.math("SUBTRACT", u, v)
        u, v = (shader.math("MULTIPLY", part, float(np.sqrt(0.5))) for part in (u, v))
    half = float(np.sqrt(share)) / 2
    inside = [
        shader.math(
            "LESS_THAN",
            shader.math("ABSOLUTE", shader.math("SUBTRACT", shader.math("FRACT", part), 0.5)),
            half,
        )
        for part in (u, v)
    ]
    return shader.math("MULTIPLY", *inside)


def _figures(rng: np.random.Generator, shader: Shader, plane: Socket, pattern: str) -> Socket:
    """1 where the weave is denser: upright stripes, or dots or five-petalled sprigs in staggered rows."""
    size = float(rng.uniform(0.03, 0.09))
    u, v, _ = shader.split(shader.vector("DIVIDE", plane, (size, size, size)))
    if pattern == "stripe":
        place = shader.math("FRACT", u)
        edges = np.sort(rng.uniform(0.05, 0.95, 3))
        wide = shader.math(
            "MULTIPLY", shader.math("GREATER_THAN", place, edges[0]), shader.math("LESS_THAN", place, edges[1])
        )
        thin = shader.math("LESS_THAN", shader.math("ABSOLUTE", shader.math("SUBTRACT", place, edges[2])), 0.03)
        return shader.math("MAXIMUM", wide, thin)
    shifted = shader.math("ADD", u, shader.math("MULTIPLY", shader.math("FLOOR", v), 0.5))
    across, up = (shader.math("SUBTRACT", shader.math("FRACT", part), 0.5) for part in (shifted, v))
    distance = shader.length(shader.combine(across, up, 0.0))
    reach = float(rng.uniform(0.1, 0.26))
    if pattern == "dot":
        return shader.remap(distance, reach, reach + 0.03, 1.0, 0.0)
    around = shader.math("COSINE", shader.math("MULTIPLY", shader.math("ARCTAN2", up, across), 5.0))
    petals = shader.math("ADD", 0.26, shader.math("MULTIPLY", around, 0.12))
    return shader.remap(shader.math("SUBTRACT", distance, petals), -0.01, 0.02, 1.0, 0.0)
