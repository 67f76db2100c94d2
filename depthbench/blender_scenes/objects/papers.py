# SPDX-License-Identifier: Apache-2.0
"""Paper on a desk: loose sheets, piles, folders; trays of wire mesh (open sheets, class SCREEN) with paper in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.materials.palette import any_hue
from depthbench.blender_scenes.mesh import Mesh, box, join, tube
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, Part, part
from depthbench.blender_scenes.slab import lying

STYLES = ("pile", "folder", "tray")
_A4_M = (0.21, 0.297)
_CARD_M = (0.23, 0.31)


@dataclass(frozen=True)
class Stationery:
    """A few printed pages, blank paper and cards that one office uses again and again."""

    pages: tuple[Any, ...]
    blank: Any
    cards: tuple[Any, ...]


def stationery(rng: np.random.Generator) -> Stationery:
    """Draw an office's paper."""
    pages = tuple(make("print", rng, kind="document") for _ in range(3))
    cards = tuple(make("paper", rng, colour=any_hue(rng, (0.2, 0.7), (0.25, 0.7))) for _ in range(3))
    return Stationery(pages, make("paper", rng, colour=(0.75, 0.745, 0.73)), cards)


def _layer(
    rng: np.random.Generator, name: str, thick_m: float, up_m: float, material: Any, wide: bool, askew_deg: float = 8.0
) -> Part:
    """A level sheet or block, of a page's size or a card's, turned by up to ``askew_deg``."""
    size = _CARD_M if wide else _A4_M
    sheet = lying(*size, thick_m).rotated("z", float(rng.uniform(-1, 1)) * askew_deg)
    x, y = rng.uniform(-0.004, 0.004, 2).tolist()
    return part(name, sheet.moved(x, y, up_m), material, None)


def _pile(
    rng: np.random.Generator, paper: Stationery, layers: int, up_m: float = GAP_M, in_tray: bool = False
) -> list[Part]:
    """Layers of paper and cards, a printed page on top."""
    parts = []
    askew = 1.5 if in_tray else 8.0
    for index in range(layers):
        card = not in_tray and rng.random() < 0.35
        thick = float(rng.uniform(0.0006, 0.0012) if card else rng.uniform(0.001, 0.012))
        material = paper.cards[int(rng.integers(len(paper.cards)))] if card else paper.blank
        parts.append(_layer(rng, f"paper {index}", thick, up_m, material, card, askew))
        up_m += thick + GAP_M
    if rng.random() < 0.8:
        page = paper.pages[int(rng.integers(len(paper.pages)))]
        parts.append(_layer(rng, "page", 0.0004, up_m, page, False, askew))
    return parts


def _tray(up_m: float) -> tuple[list[Mesh], Mesh]:
    """Wires and mesh of one tray whose floor is at ``up_m``; the mesh ends 1 mm short of the wires."""
    x, y, high = 0.125, 0.165, 0.055
    wires = []
    for z in (up_m, up_m + high):
        corners = np.array([[-x, -y, z], [x, -y, z], [x, y, z], [-x, y, z], [-x, -y, z], [x, -y, z]])
        wires.append(tube(corners[:5], 0.002, 6))
    wires += [
        tube(np.array([[sx * x, sy * y, up_m], [sx * x, sy * y, up_m + high]]), 0.002, 6)
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]
    inset = 0.0035
    a, b, low, top = x - inset, y - inset, up_m + 0.0005, up_m + high - 0.003
    floor = [[-a, -b, low], [a, -b, low], [a, b, low], [-a, b, low]]
    sides = []
    for p, q in zip(floor, [*floor[1:], floor[0]], strict=True):
        if p[1] == q[1] == -b:
            continue  # the front is open
        sides.append(np.array([p, q, [*q[:2], top], [*p[:2], top]]))
    vertices = np.concatenate([np.array(floor), *sides])
    return wires, Mesh(vertices, (np.arange(len(vertices)).reshape(-1, 4),))


def design(rng: np.random.Generator, style: str = "pile", paper: Stationery | None = None, mesh: Any = None) -> Kit:
    """Make the parts; ``style`` is one of :data:`STYLES`; ``mesh`` is a tray's material."""
    paper = paper or stationery(rng)
    if style == "pile":
        return Kit(tuple(_pile(rng, paper, int(rng.integers(1, 6)))))
    if style == "folder":
        card = paper.cards[int(rng.integers(len(paper.cards)))]
        cover = join([box(0.235, 0.315, 0.0008), box(0.06, 0.02, 0.0008).moved(0.06, 0.165)])
        thick = float(rng.uniform(0.002, 0.012))
        parts = [
            part("folder", cover.moved(z=GAP_M), card, None),
            _layer(rng, "folder paper", thick, 0.0018, paper.blank, False, 1.5),
        ]
        parts.append(part("folder cover", box(0.235, 0.315, 0.0008).moved(z=thick + 0.0024), card, None))
        return Kit(tuple(parts))
    mesh = mesh or make("screen", rng, pattern="wire", pitch_m=0.004, open_fraction=0.45)
    tiers = int(rng.integers(1, 4))
    wires: list[Mesh] = []
    sheets, parts = [], []
    for tier in range(tiers):
        up = 0.003 + tier * 0.075
        more, sheet = _tray(up)
        wires += more
        sheets.append(sheet)
        if tier:
            wires += [
                tube(np.array([[sx * 0.125, sy * 0.165, up - 0.025], [sx * 0.125, sy * 0.165, up]]), 0.002, 6)
                for sx in (-1, 1)
                for sy in (-1, 1)
            ]
        if rng.random() < 0.75:
            parts += _pile(rng, paper, int(rng.integers(1, 3)), up + 0.0015, True)
    wire = make("paint", rng, colour=(0.03, 0.03, 0.032))
    return Kit(
        (part("tray wires", join(wires).moved(z=GAP_M), wire), part("tray mesh", join(sheets), mesh, None), *parts)
    )


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "pile"
) -> list[bpy.types.Object]:
    """Put one at ``location``."""
    return design(rng, style).place(location, turn_deg)
