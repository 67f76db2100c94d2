# SPDX-License-Identifier: Apache-2.0
"""An office's room as drawn: what kind it is, size, windows with blinds, doors, surfaces, the corner for a meeting room."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from depthbench.blender_scenes.layouts import room
from depthbench.blender_scenes.layouts.office_scheme import Scheme
from depthbench.blender_scenes.layouts.openings import Finish, Opening
from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.objects import window_blind

KINDS = ("open", "lab", "study")
_SIZES = {"open": ((9.0, 14.5), (7.0, 10.5), (2.7, 3.3)), "lab": ((7.0, 10.5), (6.0, 8.0), (2.7, 3.2)), "study": ((3.8, 5.4), (3.5, 4.6), (2.5, 2.9))}  # fmt: skip


@dataclass(frozen=True)
class Corner:
    """The corner of a room that partitions cut off: which one (signs of x and y), and its size along x and y."""

    sign_x: int
    sign_y: int
    size_x_m: float
    size_y_m: float


@dataclass(frozen=True)
class Shell:
    """The built room, its kind, the wall towards the street, and the meeting room's corner, if there is one."""

    room: room.Room
    kind: str
    main_wall: str
    corner: Corner | None


def along(wall: str, x: float, y: float) -> float:
    """Return the place along a wall, as :meth:`Room.on_wall` counts it, of what stands at (x, y)."""
    return {"north": x, "east": -y, "south": -x, "west": y}[wall]


def corner_stretch(size: tuple[float, float], corner: Corner, wall: str) -> tuple[float, float] | None:
    """Return the stretch (start, end) of a wall that lies inside the corner's room, or None."""
    x, y = corner.sign_x * size[0] / 2, corner.sign_y * size[1] / 2
    inner = (x - corner.sign_x * corner.size_x_m, y - corner.sign_y * corner.size_y_m)
    if wall == ("east" if corner.sign_x > 0 else "west"):
        start, end = sorted((along(wall, 0.0, y), along(wall, 0.0, inner[1])))
        return start, end
    if wall == ("north" if corner.sign_y > 0 else "south"):
        start, end = sorted((along(wall, x, 0.0), along(wall, inner[0], 0.0)))
        return start, end
    return None


def _windows(rng: np.random.Generator, start_m: float, end_m: float, sill_m: float, head_m: float) -> list[Opening]:
    """A row of equal windows over a stretch of wall."""
    if end_m - start_m < 0.7:
        return []
    pier_m = float(rng.uniform(0.2, 0.6))
    count = max(1, round((end_m - start_m) / float(rng.uniform(1.6, 3.0))))
    width_m = (end_m - start_m - (count - 1) * pier_m) / count
    columns = max(1, round(width_m / float(rng.uniform(0.7, 1.3))))
    middles = start_m + width_m / 2 + np.arange(count) * (width_m + pier_m)
    return [Opening(float(middle), width_m, sill_m, head_m, "window", columns) for middle in middles]


def _openings(
    rng: np.random.Generator, size: tuple[float, float], height_m: float, corner: Corner | None, small: bool
) -> tuple[str, dict[str, list[Opening]]]:
    """Windows in one wall or two, a door in another, all clear of where the partitions meet the walls."""
    walls = [str(wall) for wall in rng.permutation(room.WALLS)]
    lengths = {wall: size[0] if wall in ("north", "south") else size[1] for wall in room.WALLS}
    sill_m = float(rng.choice([0.06, 0.45, 0.8, 0.95]))
    head_m = height_m - float(rng.uniform(0.25, 0.45))
    glazed = walls[: 1 if small or rng.random() < 0.45 else 2]
    openings: dict[str, list[Opening]] = {}
    for wall in glazed:
        half = lengths[wall] / 2
        ends = [-half + float(rng.uniform(0.35, 0.8)), half - float(rng.uniform(0.35, 0.8))]
        cut = corner_stretch(size, corner, wall) if corner else None
        if cut is not None:
            inner = cut[0] if cut[0] > -half + 0.01 else cut[1]
            openings[wall] = [
                *_windows(rng, ends[0], inner - 0.2, sill_m, head_m),
                *_windows(rng, inner + 0.2, ends[1], sill_m, head_m),
            ]
        else:
            openings[wall] = _windows(rng, ends[0], ends[1], sill_m, head_m)
    for wall in walls[len(glazed) :]:
        cut = corner_stretch(size, corner, wall) if corner else None
        for _ in range(30):
            spot = float(rng.uniform(-1, 1)) * (lengths[wall] / 2 - 0.75)
            if cut is None or not cut[0] - 0.8 < spot < cut[1] + 0.8:
                fill = "glass_door" if rng.random() < 0.25 else "door"
                openings[wall] = [Opening(spot, 0.98, 0.004, 2.15, fill)]
                return walls[0], openings
    return walls[0], openings


