# SPDX-License-Identifier: Apache-2.0
"""A gallery: pictures under glass, display cases, plinths with vases and sculptures, partitions of glass and mesh.

The floor is planned first: groups of things take rectangles that keep an aisle between them. Pictures hang where nothing
stands before the wall; spotlights aim at both.
"""

from __future__ import annotations

import bpy
import numpy as np

from depthbench.blender_scenes.layouts import free_air, gallery_groups, gallery_scheme, gallery_shell
from depthbench.blender_scenes.layouts.floor_plan import FloorPlan
from depthbench.blender_scenes.layouts.gallery_hall import Hall, Item
from depthbench.blender_scenes.layouts.gallery_scheme import Scheme
from depthbench.blender_scenes.layouts.hanging import Curator, Span, Where
from depthbench.blender_scenes.layouts.room import WALLS, Room
from depthbench.blender_scenes.objects import bench, exhibit, hung_panel, lamp, plant, track_light
from depthbench.blender_scenes.scene import SceneInfo

_MOST_CASES = 10
_HIGHEST_TARGET_M = 1.85
_HERE = (0.0, 0.0, 0.0)


def _show(rng: np.random.Generator, scheme: Scheme, hall: Hall) -> None:
    """Cases, plinths, platform, partitions and benches, the large things first."""
    area = hall.room.size_x_m * hall.room.size_y_m
    for _ in range(int(rng.integers(0, 2 + int(area / 60)))):
        gallery_groups.half_wall(rng, scheme, hall)
    hall.stand(gallery_groups.partitions(rng, scheme, int(rng.integers(1, 3))), 0.9)
    stocked = exhibit.stock(rng)
    pool = gallery_groups.works(rng, 15)
    made = 0

    def place_cases(style: str, count: int) -> int:
        group = gallery_groups.cases(rng, scheme, stocked, pool, style, count)
        at_wall = style == "tower" and rng.random() < 0.6
        return count * (hall.stand_at_wall(group) if at_wall else hall.stand(group))

    def place_plinths() -> None:
        if not hall.stand(gallery_groups.plinths(rng, scheme, pool)):
            hall.stand(gallery_groups.plinths(rng, scheme, pool, most=2))

    made += place_cases("table", int(rng.integers(2, 4)))
    place_plinths()
    made += place_cases("tower", int(rng.integers(1, 3)))
    made += place_cases("tall", int(rng.integers(1, 4)))
    made += place_cases("tower", 1)
    if rng.random() < 0.7:
        hall.stand(gallery_groups.platform(rng, scheme))
    for _ in range(int(rng.integers(1, 3))):
        hall.stand(gallery_groups.partitions(rng, scheme, 1), 0.85)
    for _ in range(int(rng.integers(1, 3))):
        seat = bench.design(rng, str(rng.choice(bench.STYLES)), float(rng.uniform(1.2, 2.0)))
        hall.stand([Item("bench", seat, _HERE)], 0.85)
    for _ in range(int(rng.integers(8, 15))):
        if rng.random() < 0.35 and made < _MOST_CASES:
            made += place_cases(str(rng.choice(["tall", "table"])), 1)
        else:
            place_plinths()


def _furnish(rng: np.random.Generator, hall: Hall, ceiling: FloorPlan) -> None:
    """Plants, a floor lamp, panels that hang from the ceiling."""
    for _ in range(int(rng.integers(0, 3))):
        hall.stand_at_wall([Item("plant", plant.design(rng, str(rng.choice(plant.FLOOR))), _HERE)], 0.4)
    if rng.random() < 0.6:
        hall.stand_at_wall([Item("lamp", lamp.design(rng, "floor"), _HERE)], 0.4)
    for _ in range(int(rng.integers(0, 3))):
        width_m, height_m = float(rng.uniform(0.8, 1.5)), float(rng.uniform(1.2, 1.7))
        style = str(rng.choice(hung_panel.STYLES))
        panel = hung_panel.design(rng, style, width_m, height_m, hall.room.height_m - 0.55)
        hall.stand([Item("panel", panel, (0.0, 0.0, hall.room.height_m))], 0.7, above=ceiling)


