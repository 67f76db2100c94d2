# SPDX-License-Identifier: Apache-2.0
"""What lies in display cases: a stock of small things, and their arrangement on a deck so that none touches another."""

from __future__ import annotations

from collections.abc import Sequence
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


def stock(rng: np.random.Generator) -> list[Kit]:
    """Make about three dozen small things in random order: vases, cups, goblets, shells, sculptures, treasures, books."""
    things = [vase.any_design(rng, float(rng.uniform(0.12, 0.4)), bool(k % 2), fine=False) for k in range(12)]
    things += [cup.design(rng, "mug", saucer=False, full=False)]
    things += [drinking_glass.design(rng, style) for style in ("wine", "goblet", "tumbler")]
    for style in rng.permutation([style for style in sculpture.STYLES if style not in ("form", "lens")])[:5]:
        things.append(sculpture.design(rng, str(style), float(rng.uniform(0.12, 0.3)), bool(rng.random() < 0.35)))
    things += [shell.design(rng, style, float(rng.uniform(0.07, 0.15))) for style in shell.STYLES]
    things += [jewellery.design(rng, style) for style in (*jewellery.STYLES, "crystal", "coins")]
    things += [open_book.design(rng, float(rng.uniform(0.16, 0.26))) for _ in range(2)]
    return [things[index] for index in rng.permutation(len(things))]


def _riser(radius_m: float, height_m: float, material: Any) -> Kit:
    side = 2 * radius_m + 0.01
    return Kit((part("riser", rounded_box(side, side, height_m, 0.0015).moved(z=GAP_M), material, None),))


def arrange(
    rng: np.random.Generator, things: list[Kit], deck: Deck, count: int, block: Any, card: Any, low_only: bool = False
) -> Kit:
    """Stand up to ``count`` things on a deck, some on blocks, with a card in front; in the frame of the case.

    Parameters
    ----------
    things : list of Kit
        Taken from the front where they fit, and put back at its end, so that equal things keep apart.
    block, card : material
        Of the blocks and of the card.
    low_only : bool
        Leave out what is tall for a case that is seen from above.
    """
    tallest = min(deck.air_m, 0.12) if low_only else deck.air_m
    lift = deck.z_m + (GLASS_GAP_M if deck.glass else GAP_M)
    kits: list[Kit] = []
    taken: list[tuple[float, float, float]] = []
    for kit in list(things):
        if len(taken) >= count:
            break
        block_m = float(rng.choice([0.0, 0.03, 0.06, 0.12], p=[0.65, 0.15, 0.12, 0.08]))
        on_block = 0 < block_m < tallest - kit.high[2] and kit.radius_m < 0.09
        reach = kit.radius_m * (1.45 if on_block else 1.0) + (0.008 if on_block else 0.0)
        if kit.high[2] > tallest or reach > min(deck.half_x_m, deck.half_y_m):
            continue
        spots = rng.uniform(-1, 1, (14, 2)) * [deck.half_x_m - reach, deck.half_y_m - reach]
        gaps = [min([np.hypot(x - a, y - b) - r - reach for a, b, r in taken], default=np.inf) for x, y in spots]
        best = int(np.argmax(gaps)) if taken else 0
        if gaps[best] < _AIR_M:
            continue
        x, y = spots[best].tolist()
        taken.append((x, y, reach))
        things.append(things.pop(next(index for index, other in enumerate(things) if other is kit)))
        turn = float(rng.uniform(0, 360)) if kit.radius_m < 0.1 else float(rng.normal(0, 8))
        if on_block:
            kits.append(_riser(kit.radius_m, block_m, block).moved([x, y, lift], float(rng.normal(0, 4))))
            kits.append(kit.moved([x, y, lift + GAP_M + block_m + GLASS_GAP_M], turn))
        else:
            kits.append(kit.moved([x, y, lift], turn))
    front = -deck.half_y_m + 0.02
    for _ in range(12):
        x = float(rng.uniform(-1, 1) * (deck.half_x_m - 0.04))
        if all(np.hypot(x - a, front - b) > r + 0.04 for a, b, r in taken):
            kits.append(_card(card).moved([x, front, lift]))
            break
    return merge(kits)


def _card(material: Any) -> Kit:
    return Kit((part("card", box(0.05, 0.003, 0.03).rotated("x", -25.0).moved(z=0.001 + GAP_M), material, None),))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, count: int = 5
) -> list[bpy.types.Object]:
    """Stand ``count`` things within 0.4 m of ``location`` on a plane."""
    return arrange(
        rng, stock(rng), Deck(0.0, 0.4, 0.4, 0.4, False), count, make("paint", rng), make("paper", rng)
    ).place(location, turn_deg)
