# SPDX-License-Identifier: Apache-2.0
"""Perforated metal and wire mesh: an open sheet without thickness whose holes let everything through.

Holes lie in the plane of the face in object coordinates (metres), so they do not depend on the size of the sheet.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import RGB, near, pick, shade
from depthbench.blender_scenes.nodes import Shader, Socket
from depthbench.layers import SurfaceClass

_COATS: tuple[tuple[RGB, float], ...] = (
    ((0.022, 0.022, 0.024), 0.0), ((0.55, 0.55, 0.56), 1.0), ((0.60, 0.40, 0.17), 1.0), ((0.70, 0.69, 0.66), 0.0), ((0.10, 0.13, 0.11), 0.0)
)  # fmt: skip
_SLOT_CELL = 4.0
"""Length of a slot's cell over its height."""


def make(
    rng: np.random.Generator,
    pattern: str | None = None,
    open_fraction: float | None = None,
    pitch_m: float | None = None,
) -> Any:
    """Make a screen.

    ``pattern`` 'round' (staggered holes), 'wire' (woven square mesh), 'slot' (staggered rounded slots) or drawn;
    ``open_fraction`` of the area is hole, 0.35 to 0.6 by default (at most 0.85 for round holes, 0.95 otherwise);
    ``pitch_m`` is the distance between holes, 5 to 16 mm by default.
    """
    pattern = pattern or pick(rng, ("round", "wire", "slot"))
    fraction = float(rng.uniform(0.35, 0.6)) if open_fraction is None else open_fraction
    pitch = float(rng.uniform(0.005, 0.016)) if pitch_m is None else pitch_m
    most = 0.85 if pattern == "round" else 0.95
    if not 0 < fraction <= most:
        raise ValueError(f"open_fraction of a {pattern} screen must be in (0, {most}], got {fraction}")
    shader = Shader(f"screen_{pattern}")
    u, v, _ = shader.split(shader.vector("DIVIDE", shader.face_plane(), (pitch, pitch, pitch)))
    hole, relief = {"round": _round, "wire": _wire, "slot": _slot}[pattern](shader, u, v, fraction)
    coat, metallic = pick(rng, _COATS)
    coat = near(rng, coat, 0.01)
    here = shader.position()
    worn = shader.noise(here, 9.0, 5.0, 0.65)
    colour = shader.mix(shader.remap(worn, 0.4, 0.75), coat, shade(coat, 0.55))
    grit = shader.noise(here, 260.0, 2.0)
    colour = shader.mix(shader.remap(grit, 0.4, 0.8, 0.0, 0.3), colour, shade(coat, 1.6))
    gloss = rng.uniform(0.25, 0.45)
    normal = shader.bump(relief, pitch * (0.25 if pattern == "wire" else 0.08))
    metal = shader.principled(colour, shader.remap(worn, 0.3, 0.7, gloss, gloss + 0.15), normal, Metallic=metallic)
    clear = shader.add("BsdfTransparent", {})
    return mark(shader.finish(shader.choose(hole, metal, clear)), SurfaceClass.SCREEN)


def _centred(shader: Shader, place: Socket) -> Socket:
    """Distance of each coordinate to the middle of its cell, in cells."""
    return shader.math("SUBTRACT", shader.math("FRACT", place), 0.5)


def _round(shader: Shader, u: Socket, v: Socket, fraction: float) -> tuple[Socket, Socket]:
    """Holes on a triangular lattice: two rectangular lattices of 1 x sqrt(3), one in the other's middles."""
    radius = float(np.sqrt(fraction * np.sqrt(3) / 2 / np.pi))
    tall = float(np.sqrt(3))

    def to_centre(shift: float) -> Socket:
        across = _centred(shader, shader.math("ADD", u, shift))
        up = _centred(shader, shader.math("ADD", shader.math("DIVIDE", v, tall), shift))
        return shader.length(shader.combine(across, shader.math("MULTIPLY", up, tall), 0.0))

    distance = shader.math("MINIMUM", to_centre(0.0), to_centre(0.5))
    return shader.math("LESS_THAN", distance, radius), shader.remap(distance, radius, radius + 0.12)


def _wire(shader: Shader, u: Socket, v: Socket, fraction: float) -> tuple[Socket, Socket]:
    """Round wires that pass over and under each other."""
    wire = 1.0 - float(np.sqrt(fraction))
    half = wire / 2
    across, up = _centred(shader, u), _centred(shader, v)

    def roundness(offset: Socket) -> Socket:
        part = shader.math("DIVIDE", offset, half)
        return shader.math("SQRT", shader.math("SUBTRACT", 1.0, shader.math("MULTIPLY", part, part), clamp=True))

    wave = shader.math("MULTIPLY", shader.math("SINE", shader.math("MULTIPLY", u, np.pi)), 0.5)
    other = shader.math("MULTIPLY", shader.math("SINE", shader.math("MULTIPLY", v, np.pi)), -0.5)
    parity = shader.math("PINGPONG", shader.math("ADD", shader.math("FLOOR", u), shader.math("FLOOR", v)), 1.0)
    sign = shader.blend(parity, -1.0, 1.0)
    standing, lying = roundness(across), roundness(up)
    standing = shader.math(
        "MULTIPLY", standing, shader.math("ADD", 1.0, shader.math("MULTIPLY", shader.math("ABSOLUTE", other), sign))
    )
    lying = shader.math(
        "MULTIPLY", lying, shader.math("SUBTRACT", 1.0, shader.math("MULTIPLY", shader.math("ABSOLUTE", wave), sign))
    )
    free_u = shader.math("GREATER_THAN", shader.math("ABSOLUTE", across), half)
    free_v = shader.math("GREATER_THAN", shader.math("ABSOLUTE", up), half)
    return shader.math("MULTIPLY", free_u, free_v), shader.math(
        "MULTIPLY", shader.math("MAXIMUM", standing, lying), 0.6
    )


def _slot(shader: Shader, u: Socket, v: Socket, fraction: float) -> tuple[Socket, Socket]:
    """Slots with round ends, rows staggered by half a slot."""
    margins = np.linspace(0.0, 1.0, 20001)
    height = 1.0 - margins
    area = (_SLOT_CELL - margins) * height - (4 - np.pi) * (height / 2) ** 2
    margin = float(margins[np.abs(area / _SLOT_CELL - fraction).argmin()])
    radius = (1.0 - margin) / 2
    straight = (_SLOT_CELL - margin) / 2 - radius
    row = shader.math("FLOOR", v)
    along = shader.math("ADD", shader.math("DIVIDE", u, _SLOT_CELL), shader.math("MULTIPLY", row, 0.5))
    across = shader.math("MULTIPLY", shader.math("ABSOLUTE", _centred(shader, along)), _SLOT_CELL)
    beyond = shader.math("MAXIMUM", shader.math("SUBTRACT", across, straight), 0.0)
    distance = shader.length(shader.combine(beyond, _centred(shader, v), 0.0))
    return shader.math("LESS_THAN", distance, radius), shader.remap(distance, radius, radius + 0.1)
