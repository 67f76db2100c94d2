# SPDX-License-Identifier: Apache-2.0
"""The meeting room: glass partitions that cut off a corner, a glass door, a table with chairs, a screen and boards."""

from __future__ import annotations

import numpy as np

from depthbench.blender_scenes.layouts.gallery_hall import Hall
from depthbench.blender_scenes.layouts.office_scheme import Scheme
from depthbench.blender_scenes.layouts.office_shell import Corner, corner_stretch
from depthbench.blender_scenes.layouts.office_workplace import Top
from depthbench.blender_scenes.mesh import box
from depthbench.blender_scenes.objects import (
    bottle,
    chair,
    cup,
    desk,
    drinking_glass,
    glass_partition,
    laptop,
    monitor,
    papers,
    plant,
    whiteboard,
)
from depthbench.blender_scenes.objects.glass_partition import Door
from depthbench.blender_scenes.objects.kit import Kit, part

_POST_M = glass_partition.DEPTH_M
_CLEAR_M = 0.001
_UNDER_CEILING_M = 0.009
"""The bars of a ceiling grid hang 6.5 mm down; the partitions' head ends just under them."""


def _partitions(rng: np.random.Generator, scheme: Scheme, hall: Hall, corner: Corner) -> None:
    """Two runs that meet at a post; one of them holds the door, before which the floor is kept free."""
    room = hall.room
    high = room.height_m - _UNDER_CEILING_M
    at = np.array(
        [corner.sign_x * (room.size_x_m / 2 - corner.size_x_m), corner.sign_y * (room.size_y_m / 2 - corner.size_y_m)]
    )
    post = box(_POST_M, _POST_M, high).moved(z=0.0005)
    hall.put("partition", Kit((part("post", post, scheme.steel, None),)), [*at.tolist(), 0.0], 0.0)
    style, film = (
        str(rng.choice(glass_partition.STYLES)),
        str(rng.choice(glass_partition.FILMS, p=[0.1, 0.25, 0.25, 0.2, 0.2])),
    )
    with_door = int(rng.integers(2))
    runs = (
        (corner.size_x_m, 0.0 if corner.sign_y > 0 else 180.0, np.array([corner.sign_x, 0.0])),
        (corner.size_y_m, -90.0 if corner.sign_x > 0 else 90.0, np.array([0.0, corner.sign_y])),
    )
    for index, (size_m, turn_deg, towards_wall) in enumerate(runs):
        long = size_m - _POST_M / 2 - 2 * _CLEAR_M
        middle = at + towards_wall * (_POST_M / 2 + _CLEAR_M + long / 2)
        door = None
        if index == with_door:
            reach = long / 2 - 0.8
            door = Door(
                float(rng.uniform(-reach, reach)),
                float(rng.uniform(0.9, 1.0)),
                float(rng.choice([0.0, rng.uniform(5, 85)])),
            )
        kit = glass_partition.design(rng, long, high, style, door, film, scheme.glass, scheme.steel, scheme.film)
        hall.put("partition", kit, [*middle.tolist(), 0.0], turn_deg)
        if door is not None:
            turn = np.deg2rad(turn_deg)
            spot = middle + np.array([np.cos(turn), np.sin(turn)]) * door.at_m
            out = np.array([np.sin(turn), -np.cos(turn)])
            half = np.abs(out) * 0.6 + np.abs(out[::-1]) * 0.75
            hall.plan.take(spot + out * 0.6, half)


