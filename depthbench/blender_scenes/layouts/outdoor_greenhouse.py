# SPDX-License-Identifier: Apache-2.0
"""A greenhouse in a walled garden: benches with pots and trays inside; beds, hedges, fence, trees and houses around."""

from __future__ import annotations

import numpy as np

from depthbench.blender_scenes import assembly
from depthbench.blender_scenes.house import KERB_M, palette, placer
from depthbench.blender_scenes.layouts.floor_plan import FloorPlan
from depthbench.blender_scenes.layouts.glazing import window_glass
from depthbench.blender_scenes.layouts.outdoor_light import Mood
from depthbench.blender_scenes.layouts.outdoor_place import Place
from depthbench.blender_scenes.layouts.outdoor_street import add_row
from depthbench.blender_scenes.layouts.rows import row
from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import box, join, rounded_box
from depthbench.blender_scenes.objects import (
    flower_pot,
    grass,
    greenhouse,
    park_bench,
    plant,
    planter,
    tree,
    watering_can,
    wire_fence,
)
from depthbench.blender_scenes.objects.greenhouse import Greenhouse
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part, turned
from depthbench.blender_scenes.slab import slab

_BENCH_M = 0.78
_HALF_M = (10.0, 8.5)
_LAWN_M = 0.004


def _bench(rng: np.random.Generator, long_m: float, deep_m: float) -> Kit:
    """A slatted bench along x with a board under it, its back at y = 0."""
    wood = make("wood", rng)
    count = int(deep_m / 0.085)
    slats = [
        box(long_m, deep_m / count - 0.015, 0.022).moved(y=-(k + 0.5) * deep_m / count, z=_BENCH_M - 0.022)
        for k in range(count)
    ]
    frame = [box(long_m - 0.06, 0.03, 0.07).moved(y=y, z=_BENCH_M - 0.0925) for y in (-0.05, -deep_m + 0.05)]
    legs = max(2, round(long_m / 1.3) + 1)
    for k in range(legs):
        x = (k / (legs - 1) - 0.5) * (long_m - 0.2)
        frame += [box(0.045, 0.045, _BENCH_M - 0.0225).moved(x=x, y=y) for y in (-0.09, -deep_m + 0.09)]
        frame.append(box(0.04, deep_m - 0.23, 0.04).moved(x=x, y=-deep_m / 2, z=0.22))
    board = box(long_m - 0.1, deep_m - 0.24, 0.018).moved(y=-deep_m / 2, z=0.2605)
    return Kit(
        (
            part("bench slats", join(slats), wood, None),
            part("bench frame", join(frame), wood, None),
            part("bench board", board, wood, None),
        )
    ).moved([0, 0, GAP_M])


def _fill(
    rng: np.random.Generator, house: Greenhouse, stock: list[Kit], floor: list[Kit]
) -> list[tuple[float, float, float]]:
    """Put benches along both long sides with plants on and under them, and tall plants at the far end."""
    deep = min(0.72, house.half_y_m - 0.5)
    long = 2 * house.half_x_m - 1.3
    seen = []
    for side in (-1.0, 1.0):
        turn = 0.0 if side > 0 else 180.0
        at = np.array([0.5, side * (house.half_y_m - 0.06), 0.0])
        one = _bench(rng, long, deep)
        one.place(at, turn)
        for lift, room in ((_BENCH_M + 2 * GAP_M, 1.0), (0.2805, 0.42)):
            fitting = [kit for kit in stock if kit.high[2] < room]
            if lift < 0.5 and rng.random() < 0.3:
                continue
            for depth, back in (
                ((deep / 2 - 0.02, 0.0), (deep / 2 - 0.02, deep / 2)) if lift > 0.5 else ((deep - 0.3, 0.15),)
            ):
                narrow = [kit for kit in fitting if kit.high[1] - kit.low[1] < depth - 0.07]
                for kit in row(rng, narrow, long - 0.12, depth, (0.015, 0.07)):
                    kit.place(at + turned([0.0, -back - 0.01, lift], turn), turn)
                    if lift > 0.5 and rng.random() < 0.25:
                        middle = (kit.low + kit.high) / 2
                        seen.append(tuple((at + turned(middle + np.array([0, -back, lift]), turn)).tolist()))
    for y in np.linspace(-house.half_y_m + 0.35, house.half_y_m - 0.35, max(2, int(house.half_y_m * 2 / 0.8))):
        if abs(y) < 0.45 and rng.random() < 0.4:
            continue
        kit = floor[int(rng.integers(len(floor)))]
        if kit.radius_m < 0.45:
            kit.place(
                [-house.half_x_m + 0.55 if abs(y) > 0.7 else house.half_x_m - 0.4, float(y), 0.0],
                float(rng.uniform(0, 360)),
            )
    return seen