def _finish(rng: np.random.Generator, scheme: Scheme, skirted: bool) -> Finish:
    floor = str(rng.choice(["carpet", "planks", "concrete", "tiles"], p=[0.45, 0.3, 0.15, 0.1]))
    made = {
        "carpet": lambda: make("fabric", rng, pattern=str(rng.choice(["melange", "melange", "stripe"]))),
        "planks": lambda: make("wood", rng, planks=True),
    }
    coloured = set(rng.permutation(room.WALLS)[: int(rng.choice([0, 1, 2], p=[0.2, 0.5, 0.3]))])
    return Finish(
        floor=made[floor]() if floor in made else make(floor, rng),
        ceiling=make("plaster", rng, colour=(0.76, 0.755, 0.74)),
        walls={wall: scheme.accent if wall in coloured else scheme.white for wall in room.WALLS},
        frame=scheme.steel,
        glass=scheme.glass,
        door=make("wood", rng, grain="z") if rng.random() < 0.6 else make("paint", rng),
        handle=scheme.bright,
        skirting=make("paint", rng, colour=(0.5, 0.49, 0.47)) if skirted else None,
    )


def _blinds(rng: np.random.Generator, built: room.Room) -> None:
    """Blinds in the reveals of windows, all of one kind, let down by different amounts; none in some offices."""
    style = str(rng.choice(["slats", "roller", "none"], p=[0.5, 0.3, 0.2]))
    if style == "none":
        return
    paint = make("paint", rng, colour=(0.62, 0.61, 0.59))
    if style == "slats":
        fill = make("metal", rng, finish="brushed") if rng.random() < 0.3 else make("paint", rng)
    else:
        fill = make("screen", rng, pattern="wire", pitch_m=0.003, open_fraction=float(rng.uniform(0.15, 0.4)))
    common = float(rng.uniform(0.25, 0.9))
    for wall, holes in built.openings.items():
        for hole in holes:
            if hole.fill != "window":
                continue
            tall = hole.head_m - hole.sill_m - 0.05
            drop = tall * float(np.clip(common + rng.normal(0, 0.2), 0.12, 1.0))
            tilt = float(rng.uniform(-35, 50))
            kit = window_blind.design(rng, style, hole.width_m - 0.03, drop, tilt, fill, paint)
            at, turn_deg = built.on_wall(wall, hole.centre_m, hole.head_m - 0.001, -0.034)
            for placed in kit.place(at, turn_deg):
                placed.name = f"{wall} {placed.name}"


def add(rng: np.random.Generator, scheme: Scheme, kind: str) -> Shell:
    """Draw an open plan, a laboratory or a study (one of :data:`KINDS`) and build its shell in the current scene."""
    long_m, short_m, high_m = (float(rng.uniform(*limits)) for limits in _SIZES[kind])
    size = (long_m, short_m) if rng.random() < 0.5 else (short_m, long_m)
    corner = None
    if kind == "open" or (kind == "lab" and rng.random() < 0.6):
        reach = [min(float(rng.uniform(3.2, 4.8)), 0.5 * size[0]), min(float(rng.uniform(2.9, 4.0)), 0.5 * size[1])]
        corner = Corner(int(rng.choice([-1, 1])), int(rng.choice([-1, 1])), reach[0], reach[1])
    main_wall, openings = _openings(rng, size, high_m, corner, kind == "study")
    built = room.add(size[0], size[1], high_m, openings, _finish(rng, scheme, corner is None))
    _blinds(rng, built)
    return Shell(built, kind, main_wall, corner)
