# SPDX-License-Identifier: Apache-2.0
"""A cafe: shop window on a street, counter with a glass case of pastries, laid tables, shelves, pictures, lamps."""

from __future__ import annotations

import bpy
import numpy as np

from depthbench.blender_scenes.layouts import (
    cafe_counter,
    cafe_decor,
    cafe_light,
    cafe_shell,
    cafe_tables,
    free_air,
    outlook,
)
from depthbench.blender_scenes.layouts.cafe_shell import Shell
from depthbench.blender_scenes.layouts.floor_plan import FloorPlan
from depthbench.blender_scenes.layouts.rows import take_strip
from depthbench.blender_scenes.objects.kit import GAP_M
from depthbench.blender_scenes.scene import SceneInfo


def _info(rng: np.random.Generator, shell: Shell, tables: list[cafe_tables.Spot]) -> SceneInfo:
    """Collect where cameras may be (heads of sitting and of standing people) and what there is to see."""
    bpy.context.view_layer.update()
    boxes = free_air.bounds([thing for thing in bpy.context.scene.objects if thing.type == "MESH"])
    half = np.array([shell.room.size_x_m, shell.room.size_y_m]) / 2 - 0.4
    floor = np.stack([-half, half])
    sitting = free_air.camera_boxes(boxes, floor, (1.1, 1.3), 0.3, 0.12, 16)
    standing = free_air.camera_boxes(boxes, floor, (1.42, 1.72), 0.36, 0.12, 10)
    clear = free_air.bounds(free_air.see_through_objects()).mean(axis=1)
    clear = clear[clear[:, 2] < 1.8]
    street = np.array([pane.centre - pane.inward * float(rng.uniform(0.0, 3.0)) for pane in shell.room.panes])
    return SceneInfo(
        camera_boxes=np.concatenate([sitting, standing]),
        see_through_targets=np.concatenate([clear, street]),
        targets=np.array(tables) + np.array([0.0, 0.0, 0.08]),
        view_distance_m_range=(0.6, 3.6),
        max_one_surface_share=0.5,
    )


def build(rng: np.random.Generator) -> SceneInfo:
    """Fill the empty current scene with a cafe, different from draw to draw."""
    mood = cafe_light.draw_mood(rng)
    shell = cafe_shell.add(rng)
    room = shell.room
    plan = FloorPlan(room.size_x_m - 2 * GAP_M, room.size_y_m - 2 * GAP_M)
    for wall, holes in room.openings.items():
        for hole in holes:
            if hole.fill != "window":
                take_strip(plan, room, wall, (hole.centre_m - 0.6, hole.centre_m + 0.6), (0.0, 1.25))
    counter_m, lamps = cafe_counter.add(rng, shell, plan, mood)
    house = cafe_tables.add(rng, shell, plan, mood)
    cafe_decor.add_standing(rng, shell, plan)
    cafe_decor.add_on_walls(rng, shell, counter_m)
    outlook.add(rng, room, shell.window_wall)
    cafe_light.add_daylight(rng, mood, room)
    cafe_light.add_lamps(rng, mood, room, lamps + house.lamps)
    # What was designed and found no place.
    bpy.data.orphans_purge(do_recursive=True)
    return _info(rng, shell, house.tables)
