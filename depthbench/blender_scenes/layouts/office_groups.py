# SPDX-License-Identifier: Apache-2.0
"""What stands together in an office: desk islands with dividers, laboratory benches, filled bookcases."""

from __future__ import annotations

import numpy as np

from depthbench.blender_scenes.layouts.gallery_hall import Group, Item
from depthbench.blender_scenes.layouts.office_scheme import Scheme
from depthbench.blender_scenes.layouts.office_workplace import ISLAND_GAP_M, Top, Wares, workplace
from depthbench.blender_scenes.layouts.rows import row
from depthbench.blender_scenes.objects import (
    bookcase,
    bottle,
    chair,
    desk,
    desk_divider,
    jar,
    labware,
    papers,
    shelf_books,
)
from depthbench.blender_scenes.objects.display_case import Case
from depthbench.blender_scenes.objects.kit import Kit, merge, turned

_CLAMP_M = (0.03, desk_divider.FOOT_M / 2)
_SEAM_M = 0.012
_FLOOR = (0.0, 0.0, 0.0)


def _placed(group: Group, x: float, y: float, turn_deg: float) -> Group:
    """Move a group as a whole."""
    shift = np.array([x, y, 0.0])
    moved = []
    for item in group:
        at = turned(item.at, turn_deg) + shift
        moved.append(
            Item(
                item.name, item.kit, (float(at[0]), float(at[1]), float(at[2])), item.turn_deg + turn_deg, item.shown_m
            )
        )
    return moved


def island(rng: np.random.Generator, scheme: Scheme, things: Wares, columns: int, double: bool) -> Group:
    """Return a row of desks, or two rows back to back, with dividers between."""
    one = things.desk
    step = 2 * one.half_x_m + _SEAM_M
    deep = one.half_y_m + ISLAND_GAP_M / 2
    clamps = (-0.55 * one.half_x_m, 0.55 * one.half_x_m)
    sides = bool(rng.random() < 0.4)
    reach = deep - _CLAMP_M[1]
    taken = [(x, one.half_y_m, _CLAMP_M[0], one.half_y_m - reach + 0.006) for x in clamps] if double else []
    group: Group = []
    side_at = -0.02
    for column in range(columns):
        x = (column - (columns - 1) / 2) * step
        for turn in (0.0, 180.0) if double else (0.0,):
            mine = list(taken)
            for edge, here in ((-1, column > 0), (1, column < columns - 1)):
                if sides and here:
                    at = (edge if turn == 0.0 else -edge) * one.half_x_m
                    mine += [(at, side_at + sy * 0.2, 0.1, 0.04) for sy in (-1, 1)]
                    mine.append((at, side_at, 0.012, 0.36))
            y = deep * (-1.0 if turn == 0.0 else 1.0) if double else 0.0
            group += _placed(workplace(rng, one, things, mine), x, y, turn)
    high = float(rng.uniform(0.32, 0.5))
    top = one.height_m
    if double:
        long = columns * step - _SEAM_M - 0.01
        spots = [(column - (columns - 1) / 2) * step + x for column in range(columns) for x in clamps]
        kit = desk_divider.design(rng, scheme.divider_style, long, high, scheme.divider, scheme.steel, spots)
        group.append(Item("divider", kit, (0.0, 0.0, top), 0.0, None))
    if sides and columns > 1:
        kit = desk_divider.design(
            rng, scheme.divider_style, 0.66, min(high, 0.36), scheme.divider, scheme.steel, (-0.2, 0.2)
        )
        for column in range(columns - 1):
            x = (column - (columns - 2) / 2) * step
            for way in (-1.0, 1.0) if double else (-1.0,):
                y = way * (deep - side_at) if double else side_at
                group.append(Item("divider", kit, (x, y, top), 90.0))
    return group


def bench(rng: np.random.Generator, scheme: Scheme, glassware: list[Kit], columns: int) -> Group:
    """Return laboratory benches side by side, glassware on them, splash screens of acrylic at their backs, stools."""
    one = desk.design(rng, "panel", float(rng.uniform(1.5, 1.8)), 0.75, scheme.top)
    stool = chair.design(rng, "stool")
    group: Group = []
    clear = desk_divider.design(
        rng, "acrylic", 2 * one.half_x_m - 0.2, float(rng.uniform(0.4, 0.6)), None, scheme.steel
    )
    for column in range(columns):
        x = (column - (columns - 1) / 2) * (2 * one.half_x_m + _SEAM_M)
        top = Top(rng, one.half_x_m - 0.01, one.half_y_m - 0.01)
        if rng.random() < 0.7:
            top.plan.take([0.0, one.half_y_m - 0.09], [one.half_x_m - 0.05, 0.08])
            group.append(Item("splash screen", clear, (x, one.half_y_m - 0.09, one.height_m)))
        top.put(
            papers.design(rng, "pile", scheme.paper), float(rng.uniform(-0.5, 0.5)), -0.1, float(rng.normal(0, 12)), 0.1
        )
        for _ in range(int(rng.integers(9, 22))):
            kit = glassware[int(rng.integers(len(glassware)))]
            spot = rng.uniform(-1, 1, 2) * np.array([one.half_x_m - 0.12, one.half_y_m - 0.1])
            top.put(kit, float(spot[0]), float(spot[1]), float(rng.choice([0.0, 0.0, 90.0])), 0.05)
        group.append(Item("bench", one.kit, (x, 0.0, 0.0), 0.0, 0.95))
        group += [Item("bench thing", kit, (x, 0.0, one.height_m)) for kit in top.kits]
        if rng.random() < 0.7:
            away = -(one.half_y_m + float(rng.uniform(0.26, 0.4)))
            group.append(
                Item("stool", stool, (x + float(rng.uniform(-0.4, 0.4)), away, 0.0), float(rng.uniform(0, 360)))
            )
    return group


def glassware(rng: np.random.Generator) -> list[Kit]:
    """Draw what a laboratory has on its benches."""
    kits = [labware.design(rng, style) for style in labware.STYLES for _ in range(2)]
    return [*kits, jar.design(rng, "preserve"), bottle.design(rng, "spirit"), bottle.design(rng, "water")]


class Library:
    """Books, binders and odd things that fill the shelves of one office."""

    def __init__(self, rng: np.random.Generator, scheme: Scheme, odd: list[Kit]) -> None:
        self.rng, self.odd = rng, odd
        self.books = shelf_books.stock(rng, "book", 18)
        self.binders = shelf_books.stock(rng, "binder", 6)

    def filled(self, case: Case, mix: tuple[float, float, float]) -> Item:
        """Return a case with things on its decks; ``mix`` are the shares of decks with books, binders, odd things."""
        rng = self.rng
        kits: list[Kit] = []
        for deck in case.decks:
            kind = int(rng.choice(4, p=[0.93 * mix[0], 0.93 * mix[1], 0.93 * mix[2], 0.07]))
            length, depth = 2 * deck.half_x_m, 2 * deck.half_y_m
            if kind < 2:
                found = shelf_books.row(rng, (self.books, self.binders)[kind], length, depth, deck.air_m)
            elif kind == 2:
                low = [kit for kit in self.odd if kit.high[2] < deck.air_m]
                found = row(rng, low, length, depth, (0.01, 0.09)) if low else []
            else:
                found = []
            kits += [kit.moved([0.0, -bookcase.DECK_BACK_M, deck.z_m]) for kit in found]
        return Item("case", merge([case.kit, *kits]), _FLOOR, 0.0, 1.2)
