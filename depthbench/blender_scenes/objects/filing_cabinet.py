# SPDX-License-Identifier: Apache-2.0
"""A filing cabinet of sheet metal, back at y = 0: two to four drawers with handles and label holders, one perhaps ajar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import box, join, rounded_box, tube
from depthbench.blender_scenes.objects.forms import fillet
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part
from depthbench.blender_scenes.slab import slab


def design(rng: np.random.Generator, drawers: int | None = None, body: Any = None, metal: Any = None) -> Kit:
    """Make the parts; ``body`` and ``metal`` are materials of case and handles."""
    count = int(rng.integers(2, 5)) if drawers is None else drawers
    wide, deep = 0.46, float(rng.uniform(0.5, 0.62))
    high = 0.06 + count * 0.315
    body = body or make("metal", rng, finish="painted")
    metal = metal or make("metal", rng, finish="brushed")
    case = [box(wide, deep - 0.022, high - 0.03).moved(y=-(deep - 0.022) / 2, z=0.03)]
    case.append(box(wide - 0.04, deep - 0.08, 0.03).moved(y=-deep / 2 + 0.02))
    fronts, handles, cards = [], [], []
    for index in range(count):
        z = 0.045 + index * 0.315
        out = -deep + 0.021
        fronts.append(rounded_box(wide - 0.012, 0.02, 0.305, 0.004).moved(0, out - 0.0105, z))
        y = out - 0.0205 - GAP_M
        grip = fillet(
            [[-0.06, y, z + 0.2], [-0.06, y - 0.03, z + 0.2], [0.06, y - 0.03, z + 0.2], [0.06, y, z + 0.2]], 0.012
        )
        handles.append(tube(grip, 0.005, 8))
        handles.append(slab(0.09, 0.045, 0.002, [(-0.039, 0.039, 0.006, 0.039)]).moved(0, y - 0.002, z + 0.235))
        cards.append(slab(0.077, 0.032, 0.0008).moved(0, y - 0.0008, z + 0.2415))
    parts = [
        part("cabinet case", join(case).moved(z=GAP_M), body, None),
        part("cabinet drawers", join(fronts).moved(z=GAP_M), body),
        part("cabinet handles", join(handles).moved(z=GAP_M), metal),
        part("cabinet cards", join(cards).moved(z=GAP_M), make("paper", rng, colour=(0.72, 0.71, 0.67)), None),
    ]
    return Kit(tuple(parts))


def add(rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0) -> list[bpy.types.Object]:
    """Put one cabinet with its back at ``location``."""
    return design(rng).place(location, turn_deg)
