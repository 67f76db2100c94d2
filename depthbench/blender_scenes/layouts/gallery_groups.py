# SPDX-License-Identifier: Apache-2.0
"""Groups of things on a gallery's floor: rows of display cases, plinths with works, a platform behind ropes, partitions."""

from __future__ import annotations

import numpy as np

from depthbench.blender_scenes.layouts.gallery_hall import Group, Hall, Item
from depthbench.blender_scenes.layouts.gallery_scheme import Scheme
from depthbench.blender_scenes.layouts.hanging import Span
from depthbench.blender_scenes.mesh import box, rounded_box
from depthbench.blender_scenes.objects import (
    display_case,
    exhibit,
    partition,
    plinth,
    rope_barrier,
    sculpture,
    vase,
)
from depthbench.blender_scenes.objects.kit import GAP_M, GLASS_GAP_M, Kit, part, turned

_ON_PLINTH_M = 0.42
"""Widest work that a plinth carries."""


def works(rng: np.random.Generator, count: int) -> list[Kit]:
    """Make vases and sculptures for plinths, about half of them of glass."""
    made = []
    for index in range(count):
        if index % 5 < 3:
            height_m = float(rng.uniform(0.26, 0.58))
            made.append(vase.any_design(rng, height_m, bool(index % 2), True, bool(rng.random() < 0.3)))
        else:
            style = str(rng.choice(sculpture.STYLES))
            glass = bool(rng.random() < 0.45)
            made.append(sculpture.design(rng, style, float(rng.uniform(0.38, 0.8)), glass, _ON_PLINTH_M))
    return made


def plinths(rng: np.random.Generator, scheme: Scheme, pool: list[Kit], most: int = 6) -> Group:
    """Plinths in a row, a grid or alone, each with the next work of ``pool``, which goes round."""
    width_m = float(rng.uniform(0.38, 0.52))
    style = str(rng.choice(plinth.STYLES, p=[0.55, 0.2, 0.1, 0.15]))
    body = scheme.plinth if rng.random() < 0.65 else scheme.bodies[int(rng.integers(3))]
    shapes = [shape for shape in ((1, 1), (2, 1), (3, 1), (4, 1), (2, 2), (3, 2)) if shape[0] * shape[1] <= most]
    columns, rows = shapes[int(rng.integers(len(shapes)))]
    pitch = width_m + float(rng.uniform(0.45, 0.8))
    heights = rng.uniform(0.7, 1.1, 2) if rng.random() < 0.5 else np.full(2, rng.uniform(0.85, 1.1))
    bases = [plinth.design(rng, style, width_m, float(height), body, scheme.foot, scheme.trim) for height in heights]
    group: Group = []
    for column, row in np.ndindex(columns, rows):
        base = bases[(column + row) % 2]
        at = ((column - (columns - 1) / 2) * pitch, (row - (rows - 1) / 2) * pitch, 0.0)
        work = next((kit for kit in pool if kit.radius_m < 1.3 * base.top_radius_m), None)
        if work is None:
            continue
        pool.append(pool.pop(next(index for index, kit in enumerate(pool) if kit is work)))
        tall = float(work.high[2])
        group.append(Item("plinth", base.kit, at))
        up = (at[0], at[1], base.height_m + GLASS_GAP_M)
        turn_deg = float(90 * rng.integers(4) + rng.normal(0, 1.5))
        group.append(Item("work", work, up, turn_deg, 0.55 * tall))
    return group


