# SPDX-License-Identifier: Apache-2.0
"""Display cases: a glass hood on a base (tall), a glass tower with shelves, a table vitrine; edges of metal or bare.

Panes are closed boards that keep clear of each other and of everything else. What lies in a case is arranged on its decks
(:mod:`depthbench.blender_scenes.objects.exhibit`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, box, join, rounded_box, tube
from depthbench.blender_scenes.objects.kit import GAP_M, GLASS_GAP_M, Kit, Part, part
from depthbench.blender_scenes.slab import slab

STYLES = ("tall", "tower", "table")
_CLEAR_M = 1.2 * GLASS_GAP_M
_EDGE_M = 0.002
_SIGHT_M = 0.016
_ROD_M = 0.003


@dataclass(frozen=True)
class Deck:
    """A level surface in a case on which things stand: height of its upper face, half sizes, and air above it."""

    z_m: float
    half_x_m: float
    half_y_m: float
    air_m: float
    glass: bool


@dataclass(frozen=True)
class Case:
    """A case's kit, its decks from below, and its outer size."""

    kit: Kit
    decks: tuple[Deck, ...]
    half_x_m: float
    half_y_m: float
    height_m: float


def _edges(width_m: float, depth_m: float, height_m: float, closed_top: bool) -> Mesh:
    """Angles of sheet metal along the edges of a hood that stands on z = 0."""

    def ring(wide: float, high: float) -> Mesh:
        sight = (-wide / 2 + _SIGHT_M, wide / 2 - _SIGHT_M, _SIGHT_M, high - _SIGHT_M)
        return slab(wide, high, _EDGE_M, [sight])

    front = ring(width_m, height_m)
    side = ring(depth_m - _EDGE_M, height_m - _EDGE_M).rotated("z", 90.0)
    parts = [
        front.moved(y=-depth_m / 2),
        front.moved(y=depth_m / 2 - _EDGE_M),
        side.moved(x=width_m / 2),
        side.moved(x=-width_m / 2 + _EDGE_M),
    ]
    if not closed_top:
        top = ring(width_m - _EDGE_M, depth_m - _EDGE_M).rotated("x", 90.0)
        parts.append(top.moved(y=depth_m / 2 - _EDGE_M / 2, z=height_m - 0.3 * _EDGE_M))
    return join(parts)


def _hood(
    width_m: float, depth_m: float, height_m: float, glass: Any, metal: Any | None, cap: bool
) -> tuple[list[Part], npt.NDArray[np.float64]]:
    """Panes (and metal edges) of a hood that stands on z = 0; return them and the half sizes inside."""
    pane_m = 0.006 if height_m < 1.0 else 0.008
    inset = (_EDGE_M if metal is not None else 0.0) + _CLEAR_M
    wide, deep = width_m - 2 * inset, depth_m - 2 * inset
    under_top = height_m - (0.0 if cap else pane_m + inset + _CLEAR_M)
    front = part("case front", box(wide, pane_m, under_top - 2 * _CLEAR_M).moved(z=_CLEAR_M), glass, None)
    inner_y = deep - 2 * (pane_m + _CLEAR_M)
    side = part("case side", box(pane_m, inner_y, under_top - 2 * _CLEAR_M).moved(z=_CLEAR_M), glass, None)
    parts: list[Part] = []
    for sign in (-1, 1):
        parts += Kit((front,)).moved([0, sign * (deep - pane_m) / 2, 0]).parts
        parts += Kit((side,)).moved([sign * (wide - pane_m) / 2, 0, 0]).parts
    if not cap:
        parts.append(part("case top", box(wide, deep, pane_m).moved(z=height_m - inset - pane_m), glass, None))
    if metal is not None:
        parts.append(part("case edges", _edges(width_m, depth_m, height_m, cap), metal, None))
    return parts, np.array([wide, deep]) / 2 - pane_m - _CLEAR_M


def _rim(width_m: float, depth_m: float, height_m: float) -> Mesh:
    """A low fillet of metal around the foot of a bare hood."""
    wide = box(width_m + 0.012, 0.005, height_m)
    deep = box(0.005, depth_m + 0.0108, height_m - 0.0006).moved(z=0.0003)
    out = _CLEAR_M + 0.0025
    return join(
        [wide.moved(y=s * (depth_m / 2 + out)) for s in (-1, 1)]
        + [deep.moved(x=s * (width_m / 2 + out)) for s in (-1, 1)]
    )


def _base(
    rng: np.random.Generator, style: str, width_m: float, depth_m: float, height_m: float, body: Any, metal: Any
) -> list[Part]:
    """What carries the hood: its upper face is at ``height_m``."""
    if style == "table":
        tray = rounded_box(width_m, depth_m, 0.09, 0.002).moved(z=height_m - 0.09)
        under = height_m - 0.0905
        at = [(sx * (width_m / 2 - 0.03), sy * (depth_m / 2 - 0.03)) for sx in (-1, 1) for sy in (-1, 1)]
        legs = [box(0.032, 0.032, under - 2 * GAP_M).moved(x, y, GAP_M) for x, y in at]
        rail = box(width_m - 0.07, 0.0312, 0.03)
        legs += [rail.moved(y=sy * (depth_m / 2 - 0.03), z=0.12) for sy in (-1, 1)]
        return [part("case tray", tray, body, None), part("case legs", join(legs), metal, None)]
    foot = box(width_m - 0.08, depth_m - 0.08, 0.05)
    block = rounded_box(width_m, depth_m, height_m - 0.05 - 2 * GAP_M, 0.002)
    return [
        part("case foot", foot.moved(z=GAP_M), make("paint", rng, colour=(0.03, 0.03, 0.032)), None),
        part("case base", block.moved(z=0.05 + 2 * GAP_M), body, 30.0),
    ]


