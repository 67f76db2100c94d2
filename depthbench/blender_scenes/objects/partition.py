# SPDX-License-Identifier: Apache-2.0
"""Free-standing see-through partitions: glass of many kinds or acrylic in a floor shoe or a frame, perforated metal in a frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, box, join, sheet
from depthbench.blender_scenes.objects.kit import GAP_M, GLASS_GAP_M, Kit, part
from depthbench.blender_scenes.slab import slab

STYLES = ("glass", "acrylic", "screen", "tinted", "dirty", "frosted", "patterned")
_BAR_M = 0.045


def _feet(width_m: float) -> Mesh:
    """Two flat feet across the plane of the partition, 12 mm high, standing on z = 0."""
    return join([box(0.07, 0.42, 0.012).moved(x=sx * (width_m / 2 - 0.14)) for sx in (-1, 1)])


def design(
    rng: np.random.Generator,
    style: str,
    width_m: float,
    height_m: float,
    framed: bool,
    fill: Any = None,
    metal: Any = None,
) -> Kit:
    """Make the parts of a partition in the plane y = 0.

    Parameters
    ----------
    style : str
        One of :data:`STYLES`. A 'screen' is one open sheet and always framed.
    framed : bool
        A frame all around, otherwise a shoe along the lower edge.
    fill : material
        Of the pane or screen, drawn if None; ``metal`` is that of the holder.
    """
    metal = metal or make("metal", rng, finish=str(rng.choice(["painted", "brushed"])))
    base_m = 0.0125
    half_m = float(rng.uniform(0.005, 0.01)) / 2
    if style == "glass":
        fill = fill or make("architectural_glass", rng)
    elif style in ("tinted", "dirty", "frosted", "patterned"):
        fill = fill or make(f"{style}_glass", rng)
    elif style == "acrylic":
        finish = str(rng.choice(["clear", "frosted"], p=[0.75, 0.25]))
        fill = fill or make("acrylic", rng, transmissivity=float(rng.uniform(0.35, 0.9)), finish=finish)
    else:
        fill = fill or make("screen", rng)
    groove_m = half_m + 1.5 * GLASS_GAP_M
    if framed or style == "screen":
        thick_m = 0.016
        sight = (-width_m / 2 + _BAR_M, width_m / 2 - _BAR_M, _BAR_M, height_m - base_m - _BAR_M)
        ring = slab(width_m, height_m - base_m, thick_m, [sight])
        bite_m = 0.015
        wide, high = width_m - 2 * (_BAR_M - bite_m), height_m - base_m - 2 * (_BAR_M - bite_m)
        pane_z = base_m + _BAR_M - bite_m
        holder = [ring.moved(y=groove_m, z=base_m), ring.moved(y=-groove_m - thick_m, z=base_m)]
    else:
        wide, high, pane_z = width_m, height_m - base_m - 0.004, base_m + 0.004
        cheek = slab(width_m, 0.09, 0.018)
        holder = [cheek.moved(y=groove_m, z=base_m), cheek.moved(y=-groove_m - 0.018, z=base_m)]
    parts = [part("partition holder", join([_feet(width_m).moved(z=GAP_M), *holder]), metal, None)]
    if style == "screen":
        parts.append(part("partition screen", sheet(wide, high).moved(z=pane_z), fill, None))
    else:
        parts.append(part(f"partition {style}", box(wide, 2 * half_m, high).moved(z=pane_z), fill, None))
    return Kit(tuple(parts))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "glass"
) -> list[bpy.types.Object]:
    """Put one partition at ``location``."""
    return design(rng, style, 1.6, 2.1, bool(rng.random() < 0.5)).place(location, turn_deg)
