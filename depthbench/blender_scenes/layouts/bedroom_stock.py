# SPDX-License-Identifier: Apache-2.0
"""What lies about in a bedroom: kits for bedsides, dressing tables, desks, shelves and the floor, drawn once per room."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.objects import (
    book,
    bottle,
    cable,
    cup,
    drinking_glass,
    eyewear,
    garment,
    jar,
    jewellery,
    keyboard,
    laptop,
    open_book,
    perfume,
    plant,
    plush,
    shelf_books,
    toy,
    toy_blocks,
    vase,
)
from depthbench.blender_scenes.objects.kit import Kit


@dataclass(frozen=True)
class Stock:
    """Kits by the place where they belong."""

    bedside: tuple[Kit, ...]
    dressing: tuple[Kit, ...]
    desk: tuple[Kit, ...]
    shelf: tuple[Kit, ...]
    toys: tuple[Kit, ...]
    floor: tuple[Kit, ...]
    bed: tuple[Kit, ...]
    books: tuple[list[Kit], list[Kit]]


def _some(rng: np.random.Generator, kits: list[Kit], least: int, most: int) -> tuple[Kit, ...]:
    return tuple(kits[k] for k in rng.permutation(len(kits))[: int(rng.integers(least, most + 1))])


def _toys(rng: np.random.Generator) -> list[Kit]:
    kits = [toy.design(rng, style) for style in (*toy.STYLES, "car", "ball")]
    kits += [toy_blocks.design(rng, style) for style in toy_blocks.STYLES]
    return kits + [plush.design(rng, style, float(rng.uniform(0.2, 0.34))) for style in plush.STYLES]


def draw(rng: np.random.Generator, child: bool) -> Stock:
    """Draw a room's things; in a child's room toys lie among them."""
    clear, tinted = make("glass", rng, tint=(0.985, 0.995, 0.99)), make("glass", rng)
    crockery = make("ceramic", rng)
    glasses = [
        drinking_glass.design(rng, style, clear, "any" if style != "tealight" else None)
        for style in ("tumbler", "highball", "tealight")
    ]
    reading = [eyewear.design(rng, style) for style in ("open", "folded")]
    scents = [
        perfume.design(rng, str(style), [clear, tinted][k % 2])
        for k, style in enumerate(rng.permutation([*perfume.STYLES, *perfume.STYLES])[:5])
    ]
    vases = [vase.any_design(rng, float(rng.uniform(0.1, 0.19)), fine=False, filled=bool(k % 2)) for k in range(3)]
    carafes = [bottle.design(rng, style, clear, content="water") for style in ("carafe", "water")]
    jars = [jar.design(rng, style, clear) for style in ("preserve", "biscuit")]
    trinkets = [jewellery.design(rng, str(style)) for style in rng.permutation(jewellery.STYLES)[:3]]
    mug = cup.design(rng, "mug", crockery, saucer=False)
    books = [book.pile(rng, int(rng.integers(1, 4))), book.design(rng)]
    phone = cable.design(rng, "phone", float(rng.uniform(0.15, 0.3)))
    toys = _toys(rng) if child else [plush.design(rng, str(rng.choice(plush.STYLES)), 0.26)]
    odd = [plant.design(rng, "rosette"), plant.design(rng, "trailing")]
    desk = [
        laptop.design(rng),
        keyboard.design(rng),
        open_book.design(rng),
        mug,
        *books,
        phone,
        *reading,
        carafes[1],
        *glasses[:2],
        odd[0],
    ]
    return Stock(
        bedside=(*_some(rng, [*reading, *carafes, *glasses, *books, mug, phone, scents[0], vases[0], odd[0]], 8, 12),),
        dressing=(*_some(rng, [*scents, *scents[:2], *jars, *trinkets, *vases, glasses[2], *reading, odd[0]], 10, 15),),
        desk=_some(rng, desk + toys[: 4 * child], 7, 10),
        shelf=(*vases, *jars, *odd, *glasses[:1], books[0], *scents[:2], *(toys if child else ())),
        toys=tuple(toys),
        floor=(
            *books,
            *(toys if child else toys[:1]),
            garment.folded(rng, 2),
            open_book.design(rng),
            book.pile(rng, 4),
        ),
        bed=(desk[0], *books, open_book.design(rng, 0.18), garment.folded(rng, 2), *toys[-3:], *reading),
        books=shelf_books.stock(rng, "book", 9),
    )
