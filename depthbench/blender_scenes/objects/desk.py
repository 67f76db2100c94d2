# SPDX-License-Identifier: Apache-2.0
"""Office desks, their user at -y: cantilever or four-legged steel, panels, a pedestal desk of wood; a mesh cable tray below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, box, join, rounded_box
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, Part, part
from depthbench.blender_scenes.slab import slab

STYLES = ("cantilever", "frame", "panel", "pedestal")
TRAY_M = 0.14
"""Width of the cable tray; it hangs 0.1 to 0.24 m behind the middle of the desk."""
_TRAY_Y_M = 0.1


@dataclass(frozen=True)
class Desk:
    """A desk's kit, its top's half sizes and upper face; ``knee_m`` half the width of free ground below it."""

    kit: Kit
    half_x_m: float
    half_y_m: float
    height_m: float
    knee_m: float


def _straps(half_m: float, under_m: float) -> list[Mesh]:
    """Strips of steel that hang from under the top on both sides of the tray, and hold it."""
    low = under_m - 0.1
    ends = [sx * (half_m - 0.05) for sx in (-1, 1)]
    strips = [
        box(0.025, 0.002, 0.1).moved(x, y, low) for x in ends for y in (_TRAY_Y_M - 0.003, _TRAY_Y_M + TRAY_M + 0.003)
    ]
    return strips + [box(0.025, TRAY_M + 0.008, 0.002).moved(x, _TRAY_Y_M + TRAY_M / 2, low - 0.003) for x in ends]


def _tray(half_m: float, under_m: float) -> Mesh:
    """A trough of mesh, open above and at its ends."""
    y = np.array([_TRAY_Y_M, _TRAY_Y_M, _TRAY_Y_M + TRAY_M, _TRAY_Y_M + TRAY_M])
    z = under_m - np.array([0.03, 0.099, 0.099, 0.03])
    points = np.stack([np.stack([np.full(4, sx * half_m), y, z], axis=1) for sx in (-1, 1)])
    number = np.arange(8).reshape(2, 4)
    quads = np.stack([number[0, :-1], number[0, 1:], number[1, 1:], number[1, :-1]], axis=1)
    return Mesh(points.reshape(-1, 3), (quads,))


def _steel(style: str, half_x: float, half_y: float, under_m: float) -> list[Mesh]:
    reach = half_x - 0.07
    beam = box(2 * reach - 0.04, 0.05, 0.04).moved(y=0.02, z=under_m - 0.0405)
    if style == "frame":
        leg = rounded_box(0.05, 0.05, under_m, 0.003)
        rails = [box(0.03, 2 * half_y - 0.1, 0.04).moved(sx * (half_x - 0.03), 0, under_m - 0.0405) for sx in (-1, 1)]
        return [
            *(leg.moved(sx * (half_x - 0.03), sy * (half_y - 0.03)) for sx in (-1, 1) for sy in (-1, 1)),
            *rails,
            beam.scaled(half_x / reach - 0.06, 1.0, 1.0),
        ]
    parts = [beam]
    for sx in (-1, 1):
        parts += [
            rounded_box(0.07, 2 * half_y - 0.1, 0.025, 0.004).moved(sx * reach),
            rounded_box(0.06, 0.09, under_m - 0.03, 0.004).moved(sx * reach, 0.02, 0.02),
            rounded_box(0.05, 2 * half_y - 0.16, 0.03, 0.003).moved(sx * reach, 0, under_m - 0.03),
        ]
    return parts


def _drawers(width_m: float, depth_m: float, height_m: float, count: int, top: Any, metal: Any) -> list[Part]:
    """A block of drawers with bar handles, standing on z = 0, its front towards -y."""
    body = box(width_m, depth_m - 0.02, height_m).moved(y=0.01)
    high = (height_m - 0.04) / count
    fronts, bars = [], []
    for index in range(count):
        z = 0.035 + index * high
        fronts.append(rounded_box(width_m - 0.01, 0.018, high - 0.006, 0.002).moved(0, -depth_m / 2 + 0.009 - GAP_M, z))
        y = -depth_m / 2 - 2 * GAP_M
        bars += [box(0.12, 0.008, 0.008).moved(0, y - 0.022, z + 0.7 * high)]
        bars += [box(0.008, 0.018, 0.008).moved(sx * 0.05, y - 0.0095, z + 0.7 * high) for sx in (-1, 1)]
    return [
        part("drawer block", body, top, None),
        part("drawer fronts", join(fronts), top),
        part("drawer handles", join(bars), metal),
    ]


def drawer_unit(rng: np.random.Generator, body: Any = None, metal: Any = None) -> Kit:
    """Make a low unit of three drawers that fits under a desk."""
    height = float(rng.uniform(0.5, 0.58))
    body, metal = body or make("metal", rng, finish="painted"), metal or make("metal", rng, finish="brushed")
    return Kit(tuple(_drawers(0.4, 0.52, height, 3, body, metal))).moved([0, 0, GAP_M])


def design(
    rng: np.random.Generator,
    style: str = "cantilever",
    width_m: float = 1.6,
    depth_m: float = 0.8,
    top: Any = None,
    metal: Any = None,
    tray: Any = None,
) -> Desk:
    """Make a desk; ``style`` is one of :data:`STYLES`; ``top``, ``metal`` and ``tray`` are materials, drawn if None."""
    height_m, thick_m = float(rng.uniform(0.72, 0.745)), float(rng.uniform(0.022, 0.03))
    under_m = height_m - thick_m - 2 * GAP_M
    half_x, half_y = width_m / 2, depth_m / 2
    top = top or make("wood", rng)
    board = rounded_box(width_m, depth_m, thick_m, 0.003).moved(z=height_m - thick_m)
    parts = [part("desk top", board, top)]
    if style in ("cantilever", "frame"):
        metal = metal or make("metal", rng, finish="painted")
        half_tray = half_x - 0.22
        frame = [*_steel(style, half_x, half_y, under_m), *_straps(half_tray, under_m)]
        parts.append(part("desk frame", join(frame).moved(z=GAP_M), metal))
        parts.append(part("desk tray", _tray(half_tray, under_m), tray or make("screen", rng, pattern="wire"), None))
        knee = half_x - 0.13
    elif style == "panel":
        sides = [box(0.025, depth_m - 0.04, under_m).moved(sx * (half_x - 0.02)) for sx in (-1, 1)]
        back = slab(width_m - 0.066, under_m - 0.25, 0.018).moved(y=half_y - 0.07, z=0.25)
        parts.append(part("desk sides", join([*sides, back]).moved(z=GAP_M), top, None))
        knee = half_x - 0.05
    else:
        metal = metal or make("metal", rng, finish="brushed")
        wide = 0.28 * width_m
        block = Kit(tuple(_drawers(wide, depth_m - 0.06, under_m, int(rng.integers(3, 5)), top, metal)))
        for sx in (-1, 1):
            parts += block.moved([sx * (half_x - 0.03 - wide / 2), 0, GAP_M]).parts
        parts.append(
            part(
                "desk back",
                slab(width_m - 2 * wide - 0.064, 0.45, 0.018).moved(y=half_y - 0.07, z=under_m - 0.45),
                top,
                None,
            )
        )
        knee = half_x - wide - 0.05
    return Desk(Kit(tuple(parts)), half_x, half_y, height_m, knee)


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "cantilever"
) -> list[bpy.types.Object]:
    """Put one desk with its feet at ``location``."""
    return design(rng, style).kit.place(location, turn_deg)
