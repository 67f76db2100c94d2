# SPDX-License-Identifier: Apache-2.0
"""A bedroom's light: sun, a grey day, dusk or night outside; lamps that are lit accordingly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from depthbench.blender_scenes import lights
from depthbench.blender_scenes.layouts.room import Room
from depthbench.blender_scenes.objects import ceiling_light, pendant_lamp

TIMES = ("sun", "grey", "dusk", "night")


@dataclass(frozen=True)
class Mood:
    """Time of day: light on open ground outdoors and the sun's share, radiance of lamp shades, watts overhead (0: off)."""

    time: str
    daylight_w_m2: float
    sun_share: float
    shade: float
    ceiling_w: float
    lamp_k: float


def draw_mood(rng: np.random.Generator) -> Mood:
    """Draw the time of day and which lamps are lit."""
    time = TIMES[int(rng.choice(4, p=[0.36, 0.28, 0.18, 0.18]))]
    kelvin = float(rng.uniform(2600, 3600))
    # A bedroom's windows are small: lamplight keeps its far corners from darkness, by day too.
    lit = float(rng.uniform(22, 40)) if time in ("sun", "grey") or rng.random() < 0.8 else 0.0
    if time == "sun":
        return Mood(time, float(rng.uniform(18, 34)), float(rng.uniform(0.3, 0.6)), 1.2, lit, kelvin)
    if time == "grey":
        return Mood(time, float(rng.uniform(16, 28)), 0.02, 1.5, lit, kelvin)
    outside = float(rng.uniform(3, 7)) if time == "dusk" else float(rng.uniform(0.15, 0.6))
    return Mood(time, outside, float(rng.uniform(0.0, 0.2)), float(rng.uniform(2.0, 4.0)), lit, kelvin)


def add_daylight(rng: np.random.Generator, mood: Mood, room: Room) -> None:
    """Sun and sky, the sun on the side of the windows; each pane tells the renderer that light comes in there."""
    inward = room.panes[0].inward
    azimuth = float(np.rad2deg(np.arctan2(-inward[1], -inward[0]))) + float(rng.uniform(-60, 60))
    lights.sun_and_sky(rng, mood.daylight_w_m2, mood.sun_share, float(rng.uniform(16, 48)), azimuth)
    for pane in room.panes:
        at = pane.centre - 0.15 * pane.inward
        portal = lights.area_light(at.tolist(), pane.inward.tolist(), (pane.width_m, pane.height_m), 1.0)
        portal.data.cycles.is_portal = True


def add_overhead(rng: np.random.Generator, mood: Mood, room: Room) -> None:
    """One lamp hung in the middle of the room, or round ones under its ceiling."""
    x, y = (float(rng.uniform(-0.12, 0.12)) * size for size in (room.size_x_m, room.size_y_m))
    on = mood.ceiling_w > 0
    if rng.random() < 0.6:
        style, low = str(rng.choice(pendant_lamp.STYLES)), room.height_m - float(rng.uniform(0.5, 0.75))
        kit = pendant_lamp.design(rng, style, room.height_m - low, 22.0 if on else 0.3, mood.lamp_k)
        kit.place([x, y, room.height_m])
        if on:
            up = low + pendant_lamp.LIGHT_UP_M
            lights.pendant_light([x, y, up], 1.4 * mood.ceiling_w, mood.lamp_k, pendant_lamp.LIGHT_RADIUS_M)
        return
    kit = ceiling_light.design(rng, 0.4 * mood.ceiling_w + 0.5, mood.lamp_k)
    count = int(rng.integers(1, 3))
    for sx in (-1, 1) if count == 2 else (0,):
        spot = [sx * 0.25 * room.size_x_m, sx * 0.1 * room.size_y_m]
        kit.place([*spot, room.height_m])
        if on:
            below = [*spot, room.height_m - ceiling_light.DEPTH_M - 0.01]
            size = 1.6 * ceiling_light.RADIUS_M
            lights.area_light(below, [0.0, 0.0, -1.0], (size, size), 1.4 * mood.ceiling_w / count, mood.lamp_k)