def _shelves(
    half: npt.NDArray[np.float64], floor_m: float, levels: Sequence[float], top_m: float, glass: Any, metal: Any
) -> list[Part]:
    """Glass shelves, each on two bars that run under its edges between four rods at the sides."""
    pane = part("case shelf", box(2 * half[0] - 0.03, 2 * half[1] - 0.006, 0.006), glass, None)
    parts = [moved for z in levels for moved in Kit((pane,)).moved([0, 0, z - 0.006]).parts]
    bars = []
    out = half[0] - 0.007
    for sy in (-1, 1):
        y = sy * (half[1] - 0.02)
        bars += [tube(np.array([[sx * out, y, floor_m], [sx * out, y, top_m]]), _ROD_M, 8) for sx in (-1, 1)]
        for z in levels:
            height = z - 0.006 - _CLEAR_M - 0.004
            bars.append(tube(np.array([[-out, y, height], [out, y, height]]), 0.004, 8))
    return [*parts, part("case rods", join(bars), metal)]


def design(
    rng: np.random.Generator,
    style: str = "tall",
    glass: Any = None,
    body: Any = None,
    metal: Any = None,
    cloth: Any = None,
    shelf: Any = None,
    framed: bool | None = None,
) -> Case:
    """Make an empty case; ``style`` is one of :data:`STYLES`; materials that are None are drawn."""
    glass = glass or make("architectural_glass", rng)
    metal = metal or make("metal", rng, finish=str(rng.choice(["brushed", "painted"])))
    body = body or make(str(rng.choice(["wood", "paint"])), rng)
    cloth = cloth or make("fabric", rng, pattern="plain")
    framed = bool(rng.random() < 0.55) if framed is None else framed
    wide, deep, base_m, hood_m = {
        "tall": (rng.uniform(0.5, 0.95), rng.uniform(0.45, 0.65), rng.uniform(0.72, 0.95), rng.uniform(0.5, 0.75)),
        "tower": (rng.uniform(0.6, 1.3), rng.uniform(0.42, 0.55), rng.uniform(0.2, 0.45), rng.uniform(1.45, 1.65)),
        "table": (rng.uniform(1.0, 1.7), rng.uniform(0.5, 0.7), rng.uniform(0.8, 0.88), rng.uniform(0.16, 0.28)),
    }[style]
    tower = style == "tower"
    panes, half = _hood(wide, deep, hood_m, glass, metal if framed else None, tower)
    margin = 0.006 if framed else 0.022
    parts = _base(rng, style, wide + 2 * margin, deep + 2 * margin, base_m, body, metal)
    stand = base_m + GAP_M
    parts += Kit(tuple(panes)).moved([0, 0, stand]).parts
    if not framed:
        parts.append(part("case rim", _rim(wide, deep, 0.018).moved(z=stand), metal, None))
    felt = box(2 * half[0] - 0.004, 2 * half[1] - 0.004, 0.006).moved(z=stand)
    parts.append(part("case cloth", felt, cloth, None))
    floor_m, top_m = stand + 0.006, stand + hood_m
    levels: list[float] = []
    if tower:
        count = int(rng.integers(2, 4))
        levels = [floor_m + (top_m - floor_m) * k / (count + 1) for k in range(1, count + 1)]
        parts += _shelves(
            half, floor_m + GAP_M, levels, top_m - GAP_M, shelf or make("architectural_glass", rng, tint=0.3), metal
        )
        cap = rounded_box(wide + 2 * margin, deep + 2 * margin, 0.07, 0.002)
        parts.append(part("case cap", cap.moved(z=top_m + _CLEAR_M), body, 30.0))
        strip = box(1.6 * half[0], 0.03, 0.004).moved(z=top_m + _CLEAR_M - 0.0045)
        parts.append(part("case lamp", strip, make("emitter", rng, strength=22.0, colour_temperature_k=3600.0), None))
        top_m -= 0.02
    edges = [floor_m, *levels, top_m]
    decks = tuple(
        Deck(z, half[0] - (0.02 if k else 0.012), half[1] - 0.012, edges[k + 1] - z - 0.03, bool(k))
        for k, z in enumerate(edges[:-1])
    )
    return Case(Kit(tuple(parts)), decks, wide / 2 + margin, deep / 2 + margin, top_m + (0.1 if tower else 0.0))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "tall"
) -> list[bpy.types.Object]:
    """Put one empty case at ``location``."""
    return design(rng, style).kit.place(location, turn_deg)
