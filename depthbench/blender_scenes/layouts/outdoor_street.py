# SPDX-License-Identifier: Apache-2.0
"""A street as a stage: road, kerbs, pavements, house rows on the far side and across both ends.

The street runs along x. The near pavement's surface is z = 0; it lies between the near house fronts in the plane y = 0, which look
towards -y, and the kerb at y = -pavement_m.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from depthbench.blender_scenes.house import GAP_M, KERB_M, Front, Palette, Placer, add_house, placer
from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.materials.palette import pick
from depthbench.blender_scenes.mesh import box, join, lathe

_KERB_WIDE_M = 0.15


@dataclass(frozen=True)
class Street:
    """Measures in metres."""

    length_m: float
    pavement_m: float
    road_m: float

    @property
    def kerb_y(self) -> float:
        """Where the near pavement ends."""
        return -self.pavement_m

    @property
    def far_kerb_y(self) -> float:
        """Where the far pavement begins."""
        return -self.pavement_m - self.road_m

    @property
    def far_front_y(self) -> float:
        """Plane of the house fronts on the far side."""
        return -2 * self.pavement_m - self.road_m


def widths(rng: np.random.Generator, total_m: float, usual_m: float = 7.0) -> list[float]:
    """Divide a row into houses."""
    share = rng.uniform(0.8, 1.25, max(1, round(total_m / usual_m)))
    return [float(part) for part in total_m * share / share.sum()]


def add_row(
    rng: np.random.Generator,
    place: Placer,
    total_m: float,
    shared: Palette,
    lit: float = 0.0,
    is_open: Callable[[float], bool] = lambda x_m: False,
    shop_windows: float = 1.0,
) -> list[Front]:
    """Build a row of houses in the plane y = 0 of ``place``; return the fronts of those that ``is_open`` at their middle.

    ``shop_windows`` is the share of the others that have one.
    """
    left, fronts = -total_m / 2, []
    for wide in widths(rng, total_m):
        middle = left + wide / 2
        front = add_house(
            rng,
            place,
            wide,
            middle,
            0.0,
            open_shop=is_open(middle),
            shop_window=is_open(middle) or rng.random() < shop_windows,
            lit=lit,
            roof=True,
            shared=shared,
        )
        if is_open(middle):
            fronts.append(front)
        left += wide
    return fronts


def add_ground(rng: np.random.Generator, street: Street) -> None:
    """Lay pavements, kerbs and the road, paint its lines, let in manhole covers."""
    place = placer(0.0, 0.0, -KERB_M, 0.0)
    slabs = make("ground", rng, kind=pick(rng, ("slabs", "slabs", "setts")))
    kerb = make("concrete", rng)
    deep = street.pavement_m - _KERB_WIDE_M
    long = street.length_m
    place("street pavement near", box(long, deep - GAP_M, KERB_M), slabs, 0, -deep / 2 - GAP_M / 2)
    place("street pavement far", box(long, deep - GAP_M, KERB_M), slabs, 0, street.far_front_y + deep / 2 + GAP_M / 2)
    stones = [
        box(0.992, _KERB_WIDE_M - 0.004, KERB_M).moved(x=float(x))
        for x in np.arange(-long / 2 + 0.5, long / 2 - 0.5, 1.0)
    ]
    for y in (street.kerb_y + _KERB_WIDE_M / 2, street.far_kerb_y - _KERB_WIDE_M / 2):
        place("street kerb", join(stones), kerb, 0, y)
    middle = street.kerb_y - street.road_m / 2
    road = box(long, street.road_m - GAP_M, 0.5)
    place("street road", road, make("ground", rng, kind="asphalt"), 0, middle, -0.5)
    paint = make("paint", rng, colour=(0.6, 0.59, 0.56))
    dashes = [box(1.8, 0.1, 0.003).moved(x=float(x)) for x in np.arange(-long / 2 + 2, long / 2 - 2, 3.6)]
    bays = [
        box(0.08, 1.95, 0.003).moved(x=float(x), y=street.road_m / 2 - 1.0)
        for x in np.arange(-long / 2 + 3, long / 2 - 3, 5.6)
    ]
    place("street markings", join(dashes + (bays if rng.random() < 0.6 else [])), paint, 0, middle, 0.001)
    cover = lathe([(0, 0), (0.32, 0), (0.32, 0.004), (0.27, 0.004), (0.26, 0.002), (0, 0.002)], 36)
    iron = make("metal", rng, finish="painted")
    for index in range(4):
        x = (index - 1.5) * long / 4.6 + float(rng.uniform(-2.5, 2.5))
        place("street cover", cover, iron, x, middle + float(rng.uniform(0.6, 1.2)), 0.001)


def add_far_side(rng: np.random.Generator, street: Street, shared: Palette, lit: float, depth_m: float = 0.0) -> None:
    """Build the houses across the road and those that close both ends, which reach ``depth_m`` behind the near front."""
    add_row(rng, placer(0.0, street.far_front_y, -KERB_M, 180.0), street.length_m - 0.9, shared, lit, shop_windows=0.6)
    behind = 3.0
    wide = -street.far_front_y + 2 * behind + depth_m
    for side, turn_deg in ((1.0, -90.0), (-1.0, 90.0)):
        middle = (street.far_front_y + depth_m) / 2
        add_row(
            rng,
            placer(side * (street.length_m / 2 + 0.02), middle, -KERB_M, turn_deg),
            wide,
            shared,
            lit,
            shop_windows=0.4,
        )


def draw(rng: np.random.Generator) -> Street:
    """Draw the measures of a street."""
    return Street(float(rng.uniform(34, 42)), float(rng.uniform(3.4, 4.6)), float(rng.uniform(6.0, 9.0)))
