# SPDX-License-Identifier: Apache-2.0
"""A cafe's light: what time of day it is, daylight through the shop window, lamps over tables and under the ceiling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import bpy
import numpy as np

from depthbench.blender_scenes import lights
from depthbench.blender_scenes.layouts.free_air import Floats, bounds
from depthbench.blender_scenes.layouts.room import Room
from depthbench.blender_scenes.objects import ceiling_light, pendant_lamp


@dataclass(frozen=True)
class Mood:
    """Time of day: daylight outdoors, and how bright and how warm the lamps are."""

    daylight_w_m2: float
    sun_share: float
    lamp_w: float
    ceiling_w: float
    lamp_k: float


def draw_mood(rng: np.random.Generator) -> Mood:
    """Draw bright day, grey day or dusk."""
    kelvin = float(rng.uniform(2900, 4000))
    kind = str(rng.choice(["bright", "grey", "dusk"], p=[0.45, 0.35, 0.2]))
    if kind == "bright":
        return Mood(
            float(rng.uniform(28, 45)),
            float(rng.uniform(0.4, 0.7)),
            float(rng.uniform(5, 14)),
            float(rng.uniform(8, 20)),
            kelvin,
        )
    if kind == "grey":
        return Mood(float(rng.uniform(18, 32)), 0.02, float(rng.uniform(10, 20)), float(rng.uniform(10, 25)), kelvin)
    return Mood(
        float(rng.uniform(3, 7)),
        float(rng.uniform(0.0, 0.3)),
        float(rng.uniform(14, 26)),
        float(rng.uniform(12, 25)),
        kelvin,
    )


def add_daylight(rng: np.random.Generator, mood: Mood, room: Room) -> None:
    """Sun and sky, the sun mostly on the side of the windows; each pane tells the renderer that light comes in there."""
    inward = room.panes[0].inward
    azimuth = float(np.rad2deg(np.arctan2(-inward[1], -inward[0]))) + float(rng.uniform(-70, 70))
    elevation = float(rng.uniform(18, 50))
    lights.sun_and_sky(rng, mood.daylight_w_m2, mood.sun_share, elevation, azimuth)
    for pane in room.panes:
        at = pane.centre - 0.15 * pane.inward
        portal = lights.area_light(at.tolist(), pane.inward.tolist(), (pane.width_m, pane.height_m), 1.0)
        portal.data.cycles.is_portal = True


def _hung(room: Room) -> Floats:
    """Bounding boxes (n, 2, 3) of what hangs from the ceiling."""
    bpy.context.view_layer.update()
    boxes = bounds([thing for thing in bpy.context.scene.objects if thing.type == "MESH"])
    inside = (np.abs(boxes.mean(axis=1)[:, :2]) < np.array([room.size_x_m, room.size_y_m]) / 2).all(axis=1)
    top = boxes[:, 1, 2]
    return boxes[inside & (top > room.height_m - 0.15) & (top < room.height_m)]


def add_lamps(rng: np.random.Generator, mood: Mood, room: Room, pendants: Sequence[Sequence[float]]) -> None:
    """Bulbs in hung lamps whose lowest points are ``pendants`` (x, y, z), and round lamps under the ceiling between them."""
    for x, y, low in pendants:
        lights.pendant_light(
            [x, y, low + pendant_lamp.LIGHT_UP_M], mood.lamp_w, mood.lamp_k, pendant_lamp.LIGHT_RADIUS_M
        )
    kit = ceiling_light.design(rng, 0.35 * mood.ceiling_w, mood.lamp_k + 300.0)
    hung = _hung(room)
    columns, rows = max(2, round(room.size_x_m / 3.0)), max(2, round(room.size_y_m / 3.0))
    for column in range(columns):
        for row in range(rows):
            x = ((column + 0.5) / columns - 0.5) * room.size_x_m
            y = ((row + 0.5) / rows - 0.5) * room.size_y_m
            if (np.abs(np.array([x, y]) - np.clip([x, y], hung[:, 0, :2], hung[:, 1, :2])) < 0.2).all(axis=1).any():
                continue
            kit.place([x, y, room.height_m])
            below = [x, y, room.height_m - ceiling_light.DEPTH_M - 0.01]
            size = 1.6 * ceiling_light.RADIUS_M
            lights.area_light(below, [0.0, 0.0, -1.0], (size, size), mood.ceiling_w, mood.lamp_k + 300.0)
