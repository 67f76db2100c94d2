# SPDX-License-Identifier: Apache-2.0
"""What lies in display cases: a stock of small things, and their arrangement on a deck so that none touches another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import box, rounded_box
from depthbench.blender_scenes.objects import cup, drinking_glass, jewellery, open_book, sculpture, shell, vase
from depthbench.blender_scenes.objects.display_case import Deck
from depthbench.blender_scenes.objects.kit import GAP_M, GLASS_GAP_M, Kit, merge, part

_AIR_M = 0.012
"""Least distance between things on a deck."""


@dataclass(frozen=True)
class Stock:
    """Small things to draw from, and the material of the blocks and cards beside them."""

    things: tuple[Kit, ...]
    block: Any
    card: Any


def stock(rng: np.random.Generator) -> Stock:
    """Make about two dozen small things: vases, cups, goblets, shells, sculptures, treasures, books."""
    things = [vase.any_design(rng, float(rng.uniform(0.12, 0.4)), bool(k % 2), fine=False) for k in range(8)]
    things += [cup.design(rng, "mug", saucer=False, full=False)]
    things += [
        drinking_glass.design(rng, style) for style in rng.permutation(["wine", "goblet", "tumbler", "latte"])[:2]
    ]
    styles = rng.permutation([style for style in sculpture.STYLES if style not in ("form", "lens", "bust")])[:3]
    things += [
        sculpture.design(rng, str(style), float(rng.uniform(0.12, 0.26)), bool(rng.random() < 0.35)) for style in styles
    ]
    things += [shell.design(rng, style, float(rng.uniform(0.06, 0.14))) for style in shell.STYLES]
    things += [jewellery.design(rng, style) for style in jewellery.STYLES]
    things += [open_book.design(rng, float(rng.uniform(0.16, 0.24)))]
    return Stock(tuple(things), make("paint", rng), make("paper", rng, colour=(0.74, 0.73, 0.7)))


def _riser(radius_m: float, height_m: float, material: Any) -> Kit:
    side = 2 * radius_m + 0.01
    return Kit((part("riser", rounded_box(side, side, height_m, 0.0015).moved(z=GAP_M), material, None),))


def arrange(rng: np.random.Generator, stocked: Stock, deck: Deck, count: int, low_only: bool = False) -> Kit:
    """Stand up to ``count`` things on a deck, some on blocks, with a card in front; in the frame of the case.

    ``low_only`` leaves out what is tall for a case that is seen from above.
    """
    tallest = min(deck.air_m, 0.12) if low_only else deck.air_m
    fitting = [
        kit
        for kit in stocked.things
        if kit.high[2] < tallest and kit.radius_m < min(deck.half_x_m, deck.half_y_m) - 0.005
    ]
    lift = deck.z_m + (GLASS_GAP_M if deck.glass else GAP_M)
    weights = np.array([kit.radius_m + 0.3 * float(kit.high[2]) for kit in fitting])
    kits: list[Kit] = []
    taken: list[tuple[float, float, float]] = []
    for _ in range(count * 6):
        if len(taken) >= count or not fitting:
            break
        kit = fitting[int(rng.choice(len(fitting), p=weights / weights.sum()))]
        block_m = float(rng.choice([0.0, 0.03, 0.06, 0.12], p=[0.6, 0.15, 0.15, 0.1]))
        on_block = 0 < block_m < tallest - kit.high[2] and kit.radius_m < 0.09
        reach = kit.radius_m * (1.45 if on_block else 1.0) + (0.008 if on_block else 0.0)
        if reach > min(deck.half_x_m, deck.half_y_m):
            continue
        spots = rng.uniform(-1, 1, (14, 2)) * [deck.half_x_m - reach, deck.half_y_m - reach]
        gaps = [min([np.hypot(x - a, y - b) - r - reach for a, b, r in taken], default=np.inf) for x, y in spots]
        best = int(np.argmax(gaps)) if taken else 0
        if gaps[best] < _AIR_M:
            continue
        x, y = spots[best].tolist()
        taken.append((x, y, reach))
        turn = float(rng.uniform(0, 360)) if kit.radius_m < 0.1 else float(rng.normal(0, 8))
        if on_block:
            kits.append(_riser(kit.radius_m, block_m, stocked.block).moved([x, y, lift], float(rng.normal(0, 4))))
            kits.append(kit.moved([x, y, lift + GAP_M + block_m + GLASS_GAP_M], turn))
        else:
            kits.append(kit.moved([x, y, lift], turn))
    front = -deck.half_y_m + 0.02
    for _ in range(12):
        x = float(rng.uniform(-1, 1) * (deck.half_x_m - 0.04))
        if all(np.hypot(x - a, front - b) > r + 0.04 for a, b, r in taken):
            kits.append(_card(stocked.card).moved([x, front, lift]))
            break
    return merge(kits)


def _card(material: Any) -> Kit:
    return Kit((part("card", box(0.05, 0.003, 0.03).rotated("x", -25.0).moved(z=0.001 + GAP_M), material, None),))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, count: int = 5
) -> list[bpy.types.Object]:
    """Stand ``count`` things within 0.4 m of ``location`` on a plane."""
    return arrange(rng, stock(rng), Deck(0.0, 0.4, 0.4, 0.4, False), count).place(location, turn_deg)
