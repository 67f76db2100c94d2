# SPDX-License-Identifier: Apache-2.0
"""Printed wallpaper: stripes, diamonds, leaves or medallions that repeat every 4 to 30 cm, in lengths 53 cm wide."""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import RGB, any_hue, matt, near, pick, shade
from depthbench.blender_scenes.nodes import Shader, Socket
from depthbench.layers import SurfaceClass

STYLES = ("stripes", "diamonds", "leaves", "medallions")
_GROUNDS: tuple[RGB, ...] = (
    (0.70, 0.66, 0.58),
    (0.60, 0.63, 0.58),
    (0.10, 0.16, 0.15),
    (0.11, 0.13, 0.22),
    (0.52, 0.34, 0.30),
)
_LENGTH_M = 0.53


def make(rng: np.random.Generator, style: str | None = None) -> Any:
    """Make wallpaper; ``style`` is one of :data:`STYLES` or drawn."""
    style = style or pick(rng, STYLES)
    shader = Shader(f"wallpaper_{style}")
    ground = near(rng, pick(rng, _GROUNDS, (4, 3, 1, 1, 1)))
    dark = max(ground) < 0.3
    first = near(rng, any_hue(rng, (0.1, 0.6), (0.4, 0.65) if dark else (0.08, 0.4)))
    second = shade(near(rng, ground, 0.04), 1.9 if dark else 0.6)
    here = shader.position()
    u, v, _ = shader.split(shader.face_plane())
    main, other, share = {"stripes": _stripes, "diamonds": _diamonds, "leaves": _leaves, "medallions": _medallions}[
        style
    ](rng, shader, u, v)
    worn = shader.remap(shader.noise(here, 220.0, 3.0, 0.6), 0.25, 0.6, 0.72, 1.0)
    colour = shader.mix(shader.math("MULTIPLY", other, worn), ground, second)
    colour = shader.mix(shader.math("MULTIPLY", main, worn), colour, first)
    fibre = shader.noise(here, 480.0, 3.0, 0.65)
    colour = shader.mix(shader.remap(fibre, 0.3, 0.7, 0.0, 0.16), colour, shade(ground, 0.6))
    faded = shader.noise(here, 1.2, 4.0, 0.6)
    colour = shader.mix(shader.remap(faded, 0.4, 0.72, 0.0, 0.3), colour, shade(near(rng, ground, 0.02), 0.8))
    place = shader.math("FRACT", shader.math("DIVIDE", u, _LENGTH_M))
    join = shader.remap(shader.math("ABSOLUTE", shader.math("SUBTRACT", place, 0.5)), 0.0, 0.0016, 0.45, 0.0)
    colour = shader.mix(join, colour, shade(ground, 0.35))
    printed = shader.math("ADD", shader.math("MULTIPLY", main, 0.5), fibre)
    surface = shader.principled(colour, rng.uniform(0.55, 0.9), shader.bump(printed, 0.0002))
    return mark(shader.finish(surface, matt(ground, 0.9, first, share)), SurfaceClass.OPAQUE)


def _near(shader: Shader, place: Socket, half: float, soft: float) -> Socket:
    """1 where a coordinate's fraction is within ``half`` of its middle."""
    off = shader.math("ABSOLUTE", shader.math("SUBTRACT", shader.math("FRACT", place), 0.5))
    return shader.remap(off, half - soft, half + soft, 1.0, 0.0)


def _stripes(rng: np.random.Generator, shader: Shader, u: Socket, v: Socket) -> tuple[Socket, Socket, float]:
    place = shader.math("DIVIDE", u, rng.uniform(0.04, 0.2))
    half = float(rng.uniform(0.12, 0.28))
    thin = shader.math("ADD", place, half + 0.1)
    return _near(shader, place, half, 0.008), _near(shader, thin, 0.03, 0.008), 2 * half


