# SPDX-License-Identifier: Apache-2.0
"""The end of a cafe where coffee is made: counter with pastry case, shelves and menu board behind, lamps above."""

from __future__ import annotations

import numpy as np

from depthbench.blender_scenes.layouts.cafe_light import Mood
from depthbench.blender_scenes.layouts.cafe_shell import Shell
from depthbench.blender_scenes.layouts.floor_plan import FloorPlan
from depthbench.blender_scenes.layouts.rows import row, take_strip
from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.objects import (
    bottle,
    chair,
    counter,
    cup,
    drinking_glass,
    jar,
    menu_board,
    pendant_lamp,
    plant,
    shelf,
)
from depthbench.blender_scenes.objects.kit import Kit

_AISLE_M = 0.95
"""Ground kept free before the counter, for customers."""


def _stock(rng: np.random.Generator) -> list[Kit]:
    """Bottles, jars and glasses of a few kinds of glass, caps and labels."""
    glasses = [make("glass", rng) for _ in range(4)]
    caps = [make("metal", rng, finish="painted") for _ in range(2)]
    labels = [make("print", rng, kind="label") for _ in range(3)]
    kits = []
    for index, style in enumerate(("wine", "spirit", "syrup", "wine", "spirit", "syrup", "beer")):
        content = "any" if rng.random() < 0.7 else None
        kits.append(bottle.design(rng, style, glasses[index % 4], caps[index % 2], labels[index % 3], content))
    kits += [jar.design(rng, style, glasses[0]) for style in ("preserve", "tall", "biscuit")]
    kits.append(jar.design(rng, "tall", glasses[0], str(rng.choice(["oil", "apple_juice", "milk"]))))
    kits += [drinking_glass.design(rng, style, glasses[0]) for style in ("wine", "highball", "tumbler", "goblet")]
    return [*kits, cup.design(rng, "mug", saucer=False, full=False), plant.design(rng, "trailing")]


def _add_back_wall(rng: np.random.Generator, shell: Shell, middle_m: float, total_m: float) -> None:
    """Shelves of bottles, jars and glasses beside a menu board."""
    room, wall = shell.room, shell.counter_wall
    stock = _stock(rng)
    board_m = min(1.5, 0.4 * total_m)
    side = float(rng.choice([-1, 1]))
    at, turn_deg = room.on_wall(wall, middle_m + side * (total_m - board_m) / 2, 1.45)
    menu_board.design(rng, "wall", board_m, float(rng.uniform(0.8, 1.1))).place(at, turn_deg)
    shelf_m = total_m - board_m - 0.25
    wood, metal = shelf.materials(rng)
    one = shelf.design(rng, shelf_m, 0.26, wood, metal)
    for up in (0.8, 1.27, 1.74, 2.21):
        if up + 0.5 < room.height_m:
            at, turn_deg = room.on_wall(wall, middle_m - side * (total_m - shelf_m) / 2, up)
            one.place(at, turn_deg)
            at[2] += shelf.BOARD_M
            for thing in row(rng, stock, shelf_m - 0.04, 0.24, (0.006, 0.035)):
                thing.place(at, turn_deg)


def add(
    rng: np.random.Generator, shell: Shell, plan: FloorPlan, mood: Mood
) -> tuple[tuple[float, float], list[tuple[float, float, float]]]:
    """Build the counter along its wall and take its ground.

    Return the stretch (start, end) of the wall that it fills, and the lowest points (x, y, z) of the lamps above it.
    """
    room, wall = shell.room, shell.counter_wall
    length = room.length_m(wall)
    total = float(min(rng.uniform(2.7, 4.4), length - 1.3))
    case_m = float(np.clip(rng.uniform(0.36, 0.5) * total, 1.0, 1.9))
    aisle = float(rng.uniform(1.0, 1.25))
    middle = float(rng.choice([-1, 1])) * ((length - total) / 2 - float(rng.uniform(0.08, 0.3)))
    kit = counter.design(rng, total - case_m, case_m, bool(rng.random() < 0.5), shell.glass)
    kit.place(*room.on_wall(wall, middle, 0.0, aisle))
    front = aisle + counter.DEPTH_M
    _add_back_wall(rng, shell, middle, total)

    taken = front
    if rng.random() < 0.45:
        stool = chair.design(rng, "stool")
        for along in np.arange(-total / 2 + 0.35, total / 2 - 0.3, float(rng.uniform(0.64, 0.85))):
            if rng.random() < 0.75:
                at, turn_deg = room.on_wall(wall, middle + float(along), 0.0, front + float(rng.uniform(0.31, 0.38)))
                stool.place(at, turn_deg + float(rng.uniform(0, 360)))
        taken += 0.4
    take_strip(plan, room, wall, (middle - total / 2 - 0.1, middle + total / 2 + 0.1), (0.0, taken + _AISLE_M))

    low = float(rng.uniform(1.85, 2.0))
    style = str(rng.choice(pendant_lamp.STYLES))
    lamp = pendant_lamp.design(rng, style, room.height_m - low, 2.0 * mood.lamp_w, mood.lamp_k)
    count = int(total / float(rng.uniform(0.9, 1.3)))
    lamps = []
    for index in range(count):
        at, turn_deg = room.on_wall(
            wall, middle + (index - (count - 1) / 2) * total / count, room.height_m, aisle + 0.33
        )
        lamp.place(at, turn_deg)
        lamps.append((at[0], at[1], low))
    return (middle - total / 2, middle + total / 2), lamps
