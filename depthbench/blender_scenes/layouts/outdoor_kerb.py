# SPDX-License-Identifier: Apache-2.0
"""What stands along kerbs: trees, lamps, bollards, bins, signs, benches, planters, bicycles; and the cars that park there."""

from __future__ import annotations

from dataclasses import dataclass, field

import bpy
import numpy as np

from depthbench.blender_scenes import lights
from depthbench.blender_scenes.house import KERB_M
from depthbench.blender_scenes.layouts.floor_plan import FloorPlan
from depthbench.blender_scenes.layouts.outdoor_light import Mood
from depthbench.blender_scenes.layouts.outdoor_street import Street
from depthbench.blender_scenes.objects import (
    bicycle,
    bollard,
    car,
    litter_bin,
    park_bench,
    planter,
    street_lamp,
    street_sign,
    tree,
)
from depthbench.blender_scenes.objects.kit import Kit, turned

_TREE_M, _LAMP_M = 1.9, 0.5
_PAINT_M = 0.0045
"""Height of the lines on the road, on which a wheel may stand."""


@dataclass
class Kerb:
    """The ground of both pavements, what is taken of it, and what was put where (x, y)."""

    plan: FloorPlan
    crowns: FloorPlan
    seen: list[tuple[float, float, float]] = field(default_factory=list)
    bicycles: list[list[bpy.types.Object]] = field(default_factory=list)
    """The parts of each bicycle that leans there."""


def open_kerb(street: Street) -> Kerb:
    """Return the free ground of a street."""
    size = street.length_m - 1.2, -2 * street.far_front_y
    return Kerb(FloorPlan(*size), FloorPlan(*size))


def _stand(kerb: Kerb, kit: Kit, x: float, y: float, turn_deg: float = 0.0, gap_m: float = 0.15) -> bool:
    """Put a kit where its ground is free; say whether it was."""
    spread = turned(kit.corners, turn_deg)
    low, high = spread[:, :2].min(axis=0), spread[:, :2].max(axis=0)
    centre, half = np.array([x, y]) + (low + high) / 2, (high - low) / 2
    if not kerb.plan.fits(centre, half):
        return False
    kerb.plan.take(centre, half + gap_m)
    kit.place([x, y, 0.0], turn_deg)
    return True


def _tall(kerb: Kerb, kit: Kit, x: float, y: float, turn_deg: float, reach_m: float, foot_m: float) -> bool:
    """Put something on a thin foot where neither its foot nor what it carries meets anything."""
    if not (kerb.crowns.fits([x, y], [reach_m] * 2) and kerb.plan.fits([x, y], [foot_m] * 2)):
        return False
    kerb.crowns.take([x, y], [reach_m] * 2)
    kerb.plan.take([x, y], [foot_m + 0.1] * 2)
    kit.place([x, y, 0.0], turn_deg)
    return True


def add_trees_and_lamps(rng: np.random.Generator, street: Street, mood: Mood, kerb: Kerb) -> None:
    """Line both pavements with lamps and, mostly, trees; light the lamps where the hour asks for it."""
    style = str(rng.choice(street_lamp.STYLES))
    lamp = street_lamp.design(rng, style, 18.0 if mood.lamps_on else 0.0, mood.lamp_k)
    half = street.length_m / 2
    pitch = float(rng.uniform(9, 13))
    for near in (True, False):
        y = street.kerb_y + 0.42 if near else street.far_kerb_y - 0.42
        for x in np.arange(-half + 2.5 + rng.uniform(0, 3), half - 2, pitch):
            turn = 0.0 if near else 180.0
            if _tall(kerb, lamp, float(x), y, turn, _LAMP_M, 0.16) and mood.lamps_on:
                at = np.array([x, y, 0.0]) + turned(street_lamp.LIGHT[style], turn) - np.array([0.0, 0.0, 0.06])
                lights.pendant_light(at.tolist(), float(rng.uniform(90, 140)), mood.lamp_k, 0.06)
    if rng.random() < 0.2:
        return
    kits = [tree.design(rng, "street") for _ in range(2)]
    pitch = float(rng.uniform(6.5, 10))
    for near in (True, False):
        y = street.kerb_y + 0.7 if near else street.far_kerb_y - 0.7
        for x in np.arange(-half + 3 + rng.uniform(0, 4), half - 2.5, pitch):
            if rng.random() < 0.8:
                _tall(kerb, kits[int(rng.integers(2))], float(x), y, float(rng.uniform(0, 360)), _TREE_M, 0.2)


