# SPDX-License-Identifier: Apache-2.0
"""A shower in a corner: tray, tiled walls, panes of clear or partly frosted glass in metal fittings, riser, bottles on a rack.

The corner's two walls are y = 0 (behind) and x = 0 (at the left); the shower reaches to +x and -y. The pane at its front leaves
a way in at the left, or is closed by a door.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, box, join, lathe, rounded_box, sphere, tube
from depthbench.blender_scenes.objects import bottle, wire_basket
from depthbench.blender_scenes.objects.forms import fillet, smooth, solid
from depthbench.blender_scenes.objects.kit import GAP_M, GLASS_GAP_M, Kit, part
from depthbench.blender_scenes.slab import slab

STYLES = ("walk_in", "door", "frosted")
_TRAY_M, _TILE_M, _GLASS_M = 0.05, 0.012, 0.008
_HEIGHT_M = 2.0
"""Height of the panes' upper edge."""


@dataclass(frozen=True)
class Shower:
    """A shower's kit, and its size along x and y with all that belongs to it."""

    kit: Kit
    size_x_m: float
    size_y_m: float


def _pane(wide_m: float, glass: Any) -> Kit:
    """A pane in the plane y = 0, centred in x, standing on z = 0."""
    return Kit((part("shower glass", box(wide_m, _GLASS_M, _HEIGHT_M - _TRAY_M - GLASS_GAP_M), glass, None),))


def _glass(rng: np.random.Generator, style: str) -> Any:
    """Clear, clear with drops and smears, frosted in a band or all over, or fluted."""
    if style == "frosted":
        if rng.random() < 0.25:
            return make("patterned_glass", rng, style="fluted")
        return make("frosted_glass", rng, style=str(rng.choice(["band", "stripes", "whole"], p=[0.5, 0.3, 0.2])))
    if rng.random() < 0.4:
        return make("dirty_glass", rng, kinds=("drops", "smears"), strength=float(rng.uniform(0.4, 0.9)))
    return make("architectural_glass", rng)


def _channel(length_m: float) -> Mesh:
    """Two cheeks on either side of a pane's upright edge, standing on z = 0, the pane's plane being y = 0."""
    off = _GLASS_M / 2 + GLASS_GAP_M
    return join([box(0.022, 0.006, length_m).moved(y=sy * (off + 0.003)) for sy in (-1, 1)])


def _clamp() -> Mesh:
    off = _GLASS_M / 2 + GLASS_GAP_M
    return join([rounded_box(0.045, 0.012, 0.05, 0.002).moved(y=sy * (off + 0.006)) for sy in (-1, 1)])


def _grips() -> Mesh:
    """A bar on either side of the glass, each on two feet that end just short of it."""
    off = _GLASS_M / 2 + GLASS_GAP_M
    path = fillet([[0, 0, 0], [0, -0.05, 0], [0, -0.05, 0.34], [0, 0, 0.34]], 0.015, 4)
    bar = tube(path, 0.008, 12)
    bar = Mesh(np.minimum(bar.vertices, [np.inf, 0.0, np.inf]), bar.polygons)
    return join([bar.moved(y=-off), bar.rotated("z", 180.0).moved(y=off)])


def _water(rng: np.random.Generator, x_m: float) -> Mesh:
    """Riser, head, mixer and hose on the wall y = 0, tiles in front of it."""
    face = -_TILE_M - 3 * GAP_M
    top = float(rng.uniform(2.12, 2.2))
    riser = tube(fillet([[x_m, face - 0.05, 1.0], [x_m, face - 0.05, top], [x_m, face - 0.34, top]], 0.07, 6), 0.01, 12)
    head = lathe(solid([[0, 0], [0.11, 0], [0.115, 0.006], [0.03, 0.016], [0.012, 0.03], [0, 0.03]], 0.002), 40)
    mixer = tube(np.array([[x_m - 0.11, face - 0.05, 1.0], [x_m + 0.11, face - 0.05, 1.0]]), 0.021, 18)
    knobs = [sphere(0.026, 18, 10).moved(x_m + sx * 0.125, face - 0.05, 1.0) for sx in (-1, 1)]
    stays = [
        tube(np.array([[x_m + dx, face, z], [x_m + dx, face - 0.05, z]]), 0.012, 12)
        for dx, z in ((-0.075, 1.0), (0.075, 1.0), (0, 1.75))
    ]
    hose = smooth(
        [
            [x_m + 0.03, face - 0.06, 0.985],
            [x_m + 0.1, face - 0.1, 0.62],
            [x_m - 0.03, face - 0.12, 0.72],
            [x_m - 0.02, face - 0.1, 1.2],
            [x_m - 0.015, face - 0.085, 1.5],
        ],
        8,
    )
    hand = [
        tube(hose, 0.006, 10),
        lathe(solid([[0, 0], [0.04, 0], [0.042, 0.012], [0.015, 0.03], [0, 0.032]]), 28)
        .rotated("x", 70.0)
        .moved(x_m - 0.015, face - 0.11, 1.52),
    ]
    return join([riser, head.moved(x_m, face - 0.34, top - 0.035), mixer, *knobs, *stays, *hand])


