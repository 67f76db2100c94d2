# SPDX-License-Identifier: Apache-2.0
"""An office: an open plan of desk islands about a meeting room of glass, a laboratory with glassware, or a small study.

The partitions are drawn first, and windows and doors so that they keep clear of them; then the floor is planned, the large
groups first; walls and ceiling take what is left.
"""

from __future__ import annotations

import bpy
import numpy as np

from depthbench.blender_scenes.layouts import (
    cafe_light,
    free_air,
    office_ceiling,
    office_groups,
    office_meeting,
    office_scheme,
    office_shell,
    office_walls,
    office_workplace,
    outlook,
)
from depthbench.blender_scenes.layouts.gallery_hall import Hall, Item
from depthbench.blender_scenes.layouts.office_scheme import Scheme
from depthbench.blender_scenes.layouts.office_shell import Shell
from depthbench.blender_scenes.layouts.office_workplace import Wares
from depthbench.blender_scenes.objects import (
    bookcase,
    chair,
    coat_stand,
    filing_cabinet,
    jar,
    lamp,
    mesh_cup,
    partition,
    plant,
    vase,
    water_cooler,
)
from depthbench.blender_scenes.objects.kit import Kit
from depthbench.blender_scenes.scene import SceneInfo

_HERE = (0.0, 0.0, 0.0)
_MOST_DESKS = 22


def _case(
    rng: np.random.Generator, scheme: Scheme, library: office_groups.Library, style: str, low: bool = False
) -> Item:
    """A bookcase, filled; ``low`` for a cupboard of table height."""
    wide = float(rng.uniform(0.75, 1.15))
    high = float(rng.uniform(0.78, 0.9)) if low else float(rng.uniform(1.7, 2.1))
    case = bookcase.design(rng, style, wide, high, 0.37, scheme.wood, scheme.pane, scheme.bright)
    return library.filled(case, ((0.55, 0.2, 0.25), (0.2, 0.5, 0.3), (0.3, 0.1, 0.6))[int(rng.integers(3))])


def _storage(rng: np.random.Generator, scheme: Scheme, hall: Hall, library: office_groups.Library, count: int) -> None:
    """Bookcases, most behind glass, and filing cabinets along the walls, some side by side."""
    for _ in range(count):
        if rng.random() < 0.75:
            style = str(rng.choice(bookcase.STYLES, p=[0.25, 0.5, 0.25]))
            items = [
                _case(rng, scheme, library, style, bool(rng.random() < 0.25)) for _ in range(int(rng.integers(1, 3)))
            ]
        else:
            items = [
                Item(
                    "cabinet", filing_cabinet.design(rng, int(rng.integers(2, 5)), scheme.cabinet, scheme.bright), _HERE
                )
            ] * int(rng.integers(1, 4))
        x = 0.0
        group = []
        for item in items:
            group.append(Item(item.name, item.kit, (x - float(item.kit.low[0]), 0.0, 0.0), 0.0, item.shown_m))
            x += float(item.kit.high[0] - item.kit.low[0]) + 0.004
        hall.stand_at_wall(group, 0.9)


def _small(rng: np.random.Generator, hall: Hall, count: int) -> None:
    """Plants, a coat stand, a water cooler, a floor lamp, bins along the walls."""
    hall.stand_at_wall([Item("cooler", water_cooler.design(rng), _HERE, 0.0, 1.1)], 0.8)
    hall.stand_at_wall(
        [Item("coat stand", coat_stand.design(rng, str(rng.choice(coat_stand.STYLES))), _HERE)], 0.5, False
    )
    if rng.random() < 0.4:
        hall.stand_at_wall([Item("lamp", lamp.design(rng, "floor"), _HERE)], 0.4, False)
    for _ in range(count):
        hall.stand_at_wall([Item("plant", plant.design(rng, str(rng.choice(plant.FLOOR))), _HERE)], 0.4, False)


def _open(rng: np.random.Generator, scheme: Scheme, hall: Hall, things: Wares) -> None:
    """Desk islands, most of them parallel, screens on feet between."""
    along = float(rng.choice([0.0, 90.0]))
    desks, refused = 0, 0
    double = bool(rng.random() < 0.85)
    while desks < _MOST_DESKS and refused < 10:
        columns = int(rng.integers(1, 4)) if refused < 3 else 1
        back_to_back = double if refused < 6 else False
        turns = (along, along + 180.0) if refused < 2 else (0.0, 90.0, 180.0, 270.0)
        group = office_groups.island(rng, scheme, things, columns, back_to_back)
        if hall.stand(group, 0.7, 0.65, turns_deg=turns):
            desks += columns * (2 if back_to_back else 1)
        else:
            refused += 1
    for _ in range(int(rng.integers(0, 4))):
        if desks < _MOST_DESKS:
            desks += hall.stand_at_wall(
                office_groups.island(rng, scheme, things, int(rng.integers(1, 3)), False), 0.6, False
            )
    for _ in range(int(rng.integers(0, 3))):
        kit = partition.design(
            rng,
            str(rng.choice(partition.STYLES)),
            float(rng.uniform(1.0, 1.6)),
            float(rng.uniform(1.4, 1.8)),
            bool(rng.random() < 0.5),
            None,
            scheme.steel,
        )
        hall.stand([Item("partition", kit, _HERE)], 0.7, 0.7)