def _diamonds(rng: np.random.Generator, shader: Shader, u: Socket, v: Socket) -> tuple[Socket, Socket, float]:
    wide = float(rng.uniform(0.06, 0.2))
    across = shader.math("DIVIDE", u, wide)
    up = shader.math("DIVIDE", v, wide * float(rng.uniform(1.0, 1.7)))
    rising, falling = shader.math("ADD", across, up), shader.math("SUBTRACT", across, up)
    parity = shader.math(
        "PINGPONG", shader.math("ADD", shader.math("FLOOR", rising), shader.math("FLOOR", falling)), 1.0
    )
    lines = [shader.math("SUBTRACT", 1.0, _near(shader, part, 0.47, 0.01)) for part in (rising, falling)]
    return shader.math("MULTIPLY", parity, 0.85), shader.math("MAXIMUM", *lines), 0.42


def _in_cells(shader: Shader, u: Socket, v: Socket, size_m: float, shift: float) -> tuple[Socket, Socket, Socket]:
    """(x, y) about the middle of each cell, in cells, and a random number of the cell; odd rows half a cell further."""
    up = shader.math("ADD", shader.math("DIVIDE", v, size_m), shift)
    row = shader.math("FLOOR", up)
    across = shader.math("ADD", shader.math("DIVIDE", u, size_m), shader.math("MULTIPLY", row, 0.5))
    across = shader.math("ADD", across, shift)
    number, _ = shader.hashed(shader.combine(shader.math("FLOOR", across), row, shift))
    x, y = (shader.math("SUBTRACT", shader.math("FRACT", part), 0.5) for part in (across, up))
    return x, y, number


def _leaves(rng: np.random.Generator, shader: Shader, u: Socket, v: Socket) -> tuple[Socket, Socket, float]:
    """Scattered pointed leaves with a midrib, every one turned its own way, in two sizes."""
    size = float(rng.uniform(0.06, 0.15))
    found: list[Socket] = []
    for scale, shift in ((1.0, 0.0), (0.6, 0.37)):
        x, y, number = _in_cells(shader, u, v, size * scale, shift)
        angle = shader.math("MULTIPLY", number, 2 * np.pi)
        cos, sin = shader.math("COSINE", angle), shader.math("SINE", angle)
        along = shader.math("ADD", shader.math("MULTIPLY", x, cos), shader.math("MULTIPLY", y, sin))
        across = shader.math("SUBTRACT", shader.math("MULTIPLY", y, cos), shader.math("MULTIPLY", x, sin))
        away = shader.math("ABSOLUTE", across)
        reach = shader.math("SUBTRACT", 0.17, shader.math("MULTIPLY", shader.math("MULTIPLY", along, along), 1.1))
        leaf = shader.remap(shader.math("SUBTRACT", away, reach), -0.012, 0.012, 1.0, 0.0)
        rib = shader.remap(away, 0.008, 0.02, 0.0, 1.0)
        found.append(shader.math("MULTIPLY", leaf, rib))
    return found[0], found[1], 0.3


def _medallions(rng: np.random.Generator, shader: Shader, u: Socket, v: Socket) -> tuple[Socket, Socket, float]:
    """Lobed rosettes with a ring round them, and small flowers between."""
    x, y, _ = _in_cells(shader, u, v, float(rng.uniform(0.1, 0.3)), 0.0)
    away = shader.length(shader.combine(x, y, 0.0))
    turn = shader.math("MULTIPLY", shader.math("ARCTAN2", y, x), float(rng.integers(5, 11)))
    lobes = shader.math("MULTIPLY", shader.math("COSINE", turn), float(rng.uniform(0.04, 0.09)))
    edge = shader.math("SUBTRACT", away, shader.math("ADD", lobes, 0.26))
    rosette = shader.remap(edge, -0.01, 0.01, 1.0, 0.0)
    eye = shader.remap(away, 0.08, 0.1)
    ring = shader.remap(shader.math("ABSOLUTE", shader.math("SUBTRACT", away, 0.43)), 0.012, 0.022, 1.0, 0.0)
    return shader.math("MULTIPLY", rosette, eye), ring, 0.25