def _table(rng: np.random.Generator, scheme: Scheme, hall: Hall, middle: np.ndarray, size: tuple[float, float]) -> None:
    """A long table, chairs around it, and what a meeting leaves on it."""
    long_x = size[0] >= size[1]
    free = sorted(size, reverse=True)
    length = min(free[0] - 1.7, float(rng.uniform(1.9, 3.2)))
    depth = min(1.25, max(0.75, free[1] - 1.95))
    one = desk.design(rng, str(rng.choice(["panel", "frame"])), length, depth, scheme.wood, scheme.steel, scheme.weave)
    turn = 0.0 if long_x else 90.0
    hall.put("meeting table", one.kit, [*middle.tolist(), 0.0], turn)
    top = Top(rng, one.half_x_m - 0.02, one.half_y_m - 0.02)
    clear = drinking_glass.design(rng, "tumbler", drink="water")
    pool = [
        laptop.design(rng), laptop.design(rng), papers.design(rng, "pile", scheme.paper), papers.design(rng, "folder", scheme.paper),
        bottle.design(rng, "carafe", content="any"), bottle.design(rng, "water", content="any"), clear, clear, drinking_glass.design(rng, "highball", drink="any"),
        cup.design(rng, "mug", saucer=False, full=True), cup.design(rng, "cappuccino"), plant.design(rng, "rosette"),
    ]  # fmt: skip
    for _ in range(int(rng.integers(8, 18))):
        kit = pool[int(rng.integers(len(pool)))]
        spot = rng.uniform(-1, 1, 2) * np.array([one.half_x_m - 0.12, one.half_y_m - 0.12])
        facing = 180.0 if spot[1] > 0 else 0.0
        top.put(kit, float(spot[0]), float(spot[1]), facing + float(rng.normal(0, 8)), 0.06)
    for kit in top.kits:
        hall.put("meeting thing", kit, [*middle.tolist(), one.height_m], turn)
    hall.works.append([float(middle[0]), float(middle[1]), one.height_m + 0.1])
    seat = chair.design(rng, str(rng.choice(["mesh", "shell", "padded", "mesh"])))
    count = max(2, int(length / 0.72))
    for side in (-1.0, 1.0):
        for index in range(count):
            if rng.random() < 0.88:
                x = (index - (count - 1) / 2) * length / count + float(rng.uniform(-0.03, 0.03))
                y = side * (one.half_y_m + float(rng.uniform(0.3, 0.42)))
                spot = np.array([x, y]) if long_x else np.array([-y, x])
                facing = (0.0 if side > 0 else 180.0) + turn + float(rng.normal(0, 7))
                hall.put("chair", seat, [*(middle + spot).tolist(), 0.0], facing)


def _on_walls(rng: np.random.Generator, scheme: Scheme, hall: Hall, corner: Corner) -> None:
    """A large screen and boards on the two walls that the meeting room shares with the outside, where no window is."""
    size = (hall.room.size_x_m, hall.room.size_y_m)
    screens = 1
    for wall in ("north", "east", "south", "west"):
        stretch = corner_stretch(size, corner, wall)
        if stretch is None:
            continue
        for start, end in hall.room.free_spans(wall, 0.12):
            low, high = max(start, stretch[0] + 0.12), min(end, stretch[1] - 0.12)
            if high - low < 0.9:
                continue
            if screens and high - low > 1.5:
                screens -= 1
                kit = monitor.design(rng, "wall", min(high - low - 0.2, float(rng.uniform(1.1, 1.6))))
                up = 0.95
            else:
                style = str(rng.choice(whiteboard.STYLES))
                kit = whiteboard.design(
                    rng, style, min(high - low - 0.1, 2.0), float(rng.uniform(0.9, 1.15)), scheme.glass, scheme.bright
                )
                up = 0.9
            location, turn_deg = hall.room.on_wall(wall, (low + high) / 2, up)
            hall.put("meeting board", kit, location, turn_deg)
            hall.works.append([*location[:2], up + 0.4])
            hall.hidden[wall].append((low, high))


def add(rng: np.random.Generator, scheme: Scheme, hall: Hall, corner: Corner) -> None:
    """Build and furnish the meeting room in its corner, and take its ground."""
    size = (corner.size_x_m, corner.size_y_m)
    half = np.array([hall.room.size_x_m, hall.room.size_y_m]) / 2
    sign = np.array([corner.sign_x, corner.sign_y])
    middle = sign * (half - np.array(size) / 2)
    hall.plan.take(middle, np.array(size) / 2 + 0.12)
    for wall in ("north", "east", "south", "west"):
        stretch = corner_stretch((2 * half[0], 2 * half[1]), corner, wall)
        if stretch is not None:
            hall.hidden[wall].append((stretch[0] - 0.1, stretch[1] + 0.1))
    _partitions(rng, scheme, hall, corner)
    _table(rng, scheme, hall, middle, size)
    _on_walls(rng, scheme, hall, corner)