def _lab(rng: np.random.Generator, scheme: Scheme, hall: Hall, things: Wares) -> list[Kit]:
    """Benches with glassware in the room and along its walls; a few desks. Return the glassware, for the shelves too."""
    ware = office_groups.glassware(rng)
    for _ in range(2):
        hall.stand_at_wall(office_groups.bench(rng, scheme, ware, int(rng.integers(1, 3))), 0.6, False)
    for _ in range(4):
        hall.stand(office_groups.bench(rng, scheme, ware, int(rng.integers(1, 3))), 0.8, 0.75)
    for _ in range(2):
        hall.stand(office_groups.island(rng, scheme, things, 1, False), 0.8, 0.75)
    return ware


def _study(rng: np.random.Generator, scheme: Scheme, hall: Hall, things: Wares) -> None:
    """One large desk at a wall or in the room, and a guest's chair."""
    group = office_workplace.workplace(rng, things.desk, things)
    if rng.random() < 0.5 or not hall.stand(group, 0.6, 0.75):
        hall.stand_at_wall(group, 0.5, False)
    guest = chair.design(rng, str(rng.choice(["padded", "shell", "mesh"])))
    hall.stand([Item("chair", guest, _HERE)], 0.4, 0.4)
    hall.stand_at_wall([Item("bin", mesh_cup.design(rng, "bin", scheme.weave), _HERE)], 0.3, False)


def _info(hall: Hall, shell: Shell) -> SceneInfo:
    """Collect where cameras may be (heads of sitting and of standing people) and what there is to see."""
    bpy.context.view_layer.update()
    boxes = free_air.bounds([thing for thing in bpy.context.scene.objects if thing.type == "MESH"])
    half = np.array([hall.room.size_x_m, hall.room.size_y_m]) / 2
    floor = np.stack([-half + 0.4, half - 0.4])
    bands = [free_air.camera_boxes(boxes, floor, band, 0.33, 0.12, 14) for band in ((1.08, 1.3), (1.4, 1.75))]
    clear = free_air.bounds(free_air.see_through_objects()).mean(axis=1)
    inside = (np.abs(clear[:, :2]) < half).all(axis=1) & (clear[:, 2] > 0.6) & (clear[:, 2] < 1.9)
    return SceneInfo(
        camera_boxes=np.concatenate(bands),
        see_through_targets=clear[inside],
        targets=np.array(hall.works),
        pitch_deg_range=(-7.0, 4.0),
        view_distance_m_range=(0.6, 3.6),
        max_one_surface_share=0.5,
    )


def build(rng: np.random.Generator) -> SceneInfo:
    """Fill the empty current scene with an office, different from draw to draw."""
    kind = str(rng.choice(office_shell.KINDS, p=[0.6, 0.2, 0.2]))
    mood = cafe_light.draw_mood(rng)
    scheme = office_scheme.draw(rng)
    shell = office_shell.add(rng, scheme, kind)
    room = shell.room
    hall = Hall(rng, room)
    for wall, holes in room.openings.items():
        for hole in holes:
            if hole.fill != "window":
                hall.keep_free(wall, hole.centre_m - 0.65, hole.centre_m + 0.65, 1.2)
    study = shell.kind == "study"
    style = str(
        rng.choice(["pedestal", "pedestal", "panel"] if study else ["cantilever", "cantilever", "frame", "panel"])
    )
    wide, deep = (
        (float(rng.uniform(1.5, 1.8)), 0.8)
        if study
        else (float(rng.uniform(1.35, 1.65)), float(rng.uniform(0.72, 0.8)))
    )
    things = office_workplace.wares(rng, scheme, style, wide, deep)
    odd = [
        *things.clutter,
        jar.design(rng, "tall"),
        vase.any_design(rng, 0.2, fine=False),
        vase.any_design(rng, 0.24, fine=False),
        plant.design(rng, "trailing"),
    ]
    library = office_groups.Library(rng, scheme, odd)
    if shell.corner is not None:
        office_meeting.add(rng, scheme, hall, shell.corner)
    if shell.kind == "open":
        _storage(rng, scheme, hall, library, int(rng.integers(1, 3)))
        _open(rng, scheme, hall, things)
        _storage(rng, scheme, hall, library, 3)
    elif shell.kind == "lab":
        library.odd += _lab(rng, scheme, hall, things)
        _storage(rng, scheme, hall, library, 4)
    else:
        hall.stand_at_wall([_case(rng, scheme, library, "framed")], 0.8)
        _study(rng, scheme, hall, things)
        _storage(rng, scheme, hall, library, 5)
    _small(rng, hall, int(rng.integers(1, 5)))
    office_walls.add(rng, scheme, hall, odd)
    outlook.add(rng, room, shell.main_wall, 0.0 if rng.random() < 0.3 else float(rng.uniform(2.8, 7.0)))
    cafe_light.add_daylight(rng, mood, room)
    office_ceiling.add(rng, scheme, room, float(rng.uniform(1.3, 3.0)) * (1.3 if mood.daylight_w_m2 < 10 else 1.0))
    # What was designed and found no place.
    bpy.data.orphans_purge(do_recursive=True)
    return _info(hall, shell)
