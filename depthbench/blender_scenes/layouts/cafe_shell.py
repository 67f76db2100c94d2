# SPDX-License-Identifier: Apache-2.0
"""A cafe's room as drawn: which wall is the shop window, which holds the counter, doors, surfaces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from depthbench.blender_scenes.layouts import room
from depthbench.blender_scenes.layouts.glazing import case_glass, window_glass
from depthbench.blender_scenes.layouts.openings import Finish, Opening
from depthbench.blender_scenes.materials import make


@dataclass(frozen=True)
class Shell:
    """The built room, its shop window's wall and its counter's wall, and the glass of what stands in it."""

    room: room.Room
    window_wall: str
    counter_wall: str
    glass: Any


def _windows(rng: np.random.Generator, start_m: float, end_m: float, sill_m: float, head_m: float) -> list[Opening]:
    """One or two windows that share a stretch of wall."""
    count = 2 if end_m - start_m > 4.6 and rng.random() < 0.6 else 1
    pier_m = float(rng.uniform(0.3, 0.7))
    width_m = (end_m - start_m - (count - 1) * pier_m) / count
    columns = max(1, round(width_m / float(rng.uniform(0.85, 1.7))))
    rows = 2 if rng.random() < 0.4 else 1
    return [
        Opening(start_m + width_m / 2 + index * (width_m + pier_m), width_m, sill_m, head_m, "window", columns, rows)
        for index in range(count)
    ]


def _shop_front(rng: np.random.Generator, length_m: float, head_m: float) -> list[Opening]:
    """A glass door at one end of the wall, windows over the rest."""
    door_m, side = float(rng.uniform(0.95, 1.1)), float(rng.choice([-1, 1]))
    reach = length_m / 2 - float(rng.uniform(0.25, 0.6))
    door = Opening(side * (reach - door_m / 2), door_m, 0.004, min(2.35, head_m), "glass_door")
    inner = side * (reach - door_m - float(rng.uniform(0.25, 0.5)))
    start, end = sorted([inner, -side * (length_m / 2 - float(rng.uniform(0.3, 0.6)))])
    return [door, *_windows(rng, start, end, float(rng.choice([0.3, 0.45, 0.62])), head_m)]


def _finish(rng: np.random.Generator, accent_walls: list[str], glass: Any) -> Finish:
    plain = make("plaster", rng)
    accent = make(
        str(
            rng.choice(
                ["brick", "tiles", "plaster", "concrete", "wood", "wallpaper"], p=[0.3, 0.18, 0.16, 0.1, 0.1, 0.16]
            )
        ),
        rng,
    )
    floor = str(rng.choice(["planks", "tiles", "concrete"], p=[0.6, 0.27, 0.13]))
    ceilings = ((0.74, 0.73, 0.7), (0.74, 0.73, 0.7), (0.62, 0.56, 0.47), (0.2, 0.2, 0.21))
    frame = make("metal", rng, finish="painted") if rng.random() < 0.6 else make("wood", rng)
    return Finish(
        floor=make("wood", rng, planks=True) if floor == "planks" else make(floor, rng),
        ceiling=make("plaster", rng, colour=ceilings[int(rng.integers(len(ceilings)))]),
        walls={wall: accent if wall in accent_walls else plain for wall in room.WALLS},
        frame=frame,
        glass=glass,
        door=make("wood", rng, grain="z") if rng.random() < 0.6 else make("paint", rng),
        handle=make("metal", rng, finish="brushed"),
        skirting=make("paint", rng, colour=(0.6, 0.58, 0.54)) if rng.random() < 0.6 else make("wood", rng),
    )


def add(rng: np.random.Generator) -> Shell:
    """Draw a room 6-12 m by 5-9 m and build its shell in the current scene."""
    window_at = int(rng.integers(4))
    window_wall = room.WALLS[window_at]
    across = window_at + int(rng.choice([1, 2, 2, 3]))
    counter_wall = room.WALLS[across % 4]
    others = [wall for wall in room.WALLS if wall not in (window_wall, counter_wall)]
    long_m, short_m = float(rng.uniform(7.2, 11.5)), float(rng.uniform(5.6, 7.8))
    # The counter stands along a long wall, or along a short one where that wall lies across from the shop front.
    along_x = counter_wall in ("north", "south")
    size_x, size_y = (long_m, short_m) if along_x == (rng.random() < 0.75) else (short_m, long_m)
    height_m = float(rng.uniform(2.9, 3.7))
    head_m = min(height_m - 0.25, float(rng.uniform(2.4, 3.1)))
    lengths = {wall: size_x if wall in ("north", "south") else size_y for wall in room.WALLS}
    openings = {window_wall: _shop_front(rng, lengths[window_wall], head_m)}
    side = others[int(rng.integers(len(others)))]
    if rng.random() < 0.5:
        half = lengths[side] / 2
        openings[side] = _windows(
            rng,
            -half + float(rng.uniform(0.4, 0.9)),
            half - float(rng.uniform(0.4, 0.9)),
            float(rng.choice([0.45, 0.95])),
            head_m,
        )
    elif rng.random() < 0.6:
        spot = float(rng.choice([-1, 1])) * (lengths[side] / 2 - float(rng.uniform(0.9, 1.3)))
        openings[side] = [Opening(spot, 0.95, 0.004, 2.12, "door")]
    accents = [counter_wall] if rng.random() < 0.6 else [others[0]]
    built = room.add(size_x, size_y, height_m, openings, _finish(rng, accents, window_glass(rng)))
    return Shell(built, window_wall, counter_wall, case_glass(rng))