def cases(
    rng: np.random.Generator, scheme: Scheme, stocked: list[Kit], pool: list[Kit], style: str, count: int
) -> Group:
    """Cases of one make side by side along x, each with its own things; a tall one often holds a single work."""
    body = scheme.bodies[int(rng.choice(3, p=[0.65, 0.2, 0.15]))]
    cloth = scheme.cloths[int(rng.integers(3))]
    one = display_case.design(rng, style, scheme.glass, body, scheme.trim, cloth, scheme.shelf)
    pitch = 2 * one.half_x_m + (float(rng.uniform(0.35, 0.9)) if rng.random() < 0.6 else 0.012)
    block = scheme.plinth if rng.random() < 0.6 else scheme.foot
    group: Group = []
    for index in range(count):
        parts = list(one.kit.parts)
        for deck in one.decks:
            reach = min(deck.half_x_m, deck.half_y_m)
            fitting = [kit for kit in pool if kit.high[2] < deck.air_m and kit.radius_m < reach]
            if style == "tall" and fitting and rng.random() < 0.45:
                alone = fitting[int(rng.integers(len(fitting)))]
                parts += alone.moved([0, 0, deck.z_m + GLASS_GAP_M], float(rng.uniform(0, 360))).parts
            else:
                number = int(rng.integers(9, 16)) if style == "table" else int(rng.integers(4, 8))
                parts += exhibit.arrange(rng, stocked, deck, number, block, scheme.card, style == "table").parts
        at = ((index - (count - 1) / 2) * pitch, 0.0, 0.0)
        shown_m = 1.2 if style == "tower" else one.decks[0].z_m + 0.12
        group.append(Item("case", Kit(tuple(parts)), at, 0.0, shown_m))
    return group


def platform(rng: np.random.Generator, scheme: Scheme) -> Group:
    """A large sculpture on a low platform, often behind a rope."""
    side, high = float(rng.uniform(0.9, 1.4)), float(rng.uniform(0.1, 0.3))
    body = scheme.bodies[int(rng.integers(3))]
    base = Kit((part("block", rounded_box(side, side, high, 0.003).moved(z=GAP_M), body, None),))
    style = str(rng.choice(["twist", "knot", "ring", "stones", "bird", "column", "form", "cubes"]))
    work = sculpture.design(rng, style, float(rng.uniform(1.1, 1.9)), bool(rng.random() < 0.2), 0.8 * side)
    group = [Item("platform", base, (0.0, 0.0, 0.0))]
    turn = float(rng.uniform(0, 360))
    group.append(Item("work", work, (0.0, 0.0, high + GLASS_GAP_M), turn, 0.6 * float(work.high[2])))
    if rng.random() < 0.65:
        out = side / 2 + 0.4
        posts = np.array([[-out, out], [-out, -out], [out, -out], [out, out]])[: int(rng.integers(2, 5))]
        group.append(Item("barrier", rope_barrier.design(rng, posts), (0.0, 0.0, 0.0)))
    return group


def partitions(rng: np.random.Generator, scheme: Scheme, count: int) -> Group:
    """Free-standing partitions of one kind, in line."""
    style = str(rng.choice(partition.STYLES, p=[0.2, 0.2, 0.2, 0.08, 0.08, 0.12, 0.12]))
    width_m = float(rng.uniform(1.0, 2.2))
    framed = bool(rng.random() < 0.5)
    one = partition.design(rng, style, width_m, float(rng.uniform(1.8, 2.3)), framed, None, scheme.trim)
    return [Item("partition", one, ((k - (count - 1) / 2) * (width_m + 0.06), 0.0, 0.0)) for k in range(count)]


def half_wall(rng: np.random.Generator, scheme: Scheme, hall: Hall) -> None:
    """Stand a wall in the room that does not reach the ceiling; pictures may hang on both its faces."""
    height_m = float(min(rng.uniform(2.3, 3.0), hall.room.height_m - 0.35))
    length_m, thick_m = float(rng.uniform(1.8, 3.4)), float(rng.uniform(0.16, 0.26))
    paint = scheme.accent if rng.random() < 0.4 else scheme.white
    body = Kit((part("body", box(length_m, thick_m, height_m).moved(z=GAP_M), paint, None),))
    before = len(hall.works)
    if not hall.stand([Item("half wall", body, (0.0, 0.0, 0.0), 0.0, 0.0)], 1.3, 1.4):
        return
    x, y, _ = hall.works.pop(before)
    low, high = hall.plan.taken[-1]
    turn_deg = 0.0 if high[0] - low[0] > high[1] - low[1] else 90.0
    for flip in (0.0, 180.0):

        def where(along_m: float, up_m: float, facing: float = turn_deg + flip) -> tuple[list[float], float]:
            at = turned([along_m, -thick_m / 2 - GAP_M, up_m], facing) + np.array([x, y, 0.0])
            return [float(part) for part in at], facing

        hall.faces.append(Span(where, -length_m / 2, length_m / 2, height_m))
