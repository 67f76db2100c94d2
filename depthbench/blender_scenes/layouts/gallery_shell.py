# SPDX-License-Identifier: Apache-2.0
"""A gallery's hall as drawn: size, windows and doors, surfaces, daylight, laylights in the ceiling."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes import assembly, backdrop, lights
from depthbench.blender_scenes.layouts import room
from depthbench.blender_scenes.layouts.floor_plan import FloorPlan
from depthbench.blender_scenes.layouts.gallery_scheme import Scheme
from depthbench.blender_scenes.layouts.openings import GAP_M, Finish, Opening
from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import box
from depthbench.blender_scenes.slab import slab

_WALL_M = 0.22


def _windows(rng: np.random.Generator, length_m: float, head_m: float) -> list[Opening]:
    """One to three tall windows in a row."""
    count = int(rng.integers(1, 4))
    pier_m = float(rng.uniform(0.35, 0.9))
    reach_m = length_m - 2 * float(rng.uniform(0.5, 1.2))
    width_m = min((reach_m - (count - 1) * pier_m) / count, 4.5)
    sill_m = float(rng.choice([0.06, 0.35, 0.6]))
    columns, rows = max(1, round(width_m / float(rng.uniform(0.9, 1.6)))), 2 if rng.random() < 0.35 else 1
    middles = (np.arange(count) - (count - 1) / 2) * (width_m + pier_m)
    return [Opening(float(middle), width_m, sill_m, head_m, "window", columns, rows) for middle in middles]


def _openings(
    rng: np.random.Generator, lengths: dict[str, float], height_m: float
) -> tuple[str, dict[str, list[Opening]]]:
    """Draw the wall towards the street, with windows or a glass door, and doors in other walls."""
    street, *others = (str(wall) for wall in rng.permutation(room.WALLS))

    def door(wall: str, fill: str) -> list[Opening]:
        spot = float(rng.uniform(-1, 1)) * (lengths[wall] / 2 - 1.1)
        return [Opening(spot, 1.0, 0.004, 2.2, fill)]

    glazed = rng.random() < 0.7
    head_m = min(height_m - 0.35, float(rng.uniform(2.6, 3.4)))
    openings = {street: _windows(rng, lengths[street], head_m) if glazed else door(street, "glass_door")}
    openings[others[0]] = door(others[0], "door")
    if rng.random() < 0.3:
        openings[others[1]] = door(others[1], "door")
    return street, openings


def _finish(rng: np.random.Generator, scheme: Scheme) -> Finish:
    floor = str(rng.choice(["planks", "concrete", "marble", "tiles"], p=[0.42, 0.34, 0.18, 0.06]))
    dark = rng.random() < 0.2
    coloured = set(rng.permutation(room.WALLS)[: int(rng.choice([0, 1, 2], p=[0.4, 0.35, 0.25]))])
    return Finish(
        floor=make("wood", rng, planks=True) if floor == "planks" else make(floor, rng),
        ceiling=make("plaster", rng, colour=(0.06, 0.06, 0.065) if dark else (0.76, 0.755, 0.74)),
        walls={wall: scheme.accent if wall in coloured else scheme.white for wall in room.WALLS},
        frame=scheme.trim,
        glass=scheme.window,
        door=make("wood", rng, grain="z") if rng.random() < 0.5 else scheme.plinth,
        handle=make("metal", rng, finish="brushed"),
        skirting=scheme.plinth if rng.random() < 0.6 else None,
    )


def rails(hall: room.Room) -> tuple[int, npt.NDArray[np.float64]]:
    """Where the track lights hang: the axis (0 = x, 1 = y) across the hall, and the rails' places along it."""
    axis = 1 if hall.size_x_m >= hall.size_y_m else 0
    across_m = (hall.size_x_m, hall.size_y_m)[axis]
    count = max(2, round(across_m / 3.0))
    return axis, ((np.arange(count) + 0.5) / count - 0.5) * across_m


