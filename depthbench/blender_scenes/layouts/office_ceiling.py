# SPDX-License-Identifier: Apache-2.0
"""An office's ceiling and its light: a grid of bars with luminous panels, or long bars hung over the floor."""

from __future__ import annotations

import bpy
import numpy as np

from depthbench.blender_scenes import assembly, lights
from depthbench.blender_scenes.layouts.free_air import bounds
from depthbench.blender_scenes.layouts.office_scheme import Scheme
from depthbench.blender_scenes.layouts.room import Room
from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import box, join
from depthbench.blender_scenes.objects import luminaire
from depthbench.blender_scenes.objects.kit import GAP_M

_BAR_M = 0.024


def _grid(rng: np.random.Generator, room: Room) -> tuple[np.ndarray, np.ndarray]:
    """The bars of a suspended ceiling; return the middles of its fields along x and y."""
    lines = []
    for size in (room.size_x_m, room.size_y_m):
        count = int((size - 0.1) / luminaire.MODULE_M)
        lines.append((np.arange(count + 1) - count / 2) * luminaire.MODULE_M)
    reach = np.array([room.size_x_m, room.size_y_m]) - 4 * GAP_M
    long = [box(_BAR_M, reach[1], 0.006).moved(x=float(x)) for x in lines[0]]
    cross = [box(reach[0], _BAR_M, 0.0052).moved(y=float(y), z=0.0008) for y in lines[1]]
    bars = join([*long, *cross]).moved(z=room.height_m - 0.006)
    assembly.add("ceiling bars", bars, make("paint", rng, colour=(0.62, 0.615, 0.6)))
    return (lines[0][1:] + lines[0][:-1]) / 2, (lines[1][1:] + lines[1][:-1]) / 2


def _blocked(room: Room, drop_m: float) -> np.ndarray:
    """Ground (n, 2, 2) over which something already reaches into the space that the lamps need."""
    bpy.context.view_layer.update()
    boxes = bounds(
        [
            thing
            for thing in bpy.context.scene.objects
            if thing.type == "MESH" and "ceiling" not in thing.name and not thing.name.endswith(" wall")
        ]
    )
    inside = (np.abs(boxes.mean(axis=1)[:, :2]) < np.array([room.size_x_m, room.size_y_m]) / 2).all(axis=1)
    return boxes[inside & (boxes[:, 1, 2] > room.height_m - drop_m - 0.05)][:, :, :2]


def add(rng: np.random.Generator, scheme: Scheme, room: Room, watts_m2: float) -> None:
    """Light the room with ``watts_m2`` radiant watts per square metre of floor."""
    kelvin = float(rng.uniform(3600, 5600))
    glow = float(rng.uniform(3.5, 6.0))
    as_grid = room.height_m < 3.1 and rng.random() < 0.75
    spots: list[tuple[float, float]] = []
    if as_grid:
        columns, rows = _grid(rng, room)
        step_x, step_y = int(rng.integers(2, 4)), int(rng.integers(3, 5))
        first_x, first_y = (len(columns) - 1) % step_x // 2, (len(rows) - 1) % step_y // 2
        spots = [(float(x), float(y)) for x in columns[first_x::step_x] for y in rows[first_y::step_y]]
        kit = luminaire.design(rng, "panel", glow, kelvin, metal=scheme.white)
        half, drop, turn = np.array([0.3, 0.3]), 0.012, 0.0
    else:
        along_x = room.size_x_m > room.size_y_m
        drop, length = room.height_m - float(rng.uniform(2.3, 2.45)), float(rng.uniform(1.2, 1.8))
        drop = max(drop, 0.12)
        count = max(2, round(max(room.size_x_m, room.size_y_m) / (length + 0.9)))
        lines = max(2, round(min(room.size_x_m, room.size_y_m) / 2.2))
        for k in range(count):
            for line in range(lines):
                a = ((k + 0.5) / count - 0.5) * max(room.size_x_m, room.size_y_m)
                b = ((line + 0.5) / lines - 0.5) * min(room.size_x_m, room.size_y_m)
                spots.append((a, b) if along_x else (b, a))
        kit = luminaire.design(rng, "bar", glow, kelvin, drop, length, scheme.steel)
        half = np.array([length / 2 + 0.05, 0.08]) if along_x else np.array([0.08, length / 2 + 0.05])
        turn = 0.0 if along_x else 90.0
    taken = _blocked(room, drop)
    free = []
    for spot in spots:
        low, high = np.array(spot) - half, np.array(spot) + half
        if not ((taken[:, 0] < high) & (taken[:, 1] > low)).all(axis=1).any():
            free.append(spot)
    for index, (x, y) in enumerate(free):
        for placed in kit.place([x, y, room.height_m], turn):
            placed.name = f"ceiling light {index}: {placed.name}"
    # One lamp for every two where they are many: the light is even anyhow, and each lamp costs time.
    lit = free[:: 2 if len(free) > 20 else 1]
    watts = watts_m2 * room.size_x_m * room.size_y_m / max(len(lit), 1)
    for x, y in lit:
        lights.area_light(
            [x, y, room.height_m - drop - 0.02], [0.0, 0.0, -1.0], (0.5, 0.5), 0.8 * watts, kelvin
        ).visible_glossy = False
    up = lights.area_light(
        [0.0, 0.0, 2.0],
        [0.0, 0.0, 1.0],
        (0.8 * room.size_x_m, 0.8 * room.size_y_m),
        0.2 * watts_m2 * room.size_x_m * room.size_y_m,
        kelvin,
    )
    up.visible_glossy = False
