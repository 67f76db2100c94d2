# SPDX-License-Identifier: Apache-2.0
"""Closed books, magazines and menus lying flat, or in a small pile."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import box, join
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, merge, part
from depthbench.blender_scenes.slab import lying


def design(rng: np.random.Generator, kind: str = "book") -> Kit:
    """Make the parts of a 'book' (cover and pages) or a 'menu' (one stiff sheet)."""
    if kind == "menu":
        sheet = box(0.15, 0.21, 0.0018).moved(z=GAP_M)
        return Kit((part("menu", sheet, make("print", rng, kind="menu"), None),))
    width, length = float(rng.uniform(0.12, 0.17)), float(rng.uniform(0.18, 0.24))
    thick, board = float(rng.uniform(0.012, 0.035)), 0.002
    cover = join(
        [
            lying(width, length, board),
            lying(width, length, board).moved(z=thick - board),
            box(board, length, thick - 2 * board - 0.0002).moved(x=-width / 2 + board / 2, z=board + 0.0001),
        ]
    )
    pages = box(width - 0.008, length - 0.006, thick - 2 * board - 2 * GAP_M).moved(x=-0.001, z=board + GAP_M)
    return Kit(
        (
            part("book cover", cover.moved(z=GAP_M), make("print", rng, kind="book"), None),
            part("book pages", pages.moved(z=GAP_M), make("paper", rng), None),
        )
    )


def pile(rng: np.random.Generator, count: int) -> Kit:
    """Make a pile of ``count`` books, the larger ones not necessarily below."""
    height, kits = 0.0, []
    for _ in range(count):
        one = design(rng)
        kits.append(one.moved([*rng.normal(0, 0.006, 2), height], float(rng.normal(0, 9))))
        height += float(one.high[2])
    return merge(kits)


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, kind: str = "book"
) -> list[bpy.types.Object]:
    """Put one book at ``location``."""
    return design(rng, kind).place(location, turn_deg)
