# SPDX-License-Identifier: Apache-2.0
"""A bedroom: made bed, curtains of voile, shower behind glass, mirrors, perfumes, spectacles, toys, clothes; day or night."""

from __future__ import annotations

import bpy
import numpy as np

from depthbench.blender_scenes.layouts import (
    bedroom_decor,
    bedroom_furniture,
    bedroom_light,
    bedroom_shell,
    bedroom_stock,
    free_air,
    outlook,
)
from depthbench.blender_scenes.layouts.bedroom_shell import Shell
from depthbench.blender_scenes.layouts.floor_plan import FloorPlan
from depthbench.blender_scenes.layouts.rows import take_strip
from depthbench.blender_scenes.objects.kit import GAP_M
from depthbench.blender_scenes.scene import SceneInfo

_SMALL_M, _LARGE_M = 0.3, 0.8
"""Of the see-through things smaller than the first not all are looked at, those larger than the second in several places."""


def _info(rng: np.random.Generator, shell: Shell, targets: list[list[float]]) -> SceneInfo:
    """Collect where cameras may be (heads of sitting and of standing people) and what there is to see."""
    bpy.context.view_layer.update()
    boxes = free_air.bounds([thing for thing in bpy.context.scene.objects if thing.type == "MESH"])
    half = np.array([shell.room.size_x_m, shell.room.size_y_m]) / 2 - 0.36
    floor = np.stack([-half, half])
    sitting = free_air.camera_boxes(boxes, floor, (0.95, 1.2), 0.26, 0.12, 12)
    standing = free_air.camera_boxes(boxes, floor, (1.4, 1.68), 0.3, 0.12, 10)
    clear = free_air.bounds(free_air.see_through_objects())
    clear = clear[clear[:, 0, 2] < 1.9]
    size = np.linalg.norm(clear[:, 1] - clear[:, 0], axis=1)
    points = [clear[(size > _SMALL_M) | (rng.random(len(size)) < 0.4)].mean(axis=1)]
    for low, high in clear[size > _LARGE_M]:
        points.append(rng.uniform(low, np.minimum(high, [np.inf, np.inf, 1.9]), (3, 3)))
    return SceneInfo(
        camera_boxes=np.concatenate([sitting, standing]),
        see_through_targets=free_air.thinned(np.concatenate(points), 0.7),
        targets=np.array(targets),
        hfov_deg_range=(52.0, 84.0),
        pitch_deg_range=(-7.0, 5.0),
        baseline_m_range=(0.03, 0.2),
        view_distance_m_range=(0.55, 2.9),
        clearance_m=0.3,
        max_one_surface_share=0.5,
    )


def build(rng: np.random.Generator) -> SceneInfo:
    """Fill the empty current scene with a bedroom, different from draw to draw."""
    mood = bedroom_light.draw_mood(rng)
    shell = bedroom_shell.add(rng)
    room = shell.room
    plan = FloorPlan(room.size_x_m - 2 * GAP_M, room.size_y_m - 2 * GAP_M)
    for wall, holes in room.openings.items():
        for hole in holes:
            if hole.fill != "window":
                reach = hole.width_m / 2 + 0.05
                take_strip(plan, room, wall, (hole.centre_m - reach, hole.centre_m + reach), (0.0, 0.85))
    bedroom_decor.add_curtains(rng, shell, plan, mood)
    stock = bedroom_stock.draw(rng, shell.kind == "child")
    targets = bedroom_furniture.add(rng, shell, plan, mood, stock)
    targets += bedroom_decor.add_on_floor(rng, shell, plan, stock)
    bedroom_decor.add_on_walls(rng, shell, stock)
    drop_m = float(rng.choice([0.0, 2.9, 5.8], p=[0.35, 0.45, 0.2]))
    outlook.add(rng, room, shell.window_wall, drop_m)
    bedroom_light.add_daylight(rng, mood, room)
    bedroom_light.add_overhead(rng, mood, room)
    # What was designed and found no place.
    bpy.data.orphans_purge(do_recursive=True)
    return _info(rng, shell, targets)
