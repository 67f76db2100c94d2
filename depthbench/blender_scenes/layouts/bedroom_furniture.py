# SPDX-License-Identifier: Apache-2.0
"""A bedroom's furniture along its walls: bed between nightstands, wardrobe, chest, desk, shelves, each with what is on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from depthbench.blender_scenes.layouts.bedroom_light import Mood
from depthbench.blender_scenes.layouts.bedroom_shell import Shell
from depthbench.blender_scenes.layouts.bedroom_stock import Stock
from depthbench.blender_scenes.layouts.floor_plan import FloorPlan
from depthbench.blender_scenes.layouts.room import WALLS
from depthbench.blender_scenes.layouts.rows import strip, take_strip
from depthbench.blender_scenes.layouts.strewn import strewn
from depthbench.blender_scenes.objects import (
    aquarium,
    bed,
    bookcase,
    chair,
    clothes_rail,
    desk,
    desk_lamp,
    dresser,
    lamp,
    mirror,
    monitor,
    office_chair,
    shelf_books,
    shower,
    wardrobe,
    washbasin,
    wire_basket,
)
from depthbench.blender_scenes.objects.garment import folded
from depthbench.blender_scenes.objects.kit import Kit, merge

OFF_M = 0.0175
"""Backs of furniture stand off the wall by the skirting's thickness."""
_NEAR_WALL_M = 0.004
_SHARES = {
    "bedroom": (("wardrobe", 0.95), ("dresser", 0.8), ("desk", 0.35), ("bookcase", 0.4), ("rail", 0.3), ("mirror", 0.6), ("rack", 0.25), ("aquarium", 0.15), ("tallboy", 0.3)),
    "ensuite": (("washstand", 1.0), ("rack", 0.75), ("dresser", 0.9), ("wardrobe", 0.7), ("mirror", 0.5), ("rail", 0.3), ("bookcase", 0.25)),
    "child": (("desk", 0.9), ("aquarium", 0.4), ("bookcase", 0.9), ("wardrobe", 0.6), ("sideboard", 0.8), ("rack", 0.4), ("mirror", 0.2)),
    "studio": (("desk", 0.9), ("wardrobe", 0.8), ("bookcase", 0.8), ("aquarium", 0.3), ("rail", 0.6), ("dresser", 0.5), ("rack", 0.6), ("mirror", 0.5), ("sideboard", 0.5)),
}  # fmt: skip
"""What stands in each kind of room with which probability, in the order in which it takes ground."""