def _wall_span(room: Room, wall: str, start_m: float, end_m: float) -> Span:
    where: Where = lambda along_m, up_m: room.on_wall(wall, along_m, up_m)  # noqa: E731
    return Span(where, start_m, end_m, room.height_m)


def _spans(hall: Hall) -> list[Span]:
    """Stretches of wall where pictures can hang: free of openings, nothing standing before them."""
    spans = list(hall.faces)
    for wall in WALLS:
        for start, end in hall.room.free_spans(wall, 0.15):
            left = start
            for low, high in [*sorted(hall.hidden[wall]), (end, end)]:
                if min(low, end) - left > 0.9:
                    spans.append(_wall_span(hall.room, wall, left, min(low, end)))
                left = max(left, high)
    return spans


def _hang(rng: np.random.Generator, scheme: Scheme, hall: Hall) -> Curator:
    curator = Curator(rng, hall.put, scheme.frames, scheme.card, int(rng.integers(14, 31)))
    spans = _spans(hall)
    for index in rng.permutation(len(spans)):
        if curator.left > 0:
            (curator.salon if rng.random() < 0.2 else curator.row)(spans[index])
    return curator


def _light(rng: np.random.Generator, scheme: Scheme, hall: Hall, pictures: list[list[float]]) -> None:
    """Rails along the hall whose heads aim at pictures and at works on the floor."""
    room = hall.room
    watts, kelvin = float(rng.uniform(160, 340)), float(rng.uniform(3800, 5000))
    aims = np.array(pictures + hall.works)
    axis, at = gallery_shell.rails(room)
    long = max(room.size_x_m, room.size_y_m)
    nearest = np.abs(aims[:, axis, None] - at).argmin(axis=1)
    for index, offset in enumerate(at):
        mine = aims[nearest == index]
        chosen = mine[rng.permutation(len(mine))[: int(rng.integers(5, 10))]]
        ends = np.full((2, 3), room.height_m)
        ends[:, axis] = offset
        ends[:, 1 - axis] = [-long / 2 + 0.5, long / 2 - 0.5]
        if len(chosen):
            track_light.add(rng, ends[0], ends[1], chosen, watts, kelvin, scheme.trim)


def _info(hall: Hall, pictures: list[list[float]]) -> SceneInfo:
    bpy.context.view_layer.update()
    boxes = free_air.bounds([thing for thing in bpy.context.scene.objects if thing.type == "MESH"])
    half = np.array([hall.room.size_x_m, hall.room.size_y_m]) / 2 - 0.45
    floor = np.stack([-half, half])
    bands = [free_air.camera_boxes(boxes, floor, band, 0.38, 0.12, 14) for band in ((1.1, 1.3), (1.35, 1.75))]
    # Glass over pictures is on every wall: half of it will do, and none from high up, where a view shows wall alone.
    clear = free_air.see_through_objects()
    framed = [thing for thing in clear if thing.name.startswith("picture")]
    others = [thing for thing in clear if not thing.name.startswith("picture")]
    panes = free_air.bounds(others + framed[::2]).mean(axis=1)
    panes = panes[panes[:, 2] < _HIGHEST_TARGET_M]
    return SceneInfo(
        camera_boxes=np.concatenate(bands),
        see_through_targets=np.concatenate([panes, np.array(hall.works)]),
        targets=np.array(hall.works + pictures),
        view_distance_m_range=(0.6, 3.2),
        max_one_surface_share=0.5,
    )


def build(rng: np.random.Generator) -> SceneInfo:
    """Fill the empty current scene with a gallery, different from draw to draw."""
    scheme = gallery_scheme.draw(rng)
    room, ceiling = gallery_shell.add(rng, scheme)
    hall = Hall(rng, room)
    for wall, holes in hall.room.openings.items():
        for hole in holes:
            if hole.fill != "window":
                hall.keep_free(wall, hole.centre_m - 0.7, hole.centre_m + 0.7, 1.4)
    _show(rng, scheme, hall)
    _furnish(rng, hall, ceiling)
    pictures = _hang(rng, scheme, hall).middles
    _light(rng, scheme, hall, pictures)
    # What was designed and found no place.
    bpy.data.orphans_purge(do_recursive=True)
    return _info(hall, pictures)
