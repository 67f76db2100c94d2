# SPDX-License-Identifier: Apache-2.0
"""Gallery benches: padded leather on steel, a wooden slab on sled legs, slats, a block of stone."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, box, join, rounded_box
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part

STYLES = ("padded", "slab", "slats", "block")


def _sled(depth_m: float, height_m: float) -> Mesh:
    """A rectangular hoop of flat steel in the plane x = 0."""
    upright = box(0.04, 0.012, height_m)
    bar = box(0.0392, depth_m - 0.001, 0.012)
    ends = [upright.moved(y=sy * (depth_m / 2 - 0.006)) for sy in (-1, 1)]
    return join([*ends, bar.moved(z=0.0003), bar.moved(z=height_m - 0.0123)])


def design(rng: np.random.Generator, style: str, length_m: float) -> Kit:
    """Make the parts of a bench; ``style`` is one of :data:`STYLES`, the length lies along x."""
    depth_m, height_m = float(rng.uniform(0.4, 0.55)), float(rng.uniform(0.42, 0.46))
    if style == "block":
        block = rounded_box(length_m, depth_m, height_m, 0.006)
        return Kit((part("bench", block.moved(z=GAP_M), make(str(rng.choice(["marble", "concrete"])), rng), None),))
    thick_m = {"padded": 0.1, "slab": 0.06, "slats": 0.045}[style]
    under_m = height_m - thick_m
    sled = _sled(depth_m * 0.85, under_m - 2 * GAP_M)
    legs = join([sled.moved(x=sx * (length_m / 2 - 0.22), z=GAP_M) for sx in (-1, 1)])
    parts = [part("bench legs", legs, make("metal", rng, finish=str(rng.choice(["brushed", "painted"]))), None)]
    if style == "padded":
        count = max(2, round(length_m / 0.6))
        wide = length_m / count
        pads = [
            rounded_box(wide - 0.002, depth_m, thick_m - 0.021, 0.018).moved(x=(k + 0.5) * wide - length_m / 2)
            for k in range(count)
        ]
        board = box(length_m - 0.03, depth_m - 0.03, 0.02).moved(z=under_m)
        parts.append(part("bench board", board, make("wood", rng), None))
        parts.append(part("bench pads", join(pads).moved(z=under_m + 0.021), make("leather", rng), 50.0))
    elif style == "slab":
        parts.append(
            part("bench top", rounded_box(length_m, depth_m, thick_m, 0.004).moved(z=under_m), make("wood", rng), None)
        )
    else:
        count = 7
        wide = depth_m / count
        slats = [
            rounded_box(length_m, wide - 0.012, thick_m, 0.003).moved(y=(k + 0.5) * wide - depth_m / 2)
            for k in range(count)
        ]
        parts.append(part("bench slats", join(slats).moved(z=under_m), make("wood", rng), None))
    return Kit(tuple(parts))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "padded"
) -> list[bpy.types.Object]:
    """Put one bench at ``location``."""
    return design(rng, style, float(rng.uniform(1.3, 2.0))).place(location, turn_deg)
