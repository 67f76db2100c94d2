# SPDX-License-Identifier: Apache-2.0
"""A bedroom's room as drawn: what kind of bedroom, its windows and door, surfaces, and a corner for a shower."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from depthbench.blender_scenes.layouts import room
from depthbench.blender_scenes.layouts.glazing import window_glass
from depthbench.blender_scenes.layouts.openings import Finish, Opening
from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.materials.palette import near, pick

KINDS = ("bedroom", "ensuite", "child", "studio")
_SHARES = (0.35, 0.25, 0.2, 0.2)
# long and short side of the floor in metres
_SIZES_M = {
    "bedroom": ((3.6, 4.8), (3.2, 4.0)),
    "ensuite": ((4.6, 5.6), (3.6, 4.5)),
    "child": ((3.2, 4.2), (2.9, 3.6)),
    "studio": ((5.0, 6.4), (3.8, 4.8)),
}


@dataclass(frozen=True)
class Shell:
    """The built room, what it is for, the wall with its main windows, the wall at whose left end the shower is, its glass."""

    room: room.Room
    kind: str
    window_wall: str
    shower_wall: str | None
    shower_m: tuple[float, float]
    glass: Any


def _window(rng: np.random.Generator, start_m: float, end_m: float, head_m: float) -> list[Opening]:
    """One window in a stretch of wall, or a glass door to a balcony beside a smaller window."""
    sill = float(rng.choice([0.25, 0.55, 0.85, 0.95]))
    if end_m - start_m > 2.1 and rng.random() < 0.25:
        door = float(rng.uniform(0.8, 0.95))
        first, rest = Opening(start_m + door / 2, door, 0.004, head_m, "glass_door"), start_m + door + 0.3
        return [
            first,
            Opening((rest + end_m) / 2, end_m - rest, 0.85, head_m, "window", max(1, round((end_m - rest) / 0.8))),
        ]
    width = float(rng.uniform(0.55, 1.0)) * (end_m - start_m)
    width = float(np.clip(width, 0.8, 2.8))
    middle = (
        float(rng.uniform(start_m + width / 2, end_m - width / 2)) if end_m - start_m > width else (start_m + end_m) / 2
    )
    columns = max(1, round(width / float(rng.uniform(0.55, 1.1))))
    return [Opening(middle, width, sill, head_m, "window", columns, 2 if rng.random() < 0.3 else 1)]


def _finish(rng: np.random.Generator, kind: str, accent_wall: str, glass: Any) -> Finish:
    light = near(rng, pick(rng, ((0.72, 0.69, 0.63), (0.62, 0.64, 0.62), (0.70, 0.62, 0.52), (0.52, 0.58, 0.62))))
    strong = near(
        rng,
        pick(
            rng,
            (
                (0.12, 0.20, 0.22),
                (0.34, 0.42, 0.33),
                (0.45, 0.24, 0.17),
                (0.52, 0.42, 0.22),
                (0.13, 0.15, 0.24),
                (0.55, 0.36, 0.36),
            ),
        ),
    )
    plain = make("plaster", rng, colour=light)
    form = str(rng.choice(["plaster", "wallpaper", "wood", "brick", "concrete"], p=[0.3, 0.38, 0.15, 0.11, 0.06]))
    accent = (
        make("plaster", rng, colour=strong)
        if form == "plaster" or (kind == "child" and form != "wallpaper")
        else make(form, rng)
    )
    floor = make("wood", rng, planks=True) if rng.random() < 0.75 else make("fabric", rng, pattern="melange")
    if kind == "ensuite" and rng.random() < 0.4:
        floor = make("tiles", rng)
    frame = make("paint", rng, colour=near(rng, (0.7, 0.69, 0.66))) if rng.random() < 0.6 else make("wood", rng)
    return Finish(
        floor=floor,
        ceiling=make("plaster", rng, colour=(0.74, 0.73, 0.7)),
        walls={wall: accent if wall == accent_wall else plain for wall in room.WALLS},
        frame=frame,
        glass=glass,
        door=make("wood", rng, grain="z") if rng.random() < 0.5 else make("paint", rng),
        handle=make("metal", rng, finish="brushed"),
        # A shower's tiles go down to the floor.
        skirting=None if kind == "ensuite" else make("paint", rng, colour=(0.62, 0.6, 0.57)),
    )


def add(rng: np.random.Generator) -> Shell:
    """Draw a room and build its shell in the current scene."""
    kind = KINDS[int(rng.choice(4, p=_SHARES))]
    long_m, short_m = (float(rng.uniform(*limits)) for limits in _SIZES_M[kind])
    size_x, size_y = (long_m, short_m) if rng.random() < 0.5 else (short_m, long_m)
    height = float(rng.uniform(2.45, 2.9))
    lengths = {wall: size_x if wall in ("north", "south") else size_y for wall in room.WALLS}
    main = int(rng.integers(4))
    window_wall = room.WALLS[main]
    # The shower's corner is between the wall across from the windows and the wall to the left of that.
    shower_wall = room.WALLS[(main + 2) % 4] if kind == "ensuite" else None
    shower_m = (float(rng.uniform(1.05, 1.35)), float(rng.uniform(0.9, 1.15)))
    head = min(height - 0.3, float(rng.uniform(2.0, 2.3)))
    half = lengths[window_wall] / 2
    openings = {window_wall: _window(rng, -half + 0.45, half - 0.45, head)}
    # Door: at the right end of the wall across, or at the end away from the windows of the wall on its right.
    across, right = room.WALLS[(main + 2) % 4], room.WALLS[(main + 3) % 4]
    if rng.random() < 0.6:
        openings[across] = [Opening(lengths[across] / 2 - float(rng.uniform(0.62, 0.75)), 0.9, 0.004, 2.08, "door")]
    else:
        openings[right] = [Opening(-lengths[right] / 2 + float(rng.uniform(0.62, 0.75)), 0.9, 0.004, 2.08, "door")]
    left = room.WALLS[(main + 1) % 4]
    if kind != "ensuite" and rng.random() < 0.3 and lengths[left] > 3.4:
        reach = lengths[left] / 2
        openings[left] = _window(rng, -reach + 0.6, reach - 0.6, head)
    glass = window_glass(rng)
    accent_wall = room.WALLS[(main + int(rng.integers(1, 4))) % 4]
    built = room.add(size_x, size_y, height, openings, _finish(rng, kind, accent_wall, glass))
    return Shell(built, kind, window_wall, shower_wall, shower_m, glass)
