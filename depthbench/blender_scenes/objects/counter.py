# SPDX-License-Identifier: Apache-2.0
"""A cafe counter: a bar with a worktop beside a pastry case, with what stands on a bar.

The customer stands at -y; the counter's back is at y = 0 and it is centred in x.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import box, join, rounded_box
from depthbench.blender_scenes.objects import (
    bottle,
    cake_stand,
    coffee_machine,
    cup,
    drinking_glass,
    jar,
    menu_card,
    pastry_case,
    plant,
)
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, Part, merge, part

DEPTH_M = pastry_case.DEPTH_M
BAR_M = 1.06


def cladding(rng: np.random.Generator) -> Any:
    """Draw the material of a counter's front."""
    kind = str(
        rng.choice(["wood", "planks", "tiles", "paint", "concrete", "brick"], p=[0.22, 0.2, 0.22, 0.2, 0.08, 0.08])
    )
    return make("wood", rng, planks=True) if kind == "planks" else make(kind, rng)


def _till(rng: np.random.Generator) -> Part:
    """A tablet on a stand."""
    screen = rounded_box(0.27, 0.012, 0.19, 0.004).rotated("x", -25.0).moved(z=0.08)
    stand = [box(0.16, 0.16, 0.008), box(0.03, 0.03, 0.09).moved(y=0.02, z=0.006)]
    return part("till", join([*stand, screen]).moved(z=GAP_M), make("paint", rng, colour=(0.04, 0.04, 0.045)))


def _on_bar(rng: np.random.Generator, length_m: float) -> list[Kit]:
    """Things in a row along a worktop of that length, centred in x and y, standing on z = 0."""
    clear = make("glass", rng)
    small: list[Callable[[], Kit]] = [
        lambda: jar.design(rng, "biscuit", clear),
        lambda: jar.design(rng, "tall", clear),
        lambda: jar.design(rng, "preserve", clear),
        lambda: bottle.design(rng, "syrup", content="any"),
        lambda: bottle.design(rng, "syrup", content="any"),
        lambda: bottle.design(rng, "carafe", clear, content="any"),
        lambda: drinking_glass.design(rng, "highball", clear, "any"),
        lambda: drinking_glass.design(rng, "tumbler", clear),
        lambda: cup.design(rng, "espresso"),
        lambda: menu_card.design(rng),
        lambda: plant.design(rng, "rosette"),
        lambda: cake_stand.design(rng),
        lambda: Kit((_till(rng),)),
    ]
    queue = [small[k] for k in rng.permutation(len(small))]
    if length_m > 1.3:
        # The barista works from the back of the bar: the machine turns its back on the customer.
        working = [coffee_machine.design(rng), coffee_machine.grinder(rng)]
        queue = [(lambda kit=kit: kit.moved([0.0, 0.0, 0.0], 180.0)) for kit in working] + queue
    row: list[Kit] = []
    x = -length_m / 2 + 0.03
    for make_kit in queue:
        if x > length_m / 2 - 0.12:
            break
        kit = make_kit()
        low, high = kit.low, kit.high
        if x + high[0] - low[0] > length_m / 2 - 0.03:
            continue
        slack = max(0.0, DEPTH_M - 0.06 - (high[1] - low[1]))
        y = float(rng.uniform(-slack / 2, slack / 2))
        row.append(kit.moved([x - low[0], y - (low[1] + high[1]) / 2, 0.0]))
        x += float(high[0] - low[0]) + float(rng.uniform(0.02, 0.08))
    return row


def design(rng: np.random.Generator, bar_m: float, case_m: float, case_left: bool, glass: Any = None) -> Kit:
    """Make the parts of a counter of a bar and a pastry case of those lengths side by side."""
    clad = cladding(rng)
    top = make(str(rng.choice(["marble", "wood", "concrete"], p=[0.45, 0.4, 0.15])), rng)
    total = bar_m + case_m + 0.004
    side = -1.0 if case_left else 1.0
    bar_x, case_x = -side * (total - bar_m) / 2, side * (total - case_m) / 2
    body = join(
        [
            box(bar_m - 0.04, DEPTH_M - 0.14, 0.08).moved(y=-DEPTH_M / 2),
            box(bar_m - 0.01, DEPTH_M - 0.07, BAR_M - 0.12 - GAP_M).moved(y=-DEPTH_M / 2, z=0.08),
        ]
    )
    slab = rounded_box(bar_m, DEPTH_M, 0.04 - GAP_M, 0.004).moved(z=BAR_M - 0.04, y=-DEPTH_M / 2)
    bar = Kit((part("counter", body.moved(z=GAP_M), clad, None), part("worktop", slab, top)))
    things = [kit.moved([0.0, -DEPTH_M / 2, BAR_M]) for kit in _on_bar(rng, bar_m)]
    case = pastry_case.design(rng, case_m, clad, glass)
    return merge([*(kit.moved([bar_x, 0.0, 0.0]) for kit in (bar, *things)), case.moved([case_x, 0.0, 0.0])])


def add(rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0) -> list[bpy.types.Object]:
    """Put one counter, 3.2 m long, at ``location``."""
    return design(rng, 1.8, 1.4, bool(rng.random() < 0.5)).place(location, turn_deg)
