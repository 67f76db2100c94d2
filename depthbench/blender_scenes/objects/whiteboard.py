# SPDX-License-Identifier: Apache-2.0
"""Boards to write on, backs at y = 0: a framed whiteboard with a pen tray, and a glass board on stand-offs.

The glass board is a clear plate some centimetres before the wall; what is written on it are strokes of paint, solids of their
own a millimetre before the glass.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, box, join, lathe, rounded_box
from depthbench.blender_scenes.objects.forms import smooth, solid, thick_sheet
from depthbench.blender_scenes.objects.kit import GAP_M, GLASS_GAP_M, Kit, Part, part
from depthbench.blender_scenes.objects.solids import moulding
from depthbench.blender_scenes.slab import slab

STYLES = ("white", "glass")
_INKS = ((0.02, 0.02, 0.025), (0.02, 0.07, 0.45), (0.5, 0.03, 0.04), (0.02, 0.3, 0.12), (0.8, 0.79, 0.77))
_STROKE_M = 0.0007


def _ribbon(path: npt.NDArray[np.float64], width_m: float = 0.005) -> Mesh:
    """A stroke along points (n, 2) of the plane y = 0: (x, z)."""
    along = np.gradient(path, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    beside = np.stack([-along[:, 1], along[:, 0]], axis=1) * width_m / 2
    edges = np.stack([path - beside, path + beside], axis=1)
    flat = np.stack([edges[..., 0], np.zeros(edges.shape[:2]), edges[..., 1]], axis=-1)
    return thick_sheet(flat, _STROKE_M)


def _word(rng: np.random.Generator, x: float, z: float, long_m: float, high_m: float) -> Mesh:
    """A word in a hand that nobody can read."""
    count = max(4, int(long_m / (0.55 * high_m)))
    steps = np.arange(2 * count)
    knots = np.stack(
        [
            x + long_m * (steps + rng.uniform(-0.2, 0.2, 2 * count)) / (2 * count),
            z + high_m * np.where(steps % 2, rng.uniform(0.5, 1.0, 2 * count), rng.uniform(-0.1, 0.2, 2 * count)),
        ],
        axis=1,
    )
    return _ribbon(smooth(knots, 4), 0.004)


def writing(rng: np.random.Generator, width_m: float, height_m: float, ink: Any = None) -> list[Part]:
    """Strokes on a plane of that size that stands on z = 0, within half a millimetre of y = 0: lists, boxes, a curve."""
    inks = (
        [ink]
        if ink is not None
        else [make("paint", rng, colour=_INKS[int(k)]) for k in rng.permutation(len(_INKS))[:2]]
    )
    strokes: list[list[Mesh]] = [[] for _ in inks]
    columns = max(1, int(width_m / 0.55))
    for column in range(columns):
        here = strokes[int(rng.integers(len(inks)))]
        left = -width_m / 2 + 0.06 + column * (width_m - 0.06) / columns
        room = (width_m - 0.06) / columns - 0.08
        top = height_m - 0.1
        form = int(rng.integers(4))
        if form == 0:
            for line in range(int(rng.integers(4, 8))):
                if top - line * 0.085 > 0.06:
                    here.append(_word(rng, left, top - line * 0.085, room * float(rng.uniform(0.4, 0.95)), 0.032))
        elif form == 1:
            for index in range(3):
                z = top - 0.1 - index * 0.2
                if z < 0.05:
                    break
                wide = min(room, 0.3)
                corners = np.array([[0, 0], [wide, 0], [wide, 0.11], [0, 0.11], [0, 0]]) + np.array([left, z])
                path = np.concatenate(
                    [np.linspace(a, b, 6)[:-1] for a, b in itertools.pairwise(corners)] + [corners[-1:]]
                )
                here.append(_ribbon(path + rng.normal(0, 0.0015, path.shape)))
                strokes[-1].append(_word(rng, left + 0.03, z + 0.04, wide - 0.07, 0.03))
        elif form == 2:
            t = np.linspace(0, 1, 24)
            low = max(0.06, top - 0.45)
            here.append(_ribbon(np.stack([left + 0.005 + 0.0 * t, low + t * (top - low)], axis=1)))
            here.append(_ribbon(np.stack([left + 0.012 + t * (room - 0.012), low - 0.008 + 0.0 * t], axis=1)))
            curve = (
                low + 0.03 + (top - low - 0.05) * (0.5 + 0.45 * np.sin(t * rng.uniform(3, 8) + rng.uniform(0, 3)) * t)
            )
            strokes[-1].append(_ribbon(np.stack([left + 0.02 + t * (room - 0.03), curve], axis=1)))
        else:
            angle = np.linspace(0, 2 * np.pi * 0.98, 40)
            radius = min(room / 2, 0.16)
            middle = np.array([left + radius, top - radius])
            here.append(_ribbon(middle + radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)))
            strokes[-1].append(_word(rng, left + 0.3 * radius, top - 1.1 * radius, 1.3 * radius, 0.03))
            if top - 2 * radius - 0.1 > 0.06:
                here.append(_word(rng, left, top - 2 * radius - 0.09, room * 0.8, 0.03))
    return [part("writing", join(lines), colour, None) for lines, colour in zip(strokes, inks, strict=True) if lines]


def _tray(rng: np.random.Generator, width_m: float, metal: Any) -> list[Part]:
    """A shelf for pens under a board's lower edge, with pens and a sponge."""
    long = min(0.6 * width_m, 0.9)
    shelf = join([box(long, 0.078, 0.004).moved(y=-0.043), box(long, 0.003, 0.014).moved(y=-0.0805)]).moved(
        z=-0.004 - GAP_M
    )
    pen = lathe(solid([(0, 0), (0.008, 0), (0.008, 0.11), (0.006, 0.13), (0, 0.13)], 0.002), 14).rotated("y", 90.0)
    parts = [part("board tray", shelf, metal, None)]
    for index in range(int(rng.integers(1, 4))):
        x = -long / 2 + 0.02 + index * 0.15
        parts.append(part("board pen", pen.moved(x, -0.03, 0.008), make("paint", rng, colour=_INKS[index])))
    parts.append(
        part(
            "board sponge",
            rounded_box(0.11, 0.045, 0.028, 0.005).moved(long / 2 - 0.07, -0.046),
            make("fabric", rng, pattern="plain"),
        )
    )
    return parts


