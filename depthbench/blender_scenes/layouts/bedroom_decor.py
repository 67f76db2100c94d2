# SPDX-License-Identifier: Apache-2.0
"""What makes a bedroom lived in: curtains, pictures, shelves and hooks on the walls, rug, baskets, plants, things on the floor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import bpy
import numpy as np

from depthbench.blender_scenes.layouts.bedroom_light import Mood
from depthbench.blender_scenes.layouts.bedroom_shell import Shell
from depthbench.blender_scenes.layouts.bedroom_stock import Stock
from depthbench.blender_scenes.layouts.floor_plan import FloorPlan
from depthbench.blender_scenes.layouts.free_air import bounds
from depthbench.blender_scenes.layouts.room import WALLS
from depthbench.blender_scenes.layouts.rows import row, take_strip
from depthbench.blender_scenes.layouts.strewn import strewn
from depthbench.blender_scenes.objects import (
    clothes_rail,
    curtain,
    mirror,
    partition,
    picture_frame,
    plant,
    rug,
    shelf,
    shelf_books,
    wall_clock,
    wire_basket,
)
from depthbench.blender_scenes.objects.kit import Kit, merge

_FORMS = ("picture", "pictures", "shelf", "hooks", "mirror", "clock")


def add_curtains(rng: np.random.Generator, shell: Shell, plan: FloorPlan, mood: Mood) -> None:
    """Hang one rod of curtains before the windows of each wall and take the ground below."""
    room = shell.room
    for wall, holes in room.openings.items():
        lit = [hole for hole in holes if hole.fill != "door"]
        if not lit or rng.random() < 0.06:
            continue
        half = room.length_m(wall) / 2
        beyond = float(rng.uniform(0.15, 0.35))
        start = max(min(hole.centre_m - hole.width_m / 2 for hole in lit) - beyond, -half + 0.13)
        end = min(max(hole.centre_m + hole.width_m / 2 for hole in lit) + beyond, half - 0.13)
        rod_m = min(max(hole.head_m for hole in lit) + float(rng.uniform(0.09, 0.16)), room.height_m - 0.09)
        sill_m = min(hole.sill_m for hole in lit)
        low_m = sill_m - 0.12 if sill_m > 0.7 and rng.random() < 0.3 else 0.018
        style = str(rng.choice(curtain.STYLES, p=[0.4, 0.1, 0.5]))
        shut = mood.time == "night" and rng.random() < 0.3
        kit = curtain.design(
            rng, end - start, rod_m - low_m, style,
            float(rng.choice([1.0, 0.85, 0.6, 0.4])), 0.95 if shut else float(rng.uniform(0.24, 0.5)),
        )  # fmt: skip
        kit.place(*room.on_wall(wall, (start + end) / 2, rod_m))
        take_strip(plan, room, wall, (start - 0.08, end + 0.08), (0.0, curtain.DEPTH_M + 0.03))


def _picture(rng: np.random.Generator, width_m: float, height_m: float) -> Kit:
    style = str(rng.choice(["thin", "box", "gilt", "wood"]))
    kind = str(rng.choice(["painting", "poster"]))
    return picture_frame.design(
        rng, width_m, height_m, style, bool(rng.random() < 0.75), kind, float(rng.choice([0.0, 0.04, 0.07]))
    )


@dataclass(frozen=True)
class _Hung:
    """Something to hang: its width, lowest and highest point over the floor, depth, height of its origin, and its maker."""

    width_m: float
    low_m: float
    high_m: float
    depth_m: float
    up_m: float
    make: Callable[[], Kit]


def _group(rng: np.random.Generator, room_m: float) -> list[tuple[float, float, float, float]]:
    """Rectangles (left, low, width, height) of small pictures in columns side by side."""
    found: list[tuple[float, float, float, float]] = []
    x = 0.0
    while x < room_m - 0.25 and len(found) < 6:
        wide = min(float(rng.uniform(0.2, 0.42)), room_m - x)
        z = float(rng.uniform(0.0, 0.12))
        for _ in range(int(rng.integers(1, 4))):
            tall = wide * float(rng.choice([0.8, 1.0, 1.3]))
            if z + tall > 0.95:
                break
            found.append((x, z, wide, tall))
            z += tall + 0.05
        x += wide + 0.05
    return found


def _hung(rng: np.random.Generator, stock: Stock, form: str, room_m: float) -> _Hung:
    """Plan something to hang, at most ``room_m`` wide; it is made only where it fits."""
    if form == "clock":
        return _Hung(0.38, 1.58, 2.0, 0.06, 1.79, lambda: wall_clock.design(rng))
    if form == "mirror":
        wide, up, style = (
            min(room_m, float(rng.uniform(0.4, 0.7))),
            float(rng.uniform(1.1, 1.3)),
            str(rng.choice(["wall", "round"])),
        )
        tall = wide if style == "round" else 1.4 * wide
        return _Hung(wide, up, up + tall, 0.05, up, lambda: mirror.design(rng, style, wide, tall))
    if form == "hooks":
        wide, up = min(room_m - 0.5, float(rng.uniform(0.5, 1.2))), float(rng.uniform(1.6, 1.75))
        return _Hung(wide + 0.5, up - 1.25, up + 0.12, 0.26, up, lambda: clothes_rail.design(rng, "hooks", wide))
    if form == "shelf":
        wide, up = min(room_m, float(rng.uniform(0.6, 1.3))), float(rng.uniform(1.3, 1.6))

        def laden() -> Kit:
            free, left = wide - 0.06, float(rng.choice([0.0, 0.35, 0.6])) * wide
            books = shelf_books.row(rng, stock.books, left, 0.22, 0.4) if left else []
            things = row(rng, stock.shelf, free - left, 0.22, (0.004, 0.03))
            kits = [kit.moved([(left - free) / 2, 0, 0]) for kit in books] + [
                kit.moved([left / 2, 0, 0]) for kit in things
            ]
            return merge([shelf.design(rng, wide), *(kit.moved([0, 0, shelf.BOARD_M]) for kit in kits)])

        return _Hung(wide + 0.1, up - 0.2, up + 0.45, 0.3, up, laden)
    if form == "picture":
        wide = min(room_m, float(rng.uniform(0.35, 1.1)))
        tall = wide * float(rng.choice([0.7, 1.0, 1.35]))
        up = max(1.6 - tall / 2, 0.95)
        return _Hung(wide, up, up + tall, 0.09, up, lambda: _picture(rng, wide, tall))
    group, up = _group(rng, room_m), float(rng.uniform(1.15, 1.35))
    wide, tall = max(x + w for x, _, w, _ in group), max(z + h for _, z, _, h in group)
    return _Hung(
        wide, up, up + tall, 0.09, up,
        lambda: merge([_picture(rng, w, h).moved([x + w / 2 - wide / 2, 0, z]) for x, z, w, h in group]),
    )  # fmt: skip


def add_on_walls(rng: np.random.Generator, shell: Shell, stock: Stock) -> None:
    """Hang things side by side wherever walls are free of openings and nothing stands in the way."""
    bpy.context.view_layer.update()
    obstacles = bounds(
        [thing for thing in bpy.context.scene.objects if thing.type == "MESH" and not thing.name.endswith("wall")]
    )
    room = shell.room
    for wall in WALLS:
        half = room.length_m(wall) / 2
        for start, end in room.free_spans(wall, 0.14):
            x = max(start, -half + 0.12) + float(rng.uniform(0.0, 0.4))
            end = min(end, half - 0.12)
            while end - x > 0.4:
                form = str(rng.choice(_FORMS, p=[0.3, 0.25, 0.2, 0.12, 0.06, 0.07]))
                one = _hung(rng, stock, form if end - x > 1.1 else "picture", min(end - x, 1.5))
                middle = x + one.width_m / 2
                corners = ((-1, one.low_m - 0.03, 0.0), (1, one.high_m + 0.03, one.depth_m))
                reach = np.array(
                    [
                        room.on_wall(wall, middle + side * (one.width_m / 2 + 0.03), z, d + 0.004)[0]
                        for side, z, d in corners
                    ]
                )
                a, b = reach.min(axis=0), reach.max(axis=0)
                fits = middle + one.width_m / 2 < end and b[2] < room.height_m - 0.04
                if fits and not ((obstacles[:, 0] < b) & (obstacles[:, 1] > a)).all(axis=1).any():
                    one.make().place(*room.on_wall(wall, middle, one.up_m))
                    x += one.width_m + float(rng.uniform(0.1, 0.7))
                else:
                    x += 0.2


def _basket(rng: np.random.Generator, stock: Stock) -> Kit:
    wide, deep = float(rng.uniform(0.32, 0.5)), float(rng.uniform(0.28, 0.38))
    kit = wire_basket.design(rng, "basket", wide, deep, float(rng.uniform(0.18, 0.34)))
    kept = [*stock.toys, *stock.floor, *stock.dressing]
    things = strewn(rng, [kept[k] for k in rng.permutation(len(kept))], wide / 2 - 0.03, deep / 2 - 0.03)
    return merge([kit, *(one.moved([0, 0, wire_basket.FLOOR_M]) for one in things[:7])])


def add_on_floor(rng: np.random.Generator, shell: Shell, plan: FloorPlan, stock: Stock) -> list[list[float]]:
    """Rug with things on it, a see-through partition, baskets, plants, odds and ends; return points worth looking at."""
    seen = []
    for size in sorted(rng.uniform(0.55, 1.15, 3))[::-1]:
        half = np.array([size, size * float(rng.uniform(0.6, 0.95))])
        round_ = bool(rng.random() < 0.3)
        ground = np.array([size, size]) if round_ else half + np.array([0.06, 0.0])
        spot = next((s for s in rng.uniform(-1, 1, (80, 2)) * plan.half if plan.fits(s, ground)), None)
        if spot is None:
            continue
        plan.take(spot, ground)
        kit = rug.design(rng, "round" if round_ else "rectangular", 2 * half[0], 2 * half[1])
        inner = half * 0.66 if round_ else half - 0.03
        lying = strewn(
            rng, [stock.floor[k] for k in rng.permutation(len(stock.floor))], float(inner[0]), float(inner[1])
        )
        few = lying[: int(rng.integers(0, 8))]
        over = 0.0105 if round_ else rug.TOP_M
        merge([kit, *(one.moved([0, 0, over]) for one in few)]).place([*spot.tolist(), 0.0])
        seen.append([*spot.tolist(), 0.15])
        break
    things: list[tuple[Kit, float]] = []
    if rng.random() < (0.6 if shell.kind == "studio" else 0.12):
        wide = float(rng.uniform(0.8, 1.3))
        screen = partition.design(
            rng, str(rng.choice(partition.STYLES)), wide, float(rng.uniform(1.4, 1.85)), bool(rng.random() < 0.6)
        )
        things.append((screen, float(rng.choice([0.0, 90.0]))))
    things += [(_basket(rng, stock), float(rng.uniform(0, 360))) for _ in range(int(rng.integers(1, 4)))]
    things += [
        (plant.design(rng, str(rng.choice(plant.FLOOR))), float(rng.uniform(0, 360)))
        for _ in range(int(rng.integers(2, 5)))
    ]
    things += [(kit, float(rng.uniform(0, 360))) for kit in stock.floor[: int(rng.integers(3, 9))]]
    for kit, turn_deg in things:
        turned = kit.moved([0, 0, 0], turn_deg)
        low, high = turned.low[:2] - 0.015, turned.high[:2] + 0.015
        reach = (high - low) / 2
        for _ in range(60):
            spot = rng.uniform(-1, 1, 2) * (plan.half - reach - 0.02)
            if rng.random() < 0.5:
                axis = int(rng.integers(2))
                spot[axis] = np.sign(spot[axis]) * (plan.half[axis] - reach[axis] - 0.02)
            if (reach < plan.half).all() and plan.fits(spot, reach):
                plan.take(spot, reach)
                turned.place([*(spot - (high + low) / 2).tolist(), 0.0])
                seen.append([*spot.tolist(), 0.3])
                break
    return seen