def _stock(rng: np.random.Generator) -> tuple[list[Kit], list[Kit]]:
    styles = ("herb", "herb", "flower", "flower", "flower", "empty", "stack", "tray", "tray", "tray")
    stock = [flower_pot.design(rng, style) for style in styles]
    stock += [
        watering_can.design(rng),
        plant.design(rng, "rosette"),
        plant.design(rng, "trailing"),
        plant.design(rng, "blades"),
    ]
    return stock, [flower_pot.design(rng, "tomato") for _ in range(3)]


def _ground(rng: np.random.Generator, half: tuple[float, float], house: Greenhouse) -> None:
    """Lawn with a path to the door and around; paving inside; everything flush but for half a millimetre."""
    lawn = make("ground", rng, kind="grass")
    path = make("ground", rng, kind=str(rng.choice(["gravel", "slabs"])))
    inside = make("ground", rng, kind=str(rng.choice(["gravel", "slabs", "slabs"])))
    wide_x, wide_y = house.half_x_m + 0.16, house.half_y_m + 0.16
    edge = 0.75
    # The lawn is four pieces around the paths, which are a frame around the house.
    assembly.add("ground house", box(2 * wide_x, 2 * wide_y, 0.2), inside, (0, 0, -0.2))
    outer_x, outer_y = wide_x + edge, wide_y + edge
    for x, y, size_x, size_y in (
        (0, (wide_y + outer_y) / 2, 2 * outer_x, edge - GAP_M),
        (0, -(wide_y + outer_y) / 2, 2 * outer_x, edge - GAP_M),
        ((wide_x + outer_x) / 2, 0, edge - GAP_M, 2 * wide_y - GAP_M),
        (-(wide_x + outer_x) / 2, 0, edge - GAP_M, 2 * wide_y - GAP_M),
    ):
        assembly.add("ground path", box(size_x, size_y, 0.2), path, (x, y, -0.2 - 0.002))
    far_x, far_y = half[0] + 5.4, half[1] + 5.4
    for x, y, size_x, size_y in (
        (0, (outer_y + far_y) / 2, 2 * far_x, far_y - outer_y - GAP_M),
        (0, -(outer_y + far_y) / 2, 2 * far_x, far_y - outer_y - GAP_M),
        ((outer_x + far_x) / 2, 0, far_x - outer_x - GAP_M, 2 * outer_y - GAP_M),
        (-(outer_x + far_x) / 2, 0, far_x - outer_x - GAP_M, 2 * outer_y - GAP_M),
    ):
        assembly.add("ground lawn", box(size_x, size_y, 0.2), lawn, (x, y, -0.2 + _LAWN_M))


def sow(
    rng: np.random.Generator, plan: FloorPlan, low: tuple[float, float], high: tuple[float, float], up_m: float
) -> None:
    """Lay squares of grass over a rectangle of a lawn whose surface is at ``up_m``, wherever nothing is in the plan."""
    height = float(rng.uniform(0.04, 0.09))
    kits = [grass.design(rng, height) for _ in range(3)]
    side = grass.SIDE_M
    for x in np.arange(low[0] + side / 2, high[0] - side / 2 + 0.01, side):
        for y in np.arange(low[1] + side / 2, high[1] - side / 2 + 0.01, side):
            if plan.fits([x, y], [side / 2, side / 2]):
                kits[int(rng.integers(3))].place([x, y, up_m], 90.0 * int(rng.integers(4)))


