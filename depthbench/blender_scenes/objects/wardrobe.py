# SPDX-License-Identifier: Apache-2.0
"""Wardrobes: plain, mirrored or glass doors, or open; behind glass and in the open, clothes on a rail and in piles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import box, join, tube
from depthbench.blender_scenes.objects import cabinet, garment
from depthbench.blender_scenes.objects.kit import GAP_M, GLASS_GAP_M, Kit, Part, part
from depthbench.blender_scenes.objects.solids import moulding
from depthbench.blender_scenes.slab import slab

STYLES = ("plain", "mirror", "glass", "open")
DEPTH_M = 0.6
_FRAME_M = 0.045
_PANE_M = 0.005


def _framed_door(wide_m: float, tall_m: float, fill: Any, frame: Any, kind: str) -> tuple[Part, Part]:
    """A door standing on z = 0, its back at y = 0: a frame with a rebate in which a pane or a mirror sits."""
    lip, depth = _FRAME_M - 0.01, 0.022
    section = [[0, GAP_M], [0, depth], [_FRAME_M, depth], [_FRAME_M, depth - 0.006], [lip, depth - 0.006], [lip, GAP_M]]
    inset = lip + 1.5 * GLASS_GAP_M
    pane = slab(wide_m - 2 * inset, tall_m - 2 * inset, _PANE_M).moved(y=-depth + 0.006 + 1.5 * GLASS_GAP_M, z=inset)
    return part("door frame", moulding(wide_m, tall_m, section), frame, 30.0), part(kind, pane, fill, None)


def design(rng: np.random.Generator, style: str = "plain", width_m: float = 1.2, height_m: float = 2.1) -> Kit:
    """Make the parts of a wardrobe; ``style`` is one of :data:`STYLES`."""
    body = make("wood", rng) if rng.random() < 0.6 else make("paint", rng)
    metal = make("metal", rng, finish=str(rng.choice(["brushed", "polished"])))
    columns = max(1, round(width_m / 0.9))
    foot = 0.07
    drawers = style in ("open", "glass") and rng.random() < 0.5
    inner = height_m - foot - 2 * cabinet.BOARD_M
    rows = [0.24, inner - 0.24 - cabinet.BOARD_M] if drawers else [inner]
    holes = cabinet.compartments(width_m, [1.0] * columns, rows)
    depth = DEPTH_M - 0.03
    carcass = cabinet.carcass(width_m, height_m - foot, depth, holes)
    plinth = box(width_m - 0.04, depth - 0.05, foot - 2 * GAP_M).moved(y=-depth / 2, z=-foot + GAP_M)
    parts: list[Part] = [part("wardrobe", join([carcass, plinth]).moved(z=foot), body, None)]
    kits: list[Kit] = []
    if drawers:
        below = holes[:columns]
        boards = [cabinet.front(hole).moved(y=-depth - GAP_M) for hole in below]
        grips = [
            cabinet.bar(0.14).moved((h[0] + h[1]) / 2, -depth - GAP_M - cabinet.FRONT_M, (h[2] + h[3]) / 2)
            for h in below
        ]
        parts.append(part("wardrobe drawers", join(boards).moved(z=foot), body, 30.0))
        parts.append(part("wardrobe handles", join(grips).moved(z=foot), metal))
    bays = holes[-columns:]
    if style in ("open", "glass"):
        for index, hole in enumerate(bays):
            kits.append(_fill(rng, hole, depth, metal, body, bool(index % 2 == 0)).moved([0, 0, foot]))
    if style != "open":
        fill = (
            make("mirror", rng) if style == "mirror" else make("architectural_glass", rng) if style == "glass" else None
        )
        doors, grips = [], []
        for hole in bays:
            left, right, low, high = hole
            double = right - left > 0.55
            for side in (-1, 1) if double else (0,):
                wide = (right - left + 0.014) / (2 if double else 1) - 0.0015
                x = (left + right) / 2 + side * (wide / 2 + 0.00075)
                tall, z = high - low + 0.014, low - 0.007 + foot
                grip_x = x - (side or 1) * (wide / 2 - 0.022)
                out = cabinet.FRONT_M if fill is None else 0.022
                grips.append(cabinet.bar(0.2, upright=True).moved(grip_x, -depth - GAP_M - out, z + 0.5 * tall))
                if fill is None:
                    doors.append(
                        cabinet.front((x - wide / 2, x + wide / 2, low, high), 0.0).moved(y=-depth - GAP_M, z=foot)
                    )
                else:
                    made = _framed_door(wide, tall, fill, body if rng.random() < 0.5 else metal, f"{style} door")
                    kits.append(Kit(made).moved([x, -depth, z]))
        if doors:
            parts.append(part("wardrobe doors", join(doors), body if rng.random() < 0.6 else make("paint", rng), 30.0))
        parts.append(part("wardrobe grips", join(grips), metal))
    return Kit((*parts, *(piece for kit in kits for piece in kit.parts)))


def _fill(
    rng: np.random.Generator, hole: tuple[float, float, float, float], depth_m: float, metal: Any, body: Any, hung: bool
) -> Kit:
    """Clothes in a bay: on a rail over piles, or piles on shelves."""
    left, right, low, high = hole
    wide, middle, y = right - left, (left + right) / 2, -depth_m / 2
    parts: list[Part] = []
    kits: list[Kit] = []
    levels = [low]
    if hung:
        rail_z = high - 0.09
        line = np.linspace([left + GAP_M, y, rail_z], [right - GAP_M, y, rail_z], 4)
        parts.append(part("wardrobe rail", tube(line, garment.RAIL_M, 14), metal))
        kits.append(garment.row(rng, wide - 0.03, garment.STYLES, 0.85).moved([middle, y, rail_z]))
        lowest = float(kits[0].low[2]) if kits[0].parts else rail_z
        if lowest < low + 0.2:
            levels = []
    else:
        count = int(rng.integers(3, 6))
        tops = np.linspace(low, high, count + 1)[1:-1]
        boards = [box(wide - 2 * GAP_M, depth_m - 0.03, 0.016).moved(middle, y - 0.005, float(z)) for z in tops]
        parts.append(part("wardrobe shelves", join(boards), body, None))
        levels += [float(z) + 0.016 for z in tops]
    for level in levels:
        x = left + 0.02
        while x + 0.3 < right:
            pile_m = float(rng.uniform(0.24, 0.29))
            if rng.random() < 0.8:
                pile = garment.folded(rng, int(rng.integers(1, 4)), pile_m, min(0.3, depth_m - 0.1))
                kits.append(pile.moved([x + 0.155, y, level]))
            x += 0.31
    return Kit((*parts, *(piece for kit in kits for piece in kit.parts)))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "plain"
) -> list[bpy.types.Object]:
    """Put one wardrobe, the middle of its back's foot at ``location``."""
    return design(rng, style).place(location, turn_deg)
