# SPDX-License-Identifier: Apache-2.0
"""The three places in a street: shop fronts, a bus stop, a kerb full of parked cars."""

from __future__ import annotations

import numpy as np

from depthbench.blender_scenes import assembly
from depthbench.blender_scenes.house import KERB_M, Palette, palette, placer
from depthbench.blender_scenes.layouts import outdoor_kerb, outdoor_shops, outdoor_street
from depthbench.blender_scenes.layouts.floor_plan import FloorPlan
from depthbench.blender_scenes.layouts.glazing import window_glass
from depthbench.blender_scenes.layouts.outdoor_greenhouse import sow
from depthbench.blender_scenes.layouts.outdoor_kerb import Kerb
from depthbench.blender_scenes.layouts.outdoor_light import Mood
from depthbench.blender_scenes.layouts.outdoor_place import Place, Spot
from depthbench.blender_scenes.layouts.outdoor_street import Street
from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import box, rounded_box
from depthbench.blender_scenes.objects import bus_shelter, tree, wire_fence
from depthbench.blender_scenes.objects.kit import GAP_M
from depthbench.blender_scenes.slab import slab

_PLOT_M = 7.0


def _shop_row(
    rng: np.random.Generator, street: Street, mood: Mood, kerb: Kerb, shared: Palette, reach_m: float
) -> list[Spot]:
    """Houses along the near side, those within ``reach_m`` of the middle with shops; return points in their windows."""
    fronts = outdoor_street.add_row(
        rng,
        placer(0.0, 0.0, -KERB_M, 0.0),
        street.length_m - 0.9,
        shared,
        mood.lit_windows,
        lambda x_m: abs(x_m) < reach_m,
    )
    trades = [str(trade) for trade in rng.permutation(outdoor_shops.TRADES)]
    spots: list[Spot] = []
    for index, front in enumerate(fronts):
        panes, taken = outdoor_shops.add_shop(rng, front, trades[index % len(trades)], mood)
        for x, y, half_x, half_y in taken:
            kerb.plan.take([x, y], [half_x, half_y])
        for pane in panes:
            x, _, z = pane.centre.tolist()
            spots += [
                (x + float(rng.uniform(-0.3, 0.3)), float(deep), min(z, 1.45)) for deep in rng.uniform(0.3, 2.6, 2)
            ]
    kerb.crowns.take([0.0, -0.6], [street.length_m, 0.65])
    return spots


def _plot(rng: np.random.Generator, street: Street, shared: Palette) -> list[Spot]:
    """Behind a wire fence: grass with bushes and trees, a wall, houses beyond; return points on the fence."""
    long = street.length_m - 0.9
    lawn = make("ground", rng, kind=str(rng.choice(["grass", "gravel", "grass"])))
    assembly.add("street plot", box(long, _PLOT_M, 0.3), lawn, (0, _PLOT_M / 2 + 0.002, -0.3))
    wall = make(str(rng.choice(["brick", "concrete", "wood"])), rng)
    assembly.add("street plot wall", slab(long, 2.1, 0.2), wall, (0, _PLOT_M - 0.4, GAP_M))
    cap = rounded_box(long, 0.28, 0.06, 0.01).moved(y=0.1, z=2.1 + 2 * GAP_M)
    assembly.add("street plot wall cap", cap, make("concrete", rng), (0, _PLOT_M - 0.4, 0))
    outdoor_street.add_row(rng, placer(0.0, _PLOT_M + 2.5, -KERB_M, 0.0), long, shared, 0.1, shop_windows=0.0)
    assembly.add(
        "street plot yard", box(long, 2.4, 0.3), make("ground", rng, kind="gravel"), (0, _PLOT_M + 1.25, -0.31)
    )
    wire_fence.design(rng, long - 1.2, float(rng.uniform(1.3, 1.9))).place([0.0, 0.12, 0.0])
    fruit, round_one = tree.design(rng, "fruit"), tree.design(rng, "round")
    shrubs = [tree.design(rng, "shrub") for _ in range(3)]
    plan = FloorPlan(long, 2 * _PLOT_M)
    for kits, y, pitch in (([fruit], 4.85, 4.6), (shrubs, 2.3, 1.9), ([round_one], 0.85, 1.5)):
        x = -long / 2 + 2.0 + float(rng.uniform(0, 1))
        while x < long / 2 - 2.0:
            if rng.random() < 0.75:
                kits[int(rng.integers(len(kits)))].place([x, y, GAP_M], float(rng.uniform(0, 360)))
                plan.take([x, y], [0.4, 0.4])
            x += pitch * float(rng.uniform(1.0, 1.4))
    if lawn.name.startswith("ground_grass"):
        sow(rng, plan, (-9.6, 0.4), (9.6, _PLOT_M - 0.6), 0.0)
    return [(float(x), 0.5, 1.0) for x in np.linspace(-7, 7, 6)]