def design(
    rng: np.random.Generator, style: str = "walk_in", size_x_m: float = 1.1, size_y_m: float = 0.95, glass: Any = None
) -> Shower:
    """Make the parts of a shower; ``style`` is one of :data:`STYLES`, ``glass`` the material of its panes, drawn if None."""
    glass = glass or _glass(rng, style)
    metal = make("metal", rng, finish=str(rng.choice(["polished", "brushed", "painted"], p=[0.4, 0.3, 0.3])))
    tiles = make("tiles" if rng.random() < 0.75 else "marble", rng)
    tall = float(rng.uniform(2.22, 2.35))
    wall_off = GAP_M
    walls = [
        slab(size_x_m, tall, _TILE_M).moved(x=size_x_m / 2, y=-_TILE_M - wall_off, z=GAP_M),
        box(_TILE_M, size_y_m - _TILE_M - 3 * GAP_M, tall).moved(
            _TILE_M / 2 + wall_off, -(size_y_m + _TILE_M + GAP_M) / 2, GAP_M
        ),
    ]
    inner_x, inner_y = size_x_m - _TILE_M - 3 * GAP_M, size_y_m - _TILE_M - 3 * GAP_M
    low_x, back_y = _TILE_M + 2 * GAP_M, -_TILE_M - 2 * GAP_M
    tray = rounded_box(inner_x, inner_y, _TRAY_M, 0.006).moved(low_x + inner_x / 2, back_y - inner_y / 2, GAP_M)
    drain = lathe(solid([[0, 0], [0.05, 0], [0.052, 0.004], [0, 0.005]]), 32).moved(
        low_x + inner_x / 2, back_y - inner_y / 2, _TRAY_M + 2 * GAP_M
    )
    parts = [
        part("shower tiles", join(walls), tiles, None),
        part(
            "shower tray",
            tray,
            make("ceramic", rng, pattern="plain") if rng.random() < 0.6 else make("marble", rng),
            25.0,
        ),
        part("shower drain", drain, metal),
        part("shower fittings", _water(rng, low_x + inner_x * float(rng.uniform(0.68, 0.75))), metal),
    ]
    kits: list[Kit] = []
    base = _TRAY_M + GAP_M + GLASS_GAP_M
    side_x, front_y = size_x_m - 0.03, -size_y_m + 0.03
    hold: list[Mesh] = []
    side = inner_y - 0.05
    kits.append(_pane(side, glass).moved([side_x, back_y - 0.014 - side / 2, base], 90.0))
    hold.append(_channel(_HEIGHT_M - _TRAY_M - 0.002).rotated("z", 90.0).moved(side_x, back_y - 0.0115, base))
    gap_way = float(rng.uniform(0.48, 0.55)) if style == "walk_in" else 0.6
    front = side_x - low_x - gap_way - 0.03
    kits.append(_pane(front, glass).moved([side_x - 0.018 - front / 2, front_y, base]))
    for z in (0.3, 1.6):
        hold.append(_clamp().moved(side_x - 0.018 - 0.05, front_y, base + z))
        hold.append(_clamp().rotated("z", 90.0).moved(side_x, front_y + 0.07, base + z))
    if style == "walk_in":
        end_x = side_x - 0.018 - front + 0.03
        hold.append(
            tube(np.array([[end_x, back_y - GAP_M, _HEIGHT_M + 0.014], [end_x, front_y, _HEIGHT_M + 0.014]]), 0.008, 10)
        )
        hold.append(_clamp().moved(end_x, front_y, _HEIGHT_M - 0.04))
    else:
        door = gap_way - 0.03
        swing = 0.0 if rng.random() < 0.6 else float(rng.uniform(8, 55))
        hinge = low_x + 0.016
        pane = _pane(door, glass).moved([door / 2 + 0.012, 0, 0])
        grips = Kit((part("shower grip", _grips().moved(x=door - 0.06, z=0.85), metal),))
        hinges = Kit((part("shower hinges", join([_clamp().moved(x=0.035, z=z) for z in (0.2, 1.65)]), metal, None),))
        for kit in (pane, grips, hinges):
            kits.append(kit.moved([hinge, front_y, base], -swing))
        if style == "door" or swing:
            hold.append(box(0.012, 0.022, _HEIGHT_M - _TRAY_M).moved(low_x + 0.0062, front_y, base))
    parts.append(part("shower frame", join(hold), metal, 30.0))
    rack = wire_basket.design(rng, "shelf", 0.32, 0.12, 0.07)
    at = [low_x + 0.22, back_y - 0.063, float(rng.uniform(1.15, 1.35))]
    kits.append(rack.moved(at))
    for x in (-0.094, 0.0, 0.094):
        kits.append(
            bottle.design(rng, str(rng.choice(["spirit", "beer"]))).moved(
                [at[0] + x, at[1], at[2] + wire_basket.FLOOR_M]
            )
        )
    everything = Kit((*parts, *(piece for kit in kits for piece in kit.parts)))
    return Shower(everything, max(size_x_m, float(everything.high[0])), max(size_y_m, -float(everything.low[1])))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "walk_in"
) -> list[bpy.types.Object]:
    """Put one shower, the corner's foot at ``location``."""
    return design(rng, style).kit.place(location, turn_deg)