def design(
    rng: np.random.Generator,
    style: str = "white",
    width_m: float = 1.5,
    height_m: float = 1.0,
    glass: Any = None,
    metal: Any = None,
) -> Kit:
    """Make the parts of a board, its lower edge on z = 0; ``style`` is one of :data:`STYLES`."""
    metal = metal or make("metal", rng, finish="brushed")
    if style == "white":
        frame = moulding(width_m, height_m, [[0, GAP_M], [0, 0.016], [0.004, 0.019], [0.018, 0.019], [0.018, GAP_M]])
        face = slab(width_m - 0.037, height_m - 0.037, 0.01).moved(y=-0.0105, z=0.0185)
        printed = make("print", rng, kind="whiteboard", aspect=width_m / height_m)
        kit = Kit((part("board frame", frame, metal, 30.0), part("board", face, printed, None)))
        return Kit((*kit.parts, *_tray(rng, width_m, metal)))
    thick, off = 0.006, float(rng.uniform(0.02, 0.04))
    plate = slab(width_m, height_m, thick).moved(y=-off - thick)
    bolt = lathe(
        solid([(0, GAP_M), (0.012, GAP_M), (0.012, off - 1.2 * GLASS_GAP_M), (0, off - 1.2 * GLASS_GAP_M)], 0.001), 24
    )
    cap = lathe(solid([(0, 0), (0.013, 0), (0.013, 0.006), (0, 0.007)], 0.001), 24).moved(
        z=off + thick + 1.2 * GLASS_GAP_M
    )
    spots = [(sx * (width_m / 2 - 0.06), z) for sx in (-1, 1) for z in (0.06, height_m - 0.06)]
    bolts = [join([bolt, cap]).rotated("x", 90.0).moved(x, 0.0, z) for x, z in spots]
    front = Kit(tuple(writing(rng, width_m - 0.2, height_m)))
    lines = front.moved([0, -off - thick - 1.2 * GLASS_GAP_M - _STROKE_M, 0.0])
    return Kit(
        (
            part("glass board", plate, glass or make("architectural_glass", rng), None),
            part("board bolts", join(bolts), metal),
            *lines.parts,
        )
    )


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "white"
) -> list[bpy.types.Object]:
    """Hang one board, its lower edge's middle at ``location`` on the wall."""
    return design(rng, style).place(location, turn_deg)
