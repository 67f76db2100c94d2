# SPDX-License-Identifier: Apache-2.0
"""A cafe's guests' part: benches along walls, tables and chairs of this house, laid, with lamps over them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from depthbench.blender_scenes.layouts import seating
from depthbench.blender_scenes.layouts.cafe_light import Mood
from depthbench.blender_scenes.layouts.cafe_shell import Shell
from depthbench.blender_scenes.layouts.floor_plan import FloorPlan
from depthbench.blender_scenes.layouts.room import WALLS
from depthbench.blender_scenes.layouts.rows import strip
from depthbench.blender_scenes.objects import banquette, chair, pendant_lamp, table
from depthbench.blender_scenes.objects.kit import Kit, turned
from depthbench.blender_scenes.objects.table import Table

Spot = tuple[float, float, float]


@dataclass(frozen=True)
class House:
    """The furniture and tableware of one cafe, and where it has been put.

    ``tables`` are the middles of the tops, ``lamps`` the lowest points of the lamps over them: (x, y, z) in metres.
    """

    small: tuple[Table, Table]
    long: Table
    chairs: tuple[Kit, Kit]
    ware: seating.Tableware
    fullness: float
    lamp: Kit
    lamp_low_m: float
    tables: list[Spot] = field(default_factory=list)
    lamps: list[Spot] = field(default_factory=list)


def furnish(rng: np.random.Generator, height_m: float, mood: Mood) -> House:
    """Draw the furniture of a cafe whose ceiling is that high."""
    first, second = rng.permutation(["pedestal_round", "pedestal_square", "bistro", "four_leg"])[:2]
    styles = [str(style) for style in rng.permutation([style for style in chair.STYLES if style != "stool"])[:2]]
    if "mesh" not in styles and rng.random() < 0.4:
        styles[1] = "mesh"
    lamp_low = float(rng.uniform(1.6, 1.85))
    style = str(rng.choice(pendant_lamp.STYLES))
    return House(
        small=(table.design(rng, str(first)), table.design(rng, str(second))),
        long=table.design(rng, "long"),
        chairs=(chair.design(rng, styles[0]), chair.design(rng, styles[1])),
        ware=seating.tableware(rng),
        fullness=float(rng.uniform(0.65, 1.0)),
        lamp=pendant_lamp.design(rng, style, height_m - lamp_low, 2.0 * mood.lamp_w, mood.lamp_k),
        lamp_low_m=lamp_low,
    )


def _put(rng: np.random.Generator, house: House, one: seating.Setting, at: Spot, turn_deg: float, seat: Kit) -> None:
    """Place a laid table with its chairs, and mostly a lamp over it; ``at`` is (x, y, height of the ceiling)."""
    here = np.array([at[0], at[1], 0.0])
    one.table.kit.place(here, turn_deg)
    seating.lay(rng, one, house.ware, house.fullness).place(here, turn_deg)
    for x, y, facing in one.seats:
        seat.place(here + turned([x, y, 0.0], turn_deg), facing + turn_deg)
    house.tables.append((at[0], at[1], one.table.height_m))
    if rng.random() < 0.75:
        house.lamp.place(at, turn_deg)
        house.lamps.append((at[0], at[1], house.lamp_low_m))


def _add_benches(rng: np.random.Generator, shell: Shell, plan: FloorPlan, house: House) -> None:
    room = shell.room
    half = house.small[0].half_y_m
    reach = banquette.DEPTH_M + 0.03 + 2 * half + 0.56
    for wall in (str(name) for name in rng.permutation([name for name in WALLS if name != shell.counter_wall])):
        spans = [span for span in room.free_spans(wall, below_m=0.93) if span[1] - span[0] > 1.9]
        if not spans or rng.random() < 0.35:
            continue
        start, end = max(spans, key=lambda span: span[1] - span[0])
        length = min(end - start - 0.1, float(rng.uniform(2.0, 4.8)))
        middle = float(rng.uniform(start + length / 2 + 0.02, end - length / 2 - 0.02))
        ground = strip(room, wall, (middle - length / 2, middle + length / 2), (0.02, reach))
        if not plan.fits(*ground):
            continue
        plan.take(ground[0], ground[1] + 0.15)
        banquette.design(rng, length).place(*room.on_wall(wall, middle, 0.0, 0.02))
        count = max(1, int(length / float(rng.uniform(0.95, 1.25))))
        for index in range(count):
            along = middle + (index - (count - 1) / 2) * length / count
            spot, turn_deg = room.on_wall(wall, along, room.height_m, banquette.DEPTH_M + 0.03 + half)
            one = seating.setting(rng, house.small[0], "s")
            _put(rng, house, one, (spot[0], spot[1], spot[2]), turn_deg, house.chairs[0])


def add(rng: np.random.Generator, shell: Shell, plan: FloorPlan, mood: Mood) -> House:
    """Put benches, tables and chairs wherever there is ground, take that ground, and return the house."""
    room = shell.room
    house = furnish(rng, room.height_m, mood)
    _add_benches(rng, shell, plan, house)
    wanted = int(rng.integers(9, 16))
    for attempt in range(700):
        if len(house.tables) >= wanted:
            break
        if attempt < 25 and rng.random() < 0.3:
            one = seating.setting(rng, house.long, str(rng.choice(["ssnn", "ssnn", "sn"])))
        else:
            sides = str(rng.choice(["sn", "ew", "s", "snew", "sne"], p=[0.45, 0.2, 0.1, 0.15, 0.1]))
            one = seating.setting(rng, house.small[int(rng.integers(2))], sides)
        upright = rng.random() < 0.5
        half = np.array([one.half_x_m, one.half_y_m] if upright else [one.half_y_m, one.half_x_m])
        spot = rng.uniform(-plan.half, plan.half)
        if rng.random() < 0.5:
            # Guests like the edges: move the table up to the nearest wall.
            axis = int(np.argmin(plan.half - np.abs(spot)))
            spot[axis] = np.sign(spot[axis]) * (plan.half[axis] - half[axis] - 0.06)
        if plan.fits(spot, half, 0.05):
            plan.take(spot, half + float(rng.uniform(0.1, 0.25)))
            turn_deg = (0.0 if upright else 90.0) + float(rng.normal(0, 1.0))
            seat = house.chairs[int(rng.random() < 0.35)]
            _put(rng, house, one, (float(spot[0]), float(spot[1]), room.height_m), turn_deg, seat)
    return house