def add_furniture(rng: np.random.Generator, street: Street, kerb: Kerb, middle_m: float = 9.0) -> None:
    """Put bollards, bins, signs, benches, planters and bicycles along the near kerb, some on the far side."""
    post = bollard.design(rng, str(rng.choice(bollard.STYLES)))
    start = float(rng.uniform(-middle_m, 0))
    for x in np.arange(start, start + float(rng.uniform(4, 12)), float(rng.uniform(1.3, 1.8))):
        _stand(kerb, post, float(x), street.kerb_y + 0.33)
    rack, cycles = bicycle.rack(rng), [bicycle.design(rng) for _ in range(2)]
    for _ in range(int(rng.integers(1, 4))):
        _park(rng, kerb, rack, cycles, float(rng.uniform(-middle_m, middle_m)), street.kerb_y + 0.75)
    kits = [
        litter_bin.design(rng, str(rng.choice(litter_bin.STYLES))),
        street_sign.design(rng, str(rng.choice(street_sign.STYLES))),
        street_sign.design(rng, str(rng.choice(street_sign.STYLES))),
        park_bench.design(rng, float(rng.uniform(1.4, 1.9))),
        planter.design(rng, str(rng.choice(planter.STYLES)), float(rng.uniform(0.8, 1.5))),
    ]
    turns = (180.0, 180.0, 90.0, 180.0, 0.0)
    for index in rng.integers(0, len(kits), 16):
        near = rng.random() < 0.7
        x = float(rng.uniform(-1, 1)) * (middle_m if near else 0.45 * street.length_m)
        y = street.kerb_y + 0.55 if near else street.far_kerb_y - 0.55
        turn = turns[index] if near else turns[index] + 180.0
        _stand(kerb, kits[int(index)], x, y, turn + (0.0 if index < 3 or rng.random() < 0.6 else 180.0), 0.3)


def _park(rng: np.random.Generator, kerb: Kerb, rack: Kit, cycles: list[Kit], x: float, y: float) -> None:
    """Stand a rack with a bicycle on either side of it, along the kerb."""
    if not kerb.plan.fits([x, y], [1.05, 0.62]):
        return
    kerb.plan.take([x, y], [1.1, 0.65])
    rack.place([x, y, 0.0])
    for side in (-1.0, 1.0):
        if rng.random() < 0.75:
            turn, kit = 180.0 * int(rng.integers(2)), int(rng.integers(2))
            at = [x + float(rng.uniform(-0.12, 0.12)), y + side * 0.33, 0.0]
            kerb.bicycles.append(cycles[kit].place(at, turn))


def add_cars(
    rng: np.random.Generator,
    street: Street,
    near: float,
    far: float,
    keep_free: tuple[float, float] = (0.0, 0.0),
    placed: list[list[bpy.types.Object]] | None = None,
    both_free: bool = False,
) -> list[tuple[float, float]]:
    """Park cars at both kerbs with these probabilities per bay; return where (x, y) those at the near kerb stand.

    ``keep_free`` is a stretch of the near kerb where none stands, with ``both_free`` of both; ``placed`` receives the parts of
    each car.
    """
    kits = [car.design(rng, str(style)) for style in rng.permutation([*car.STYLES, "hatchback"])[:4]]
    parked = []
    for share, y, is_near in ((near, street.kerb_y - 1.12, True), (far, street.far_kerb_y + 1.12, False)):
        x = -street.length_m / 2 + 3.0 + float(rng.uniform(0, 3))
        while x < street.length_m / 2 - 3.0:
            blocked = (is_near or both_free) and keep_free[0] - 2.6 < x < keep_free[1] + 2.6
            if rng.random() < share and not blocked:
                kit = kits[int(rng.integers(len(kits)))]
                turn = (180.0 if is_near == (rng.random() < 0.85) else 0.0) + float(rng.normal(0, 0.8))
                things = kit.place([x, y + float(rng.normal(0, 0.05)), -KERB_M + _PAINT_M], turn)
                if placed is not None:
                    placed.append(things)
                if is_near:
                    parked.append((x, y))
            x += float(rng.uniform(5.25, 6.2))
    return parked
