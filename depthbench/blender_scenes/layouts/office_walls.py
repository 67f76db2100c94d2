# SPDX-License-Identifier: Apache-2.0
"""What hangs on an office's walls: whiteboards, boards of glass, pictures in frames, a clock, small shelves."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np

from depthbench.blender_scenes.layouts.free_air import bounds
from depthbench.blender_scenes.layouts.gallery_hall import Hall
from depthbench.blender_scenes.layouts.office_scheme import Scheme
from depthbench.blender_scenes.layouts.room import WALLS
from depthbench.blender_scenes.layouts.rows import row
from depthbench.blender_scenes.objects import picture_frame, shelf, wall_clock, whiteboard
from depthbench.blender_scenes.objects.kit import Kit, merge

_FORMS = ("white", "glass", "picture", "pictures", "shelf", "clock")


@dataclass(frozen=True)
class _Wish:
    """Something that could hang: its form, size, height of its lower edge, and how far it stands off the wall."""

    form: str
    width_m: float
    height_m: float
    up_m: float
    off_m: float = 0.08
    below_m: float = 0.03


def _wish(rng: np.random.Generator, room_m: float, clock: bool) -> _Wish:
    """Draw what to hang in ``room_m`` of wall; ``clock`` says whether a clock may still be wanted."""
    form = str(rng.choice(_FORMS, p=[0.22, 0.2, 0.2, 0.15, 0.13, 0.1]))
    if form == "clock" and not clock:
        form = "picture"
    if form == "clock":
        return _Wish(form, 0.38, 0.38, float(rng.uniform(1.75, 1.95)))
    if form in whiteboard.STYLES:
        tall = float(rng.uniform(0.85, 1.2))
        return _Wish(form, min(room_m, float(rng.uniform(1.1, 2.2))), tall, 1.5 - tall / 2, 0.1)
    if form == "shelf":
        return _Wish(form, min(room_m, float(rng.uniform(0.8, 1.6))), 0.5, float(rng.uniform(1.35, 1.6)), 0.28, 0.12)
    count = max(1, min(4, int(room_m / 0.55))) if form == "pictures" else 1
    wide = min(room_m / count - 0.06, float(rng.uniform(0.4, 1.0)))
    tall = min(wide * float(rng.choice([0.75, 1.0, 1.4])), 1.1)
    return _Wish(form, count * (wide + 0.06), tall, max(1.55 - tall / 2, 0.9))


def _made(rng: np.random.Generator, scheme: Scheme, odd: list[Kit], wish: _Wish) -> Kit:
    """Make what is wished for, its lower edge on z = 0."""
    if wish.form in whiteboard.STYLES:
        return whiteboard.design(rng, wish.form, wish.width_m, wish.height_m, scheme.glass, scheme.bright)
    if wish.form == "clock":
        return wall_clock.design(rng).moved([0, 0, wish.height_m / 2])
    if wish.form == "shelf":
        board = shelf.design(rng, wish.width_m, 0.26, scheme.wood, scheme.steel)
        things = row(rng, [kit for kit in odd if kit.high[2] < 0.45], wish.width_m - 0.06, 0.24, (0.01, 0.06))
        return merge([board, *(kit.moved([0, 0, shelf.BOARD_M]) for kit in things)])
    style, kind = str(rng.choice(["thin", "box", "wood"])), str(rng.choice(["painting", "poster"]))
    count = max(1, round(wish.width_m / 0.55)) if wish.form == "pictures" else 1
    wide = wish.width_m / count - 0.06
    kits = []
    for index in range(count):
        mat_m = float(rng.choice([0.0, 0.05])) if wide > 0.35 else 0.0
        one = picture_frame.design(rng, wide, wish.height_m, style, bool(rng.random() < 0.75), kind, mat_m)
        kits.append(one.moved([(index - (count - 1) / 2) * (wide + 0.06), 0.0, 0.0]))
    return merge(kits)


def add(rng: np.random.Generator, scheme: Scheme, hall: Hall, odd: list[Kit]) -> None:
    """Hang things side by side wherever walls are free of openings and nothing stands against them."""
    bpy.context.view_layer.update()
    shown = [thing for thing in bpy.context.scene.objects if thing.type == "MESH" and not thing.name.endswith(" wall")]
    obstacles = bounds(shown)
    room, clock = hall.room, True
    for wall in WALLS:
        half = room.length_m(wall) / 2
        for start, end in room.free_spans(wall, 0.15):
            x = max(start, -half + 0.2) + float(rng.uniform(0.0, 0.5))
            end = min(end, half - 0.2)
            while end - x > 0.55:
                wish = _wish(rng, min(end - x, 2.4) - 0.05, clock)
                middle = x + wish.width_m / 2
                sides = ((-0.04, -wish.below_m - 0.02, 0.004), (0.04, wish.height_m + 0.04, wish.off_m))
                reach = np.array(
                    [
                        room.on_wall(wall, middle + grow + np.sign(grow) * wish.width_m / 2, wish.up_m + up, off)[0]
                        for grow, up, off in sides
                    ]
                )
                a, b = reach.min(axis=0), reach.max(axis=0)
                free = not ((obstacles[:, 0] < b) & (obstacles[:, 1] > a)).all(axis=1).any()
                if free and middle + wish.width_m / 2 < end and b[2] < room.height_m - 0.05:
                    clock = clock and wish.form != "clock"
                    location, turn_deg = room.on_wall(wall, middle, wish.up_m)
                    hall.put(f"hung {wish.form}", _made(rng, scheme, odd, wish), location, turn_deg)
                    hall.works.append([*location[:2], wish.up_m + 0.5 * wish.height_m])
                    x = middle + wish.width_m / 2 + float(rng.uniform(0.15, 1.0))
                else:
                    x += float(rng.uniform(0.3, 0.7))
