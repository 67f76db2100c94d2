# SPDX-License-Identifier: Apache-2.0
"""A cafe's tables laid: chairs about a table, and on it what guests have before them, nothing touching."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.objects import (
    book,
    bottle,
    cup,
    dish,
    drinking_glass,
    jar,
    laptop,
    menu_card,
    napkin_holder,
    pastry,
    plant,
    plate,
    shaker,
    vase,
)
from depthbench.blender_scenes.objects.kit import Kit, merge, turned
from depthbench.blender_scenes.objects.table import Table

CHAIR_HALF_M = 0.235
CHAIR_BACK_M = 0.31


@dataclass(frozen=True)
class Tableware:
    """What this house puts on its tables: one set of crockery, glasses and stands, used again and again."""

    served: tuple[Kit, ...]
    central: tuple[Kit, ...]
    own: tuple[Kit, ...]


def tableware(rng: np.random.Generator) -> Tableware:
    """Draw a house's tableware: things served to a guest, things that stay on the table, things guests bring."""
    clear, crockery = make("glass", rng), make("ceramic", rng)
    cups = [cup.design(rng, str(style), crockery) for style in rng.permutation(cup.STYLES)[:2]]
    emptied = Kit(tuple(part for part in cups[0].parts if part.name != "drink"))
    styles = ("tumbler", "highball", "latte", "wine", "goblet")
    glasses = [
        drinking_glass.design(rng, str(style), clear, "any" if k else None)
        for k, style in enumerate(rng.permutation(styles)[:4])
    ]
    empty = plate.design(rng, "plate", 0.19, crockery)
    snacks = [pastry.design(rng, str(style)) for style in rng.permutation(pastry.ON_PLATES)[:3]]
    plates = [merge([empty, snack.moved([0, 0, plate.TOP_M["plate"]])]) for snack in snacks]
    plates += [dish.design(rng, "sandwich", crockery), dish.design(rng, "salad", crockery)]
    stands: list[Callable[[], Kit]] = [
        lambda: jar.design(rng, "sugar", clear),
        lambda: napkin_holder.design(rng),
        lambda: shaker.design(rng),
        lambda: menu_card.design(rng),
        lambda: bottle.design(rng, "water", content="any"),
        lambda: bottle.design(rng, "carafe", clear, content="any"),
        lambda: bottle.design(rng, str(rng.choice(["wine", "beer"])), content="any"),
        lambda: drinking_glass.design(rng, "tealight"),
        lambda: plant.design(rng, "rosette"),
        lambda: dish.design(rng, "fruit"),
        lambda: vase.any_design(rng, float(rng.uniform(0.11, 0.17)), fine=False),
        lambda: vase.any_design(rng, float(rng.uniform(0.11, 0.17)), fine=False, filled=True, water=True),
    ]
    own: list[Callable[[], Kit]] = [
        lambda: laptop.design(rng),
        lambda: book.design(rng),
        lambda: book.pile(rng, 2),
        lambda: book.design(rng, "menu"),
    ]
    return Tableware(
        served=(*cups, *cups, emptied, *glasses, *plates, empty),
        central=tuple(stands[k]() for k in rng.permutation(len(stands))[:7]),
        own=tuple(own[k]() for k in rng.permutation(4)[:3]),
    )


@dataclass(frozen=True)
class Setting:
    """A table with its seats: chairs stand at ``seats`` (x, y, turn_deg) in the table's frame; half sizes of it all."""

    table: Table
    seats: tuple[tuple[float, float, float], ...]
    half_x_m: float
    half_y_m: float


def setting(rng: np.random.Generator, table: Table, sides: str) -> Setting:
    """Draw where chairs stand about a table; ``sides`` holds 's', 'n', 'e', 'w', letters repeated for more on a side."""
    seats: list[tuple[float, float, float]] = []
    half_x, half_y = table.half_x_m, table.half_y_m
    corner = ("s" in sides or "n" in sides) and ("e" in sides or "w" in sides)
    for side, facing in (("s", 180.0), ("n", 0.0), ("e", -90.0), ("w", 90.0)):
        count = sides.count(side)
        along, out = (table.half_x_m, table.half_y_m) if side in "sn" else (table.half_y_m, table.half_x_m)
        for index in range(count):
            away = max(
                out + float(rng.uniform(0.04, 0.24)), table.foot_m + 0.26, 0.56 if corner and along < 0.5 else 0.0
            )
            # A chair well away from legs and foot may stand askew; one pushed in cannot.
            swing = 20.0 if away > max(out + 0.2, table.foot_m + 0.31) else 3.0
            beside = (index - (count - 1) / 2) * 2 * (along - 0.08) / max(count, 1) + float(rng.uniform(-0.006, 0.006))
            spot = turned([beside, away, 0.0], facing)
            seats.append((float(spot[0]), float(spot[1]), facing + float(rng.uniform(-swing, swing))))
            reach = away + CHAIR_BACK_M
            half_x, half_y = (half_x, max(half_y, reach)) if side in "sn" else (max(half_x, reach), half_y)
    return Setting(table, tuple(seats), half_x, half_y)


def lay(rng: np.random.Generator, one: Setting, ware: Tableware, fullness: float) -> Kit:
    """Return what stands on the table (in the table's frame): by the seats what guests have, in the middle what stays."""
    wanted: list[tuple[Kit, float, float, float]] = []
    for kit in rng.permutation(len(ware.central))[: int(rng.integers(2, 5))]:
        wanted.append((ware.central[kit], 0.0, 0.0, float(rng.uniform(0, 360))))
    for x, y, turn_deg in one.seats:
        if rng.random() > fullness:
            continue
        share = 0.55 * min(one.table.half_x_m / max(abs(x), 1e-6), one.table.half_y_m / max(abs(y), 1e-6))
        for _ in range(int(rng.integers(2, 5))):
            kit = ware.served[int(rng.integers(len(ware.served)))]
            wanted.append((kit, x * share, y * share, float(rng.uniform(0, 360))))
        if rng.random() < 0.3:
            kit = ware.own[int(rng.integers(len(ware.own)))]
            wanted.insert(0, (kit, x * share, y * share, turn_deg + 180.0 + float(rng.normal(0, 8))))
    half = np.array([one.table.half_x_m, one.table.half_y_m]) - 0.015
    placed: list[tuple[float, float, float]] = []
    kits = []
    for kit, x, y, turn_deg in wanted:
        radius = kit.radius_m + 0.003
        for attempt in range(60):
            at = np.array([x, y]) + rng.normal(0, 0.03 + 0.004 * attempt, 2)
            inside = np.hypot(*at) + radius < half[0] if one.table.is_round else (abs(at) + radius < half).all()
            if inside and all(np.hypot(*(at - [px, py])) > radius + pr for px, py, pr in placed):
                placed.append((float(at[0]), float(at[1]), radius))
                kits.append(kit.moved([*at.tolist(), one.table.height_m], turn_deg))
                break
    return merge(kits)
