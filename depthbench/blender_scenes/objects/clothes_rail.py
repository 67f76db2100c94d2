# SPDX-License-Identifier: Apache-2.0
"""Where clothes hang in the open: a rail on two feet with a wire shelf below, or a board of hooks on a wall."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import join, tube
from depthbench.blender_scenes.objects import garment
from depthbench.blender_scenes.objects.forms import fillet, smooth
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, merge, part
from depthbench.blender_scenes.slab import slab

STYLES = ("rail", "hooks")
_PEG_M, _PEG_UP_M = 0.007, 0.046


def _rail(rng: np.random.Generator, length_m: float) -> Kit:
    """Along x; the clothes hang across it."""
    metal = make("metal", rng, finish=str(rng.choice(["painted", "brushed"])))
    half, top = length_m / 2, float(rng.uniform(1.5, 1.65))
    pieces = [
        tube(fillet([[-half, 0, 0.03], [-half, 0, top], [half, 0, top], [half, 0, 0.03]], 0.05, 5), garment.RAIL_M, 14)
    ]
    pieces += [tube(np.array([[sx * half, -0.2, 0.0135], [sx * half, 0.2, 0.0135]]), 0.013, 12) for sx in (-1, 1)]
    pieces.append(tube(np.array([[-half, 0, 0.16], [half, 0, 0.16]]), 0.008, 10))
    hung = garment.row(rng, length_m - 0.16, garment.STYLES, float(rng.uniform(0.55, 0.9)))
    return merge([Kit((part("clothes rail", join(pieces), metal),)), hung.moved([0.0, 0.0, top])])


def _hooks(rng: np.random.Generator, length_m: float) -> Kit:
    """A board with pegs, its back at y = 0 and z = 0 its lower edge; robes and towels hang from some pegs."""
    count = max(2, round(length_m / 0.24))
    at = (np.arange(count) - (count - 1) / 2) * length_m / count
    board = slab(length_m, 0.09, 0.018).moved(y=-0.018 - GAP_M)
    way = [[0, -0.0185 - GAP_M, 0.04], [0, -0.12, _PEG_UP_M - 0.001], [0, -0.165, _PEG_UP_M + 0.001], [0, -0.19, 0.085]]
    peg = tube(smooth(way, 4), _PEG_M, 10)
    metal = make("metal", rng, finish="brushed") if rng.random() < 0.6 else make("wood", rng)
    parts = [
        part("hook board", board, make("wood", rng), None),
        part("hooks", join([peg.moved(x=float(x)) for x in at]), metal),
    ]
    kits = [Kit(tuple(parts))]
    for index in range(0, count, 3):
        if rng.random() < 0.8:
            worn = garment.design(rng, str(rng.choice(["coat", "shirt", "dress"])))
            kits.append(worn.moved([float(at[index]), -0.145, _PEG_UP_M + _PEG_M - garment.RAIL_M]))
    return merge(kits)


def design(rng: np.random.Generator, style: str = "rail", length_m: float = 1.0) -> Kit:
    """Make a rail or a board of hooks ``length_m`` long; ``style`` is one of :data:`STYLES`."""
    return _rail(rng, length_m) if style == "rail" else _hooks(rng, length_m)


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "rail"
) -> list[bpy.types.Object]:
    """Put one rail on the floor, or one board on the wall, at ``location``."""
    return design(rng, style).place(location, turn_deg)
