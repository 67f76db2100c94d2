# SPDX-License-Identifier: Apache-2.0
"""Bookcases and cupboards, backs at y = 0, fronts towards -y: open, or behind doors of glass in frames of wood or metal, or
behind sliding panes of bare glass.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import box, join, lathe
from depthbench.blender_scenes.objects.display_case import Case, Deck
from depthbench.blender_scenes.objects.forms import solid
from depthbench.blender_scenes.objects.kit import GAP_M, GLASS_GAP_M, Kit, Part, part
from depthbench.blender_scenes.slab import slab

STYLES = ("open", "framed", "sliding")
DECK_BACK_M = 0.014
"""Distance from the wall at which the ground on a deck begins."""
_BOARD_M = 0.02
_PANE_M = 0.004
_DOOR_M = 0.018


def _doors(width_m: float, height_m: float, frame: Any, glass: Any, metal: Any) -> list[Part]:
    """Two leaves side by side over a front of that size that stands on z = 0, their backs at y = 0."""
    wide, rail = width_m / 2 - 0.0015, 0.045
    sight = (-wide / 2 + rail, wide / 2 - rail, rail, height_m - rail)
    groove = _PANE_M + 2.4 * GLASS_GAP_M
    half = (_DOOR_M - groove) / 2
    leaf = slab(wide, height_m, half, [sight])
    ring = join([leaf.moved(y=-_DOOR_M), leaf.moved(y=-half)])
    pane = box(sight[1] - sight[0] + 0.012, _PANE_M, height_m - 2 * rail + 0.012).moved(y=-_DOOR_M / 2, z=rail - 0.006)
    knob = lathe(solid([(0, 0), (0.006, 0), (0.006, 0.012), (0.012, 0.02), (0, 0.024)], 0.003), 20).rotated("x", 90.0)
    parts = []
    for sx in (-1, 1):
        x = sx * (wide / 2 + 0.00075)
        parts += [
            part("case door", ring.moved(x), frame, None),
            part("case door glass", pane.moved(x), glass, None),
            part("case knob", knob.moved(sx * 0.024, -_DOOR_M - GAP_M, 0.5 * height_m), metal),
        ]
    return parts


def _sliding(width_m: float, height_m: float, glass: Any, metal: Any) -> list[Part]:
    """Two bare panes one behind the other in rails above and below, overlapping in the middle."""
    rail = join(
        [
            box(width_m, 0.026, 0.006),
            box(width_m, 0.002, 0.014).moved(y=-0.012),
            box(width_m, 0.002, 0.014),
            box(width_m, 0.002, 0.014).moved(y=0.012),
        ]
    )
    lower, upper = rail.moved(y=-0.014), rail.rotated("y", 180.0).moved(y=-0.014, z=height_m)
    pane = box(width_m / 2 + 0.03, _PANE_M, height_m - 0.0145)
    parts = [part("case rails", join([lower, upper]), metal, None)]
    for sx, y in ((-1, -0.02), (1, -0.008)):
        parts.append(part("case sliding glass", pane.moved(sx * (width_m / 4 - 0.0165), y, 0.00725), glass, None))
    return parts


def design(
    rng: np.random.Generator,
    style: str = "framed",
    width_m: float = 0.9,
    height_m: float = 1.9,
    depth_m: float = 0.34,
    body: Any = None,
    glass: Any = None,
    metal: Any = None,
    plinth_m: float = 0.08,
) -> Case:
    """Make a case with its decks (tops of boards), to be filled; its origin is at the back, on the floor.

    ``style`` is one of :data:`STYLES`; ``body``, ``glass`` and ``metal`` are materials, drawn if None. What stands on a deck
    has its back at :data:`DECK_BACK_M` before the wall.
    """
    body = body or (make("wood", rng) if rng.random() < 0.7 else make("paint", rng))
    metal = metal or make("metal", rng, finish="brushed")
    front_m = 0.0 if style == "open" else 0.03
    inner = depth_m - front_m
    shelves = max(2, round((height_m - plinth_m) / float(rng.uniform(0.33, 0.4))))
    levels = plinth_m + np.arange(shelves + 1) * (height_m - plinth_m - _BOARD_M) / shelves
    sides = [box(_BOARD_M, inner, height_m).moved(sx * (width_m / 2 - _BOARD_M / 2), -inner / 2) for sx in (-1, 1)]
    wide = width_m - 2 * _BOARD_M - 2 * GAP_M
    boards = [box(wide, inner - 0.011, _BOARD_M).moved(y=-inner / 2 - 0.0055, z=float(z)) for z in levels]
    back = slab(wide, height_m - plinth_m, 0.008).moved(y=-0.009, z=plinth_m)
    foot = box(wide, inner - 0.05, plinth_m - GAP_M).moved(y=-inner / 2 + 0.01)
    parts = [
        part("case sides", join([*sides, foot]).moved(z=GAP_M), body, None),
        part("case boards", join(boards).moved(z=GAP_M), body, None),
        part("case back", back.moved(z=GAP_M), body, None),
    ]
    glass = glass or make("architectural_glass", rng)
    tall = height_m - plinth_m
    if style == "framed":
        parts += (
            Kit(tuple(_doors(width_m, tall - 0.004, body if rng.random() < 0.7 else metal, glass, metal)))
            .moved([0, -inner - 0.0012, plinth_m + 0.002])
            .parts
        )
    elif style == "sliding":
        parts += Kit(tuple(_sliding(width_m, tall, glass, metal))).moved([0, -inner - GAP_M, plinth_m + GAP_M]).parts
    decks = [
        Deck(
            float(z) + _BOARD_M + GAP_M,
            wide / 2 - 0.004,
            (inner - 0.02) / 2,
            float(after - z) - _BOARD_M - 0.012,
            False,
        )
        for z, after in itertools.pairwise(levels)
    ]
    return Case(Kit(tuple(parts)), tuple(decks), width_m / 2, depth_m / 2, height_m)


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "framed"
) -> list[bpy.types.Object]:
    """Put one empty case with its back at ``location``."""
    return design(rng, style).kit.place(location, turn_deg)
