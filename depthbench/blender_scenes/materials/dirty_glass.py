# SPDX-License-Identifier: Apache-2.0
"""Glass that wants cleaning: dust, wiped smears, fingerprints, scratches, dried drops, at their true sizes.

Light goes straight on as in architectural glass, but where dirt lies: a thin layer there scatters it, half back and half
through, so that the dirt itself can be seen and matched. The pane is see-through all the same: the truth has the pane and what
stands behind it, also behind dust. The two sides of a pane are soiled independently.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import near
from depthbench.blender_scenes.materials.panes import on_pane, straight, veil
from depthbench.blender_scenes.nodes import Number, Shader, Socket
from depthbench.layers import SurfaceClass

Cover = Callable[[np.random.Generator, Shader, Socket], Socket]
_GREY = (0.66, 0.64, 0.60)


def _dust(rng: np.random.Generator, shader: Shader, at: Socket) -> Socket:
    """A film with grains, in clouds, thicker towards the lower edge where rain and brooms leave it."""
    clouds = shader.remap(shader.noise(at, rng.uniform(2, 5), 4.0, 0.6), 0.35, 0.75, 0.25, 1.0)
    grains = shader.remap(shader.noise(at, 520.0, 3.0, 0.7), 0.45, 0.72)
    _, _, tall = shader.split(shader.add("TexCoord", {}, "Generated"))
    low = shader.remap(tall, 0.0, rng.uniform(0.1, 0.35), rng.uniform(0.1, 0.6), 0.0)
    film = shader.math("ADD", shader.math("MULTIPLY", grains, 0.35), 0.09)
    return shader.math("MULTIPLY", clouds, shader.math("ADD", film, shader.math("MULTIPLY", low, grains)))


def _smears(rng: np.random.Generator, shader: Shader, at: Socket) -> Socket:
    """Streaks that a cloth leaves, in arcs about an elbow half a metre away."""
    u, v, w = shader.split(shader.warped(at, 2.0, 0.12))
    across, up = shader.math("PINGPONG", u, 0.9), shader.math("PINGPONG", v, 0.7)
    reach = shader.length(shader.combine(shader.math("ADD", across, 0.3), shader.math("ADD", up, 0.2), 0.0))
    turn = shader.math("ARCTAN2", up, shader.math("ADD", across, 0.3))
    streak = shader.noise(shader.combine(shader.math("MULTIPLY", reach, 95.0), turn, w), 1.6, 4.0, 0.65)
    where = shader.remap(shader.noise(at, rng.uniform(1.5, 3.0), 2.0), 0.45, 0.65)
    return shader.math("MULTIPLY", where, shader.remap(streak, 0.42, 0.72, 0.0, 0.45))


def _in_cells(shader: Shader, at: Socket, wide_m: float, tall_m: float) -> tuple[Socket, Socket, Socket, Socket]:
    """(x, y, number, other number): metres from a random point in each cell of a lattice, and two numbers of the cell."""
    u, v, w = shader.split(at)
    across, up = shader.math("DIVIDE", u, wide_m), shader.math("DIVIDE", v, tall_m)
    number, colour = shader.hashed(
        shader.combine(shader.math("FLOOR", across), shader.math("FLOOR", up), shader.math("ROUND", w))
    )
    red, green, blue = shader.split(colour)

    def from_point(place: Socket, jitter: Socket, size_m: float) -> Socket:
        middle = shader.blend(jitter, 0.3, 0.7)
        return shader.math("MULTIPLY", shader.math("SUBTRACT", shader.math("FRACT", place), middle), size_m)

    return from_point(across, red, wide_m), from_point(up, green, tall_m), number, blue


def _turned(shader: Shader, x: Socket, y: Socket, angle: Number) -> tuple[Socket, Socket]:
    """Coordinates in axes turned by ``angle`` radians."""
    cos, sin = shader.math("COSINE", angle), shader.math("SINE", angle)
    along = shader.math("ADD", shader.math("MULTIPLY", x, cos), shader.math("MULTIPLY", y, sin))
    across = shader.math("SUBTRACT", shader.math("MULTIPLY", y, cos), shader.math("MULTIPLY", x, sin))
    return along, across


def _fingerprints(rng: np.random.Generator, shader: Shader, at: Socket) -> Socket:
    """Ovals of 14 x 20 mm filled with ridges half a millimetre apart, in groups where hands have been."""
    x, y, number, other = _in_cells(shader, at, 0.042, 0.05)
    x, y = _turned(shader, x, y, shader.math("MULTIPLY", shader.math("SUBTRACT", other, 0.5), 2.2))
    oval = shader.length(shader.combine(shader.math("DIVIDE", x, 0.0075), shader.math("DIVIDE", y, 0.0105), 0.0))
    whorl = shader.length(shader.warped(shader.combine(x, shader.math("ADD", y, 0.003), number), 160.0, 0.002))
    ridges = shader.math("SINE", shader.math("MULTIPLY", whorl, 2 * np.pi / 0.0006))
    touched = shader.remap(shader.noise(at, 2.6, 2.0), 0.48, 0.62)
    there = shader.math("LESS_THAN", number, shader.math("MULTIPLY", touched, rng.uniform(0.3, 0.7)))
    print_ = shader.math("MULTIPLY", shader.remap(oval, 0.75, 1.05, 1.0, 0.0), there)
    return shader.math("MULTIPLY", print_, shader.remap(ridges, -0.6, 0.6, 0.25, 0.75))


def _scratches(rng: np.random.Generator, shader: Shader, at: Socket) -> Socket:
    """Fine straight lines, a fifth of a millimetre wide and up to 20 cm long, in a few directions."""
    total: Any = 0.0
    for angle in rng.uniform(0, np.pi, 3):
        u, v, w = shader.split(at)
        along, across = _turned(shader, u, v, float(angle))
        x, y, number, other = _in_cells(shader, shader.combine(along, across, w), 0.21, 0.018)
        bent = shader.math("ADD", y, shader.math("MULTIPLY", x, shader.math("MULTIPLY", other, 0.05)))
        line = shader.remap(shader.math("ABSOLUTE", bent), 0.0001, 0.0003, 1.0, 0.0)
        ends = shader.remap(shader.math("ABSOLUTE", x), 0.02, 0.085, 1.0, 0.0)
        there = shader.math("LESS_THAN", number, rng.uniform(0.25, 0.6))
        total = shader.math("MAXIMUM", total, shader.math("MULTIPLY", shader.math("MULTIPLY", line, ends), there))
    return shader.math("MULTIPLY", total, 0.9)


def _drops(rng: np.random.Generator, shader: Shader, at: Socket) -> Socket:
    """Rings and spots of lime where drops have dried, 3 to 9 mm across, in patches."""
    per_m = float(rng.uniform(70, 120))
    away = shader.cells(at, per_m)
    red, green, _ = shader.split(shader.cells(at, per_m, output="Color"))
    edge = shader.math("SUBTRACT", away, shader.blend(red, 0.15, 0.36))
    ring = shader.remap(shader.math("ABSOLUTE", edge), 0.02, 0.07, 0.75, 0.0)
    spot = shader.remap(edge, -0.03, 0.0, 0.25, 0.0)
    splashed = shader.remap(shader.noise(at, rng.uniform(1.5, 3), 3.0), 0.42, 0.65)
    there = shader.math("LESS_THAN", green, splashed)
    return shader.math("MULTIPLY", shader.math("ADD", ring, spot), there)


_COVERS: dict[str, Cover] = {
    "dust": _dust, "smears": _smears, "fingerprints": _fingerprints, "scratches": _scratches, "drops": _drops
}  # fmt: skip
KINDS: tuple[str, ...] = tuple(_COVERS)


def make(rng: np.random.Generator, kinds: Sequence[str] | None = None, strength: float | None = None) -> Any:
    """Make dirty glass.

    ``kinds`` of :data:`KINDS`, two to four drawn by default; ``strength`` in (0, 1] scales what each covers, 0.35 to 1 drawn
    for each kind by default.
    """
    drawn = [str(kind) for kind in rng.permutation(KINDS)[: int(rng.integers(2, 5))]]
    shader = Shader("dirty_glass")
    at = on_pane(shader)
    clear: Any = 1.0
    for kind in drawn if kinds is None else kinds:
        scale = float(rng.uniform(0.35, 1.0)) if strength is None else strength
        cover = shader.math("MULTIPLY", _COVERS[kind](rng, shader, at), scale)
        clear = shader.math("MULTIPLY", clear, shader.math("SUBTRACT", 1.0, cover, clamp=True))
    dirt = shader.math("SUBTRACT", 1.0, clear)
    pane = straight(shader, [0.993, 0.998, 0.995], shader.math("MULTIPLY", dirt, 0.35))
    surface = shader.choose(dirt, pane, veil(shader, near(rng, _GREY)))
    return mark(shader.finish(surface), SurfaceClass.TRANSMISSIVE)
