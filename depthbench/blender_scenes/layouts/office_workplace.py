# SPDX-License-Identifier: Apache-2.0
"""A workplace: a desk with screens, keys, papers and clutter on it, drawers and a bin below, a cable to the floor, a chair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from depthbench.blender_scenes.layouts.floor_plan import FloorPlan
from depthbench.blender_scenes.layouts.gallery_hall import Group, Item
from depthbench.blender_scenes.layouts.office_scheme import Scheme
from depthbench.blender_scenes.objects import (
    book,
    bottle,
    cup,
    desk,
    desk_cable,
    desk_lamp,
    drinking_glass,
    eyewear,
    keyboard,
    laptop,
    mesh_cup,
    monitor,
    mouse,
    office_chair,
    open_book,
    papers,
    plant,
    telephone,
    vase,
)
from depthbench.blender_scenes.objects.kit import Kit

CHAIR_AWAY_M = (0.38, 0.62)
"""How far the chair's axis stays from the desk's edge: its arms and its foot keep off the desk."""
ISLAND_GAP_M = 0.07
"""Ground between two desks back to back, where cables hang and the divider's clamps lie over."""


@dataclass(frozen=True)
class Wares:
    """What the desks of one office share: machines, chairs, things that lie about."""

    desk: desk.Desk
    screens: tuple[Kit, ...]
    keyboards: tuple[Kit, ...]
    mice: tuple[Kit, ...]
    telephone: Kit
    laptop: Kit
    lamp: Kit
    clutter: tuple[Kit, ...]
    chairs: tuple[Kit, ...]
    drawers: Kit
    bin: Kit


def wares(rng: np.random.Generator, scheme: Scheme, style: str, width_m: float, depth_m: float) -> Wares:
    """Draw the furniture and the things of one office."""
    style_of_screen = str(rng.choice(["foot", "disc"]))
    wide = float(rng.uniform(0.53, 0.62))
    chair_style = str(rng.choice(office_chair.STYLES, p=[0.5, 0.3, 0.2]))
    chairs = tuple(office_chair.design(rng, chair_style, cloth, scheme.plastic, scheme.mesh) for cloth in scheme.cloths)
    piles = [papers.design(rng, "pile", scheme.paper) for _ in range(4)]
    clutter = [
        *piles,
        papers.design(rng, "folder", scheme.paper),
        papers.design(rng, "tray", scheme.paper, scheme.weave),
        papers.design(rng, "tray", scheme.paper, scheme.weave),
        mesh_cup.design(rng, "pens"),
        mesh_cup.design(rng, "pens"),
        *(cup.design(rng, "mug", saucer=False, full=bool(k)) for k in range(2)),
        bottle.design(rng, "water", content="any"),
        drinking_glass.design(rng, "tumbler", drink="any"),
        plant.design(rng, "rosette"),
        vase.any_design(rng, 0.15, fine=False, filled=True),
        book.pile(rng, 2),
        book.design(rng),
        open_book.design(rng),
        eyewear.design(rng, str(rng.choice(eyewear.STYLES))),
    ]
    lamp_w = float(rng.uniform(3.0, 7.0)) if rng.random() < 0.6 else 0.02
    return Wares(
        desk=desk.design(rng, style, width_m, depth_m, scheme.top, scheme.steel, scheme.weave),
        screens=tuple(monitor.design(rng, style_of_screen, wide) for _ in range(4)),
        keyboards=tuple(keyboard.design(rng) for _ in range(2)),
        mice=tuple(mouse.design(rng) for _ in range(2)),
        telephone=telephone.design(rng),
        laptop=laptop.design(rng),
        lamp=desk_lamp.design(rng, str(rng.choice(desk_lamp.STYLES)), lamp_w, scheme.steel),
        clutter=tuple(clutter),
        chairs=chairs,
        drawers=desk.drawer_unit(rng, scheme.cabinet, scheme.bright),
        bin=mesh_cup.design(rng, "bin", scheme.weave),
    )


class Top:
    """A level top of which things take rectangles; what is put down is collected in ``kits``."""

    def __init__(self, rng: np.random.Generator, half_x_m: float, half_y_m: float) -> None:
        self.rng, self.kits = rng, list[Kit]()
        self.plan = FloorPlan(2 * half_x_m, 2 * half_y_m)

    def put(
        self, kit: Kit, x: float, y: float, turn_deg: float = 0.0, spread_m: float = 0.02, tries: int = 24
    ) -> Kit | None:
        """Put a thing down near a place, 4 mm clear of others and of the edge; None when there is no room."""
        for attempt in range(tries):
            step = self.rng.normal(0, spread_m * (1 + 0.15 * attempt), 2)
            moved = kit.moved([x + step[0], y + step[1], 0.0], turn_deg)
            low, high = moved.low[:2] - 0.004, moved.high[:2] + 0.004
            if self.plan.fits((low + high) / 2, (high - low) / 2):
                self.plan.take((low + high) / 2, (high - low) / 2)
                self.kits.append(moved)
                return moved
        return None