def _laylights(rng: np.random.Generator, scheme: Scheme, hall: room.Room) -> list[npt.NDArray[np.float64]]:
    """Luminous panels in metal frames under the ceiling, in rows between the rails; return their ground (low, high)."""
    axis, lines = rails(hall)
    between = (lines[1:] + lines[:-1]) / 2
    wide, long = min(float(rng.uniform(0.9, 1.7)), lines[1] - lines[0] - 0.7), float(rng.uniform(1.4, 2.6))
    size = np.array([long, wide] if axis == 1 else [wide, long])
    length_m = (hall.size_x_m, hall.size_y_m)[1 - axis]
    count = max(1, int(length_m / (long + rng.uniform(0.8, 2.0))))
    kelvin = float(rng.uniform(4600, 6500))
    glow = make("emitter", rng, strength=float(rng.uniform(1.8, 3.2)), colour_temperature_k=kelvin)
    border = 0.05
    sight = (-size[0] / 2, size[0] / 2, border, size[1] + border)
    frame = slab(size[0] + 2 * border, size[1] + 2 * border, 0.07, [sight]).rotated("x", 90.0)
    frame_data = assembly.new_mesh("laylight frame", frame.moved(y=size[1] / 2 + border))
    panel_data = assembly.new_mesh("laylight", box(size[0] - 2 * GAP_M, size[1] - 2 * GAP_M, 0.02))
    grounds = []
    for line in between:
        for along in ((np.arange(count) + 0.5) / count - 0.5) * length_m:
            x, y = (along, line) if axis == 1 else (line, along)
            assembly.place("laylight frame", frame_data, scheme.trim, (x, y, hall.height_m - 0.07 - GAP_M))
            assembly.place("laylight", panel_data, glow, (x, y, hall.height_m - 0.04))
            grounds.append(np.array([[x, y] - size / 2 - border, [x, y] + size / 2 + border]))
    return grounds


def _daylight(rng: np.random.Generator, hall: room.Room) -> None:
    """Sun and sky, the sun on the side of the windows; each pane tells the renderer that light comes in there."""
    inward = hall.panes[0].inward
    azimuth = float(np.rad2deg(np.arctan2(-inward[1], -inward[0])) + rng.uniform(-75, 75))
    lights.sun_and_sky(rng, float(rng.uniform(14, 32)), azimuth_deg=azimuth)
    for pane in hall.panes:
        at = pane.centre - 0.15 * pane.inward
        portal = lights.area_light(at.tolist(), pane.inward.tolist(), (pane.width_m, pane.height_m), 1.0)
        portal.data.cycles.is_portal = True


def _soft_light(rng: np.random.Generator, hall: room.Room) -> None:
    """What coves and bounced light give: from above, and up against the ceiling; no glass mirrors it."""
    area_m2 = hall.size_x_m * hall.size_y_m
    kelvin = float(rng.uniform(4400, 6000))
    for share in (-0.25, 0.25):
        size_m = (0.36 * hall.size_x_m, 0.75 * hall.size_y_m)
        down_w, up_w = float(rng.uniform(0.6, 1.3)) * area_m2, float(rng.uniform(0.2, 0.5)) * area_m2
        x = share * hall.size_x_m
        soft = [lights.area_light((x, 0, hall.height_m - 0.2), (0, 0, -1), size_m, down_w, kelvin)]
        soft.append(lights.area_light((x, 0, hall.height_m - 0.6), (0, 0, 1), size_m, up_w, kelvin))
        for lamp in soft:
            lamp.visible_glossy = False


def add(rng: np.random.Generator, scheme: Scheme) -> tuple[room.Room, FloorPlan]:
    """Draw a hall 8-15 m by 6-10.5 m, 3-5 m high, and build its shell, daylight and ceiling in the current scene.

    Returns
    -------
    room.Room
    FloorPlan
        The ceiling, with what hangs there taken.
    """
    size_x, size_y = float(rng.uniform(8, 15)), float(rng.uniform(6, 10.5))
    height_m = float(np.clip(2.2 + 0.1 * (size_x + size_y) + rng.uniform(-0.5, 0.5), 3.0, 5.0))
    lengths = {wall: size_x if wall in ("north", "south") else size_y for wall in room.WALLS}
    street, openings = _openings(rng, lengths, height_m)
    hall = room.add(size_x, size_y, height_m, openings, _finish(rng, scheme))
    _daylight(rng, hall)
    for thing in backdrop.add_street(rng, *hall.on_wall(street, 0.0, 0.0, -_WALL_M)):
        thing.name = f"street: {thing.name}"
    ceiling = FloorPlan(size_x, size_y)
    axis, lines = rails(hall)
    for line in lines:
        ceiling.take([0.0, line] if axis == 1 else [line, 0.0], [size_x, 0.2] if axis == 1 else [0.2, size_y])
    if rng.random() < 0.75:
        for low, high in _laylights(rng, scheme, hall):
            ceiling.take((low + high) / 2, (high - low) / 2)
    _soft_light(rng, hall)
    return hall, ceiling
