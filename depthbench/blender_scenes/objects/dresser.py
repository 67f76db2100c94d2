# SPDX-License-Identifier: Apache-2.0
"""Chests of drawers and nightstands: drawers with knobs or bars, an open compartment, legs or a plinth; one drawer ajar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, box, join
from depthbench.blender_scenes.objects import cabinet
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, Part, part
from depthbench.blender_scenes.slab import Hole, slab

STYLES = ("dresser", "tallboy", "nightstand", "sideboard")
# width, depth, drawers from below, columns; ranges in metres
_SIZES: dict[str, tuple[tuple[float, float], tuple[float, float], tuple[int, int], tuple[int, int]]] = {
    "dresser": ((0.95, 1.45), (0.42, 0.5), (3, 4), (2, 2)),
    "tallboy": ((0.5, 0.75), (0.4, 0.48), (5, 6), (1, 1)),
    "nightstand": ((0.38, 0.52), (0.34, 0.42), (1, 3), (1, 1)),
    "sideboard": ((1.1, 1.5), (0.36, 0.44), (2, 2), (2, 3)),
}


@dataclass(frozen=True)
class Chest:
    """A kit with its back at y = 0; half its width, its depth, the height of its top, open compartments by (x, y, z) of
    their floor's middle and their (width, depth, height)."""

    kit: Kit
    half_x_m: float
    depth_m: float
    top_m: float
    open_holes: tuple[tuple[tuple[float, float, float], tuple[float, float, float]], ...]


def _drawer(hole: Hole, depth_m: float, out_m: float) -> Mesh:
    """The tray behind a front, as far out as the front is."""
    left, right, low, high = hole
    wide, tall = right - left - 0.006, 0.7 * (high - low)
    deep = depth_m - 0.04
    rim = slab(wide, tall, deep, [(-wide / 2 + 0.01, wide / 2 - 0.01, 0.01, tall)])
    back = box(wide - 0.022, 0.008, tall - 0.012).moved(y=deep - 0.02, z=0.011)
    return join([rim, back]).moved((left + right) / 2, -depth_m - out_m - GAP_M + 0.001, low + 0.003)


def design(rng: np.random.Generator, style: str = "dresser", body: Any = None) -> Chest:
    """Make the parts of a chest; ``style`` is one of :data:`STYLES`, ``body`` the material of its boards."""
    wide_m, deep_m, row_range, column_range = _SIZES[style]
    width, depth = float(rng.uniform(*wide_m)), float(rng.uniform(*deep_m))
    rows, columns = (
        int(rng.integers(row_range[0], row_range[1] + 1)),
        int(rng.integers(column_range[0], column_range[1] + 1)),
    )
    foot = float(rng.uniform(0.06, 0.16)) if style != "tallboy" else 0.06
    tall = rng.uniform(0.15, 0.22, rows) if style != "sideboard" else rng.uniform(0.24, 0.3, rows)
    holes = cabinet.compartments(width, [1.0] * columns, tall.tolist())
    height = float(tall.sum()) + (rows + 1) * cabinet.BOARD_M
    body = body or (make("wood", rng) if rng.random() < 0.6 else make("paint", rng))
    fronts = body if rng.random() < 0.6 else (make("paint", rng) if rng.random() < 0.5 else make("wood", rng))
    metal = make("metal", rng, finish=str(rng.choice(["brushed", "painted", "polished"])))
    knobbed = bool(rng.random() < 0.5)
    open_share = {"nightstand": 0.4, "sideboard": 0.45}.get(style, 0.0)
    is_open = rng.random(len(holes)) < open_share
    if style == "nightstand" and rows == 1:
        is_open[:] = False
    ajar = int(rng.integers(len(holes))) if rng.random() < 0.3 else -1
    boards, handles, trays = [], [], []
    for index, hole in enumerate(holes):
        if is_open[index]:
            continue
        out = float(rng.uniform(0.04, 0.14)) if index == ajar else 0.0
        face = -depth - GAP_M - out
        boards.append(cabinet.front(hole).moved(y=face))
        if out:
            trays.append(_drawer(hole, depth, out))
        left, right, low, high = hole
        middle = ((left + right) / 2, (low + 0.62 * (high - low)))
        spots = (
            [middle[0]]
            if right - left < 0.42 or not knobbed
            else [left + 0.25 * (right - left), left + 0.75 * (right - left)]
        )
        for x in spots:
            grip = cabinet.knob() if knobbed else cabinet.bar(min(0.16, 0.45 * (right - left)))
            handles.append(grip.moved(x, face - cabinet.FRONT_M, middle[1]))
    top = box(width + 0.02, depth + 0.02, 0.02).moved(y=-depth / 2 - 0.01, z=height + GAP_M)
    parts: list[Part] = [
        part("chest", join([cabinet.carcass(width, height, depth, holes), top]).moved(z=foot), body, None),
        part("chest legs", cabinet.legs(width, depth, foot, bool(rng.random() < 0.6)), make("wood", rng, grain="z")),
    ]
    if boards:
        parts.append(part("drawer fronts", join(boards).moved(z=foot), fronts, 30.0))
        parts.append(part("drawer handles", join(handles).moved(z=foot), metal))
    if trays:
        parts.append(part("drawer", join(trays).moved(z=foot), make("wood", rng, tone="light"), None))
    nooks = tuple(
        (((hole[0] + hole[1]) / 2, -depth / 2, hole[2] + foot), (hole[1] - hole[0], depth - 0.03, hole[3] - hole[2]))
        for hole, bare in zip(holes, is_open, strict=True)
        if bare
    )
    return Chest(
        Kit(tuple(parts)), width / 2 + 0.01, depth + 0.2 * (ajar >= 0) + 0.05, foot + height + 0.02 + GAP_M, nooks
    )


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "dresser"
) -> list[bpy.types.Object]:
    """Put one chest, the middle of its back's foot at ``location``."""
    return design(rng, style).kit.place(location, turn_deg)