class Furnisher:
    """Finds room along walls, puts things there, and remembers where tops with things on them are."""

    def __init__(self, rng: np.random.Generator, shell: Shell, plan: FloorPlan, mood: Mood, stock: Stock) -> None:
        self.rng, self.shell, self.plan, self.mood, self.stock = rng, shell, plan, mood, stock
        self.targets: list[list[float]] = []

    def spot(
        self, half_m: float, depth_m: float, height_m: float, front_m: float = 0.0, walls: Sequence[str] = WALLS
    ) -> tuple[str, float] | None:
        """Take ground for a thing along a wall, with free ground before it; return (wall, along) or None if there is none."""
        rng, room = self.rng, self.shell.room
        for _ in range(50):
            wall = str(walls[int(rng.integers(len(walls)))])
            spans = [span for span in room.free_spans(wall, 0.1, height_m) if span[1] - span[0] > 2 * half_m + 0.03]
            if not spans:
                continue
            start, end = spans[int(rng.integers(len(spans)))]
            low, high = start + half_m + 0.01, end - half_m - 0.01
            along = low if rng.random() < 0.2 else high if rng.random() < 0.25 else float(rng.uniform(low, high))
            ends = (along - half_m, along + half_m)
            if self.plan.fits(*strip(room, wall, ends, (_NEAR_WALL_M, depth_m + front_m))):
                take_strip(self.plan, room, wall, ends, (0.0, depth_m + 0.6 * front_m))
                return wall, along
        return None

    def stand(self, kit: Kit, where: tuple[str, float], off_m: float = OFF_M) -> None:
        """Place a kit whose back is at y = 0 and remember its middle."""
        location, turn_deg = self.shell.room.on_wall(*where, 0.0, off_m)
        kit.place(location, turn_deg)
        middle = kit.moved(location, turn_deg)
        self.targets.append([*((middle.low + middle.high) / 2)[:2].tolist(), min(float(middle.high[2]), 1.3)])

    def bed(self) -> None:
        """The bed with a nightstand on both sides, on one or on none, as there is room."""
        rng, child = self.rng, self.shell.kind == "child"
        width = (
            float(rng.uniform(0.9, 1.05))
            if child
            else float(rng.choice([1.4, 1.6, 1.8]))
            if self.shell.kind != "studio"
            else 1.4
        )
        made = bed.design(rng, str(rng.choice(bed.STYLES)), width)
        kits = [made.kit]
        for x, y, z, radius in made.spots:
            chosen = [kit for kit in self.stock.bed if kit.radius_m < radius]
            if chosen and rng.random() < 0.75:
                kits.append(chosen[int(rng.integers(len(chosen)))].moved([x, y, z], float(rng.uniform(0, 360))))
        chest = dresser.design(rng, "nightstand")
        beside = made.half_x_m + chest.half_x_m + 0.045
        walls = [wall for wall in WALLS if wall != self.shell.window_wall]
        for count in (2, 1, 0):
            reach = 2 * chest.half_x_m + 0.05
            half = made.half_x_m + 0.02 + count * reach / 2
            where = self.spot(half, made.length_m + OFF_M, 1.2, 0.45, walls if count else WALLS)
            if where is None:
                continue
            shift = 0.0 if count != 1 else float(rng.choice([-1, 1])) * reach / 2
            for side in (-1, 1) if count == 2 else (-np.sign(shift),) if count else ():
                kits.append(self._nightstand(chest).moved([float(side) * beside, 0, 0]))
            self.stand(merge(kits).moved([shift, 0, 0]), where)
            return

    def _nightstand(self, chest: dresser.Chest) -> Kit:
        rng = self.rng
        light = lamp.design(rng, "table", self.mood.shade, self.mood.lamp_k)
        at = np.array([float(rng.uniform(-0.02, 0.02)), -0.215])
        deep = min(chest.depth_m - 0.04, 0.44)
        things = strewn(
            rng, self._shuffled(self.stock.bedside), chest.half_x_m - 0.012, deep / 2 - 0.008, 0.28, 180.0,
            [(at - 0.09 + [0, deep / 2], at + 0.09 + [0, deep / 2])],
        )  # fmt: skip
        kits = [chest.kit, light.moved([*at.tolist(), chest.top_m])]
        kits += [kit.moved([0, -deep / 2, chest.top_m]) for kit in things]
        return merge([*kits, *self._nooks(chest)])

    def _nooks(self, chest: dresser.Chest) -> list[Kit]:
        """Things in the open compartments of a chest."""
        kits = []
        for (x, y, z), (wide, deep, tall) in chest.open_holes:
            things = strewn(
                self.rng,
                self._shuffled((*self.stock.bedside, *self.stock.shelf)),
                wide / 2 - 0.01,
                deep / 2 - 0.02,
                tall - 0.01,
                20.0,
            )
            kits += [kit.moved([x, y, z]) for kit in things[:5]]
        return kits

    def _shuffled(self, kits: Sequence[Kit]) -> list[Kit]:
        return [kits[k] for k in self.rng.permutation(len(kits))]

    def wardrobe(self) -> None:
        """A wardrobe, mostly one that shows something: a mirror, glass, or clothes in the open."""
        rng = self.rng
        style = str(rng.choice(wardrobe.STYLES, p=[0.2, 0.25, 0.35, 0.2]))
        width, height = float(rng.uniform(0.9, 1.8)), float(rng.uniform(1.95, 2.25))
        where = self.spot(width / 2 + 0.02, wardrobe.DEPTH_M + 0.05, height, 0.4)
        if where is not None:
            self.stand(wardrobe.design(rng, style, width, height), where)

    def chest(self, style: str, basin: Kit | None = None) -> None:
        """A chest of drawers with perfumes, jars and glasses on it, around a basin or alone; mostly a mirror above it."""
        rng = self.rng
        made = dresser.design(rng, style)
        where = self.spot(made.half_x_m + 0.03, made.depth_m + OFF_M, 1.6, 0.35)
        if where is None:
            return
        deep = min(made.depth_m - 0.04, 0.48)
        middle = np.array([0.0, -deep / 2 - 0.03, 0.0])
        things = strewn(
            rng,
            self._shuffled([kit for kit in self.stock.dressing for _ in range(3)]),
            made.half_x_m - 0.02,
            deep / 2 - 0.05,
            taken=[((basin.low - middle)[:2], (basin.high - middle)[:2])] if basin else (),
        )
        on_top = [*(kit.moved(middle) for kit in things), *([basin] if basin else [])]
        kits = [made.kit, *(kit.moved([0, 0, made.top_m]) for kit in on_top), *self._nooks(made)]
        self.stand(merge(kits), where)
        if basin or (style != "tallboy" and rng.random() < 0.75):
            wide = float(rng.uniform(0.5, 2 * made.half_x_m - 0.1))
            glass = mirror.design(
                rng, "round" if wide < 0.8 and rng.random() < 0.5 else "wall", wide, float(rng.uniform(0.6, 0.9))
            )
            glass.place(*self.shell.room.on_wall(*where, made.top_m + float(rng.uniform(0.12, 0.3))))

    def washstand(self) -> None:
        """A basin on a chest, under a mirror."""
        style = str(self.rng.choice(washbasin.STYLES, p=[0.7, 0.3]))
        self.chest("dresser", washbasin.design(self.rng, style))

    def desk(self) -> None:
        """A desk with a lamp, a screen or a laptop, and its chair."""
        rng = self.rng
        made = desk.design(
            rng,
            str(rng.choice(["frame", "panel", "pedestal"])),
            float(rng.uniform(1.05, 1.4)),
            float(rng.uniform(0.58, 0.7)),
        )
        where = self.spot(made.half_x_m + 0.03, 2 * made.half_y_m + 0.82, 0.8)
        if where is None:
            return
        side = float(rng.choice([-1, 1]))
        light = desk_lamp.design(rng, str(rng.choice(desk_lamp.STYLES)), 2 * self.mood.shade)
        at = np.array([side * (made.half_x_m - 0.14), made.half_y_m - 0.2])
        kits, taken = [made.kit, light.moved([*at.tolist(), made.height_m], -20.0 * side)], [(at - 0.1, at + 0.1)]
        if rng.random() < 0.45:
            screen = monitor.design(rng, str(rng.choice(["foot", "disc"])), float(rng.uniform(0.48, 0.56)))
            spot = np.array([-side * 0.14, made.half_y_m - 0.2])
            kits.append(screen.moved([*spot.tolist(), made.height_m], float(rng.uniform(-8, 8))))
            taken.append((spot - np.array([0.31, 0.14]), spot + np.array([0.31, 0.14])))
        things = strewn(
            rng,
            self._shuffled((*self.stock.desk, *self.stock.bedside)),
            made.half_x_m - 0.02,
            made.half_y_m - 0.02,
            0.3,
            35.0,
            taken,
        )
        kits += [kit.moved([0, 0, made.height_m]) for kit in things[:9]]
        seat = (
            office_chair.design(rng, str(rng.choice(office_chair.STYLES)))
            if rng.random() < 0.5
            else chair.design(rng, str(rng.choice(["mesh", "shell", "slatted", "padded"])))
        )
        away = made.half_y_m + float(rng.uniform(0.34, 0.4))
        kits.append(seat.moved([float(rng.uniform(-0.06, 0.06)), -away, 0.0], 180.0 + float(rng.uniform(-18, 18))))
        self.stand(merge(kits), where, OFF_M + made.half_y_m + 0.002)

    def bookcase(self) -> None:
        """Shelves with books, vases and toys, in the open or behind glass."""
        rng = self.rng
        width, height = float(rng.uniform(0.6, 1.1)), float(rng.uniform(1.0, 2.0))
        case = bookcase.design(rng, str(rng.choice(bookcase.STYLES)), width, height, 0.34)
        where = self.spot(width / 2 + 0.02, 0.34 + OFF_M + 0.03, height, 0.25)
        if where is None:
            return
        kits = [case.kit]
        for deck in case.decks:
            back, deep = bookcase.DECK_BACK_M, 2 * deck.half_y_m - 0.012
            if rng.random() < 0.55:
                things = [
                    kit.moved([0, -back, 0])
                    for kit in shelf_books.row(rng, self.stock.books, 2 * deck.half_x_m, deep, deck.air_m)
                ]
            else:
                loose = strewn(
                    rng,
                    self._shuffled(self.stock.shelf),
                    deck.half_x_m - 0.01,
                    deep / 2 - 0.005,
                    deck.air_m - 0.01,
                    25.0,
                )
                things = [kit.moved([0, -back - deep / 2, 0]) for kit in loose]
            kits += [kit.moved([0, 0, deck.z_m]) for kit in things]
        self.stand(merge(kits), where)

    def rail(self) -> None:
        """Clothes on a rail."""
        length = float(self.rng.uniform(0.8, 1.3))
        where = self.spot(length / 2 + 0.03, 0.62, 1.75, 0.1)
        if where is not None:
            self.stand(clothes_rail.design(self.rng, "rail", length), where, 0.32)

    def rack(self) -> None:
        """A rack of wire shelves with towels, baskets, bottles."""
        rng = self.rng
        width, depth, height = float(rng.uniform(0.4, 0.7)), float(rng.uniform(0.3, 0.36)), float(rng.uniform(0.8, 1.5))
        count = int(rng.integers(3, 5))
        where = self.spot(width / 2 + 0.02, depth + 0.04, height, 0.15)
        if where is None:
            return
        kits = [wire_basket.design(rng, "rack", width, depth, height, count)]
        for level in wire_basket.rack_levels(height, count):
            towels = [folded(rng, int(rng.integers(1, 4)), 0.22, 0.2)] if rng.random() < 0.5 else []
            things = strewn(
                rng,
                [*towels, *self._shuffled((*self.stock.dressing, *self.stock.shelf))],
                width / 2 - 0.03,
                depth / 2 - 0.03,
                0.26,
                15.0,
            )
            kits += [kit.moved([0, 0, level]) for kit in things[:7]]
        self.stand(merge(kits), where, OFF_M + depth / 2 + 0.002)

    def leaning_mirror(self) -> None:
        """A tall mirror that leans against the wall."""
        rng = self.rng
        wide, tall = float(rng.uniform(0.45, 0.75)), float(rng.uniform(1.4, 1.8))
        where = self.spot(wide / 2 + 0.03, 0.27, tall, 0.35)
        if where is not None:
            self.stand(mirror.design(rng, "leaning", wide, tall), where)

    def aquarium(self) -> None:
        """Fish, on a cabinet."""
        width = float(self.rng.uniform(0.5, 0.85))
        made = aquarium.design(self.rng, width)
        depth = float(made.high[1] - made.low[1])
        where = self.spot(width / 2 + 0.03, depth + 0.04, 1.3, 0.3)
        if where is not None:
            self.stand(made, where, OFF_M + depth / 2 + 0.002)

    def shower(self) -> None:
        """A shower in the corner kept for it."""
        rng, shell = self.rng, self.shell
        if shell.shower_wall is None:
            return
        style = str(rng.choice(shower.STYLES))
        made = shower.design(rng, style, *shell.shower_m)
        half = shell.room.length_m(shell.shower_wall) / 2
        take_strip(
            self.plan, shell.room, shell.shower_wall, (-half, -half + made.size_x_m + 0.04), (0.0, made.size_y_m + 0.5)
        )
        location, turn_deg = shell.room.on_wall(shell.shower_wall, -half + 0.0005)
        made.kit.place(location, turn_deg)


def add(rng: np.random.Generator, shell: Shell, plan: FloorPlan, mood: Mood, stock: Stock) -> list[list[float]]:
    """Furnish the room; return points (x, y, z) worth looking at."""
    one = Furnisher(rng, shell, plan, mood, stock)
    one.shower()
    one.bed()
    made = {
        "wardrobe": one.wardrobe, "desk": one.desk, "bookcase": one.bookcase, "rail": one.rail,
        "mirror": one.leaning_mirror, "rack": one.rack, "aquarium": one.aquarium,
        "washstand": one.washstand,
    }  # fmt: skip
    for name, share in _SHARES[shell.kind]:
        if rng.random() < share:
            if name in made:
                made[name]()
            else:
                one.chest(name)
    return one.targets