def _boundary(rng: np.random.Generator, half: tuple[float, float], lit: float) -> list[tuple[float, float, float]]:
    """Wall, hedge or wire fence on each side, houses beyond; return points on the fences."""
    wall = make(str(rng.choice(["brick", "brick", "wood", "concrete"])), rng)
    seen = []
    kinds = [str(kind) for kind in rng.permutation(["wall", "wall", "hedge", "fence"])]
    lengths = (2 * half[0], 2 * half[1], 2 * half[0], 2 * half[1])
    for kind, turn, off, long in zip(
        kinds, (0.0, -90.0, 180.0, 90.0), (half[1], half[0], half[1], half[0]), lengths, strict=True
    ):
        at = turned([0.0, off, 0.004], turn)
        if kind == "wall":
            tall = float(rng.uniform(1.7, 2.3))
            assembly.add(
                "garden wall", slab(long - 0.5, tall, 0.22), wall, (at + np.array([0, 0, GAP_M])).tolist(), turn
            )
            cap = rounded_box(long - 0.46, 0.3, 0.06, 0.01).moved(y=0.11, z=tall + 2 * GAP_M)
            assembly.add("garden wall cap", cap, make("concrete", rng), at.tolist(), turn)
        elif kind == "hedge":
            count = max(2, round((long - 0.6) / 2.2))
            piece = tree.hedge(rng, (long - 0.6) / count - 0.08, float(rng.uniform(1.3, 1.9)))
            for k in range(count):
                along = (k - (count - 1) / 2) * (long - 0.6) / count
                piece.place(at + turned([along, 0.35, 0.0], turn), turn)
        else:
            wire_fence.design(rng, long - 1.0, float(rng.uniform(1.2, 1.7))).place(at, turn)
            bushes = [tree.design(rng, "shrub") for _ in range(2)]
            for along in np.arange(-long / 2 + 1.2, long / 2 - 1, float(rng.uniform(1.3, 1.8))):
                bushes[int(rng.integers(2))].place(at + turned([along, 1.0, 0.0], turn), float(rng.uniform(0, 360)))
            seen += [tuple((at + turned([x, 0.5, 0.9], turn)).tolist()) for x in (-2.5, 0.0, 2.5)]
    shared = palette(rng)
    # Two rows reach past the ends of the others, so that no corner is open.
    for turn, off, long in (
        (0.0, half[1], half[0] + 3.5),
        (180.0, half[1], half[0] + 3.5),
        (-90.0, half[0], half[1]),
        (90.0, half[0], half[1]),
    ):
        distance = off + 5.5
        x, y, _ = turned([0.0, distance, 0.0], turn).tolist()
        add_row(rng, placer(x, y, -KERB_M, turn), 2 * long + 10.1, shared, lit, shop_windows=0.0)
    return seen


def _plant_garden(rng: np.random.Generator, half: tuple[float, float], house: Greenhouse) -> None:
    """Trees, shrubs, raised beds, a bench and pots on the lawn."""
    plan = FloorPlan(2 * half[0] - 1.0, 2 * half[1] - 1.0)
    plan.take([-0.5, 0.0], [house.half_x_m + 1.4, house.half_y_m + 1.0])
    things: list[tuple[Kit, int]] = [(tree.design(rng, "fruit"), 3), (park_bench.design(rng), 1)]
    things += [
        (planter.design(rng, "boards", float(rng.uniform(1.2, 1.8))), 4),
        (tree.design(rng, "shrub"), 7),
        (tree.design(rng, "round"), 8),
    ]
    things += [
        (plant.design(rng, str(rng.choice(plant.FLOOR))), 3),
        (flower_pot.design(rng, "flower"), 8),
        (watering_can.design(rng), 2),
    ]
    for kit, count in things:
        for _ in range(count):
            for _ in range(12):
                turn = float(rng.choice([0.0, 90.0, 180.0, 270.0]))
                corners = turned(kit.corners, turn)[:, :2]
                low, high = corners.min(axis=0), corners.max(axis=0)
                spot = rng.uniform(-plan.half, plan.half)
                if plan.fits(spot + (low + high) / 2, (high - low) / 2):
                    plan.take(spot + (low + high) / 2, (high - low) / 2 + 0.25)
                    kit.place([*spot.tolist(), 0.004 + GAP_M], turn)
                    break
    lawn = FloorPlan(2 * half[0] - 0.6, 2 * half[1] - 0.6)
    lawn.taken = [*plan.taken[1:], np.array([[-1, -1], [1, 1]]) * (np.array([house.half_x_m, house.half_y_m]) + 0.92)]
    reach = house.half_x_m + 4.2, house.half_y_m + 4.2
    sow(rng, lawn, (-reach[0], -reach[1]), reach, _LAWN_M)


def build(rng: np.random.Generator, mood: Mood) -> Place:
    """Build it in the current scene."""
    size = float(rng.uniform(4.2, 7.0)), float(rng.uniform(2.7, 3.8))
    house = greenhouse.design(rng, *size, window_glass(rng))
    half = (_HALF_M[0] + float(rng.uniform(-1.5, 1.0)), _HALF_M[1] + float(rng.uniform(-1.2, 0.6)))
    _ground(rng, half, house)
    house.kit.place([0.0, 0.0, 0.0])
    stock, tall = _stock(rng)
    inside = _fill(rng, house, stock, tall)
    fences = _boundary(rng, half, mood.lit_windows)
    _plant_garden(rng, half, house)
    aisle = np.array([[-house.half_x_m + 0.9, -0.3], [house.half_x_m - 0.9, 0.3]])
    reach = np.array([house.half_x_m + 4.0, house.half_y_m + 4.0])
    reach = np.minimum(reach, np.array(half) - 0.8)
    return Place(
        floors=[(aisle, 0.14, 3, ("greenhouse",)), (np.stack([-reach, reach]), 0.4, 14, ())],
        beyond=inside + fences,
        near=[(x, y, 1.2) for x in (-house.half_x_m, house.half_x_m) for y in (-house.half_y_m, house.half_y_m)],
        distance_m=(0.7, 5.0),
    )
