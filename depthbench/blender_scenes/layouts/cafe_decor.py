# SPDX-License-Identifier: Apache-2.0
"""What makes a cafe cosy: pictures and small shelves on walls, see-through screens between tables, plants in corners."""

from __future__ import annotations

import bpy
import numpy as np

from depthbench.blender_scenes.layouts.cafe_shell import Shell
from depthbench.blender_scenes.layouts.floor_plan import FloorPlan
from depthbench.blender_scenes.layouts.free_air import bounds
from depthbench.blender_scenes.layouts.room import WALLS
from depthbench.blender_scenes.layouts.rows import row
from depthbench.blender_scenes.objects import (
    aquarium,
    book,
    bottle,
    hung_panel,
    jar,
    menu_board,
    partition,
    picture_frame,
    plant,
    shelf,
    vase,
)
from depthbench.blender_scenes.objects.kit import Kit


def _small_shelf(
    rng: np.random.Generator, shell: Shell, wall: str, middle_m: float, width_m: float, up_m: float
) -> None:
    at, turn_deg = shell.room.on_wall(wall, middle_m, up_m)
    shelf.design(rng, width_m).place(at, turn_deg)
    at[2] += shelf.BOARD_M
    kits = [
        book.pile(rng, 3),
        plant.design(rng, "trailing"),
        jar.design(rng, "preserve"),
        bottle.design(rng, "water", content="any"),
    ]
    kits.append(vase.any_design(rng, 0.2, fine=False))
    for thing in row(rng, kits, width_m - 0.06, 0.22, (0.02, 0.08)):
        thing.place(at, turn_deg)


def _picture(rng: np.random.Generator, width_m: float, height_m: float) -> Kit:
    style = str(rng.choice(["thin", "box", "gilt", "wood"]))
    kind = str(rng.choice(["painting", "poster"]))
    mat_m = float(rng.choice([0.0, 0.05, 0.08]))
    return picture_frame.design(rng, width_m, height_m, style, bool(rng.random() < 0.7), kind, mat_m)


def add_on_walls(rng: np.random.Generator, shell: Shell, counter_m: tuple[float, float]) -> None:
    """Hang pictures and put up small shelves wherever walls have room; ``counter_m`` is the counter's stretch of its own."""
    bpy.context.view_layer.update()
    obstacles = bounds(
        [thing for thing in bpy.context.scene.objects if thing.type == "MESH" and "wall" not in thing.name]
    )
    for wall in WALLS:
        half = shell.room.length_m(wall) / 2
        spans = shell.room.free_spans(wall, 0.12)
        if wall == shell.counter_wall:
            spans = [(-half, counter_m[0] - 0.1), (counter_m[1] + 0.1, half)]
        for start, end in spans:
            x = start + float(rng.uniform(0.15, 0.6))
            while x < end - 0.4:
                width = float(rng.uniform(0.35, 0.95))
                if x + width > end - 0.1:
                    break
                in_corner = x < -half + 0.35 or x + width > half - 0.35
                as_shelf = rng.random() < 0.3 and width > 0.6 and not in_corner
                height = 0.6 if as_shelf else width * float(rng.choice([0.75, 1.0, 1.35]))
                up = float(rng.uniform(1.5, 1.75)) if as_shelf else 1.65 - height / 2 + float(rng.normal(0, 0.06))
                reach = np.array(
                    [
                        shell.room.on_wall(wall, x + u, up + v, off)[0]
                        for u, v, off in ((0, -0.1, 0.02), (width, height, 0.3 if as_shelf else 0.07))
                    ]
                )
                if (
                    not ((obstacles[:, 0] < reach.max(axis=0)) & (obstacles[:, 1] > reach.min(axis=0)))
                    .all(axis=1)
                    .any()
                ):
                    if as_shelf:
                        _small_shelf(rng, shell, wall, x + width / 2, width, up)
                    else:
                        _picture(rng, width, height).place(*shell.room.on_wall(wall, x + width / 2, up))
                x += width + float(rng.uniform(0.12, 0.9))


def _screen(rng: np.random.Generator, height_m: float) -> tuple[Kit, float, float, float]:
    """Return a partition or hung panel, half its width, half the ground it needs across, and the height of its origin."""
    width = float(rng.uniform(0.9, 1.5))
    if rng.random() < 0.5:
        style = str(rng.choice(partition.STYLES))
        framed = bool(rng.random() < 0.5)
        kit = partition.design(rng, style, width, float(rng.uniform(1.3, 1.8)), framed)
        return kit, width / 2 + 0.04, 0.24, 0.0
    style = str(rng.choice(hung_panel.STYLES))
    drop = height_m - float(rng.uniform(0.75, 1.0))
    return hung_panel.design(rng, style, width, float(rng.uniform(0.9, 1.4)), drop), width / 2 + 0.04, 0.05, height_m


def add_standing(rng: np.random.Generator, shell: Shell, plan: FloorPlan) -> None:
    """Put see-through screens between tables, plants in corners and along walls, perhaps a folding board, an aquarium."""
    for _ in range(int(rng.integers(1, 4))):
        kit, along, across, up = _screen(rng, shell.room.height_m)
        for _ in range(80):
            upright = rng.random() < 0.5
            half = np.array([along, across] if upright else [across, along])
            spot = rng.uniform(-plan.half, plan.half) * 0.9
            if plan.fits(spot, half):
                plan.take(spot, half)
                kit.place([*spot.tolist(), up], 0.0 if upright else 90.0)
                break
    things = [plant.design(rng, str(rng.choice(plant.FLOOR))) for _ in range(int(rng.integers(3, 7)))]
    if rng.random() < 0.4:
        things.append(menu_board.design(rng, "floor", 0.55, 0.9))
    if rng.random() < 0.35:
        things.insert(0, aquarium.design(rng, float(rng.uniform(0.5, 0.8))))
    for kit in things:
        reach = kit.radius_m
        for _ in range(60):
            spot = rng.choice([-1.0, 1.0], 2) * (plan.half - reach - 0.03)
            if rng.random() < 0.6:
                axis = int(rng.integers(2))
                spot[axis] *= rng.uniform(-1, 1)
            if plan.fits(spot, [reach, reach]):
                plan.take(spot, [reach, reach])
                kit.place([*spot.tolist(), 0.0], float(rng.uniform(0, 360)))
                break
