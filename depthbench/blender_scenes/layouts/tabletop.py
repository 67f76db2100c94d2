# SPDX-License-Identifier: Apache-2.0
"""Table tops in a laboratory: a laid table before a wall with shelves and pictures, under even light; a place for a robot arm.

Five themes. Nothing is see-through, so that a plate held before the table is the only second layer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import bpy
import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes import lights
from depthbench.blender_scenes.layouts import room
from depthbench.blender_scenes.layouts.free_air import bounds
from depthbench.blender_scenes.layouts.openings import Finish
from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import lathe, rounded_box, sphere
from depthbench.blender_scenes.objects import (
    book,
    bottle,
    ceiling_light,
    cup,
    flower_pot,
    napkin_holder,
    open_book,
    pastry,
    picture_frame,
    plant,
    plate,
    plush,
    robot_arm,
    sculpture,
    shelf,
    shell,
    table,
    tool,
    toy,
    toy_blocks,
    vase,
)
from depthbench.blender_scenes.objects.forms import solid
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, merge, part

Floats = npt.NDArray[np.float64]
Design = Callable[[np.random.Generator], Kit]

BEHIND_M = 1.15
"""From the middle of the table to the wall behind it."""


@dataclass(frozen=True)
class TableTop:
    """A built table top.

    Attributes
    ----------
    middle : float64 (3,)
        Middle of the table's upper face.
    foot : float64 (3,)
        Where a robot arm stands.
    boxes : float64 (n, 2, 3)
        Bounding boxes of the table and of what stands on it.
    """

    middle: Floats
    foot: Floats
    boxes: Floats


def _box(rng: np.random.Generator) -> Kit:
    """A printed parcel, or a plain box without texture."""
    x, y, z = (float(side) for side in rng.uniform([0.08, 0.06, 0.06], [0.18, 0.14, 0.24]))
    matter = make("print", rng, kind="poster", aspect=x / z) if rng.random() < 0.5 else _plain(rng)
    return Kit((part("parcel", rounded_box(x, y, z, 0.002).moved(z=GAP_M), matter, None),))


def _plain(rng: np.random.Generator) -> object:
    return make("plaster", rng) if rng.random() < 0.4 else make("ceramic", rng, pattern="plain")


def _ball(rng: np.random.Generator) -> Kit:
    radius = float(rng.uniform(0.035, 0.07))
    matter = _plain(rng) if rng.random() < 0.6 else make("ceramic", rng)
    return Kit((part("ball", sphere(radius, 48, 24).moved(z=radius + GAP_M), matter, 180.0),))


def _cylinder(rng: np.random.Generator) -> Kit:
    radius, height = float(rng.uniform(0.03, 0.055)), float(rng.uniform(0.09, 0.24))
    body = lathe(solid([[0, 0], [radius, 0], [radius, height], [0, height]], 0.002), 48)
    matter = _plain(rng) if rng.random() < 0.5 else make(str(rng.choice(["wood", "marble", "concrete"])), rng)
    return Kit((part("cylinder", body.moved(z=GAP_M), matter),))


def _bottle(rng: np.random.Generator) -> Kit:
    style = str(rng.choice(["wine", "beer", "syrup", "spirit"]))
    return bottle.design(rng, style, make(str(rng.choice(["ceramic", "paint"])), rng))


def _snack(rng: np.random.Generator) -> Kit:
    dish = plate.design(rng, "plate", 0.19)
    snack = pastry.design(rng, str(rng.choice(pastry.ON_PLATES)))
    return merge([dish, snack.moved([0, 0, plate.TOP_M["plate"]])])


def _figure(rng: np.random.Generator) -> Kit:
    style = str(rng.choice(["twist", "knot", "ring", "stones", "bust", "bird", "cubes"]))
    return sculpture.design(rng, style, float(rng.uniform(0.16, 0.3)), widest_m=0.15)


def _tool(style: str) -> Design:
    return lambda rng: tool.design(rng, style)


FILLERS: tuple[Design, ...] = (_box, _box, _ball, _cylinder)

THEMES: dict[str, tuple[Design, ...]] = {
    "books": (
        lambda rng: book.pile(rng, int(rng.integers(2, 6))),
        lambda rng: book.pile(rng, int(rng.integers(3, 7))),
        lambda rng: open_book.design(rng, 0.18),
        lambda rng: cup.design(rng, "mug", saucer=False, full=False),
        _figure,
        lambda rng: vase.any_design(rng, 0.24, glass=False),
    ),
    "kitchen": (
        _bottle,
        _bottle,
        _bottle,
        _snack,
        lambda rng: cup.design(rng, "cappuccino", full=False),
        lambda rng: napkin_holder.design(rng),
        lambda rng: vase.any_design(rng, 0.22, glass=False),
    ),
    "toys": (
        lambda rng: plush.design(rng, str(rng.choice(plush.STYLES)), float(rng.uniform(0.18, 0.26))),
        lambda rng: toy.design(rng, "car"),
        lambda rng: toy.design(rng, "rings"),
        lambda rng: toy.design(rng, "ball"),
        lambda rng: toy.design(rng, "top"),
        lambda rng: toy_blocks.design(rng, "tower"),
        lambda rng: toy_blocks.design(rng, "gate"),
        lambda rng: shell.design(rng, "nautilus", 0.1),
    ),
    "workbench": (
        _tool("toolbox"),
        _tool("hammer"),
        _tool("screwdriver"),
        _tool("tape"),
        _tool("tin"),
        _tool("tin"),
        _tool("blocks"),
    ),
    "plants": (
        lambda rng: plant.design(rng, "rosette"),
        lambda rng: plant.design(rng, "rosette"),
        lambda rng: flower_pot.design(rng, "herb"),
        lambda rng: flower_pot.design(rng, "flower"),
        lambda rng: vase.any_design(rng, 0.2, glass=False, filled=True),
        lambda rng: cup.design(rng, "mug", saucer=False, full=False),
        lambda rng: book.pile(rng, 2),
        _figure,
    ),
}
_TOPS = {"books": "wood", "kitchen": "marble", "toys": "paint", "workbench": "wood", "plants": "fabric"}


def _lay(rng: np.random.Generator, theme: str, taken: list[tuple[float, float, float]]) -> Kit:
    """Put things on a table whose middle is the origin: low ones in front, tall ones behind, none touching another."""
    designs = [*THEMES[theme], *(FILLERS[int(k)] for k in rng.integers(len(FILLERS), size=7))]
    things = sorted((make_one(rng) for make_one in designs), key=lambda kit: float(kit.high[2]))
    kits = []
    for number, kit in enumerate(things):
        radius = kit.radius_m + 0.004
        wanted_y = np.interp(number, [0, len(things) - 1], [-0.12, 0.28])
        for attempt in range(200):
            spread = 0.04 + 0.002 * attempt
            x, y = float(rng.uniform(-0.62, 0.62)), float(wanted_y + rng.normal(0, spread))
            if not (abs(x) + radius < 0.8 and y > -0.2 and y + radius < 0.38):
                continue
            if all(np.hypot(x - px, y - py) > radius + pr for px, py, pr in taken):
                taken.append((x, y, radius))
                kits.append(kit.moved([x, y, 0.0], float(rng.uniform(-35, 35))))
                break
    return merge(kits)


def _add_wall(rng: np.random.Generator, place: room.Room) -> None:
    """Two shelves with things on them, pictures beside and between."""
    board, metal = shelf.materials(rng)
    for up, length, along in ((1.42, 1.1, -0.75), (1.3, 0.9, 0.8)):
        length += float(rng.uniform(-0.1, 0.1))
        spot = along + float(rng.uniform(-0.12, 0.12))
        at, turn_deg = place.on_wall("north", spot, up)
        shelf.design(rng, length, 0.22, board, metal).place(at, turn_deg)
        x = -length / 2 + 0.02
        while True:
            kit = (_cylinder, _box, _bottle, lambda rng: book.pile(rng, 3), _figure)[int(rng.integers(5))](rng)
            x += kit.radius_m + float(rng.uniform(0.0, 0.05))
            if x + kit.radius_m > length / 2:
                break
            if kit.radius_m < 0.13:
                at, turn_deg = place.on_wall("north", spot + x, up + shelf.BOARD_M, 0.125)
                kit.place(at, turn_deg)
            x += kit.radius_m + 0.004
    for along in (-1.0, -0.35, 0.45, 1.1):
        width, height = float(rng.uniform(0.25, 0.42)), float(rng.uniform(0.22, 0.28))
        kind = str(rng.choice(["poster", "painting"]))
        picture = picture_frame.design(rng, width, height, str(rng.choice(["thin", "box", "wood"])), kind=kind)
        picture.place(*place.on_wall("north", along, float(rng.uniform(0.82, 0.86))))


def _add_lamps(rng: np.random.Generator, place: room.Room) -> None:
    """Round lamps under the ceiling in a grid, and a broad soft light from one side."""
    watts, kelvin = float(rng.uniform(14, 20)), float(rng.uniform(4200, 5600))
    kit = ceiling_light.design(rng, 0.35 * watts, kelvin)
    for x in (-1.3, 0.0, 1.3):
        for y in (-1.2, 0.3, 1.4):
            kit.place([x, y, place.height_m])
            size = 1.6 * ceiling_light.RADIUS_M
            below = [x, y, place.height_m - ceiling_light.DEPTH_M - 0.01]
            lights.area_light(below, [0.0, 0.0, -1.0], (size, size), watts, kelvin)
    side = float(rng.choice([-1, 1]))
    lights.area_light([side * 2.0, 0.0, 2.0], [-side, 0.25, -0.45], (1.2, 0.8), float(rng.uniform(20, 45)), kelvin)


def build(rng: np.random.Generator, theme: str) -> TableTop:
    """Fill the empty current scene with a laboratory whose table is laid to ``theme`` (see :data:`THEMES`)."""
    accent = make(str(rng.choice(["plaster", "brick", "concrete", "tiles", "wood"])), rng)
    plain = make("plaster", rng)
    finish = Finish(
        floor=make(str(rng.choice(["tiles", "concrete"])), rng),
        ceiling=make("plaster", rng, colour=(0.74, 0.73, 0.71)),
        walls={wall: accent if wall == "north" else plain for wall in room.WALLS},
        frame=None,
        glass=None,
        door=None,
        handle=None,
        skirting=make("paint", rng, colour=(0.6, 0.58, 0.54)),
    )
    place = room.add(4.4, 4.4, 2.8, {}, finish)
    top = make("wood", rng, planks=True) if theme == "workbench" else make(_TOPS[theme], rng)
    desk = table.design(rng, "long", top, make("metal", rng, finish="painted"))
    middle = np.array([0.0, place.size_y_m / 2 - BEHIND_M, desk.height_m])
    first = len(bpy.context.scene.objects)
    desk.kit.place([*middle[:2].tolist(), 0.0])
    foot = np.array([float(rng.choice([-1, 1])) * float(rng.uniform(0.56, 0.64)), -0.26, 0.0])
    laid = _lay(rng, theme, [(float(foot[0]), float(foot[1]), robot_arm.FOOT_M + 0.01)])
    laid.place(middle)
    bpy.context.view_layer.update()
    boxes = bounds(list(bpy.context.scene.objects)[first:])
    _add_wall(rng, place)
    _add_lamps(rng, place)
    bpy.data.orphans_purge(do_recursive=True)
    return TableTop(middle, middle + foot, boxes)