def _near_side(
    rng: np.random.Generator, street: Street, mood: Mood, kerb: Kerb, shared: Palette, kind: str
) -> tuple[list[Spot], float]:
    """Build what lines the near pavement: 'shops', one 'shop' among houses, or a 'plot'; return spots and its depth."""
    if kind == "plot":
        return _plot(rng, street, shared), _PLOT_M + 3.0
    return _shop_row(rng, street, mood, kerb, shared, 10.5 if kind == "shops" else 3.6), 0.0


def _pavement(street: Street, reach_m: float) -> tuple[np.ndarray, float, int, tuple[str, ...]]:
    return np.array([[-reach_m, street.kerb_y + 0.25], [reach_m, -0.35]]), 0.38, 12, ()


def shop_fronts(rng: np.random.Generator, mood: Mood) -> Place:
    """Shops to look into from the pavement."""
    street, shared = outdoor_street.draw(rng), palette(rng)
    kerb = outdoor_kerb.open_kerb(street)
    outdoor_street.add_ground(rng, street)
    spots, _ = _near_side(rng, street, mood, kerb, shared, "shops")
    outdoor_street.add_far_side(rng, street, shared, mood.lit_windows)
    parked = outdoor_kerb.add_cars(rng, street, float(rng.uniform(0.0, 0.5)), 0.5)
    outdoor_kerb.add_trees_and_lamps(rng, street, mood, kerb)
    outdoor_kerb.add_furniture(rng, street, kerb)
    near = [(x, y, 0.6) for x, y in parked if abs(x) < 9] + [(x, street.far_front_y, 1.4) for x in (-5.0, 0.0, 5.0)]
    return Place([_pavement(street, 9.5)], spots, near, (0.8, 5.0))


def bus_stop(rng: np.random.Generator, mood: Mood) -> Place:
    """A glass shelter at the kerb before a plot, houses or shops."""
    street, shared = outdoor_street.draw(rng), palette(rng)
    kerb = outdoor_kerb.open_kerb(street)
    outdoor_street.add_ground(rng, street)
    glow = float(rng.uniform(2.0, 3.5)) if mood.lamps_on else float(rng.choice([0.0, 0.6 * mood.sky.sky_w_m2 / np.pi]))
    kit = bus_shelter.design(rng, str(rng.choice(bus_shelter.STYLES)), glow, window_glass(rng))
    count = 2 if rng.random() < 0.35 else 1
    spots: list[Spot] = []
    for index in range(count):
        x = (index - (count - 1) / 2) * 7.5 + float(rng.uniform(-1.0, 1.0))
        y = street.kerb_y + 0.55 - float(kit.low[1])
        kit.place([x, y, 0.0])
        kerb.plan.take([x, y], [float(kit.high[0]) + 0.5, 1.3])
        kerb.crowns.take([x, y], [float(kit.high[0]) + 0.3, 1.2])
        spots += [
            (x + float(dx), y + float(dy), float(rng.uniform(0.8, 1.6)))
            for dx, dy in rng.uniform([-2, -0.6], [2, 1.2], (16, 2))
        ]
    kind = str(rng.choice(["plot", "plot", "shop", "shops"]))
    more, deep = _near_side(rng, street, mood, kerb, shared, kind)
    outdoor_street.add_far_side(rng, street, shared, mood.lit_windows, deep)
    parked = outdoor_kerb.add_cars(rng, street, 0.35, 0.6, (-9.0, 9.0))
    outdoor_kerb.add_trees_and_lamps(rng, street, mood, kerb)
    outdoor_kerb.add_furniture(rng, street, kerb)
    near = [(x, y, 0.6) for x, y in parked] + [(x, street.far_front_y, 1.4) for x in (-5.0, 0.0, 5.0)]
    road = np.array([[-7.0, street.kerb_y - 3.0], [7.0, street.kerb_y - 0.9]])
    return Place([_pavement(street, 8.0), (road, 0.4, 4, ())], spots + more[:6], near, (1.0, 5.5))


def parked_cars(rng: np.random.Generator, mood: Mood) -> Place:
    """Cars along both kerbs, seen from the pavement and from the road."""
    street, shared = outdoor_street.draw(rng), palette(rng)
    kerb = outdoor_kerb.open_kerb(street)
    outdoor_street.add_ground(rng, street)
    more, deep = _near_side(rng, street, mood, kerb, shared, str(rng.choice(["shop", "shop", "plot", "shops"])))
    outdoor_street.add_far_side(rng, street, shared, mood.lit_windows, deep)
    parked = outdoor_kerb.add_cars(rng, street, 0.92, 0.7)
    outdoor_kerb.add_trees_and_lamps(rng, street, mood, kerb)
    outdoor_kerb.add_furniture(rng, street, kerb)
    near = [(x, y, 0.7) for x, y in parked if abs(x) < 11]
    spots = [
        (x + float(dx), y + float(dy), 0.95)
        for x, y, _ in near
        for dx, dy in rng.uniform([-1.0, -0.6], [0.8, 0.6], (3, 2))
    ]
    road = np.array([[-9.0, max(street.kerb_y - 4.6, street.far_kerb_y + 2.6)], [9.0, street.kerb_y - 2.35]])
    return Place([_pavement(street, 10.0), (road, 0.35, 5, ())], spots + more[:4], near, (1.1, 5.0))