def _machines(rng: np.random.Generator, one: desk.Desk, things: Wares, top: Top) -> None:
    """Screens, keyboard and mouse, or a laptop; a cable from a screen's foot over the rear edge."""
    half_x, half_y = one.half_x_m, one.half_y_m
    x = float(rng.uniform(-0.12, 0.12))
    form = str(rng.choice(["one", "two", "laptop", "both", "none"], p=[0.33, 0.3, 0.15, 0.15, 0.07]))
    back = half_y - 0.21
    shown: list[Kit] = []
    wide = float(things.screens[0].high[0])
    if form in ("one", "both"):
        shown.append(things.screens[int(rng.integers(len(things.screens)))].moved([0, 0, 0], float(rng.normal(0, 6))))
        places = [x]
    elif form == "two":
        pair = rng.permutation(len(things.screens))[:2]
        shown += [things.screens[int(k)].moved([0, 0, 0], turn) for k, turn in zip(pair, (9.0, -9.0), strict=True)]
        places = [x - wide - 0.01, x + wide + 0.01]
    for kit, place in zip(shown, places if shown else (), strict=True):
        placed = top.put(kit, place, back, 0.0, 0.008)
        if placed is None:
            continue
        middle = placed.parts[0].offset
        foot = float(middle[1]) + 0.15
        line = np.array([middle[0], (foot + half_y - 0.008) / 2])
        reach = np.array([0.05, (half_y - 0.008 - foot) / 2])
        if reach[1] > 0.005 and top.plan.fits(line, reach) and rng.random() < 0.85:
            top.plan.take(line, reach)
            run = float(rng.choice([-1, 1])) * float(rng.uniform(0.12, 0.3))
            start = (float(middle[0]), foot - 0.004)
            cable = desk_cable.from_desk(rng, start, half_y, one.height_m, run)
            top.kits.append(cable.moved([0, 0, -one.height_m]))
    if form in ("laptop", "both"):
        side = float(rng.choice([-1, 1])) if form == "both" else 0.0
        top.put(things.laptop, x + side * 0.48, -0.02 if form == "both" else -0.06, -side * 14.0, 0.02)
    if form != "none":
        top.put(things.keyboards[int(rng.integers(2))], x - 0.03, -half_y + 0.14, float(rng.normal(0, 2)), 0.012)
        top.put(things.mice[int(rng.integers(2))], x + 0.32, -half_y + 0.15, float(rng.normal(0, 5)), 0.015)
    if rng.random() < 0.4:
        side = float(rng.choice([-1, 1]))
        top.put(things.telephone, side * (half_x - 0.17), 0.02, -side * 15.0, 0.03)
    if rng.random() < 0.35:
        side = float(rng.choice([-1, 1]))
        top.put(things.lamp, side * (half_x - 0.13), half_y - 0.13, -side * 35.0, 0.02)


def workplace(
    rng: np.random.Generator, one: desk.Desk, things: Wares, taken: Sequence[tuple[float, float, float, float]] = ()
) -> Group:
    """Return a desk with all that belongs to it, in the desk's frame, its user at -y.

    ``taken`` are rectangles (x, y, half x, half y) of the top that clamps need.
    """
    top = Top(rng, one.half_x_m - 0.005, one.half_y_m - 0.005)
    for x, y, half_x, half_y in taken:
        top.plan.take([x, y], [half_x, half_y])
    _machines(rng, one, things, top)
    for index in rng.permutation(len(things.clutter))[: int(rng.integers(3, 15))]:
        kit = things.clutter[int(index)]
        spot = rng.uniform(-1, 1, 2) * np.array([one.half_x_m - 0.1, one.half_y_m - 0.08])
        turn = (
            float(rng.normal(0, 10))
            if kit.parts[0].name.startswith(("paper", "tray", "folder", "book"))
            else float(rng.uniform(0, 360))
        )
        top.put(kit, float(spot[0]), float(spot[1]), turn, 0.08)
    group = [Item("desk", one.kit, (0.0, 0.0, 0.0), 0.0, 0.95)]
    group += [Item("desk thing", kit, (0.0, 0.0, one.height_m)) for kit in top.kits]
    side = float(rng.choice([-1, 1]))
    deep = float(things.drawers.high[1] - things.drawers.low[1])
    if one.knee_m > 0.6 and rng.random() < 0.7:
        room = one.knee_m - float(things.drawers.high[0]) - 0.01
        group.append(Item("drawers", things.drawers, (side * room, -one.half_y_m + deep / 2 + 0.04, 0.0)))
    if one.knee_m > 0.45 and rng.random() < 0.5:
        group.append(Item("bin", things.bin, (-side * (one.knee_m - 0.16), float(rng.uniform(-0.1, 0.0)), 0.0)))
    if rng.random() < 0.95:
        chair = things.chairs[int(rng.integers(len(things.chairs)))]
        swing = float(rng.normal(0, 25)) if rng.random() < 0.8 else float(rng.uniform(0, 360))
        away = -(one.half_y_m + float(rng.uniform(*CHAIR_AWAY_M)))
        group.append(Item("chair", chair, (float(rng.uniform(-0.15, 0.15)), away, 0.0), 180.0 + swing))
    return group
