# SPDX-License-Identifier: Apache-2.0
"""The materials that one office repeats: desk tops, steel, plastic, chair cloth and mesh, glass and film, walls, paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.materials.palette import RGB, near, pick
from depthbench.blender_scenes.objects import desk_divider, papers

_WHITES: tuple[RGB, ...] = ((0.76, 0.755, 0.74), (0.7, 0.69, 0.66), (0.66, 0.67, 0.67))
_ACCENTS: tuple[RGB, ...] = (
    (0.08, 0.2, 0.26), (0.35, 0.2, 0.08), (0.16, 0.24, 0.14), (0.3, 0.06, 0.05), (0.2, 0.22, 0.25), (0.5, 0.36, 0.1),
    (0.12, 0.1, 0.2), (0.42, 0.45, 0.4),
)  # fmt: skip
_STEELS: tuple[RGB, ...] = ((0.03, 0.03, 0.032), (0.62, 0.62, 0.6), (0.2, 0.205, 0.21), (0.4, 0.4, 0.39))


@dataclass(frozen=True)
class Scheme:
    """Materials of one office.

    Attributes
    ----------
    top, wood, cabinet : of desks, of bookcases, of filing cabinets and drawer units.
    steel, bright, plastic : painted frames; brushed handles and rails; chairs' plastic.
    cloths, mesh, weave : of chairs' seats; of chairs' backs; of trays and baskets.
    glass, pane, film : of partitions and windows; of bookcases; on partitions.
    divider_style, divider : of the screens on desks.
    white, accent : of walls.
    paper : stationery.
    """

    top: Any
    wood: Any
    cabinet: Any
    steel: Any
    bright: Any
    plastic: Any
    cloths: tuple[Any, ...]
    mesh: Any
    weave: Any
    glass: Any
    pane: Any
    film: Any
    divider_style: str
    divider: Any
    white: Any
    accent: Any
    paper: papers.Stationery


def _divider(rng: np.random.Generator, style: str) -> Any:
    if style == "felt":
        return make("fabric", rng, pattern=pick(rng, ("plain", "melange")))
    if style == "glass":
        return make("architectural_glass", rng)
    finish = pick(rng, ("clear", "tinted", "frosted"), (5, 3, 2))
    return make("acrylic", rng, transmissivity=float(rng.uniform(0.45, 0.9)), finish=finish)


def draw(rng: np.random.Generator) -> Scheme:
    """Draw a house style."""
    style = str(rng.choice(desk_divider.STYLES, p=[0.5, 0.25, 0.25]))
    steel = near(rng, pick(rng, _STEELS), 0.02)
    light_top = make("paint", rng, colour=near(rng, (0.68, 0.67, 0.65), 0.02))
    wood = make("wood", rng)
    accent_wall = pick(rng, ("plaster", "brick", "concrete", "wood"), (6, 1.5, 1.5, 1))
    return Scheme(
        top=light_top if rng.random() < 0.3 else make("wood", rng),
        wood=wood if rng.random() < 0.7 else make("paint", rng, colour=near(rng, (0.66, 0.65, 0.62))),
        cabinet=make("paint", rng, colour=near(rng, pick(rng, _STEELS), 0.03)),
        steel=make("paint", rng, colour=steel),
        bright=make("metal", rng, finish="brushed"),
        plastic=make("paint", rng, colour=near(rng, pick(rng, ((0.025, 0.025, 0.026), (0.3, 0.3, 0.3))))),
        cloths=(make("fabric", rng, pattern="plain"), make("fabric", rng, pattern="melange")),
        mesh=make("screen", rng, pattern="wire", pitch_m=float(rng.uniform(0.003, 0.0055)), open_fraction=0.42),
        weave=make("screen", rng, pattern=pick(rng, ("wire", "round")), pitch_m=0.006, open_fraction=0.5),
        glass=make(pick(rng, ("architectural_glass", "dirty_glass", "tinted_glass"), (6, 2, 1)), rng),
        pane=make(pick(rng, ("architectural_glass", "dirty_glass", "patterned_glass"), (6, 2, 1)), rng),
        film=make("acrylic", rng, transmissivity=float(rng.uniform(0.3, 0.55)), finish="frosted", sheet=True),
        divider_style=style,
        divider=_divider(rng, style),
        white=make("plaster", rng, colour=near(rng, pick(rng, _WHITES), 0.02, 0.1, 0.05)),
        accent=make("plaster", rng, colour=near(rng, pick(rng, _ACCENTS)))
        if accent_wall == "plaster"
        else make(accent_wall, rng),
        paper=papers.stationery(rng),
    )
