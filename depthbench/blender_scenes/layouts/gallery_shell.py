# SPDX-License-Identifier: Apache-2.0
"""A gallery's hall as drawn: size, windows and doors, surfaces, daylight, laylights in the ceiling."""

from __future__ import annotations

import numpy as np

from depthbench.blender_scenes import assembly, backdrop, lights
from depthbench.blender_scenes.layouts import room
from depthbench.blender_scenes.layouts.gallery_scheme import Scheme
from depthbench.blender_scenes.layouts.openings import GAP_M, Finish, Opening
from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import box
from depthbench.blender_scenes.slab import slab

_WALL_M = 0.22


def _openings(rng: np.random.Generator, lengths: dict[str, float], height_m: float) -> dict[str, list[Opening]]:
    order = [str(wall) for wall in rng.permutation(room.WALLS)]
    openings: dict[str, list[Opening]] = {}
    head_m = min(height_m - 0.35, float(rng.uniform(2.6, 3.4)))
    if rng.random() < 0.65:
        length = lengths[order[0]]
        count = int(rng.integers(1, 4))
        pier_m = float(rng.uniform(0.35, 0.9))
        reach_m = length - 2 * float(rng.uniform(0.5, 1.2))
        width_m = min((reach_m - (count - 1) * pier_m) / count, 4.5)
        step = width_m + pier_m
        sill_m = float(rng.choice([0.06, 0.35, 0.6]))
        columns, rows = max(1, round(width_m / float(rng.uniform(0.9, 1.6)))), 2 if rng.random() < 0.35 else 1
        openings[order[0]] = [
            Opening((k - (count - 1) / 2) * step, width_m, sill_m, head_m, "window", columns, rows)
            for k in range(count)
        ]
    for wall, fill in zip(order[1:3], ("glass_door", "door"), strict=True):
        if fill == "door" and rng.random() < 0.5:
            continue
        spot = float(rng.uniform(-1, 1)) * (lengths[wall] / 2 - 1.1)
        openings[wall] = [Opening(spot, 1.0, 0.004, 2.2, fill)]
    return openings


def _finish(rng: np.random.Generator, scheme: Scheme) -> Finish:
    floor = str(rng.choice(["planks", "concrete", "marble", "tiles"], p=[0.42, 0.3, 0.16, 0.12]))
    dark = rng.random() < 0.2
    coloured = set(rng.permutation(room.WALLS)[: int(rng.choice([0, 1, 2], p=[0.4, 0.35, 0.25]))])
    return Finish(
        floor=make("wood", rng, planks=True) if floor == "planks" else make(floor, rng),
        ceiling=make("plaster", rng, colour=(0.06, 0.06, 0.065) if dark else (0.76, 0.755, 0.74)),
        walls={wall: scheme.accent if wall in coloured else scheme.white for wall in room.WALLS},
        frame=scheme.trim,
        glass=scheme.glass,
        door=make("wood", rng, grain="z") if rng.random() < 0.5 else scheme.plinth,
        handle=make("metal", rng, finish="brushed"),
        skirting=scheme.plinth if rng.random() < 0.6 else None,
    )


def _laylights(rng: np.random.Generator, scheme: Scheme, hall: room.Room) -> None:
    """Luminous panels in metal frames under the ceiling, in rows."""
    panel_x, panel_y = float(rng.uniform(0.9, 1.5)), float(rng.uniform(1.4, 2.6))
    columns = max(1, int(hall.size_x_m / (panel_x + rng.uniform(1.4, 2.6))))
    rows = max(1, int(hall.size_y_m / (panel_y + rng.uniform(1.2, 2.4))))
    kelvin = float(rng.uniform(4600, 6500))
    radiance = float(rng.uniform(260, 420)) / (np.pi * panel_x * panel_y * columns * rows)
    glow = make("emitter", rng, strength=radiance * hall.size_x_m * hall.size_y_m / 100, colour_temperature_k=kelvin)
    border = 0.05
    sight = (-panel_x / 2, panel_x / 2, border, panel_y + border)
    frame = (
        slab(panel_x + 2 * border, panel_y + 2 * border, 0.07, [sight]).rotated("x", 90.0).moved(y=panel_y / 2 + border)
    )
    frame_data = assembly.new_mesh("laylight frame", frame)
    panel_data = assembly.new_mesh("laylight", box(panel_x - 2 * GAP_M, panel_y - 2 * GAP_M, 0.02))
    for column in range(columns):
        for row in range(rows):
            x = ((column + 0.5) / columns - 0.5) * hall.size_x_m
            y = ((row + 0.5) / rows - 0.5) * hall.size_y_m
            assembly.place("laylight frame", frame_data, scheme.trim, (x, y, hall.height_m - 0.07))
            assembly.place("laylight", panel_data, glow, (x, y, hall.height_m - 0.04))


def add(rng: np.random.Generator, scheme: Scheme) -> room.Room:
    """Draw a hall 8-15 m by 6-10.5 m, 3-5 m high, and build its shell, daylight and ceiling in the current scene."""
    size_x, size_y = float(rng.uniform(8, 15)), float(rng.uniform(6, 10.5))
    height_m = float(np.clip(2.2 + 0.1 * (size_x + size_y) + rng.uniform(-0.5, 0.5), 3.0, 5.0))
    lengths = {wall: size_x if wall in ("north", "south") else size_y for wall in room.WALLS}
    openings = _openings(rng, lengths, height_m)
    hall = room.add(size_x, size_y, height_m, openings, _finish(rng, scheme))
    lights.sun_and_sky(rng, irradiance_w_m2=float(rng.uniform(15, 30)))
    for wall, holes in openings.items():
        if any(hole.fill != "door" for hole in holes):
            backdrop.add_street(rng, *hall.on_wall(wall, 0.0, 0.0, -_WALL_M))
    if rng.random() < 0.7:
        _laylights(rng, scheme, hall)
    else:
        watts = float(rng.uniform(2.0, 3.5)) * size_x * size_y
        for x in (-0.25 * size_x, 0.25 * size_x):
            size_m = (0.3 * size_x, 0.7 * size_y)
            lights.area_light((x, 0, height_m - 0.03), (0, 0, -1), size_m, watts / 2, float(rng.uniform(4000, 5500)))
    return hall
