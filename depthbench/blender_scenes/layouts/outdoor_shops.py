# SPDX-License-Identifier: Apache-2.0
"""Shops one can look into: window and glass door in the front, a decked-out display behind, shelves and lamps in the room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from depthbench.blender_scenes import assembly, lights
from depthbench.blender_scenes.house import KERB_M, WALL_M, Front
from depthbench.blender_scenes.layouts.glazing import window_glass
from depthbench.blender_scenes.layouts.openings import Finish, Opening, Pane, fill_opening
from depthbench.blender_scenes.layouts.outdoor_light import Mood
from depthbench.blender_scenes.layouts.rows import row
from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.materials.fruit import KINDS
from depthbench.blender_scenes.mesh import box
from depthbench.blender_scenes.objects import (
    awning,
    book,
    bottle,
    cake_stand,
    chair,
    crate,
    cup,
    drinking_glass,
    flower_pot,
    jar,
    lamp,
    open_book,
    pastry,
    pendant_lamp,
    picture_frame,
    plant,
    planter,
    plate,
    sculpture,
    shelf,
    table,
    vase,
    watering_can,
)
from depthbench.blender_scenes.objects.kit import GAP_M, Kit
from depthbench.blender_scenes.slab import slab

_EDGE_M = 0.12
Stock = tuple[list[Kit], list[Kit]]
"""Things for the shelves and larger things for the window."""


def _ceramics(rng: np.random.Generator) -> Stock:
    small = [vase.any_design(rng, float(rng.uniform(0.14, 0.3)), bool(k % 3 == 0), fine=False) for k in range(7)]
    small += [cup.design(rng, "mug", saucer=False, full=False), plate.design(rng, "plate"), jar.design(rng, "tall")]
    large = [
        vase.any_design(rng, float(rng.uniform(0.3, 0.45)), bool(k % 2), fine=False, filled=k > 2) for k in range(5)
    ]
    return small, [*large, *small[:4]]


def _books(rng: np.random.Generator) -> Stock:
    piles = [book.pile(rng, int(rng.integers(2, 7))) for _ in range(6)]
    return piles, [*piles[:4], open_book.design(rng, 0.26), open_book.design(rng, 0.22), plant.design(rng, "trailing")]


def _wine(rng: np.random.Generator) -> Stock:
    glass = [make("glass", rng) for _ in range(3)]
    kits = [
        bottle.design(rng, style, glass[k % 3]) for k, style in enumerate(("wine", "spirit", "wine", "beer", "syrup"))
    ]
    kits += [jar.design(rng, style) for style in ("preserve", "biscuit")]
    return kits, [
        *kits,
        drinking_glass.design(rng, "wine"),
        drinking_glass.design(rng, "goblet"),
        plant.design(rng, "trailing"),
    ]


def _florist(rng: np.random.Generator) -> Stock:
    pots = [flower_pot.design(rng, style) for style in ("herb", "flower", "flower", "empty", "flower")]
    small = [
        *pots,
        plant.design(rng, "rosette"),
        plant.design(rng, "trailing"),
        vase.any_design(rng, 0.22, True, fine=False),
    ]
    large = [vase.any_design(rng, 0.34, bool(k % 2), fine=False, filled=True) for k in range(4)]
    return small, [*large, *pots[:3], watering_can.design(rng), plant.design(rng, "blades")]


def _bakery(rng: np.random.Generator) -> Stock:
    goods = [pastry.design(rng, style) for style in pastry.STYLES[:7]]
    jars = [jar.design(rng, style) for style in ("biscuit", "tall")]
    return [*goods, *jars, cup.design(rng, "mug", saucer=False, full=False)], [
        *goods,
        cake_stand.design(rng),
        *jars,
        plate.design(rng, "plate"),
    ]


def _grocer(rng: np.random.Generator) -> Stock:
    jars = [jar.design(rng, style) for style in ("preserve", "tall", "biscuit")]
    bottles = [bottle.design(rng, style) for style in ("syrup", "water", "wine")]
    crates = [crate.design(rng, str(kind)) for kind in rng.permutation(KINDS)[:3]]
    return [*jars, *bottles], [*crates, *crates, *jars, *bottles]


def _antiques(rng: np.random.Generator) -> Stock:
    styles = [style for style in sculpture.STYLES if style not in ("form", "lens")]
    works = [sculpture.design(rng, str(style), float(rng.uniform(0.16, 0.4))) for style in rng.permutation(styles)[:3]]
    vases = [vase.any_design(rng, float(rng.uniform(0.2, 0.4)), bool(k % 2), fine=False) for k in range(5)]
    return [*vases, book.pile(rng, 4), plate.design(rng, "plate")], [
        *works,
        *vases,
        lamp.design(rng, "table"),
    ]


_STOCK: dict[str, Callable[[np.random.Generator], Stock]] = {
    "ceramics": _ceramics, "books": _books, "wine": _wine, "florist": _florist, "bakery": _bakery, "grocer": _grocer, "antiques": _antiques
}  # fmt: skip
TRADES = tuple(_STOCK)


def _room(rng: np.random.Generator, front: Front, deep_m: float) -> None:
    """Floor, walls and ceiling behind a front."""
    left, right = front.left_m + _EDGE_M, front.right_m - _EDGE_M
    middle, wide, high = (left + right) / 2, right - left, front.ceiling_m
    y = WALL_M + 0.004
    plain = make("plaster", rng)
    accent = make(str(rng.choice(["plaster", "wood", "tiles", "brick"])), rng)
    floor = make("wood", rng, planks=True) if rng.random() < 0.55 else make(str(rng.choice(["tiles", "concrete"])), rng)
    assembly.add("shop floor", box(wide, deep_m, 0.1), floor, (middle, y + deep_m / 2, -0.1))
    assembly.add("shop ceiling", box(wide, deep_m, 0.1), plain, (middle, y + deep_m / 2, high + GAP_M))
    for x in (left, right):
        side = box(0.08, deep_m, high - 2 * GAP_M)
        inward = 0.04 if x == left else -0.04
        assembly.add("shop wall side", side, plain, (x + inward, y + deep_m / 2, GAP_M))
    back = slab(wide - 0.16 - 2 * GAP_M, high - 2 * GAP_M, 0.08)
    assembly.add("shop wall back", back, accent, (middle, y + deep_m - 0.08, GAP_M))


def _display(rng: np.random.Generator, front: Front, large: list[Kit]) -> None:
    """A deck behind the window with a step at its back, both full."""
    left, right, low, _ = front.shop
    wide, up = right - left - 0.1, low - KERB_M - 0.03
    middle, deep = (left + right) / 2, float(rng.uniform(0.75, 1.0))
    cover = make(str(rng.choice(["wood", "paint", "fabric", "concrete"])), rng)
    near = WALL_M + 0.03
    assembly.add("shop deck", box(wide, deep, up), cover, (middle, near + deep / 2, GAP_M))
    rise = float(rng.uniform(0.16, 0.34))
    step = 0.4 * deep
    assembly.add(
        "shop step", box(wide - 0.3, step, rise), cover, (middle, near + deep - step / 2 - 0.01, up + 2 * GAP_M)
    )
    for kit in row(rng, large, wide - 0.3, step, (0.02, 0.14)):
        kit.place([middle, near + deep - 0.01, up + rise + 3 * GAP_M])
    for kit in row(rng, large, wide - 0.1, deep - step - 0.03, (0.03, 0.22)):
        kit.place([middle, near + deep - step - 0.02, up + 2 * GAP_M])


def _shelves(rng: np.random.Generator, front: Front, deep_m: float, small: list[Kit]) -> None:
    """Shelves over the back wall and one side wall."""
    left, right = front.left_m + _EDGE_M + 0.08, front.right_m - _EDGE_M - 0.08
    board, metal = shelf.materials(rng)
    back_y = WALL_M + 0.004 + deep_m - 0.08 - GAP_M
    spans = [(np.array([(left + right) / 2, back_y, 0.0]), 0.0, right - left - 0.5)]
    side_m = deep_m - 1.6
    if side_m > 0.9:
        side = float(rng.choice([-1, 1]))
        x = right - GAP_M if side > 0 else left + GAP_M
        spans.append((np.array([x, WALL_M + 1.2 + side_m / 2, 0.0]), -90.0 * side, side_m))
    for at, turn, length in spans:
        count = max(1, round(length / 2.2))
        one = shelf.design(rng, length / count - 0.02, 0.27, board, metal)
        for up in (0.5, 0.95, 1.4, 1.85):
            if up + 0.42 > front.ceiling_m:
                break
            for k in range(count):
                along = (k - (count - 1) / 2) * length / count
                cos, sin = np.cos(np.deg2rad(turn)), np.sin(np.deg2rad(turn))
                here = at + np.array([cos * along, sin * along, up])
                one.place(here, turn)
                fitting = [kit for kit in small if kit.high[2] < 0.31]
                for kit in row(rng, fitting, length / count - 0.06, 0.25, (0.025, 0.14)):
                    kit.place(here + np.array([0.0, 0.0, shelf.BOARD_M]), turn)


def _furnish(rng: np.random.Generator, front: Front, deep_m: float, stock: Stock) -> None:
    """A table with goods in the middle of the room, a chair, a picture."""
    middle = (front.left_m + front.right_m) / 2
    if deep_m > 3.0:
        desk = table.design(rng, "long" if front.right_m - front.left_m > 5.0 else "pedestal_square")
        at = np.array([middle + float(rng.uniform(-0.4, 0.4)), WALL_M + 0.45 * deep_m + 0.55, 0.0])
        desk.kit.place(at)
        for kit in row(rng, stock[0], 2 * desk.half_x_m - 0.1, 2 * desk.half_y_m - 0.06, (0.03, 0.1)):
            kit.place(at + np.array([0.0, desk.half_y_m - 0.03, desk.height_m]))
        if deep_m < 3.8:
            return
        seat = chair.design(rng, str(rng.choice([s for s in chair.STYLES if s != "stool"])))
        seat.place(at + np.array([float(rng.uniform(-0.3, 0.3)), desk.half_y_m + 0.45, 0.0]), float(rng.normal(0, 12)))


def _lamps(rng: np.random.Generator, front: Front, deep_m: float, mood: Mood) -> None:
    wide = front.right_m - front.left_m - 2 * _EDGE_M
    middle = (front.left_m + front.right_m) / 2
    watts = mood.shop_w_m2 * wide * deep_m
    for y, share in ((WALL_M + 0.55, 0.45), (WALL_M + 0.62 * deep_m, 0.55)):
        size = (0.8 * wide, 0.35)
        kelvin = mood.lamp_k + 400.0
        lights.area_light([middle, y, front.ceiling_m - 0.06], [0, -0.1, -1], size, share * watts, kelvin)
    drop = front.ceiling_m - float(rng.uniform(1.95, 2.2))
    kit = pendant_lamp.design(rng, str(rng.choice(pendant_lamp.STYLES)), drop, 2.5 * mood.shop_w_m2, mood.lamp_k)
    count = max(2, int(wide / 1.3))
    for k in range(count):
        kit.place([middle + (k - (count - 1) / 2) * wide / count, WALL_M + 1.3, front.ceiling_m])


def _outside(
    rng: np.random.Generator, front: Front, trade: str, stock: Stock
) -> list[tuple[float, float, float, float]]:
    """Put goods before the window; return the ground (x, y, half x, half y) that they take."""
    left, right = front.shop[0], front.shop[1]
    taken = []
    if trade == "grocer" or (trade == "bakery" and rng.random() < 0.3):
        columns = max(2, int((right - left) / 0.75))
        kit = crate.stand(rng, min(columns, 4), 2)
        x = (left + right) / 2
        kit.place([x, -0.06, 0.0])
        taken.append((x, -0.5, 0.3 * min(columns, 4) + 0.1, 0.5))
    elif trade == "florist":
        for kit in row(
            rng, [*stock[1][4:], *stock[0][:5], plant.design(rng, "tree")], right - left, 0.75, (0.03, 0.15)
        ):
            kit.place([(left + right) / 2, -0.05, 0.0])
        taken.append(((left + right) / 2, -0.4, (right - left) / 2 + 0.1, 0.45))
    elif rng.random() < 0.5:
        kit = planter.design(rng, str(rng.choice(planter.STYLES)), float(rng.uniform(0.7, 1.1)))
        for x in (left + 0.6, right - 0.6):
            kit.place([x, -0.3, 0.0])
            taken.append((x, -0.3, 0.65, 0.3))
    return taken


def add_shop(
    rng: np.random.Generator, front: Front, trade: str, mood: Mood
) -> tuple[list[Pane], list[tuple[float, float, float, float]]]:
    """Build a shop of that trade behind a front; return its panes and the ground taken on the pavement (x, y, half sizes)."""
    deep = float(rng.uniform(2.8, 4.4))
    glass = window_glass(rng)
    paint = make("metal", rng, finish="painted") if rng.random() < 0.6 else make("wood", rng)
    plain: Any = paint
    finish = Finish(plain, plain, {}, paint, glass, plain, make("metal", rng, finish="brushed"))
    left, right, low, high = front.shop
    window = Opening(
        (left + right) / 2,
        right - left,
        low,
        high,
        "window",
        max(1, round((right - left) / rng.uniform(1.0, 2.2))),
        int(rng.integers(1, 3)),
    )
    panes = fill_opening("shop window", window, finish, [window.centre_m, 0.0, low - KERB_M], 0.0)
    d_left, d_right, d_low, d_high = front.door
    door = Opening((d_left + d_right) / 2, d_right - d_left, 0.0, d_high - d_low, "glass_door")
    panes += fill_opening("shop door", door, finish, [door.centre_m, 0.0, d_low - KERB_M], 0.0)
    head = high - KERB_M
    board = slab(right - left + 0.1, 0.42, 0.05)
    glow = {"glow": float(rng.uniform(1.2, 2.5))} if mood.lamps_on and rng.random() < 0.6 else {}
    sign = make("print", rng, kind=f"shop_sign {trade}", aspect=(right - left + 0.1) / 0.42, **glow)
    assembly.add("shop sign", board, sign, (window.centre_m, -0.053, head + 0.13))
    if rng.random() < 0.5:
        out = float(rng.uniform(0.8, 1.2))
        awning.design(rng, right - left, out, float(rng.uniform(0.3, 0.4))).place([window.centre_m, 0.0, head + 0.12])
    _room(rng, front, deep)
    stock = _STOCK[trade](rng)
    _display(rng, front, stock[1])
    _shelves(rng, front, deep, stock[0])
    _furnish(rng, front, deep, stock)
    _lamps(rng, front, deep, mood)
    if rng.random() < 0.6:
        size = float(rng.uniform(0.4, 0.7))
        frame = picture_frame.design(rng, size, 1.3 * size, "thin", kind="poster")
        x = front.left_m + _EDGE_M + 0.08 + GAP_M
        frame.place([x, WALL_M + 0.72, 1.1], 90.0)
    return panes, _outside(rng, front, trade, stock)
