# SPDX-License-Identifier: Apache-2.0
"""What furniture of boards is built from: carcasses with compartments, drawer fronts, doors, legs, knobs and bars.

Backs are in the plane y = 0, fronts face -y.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from depthbench.blender_scenes.mesh import Mesh, box, join, lathe, rounded_box, tube
from depthbench.blender_scenes.objects.forms import fillet, solid
from depthbench.blender_scenes.objects.kit import GAP_M
from depthbench.blender_scenes.slab import Hole, slab

BOARD_M = 0.018
FRONT_M = 0.018
BACK_M = 0.005


def compartments(width_m: float, columns: Sequence[float], rows: Sequence[float]) -> list[Hole]:
    """Return the holes of a carcass: ``columns`` by ``rows`` (inner sizes in metres, rows from below), boards between.

    The columns are scaled to fill the width between the outer boards.
    """
    free = width_m - (len(columns) + 1) * BOARD_M
    wide = np.asarray(columns) * free / np.sum(columns)
    left = -width_m / 2 + BOARD_M + np.concatenate([[0], np.cumsum(wide + BOARD_M)[:-1]])
    low = BOARD_M + np.concatenate([[0], np.cumsum(np.asarray(rows) + BOARD_M)[:-1]])
    return [
        (float(x), float(x + w), float(z), float(z + h))
        for z, h in zip(low, rows, strict=True)
        for x, w in zip(left, wide, strict=True)
    ]


def carcass(width_m: float, height_m: float, depth_m: float, holes: Sequence[Hole]) -> Mesh:
    """Return boards about compartments, with a back, standing on z = 0."""
    ring = slab(width_m, height_m, depth_m - BACK_M - GAP_M, holes).moved(y=-depth_m)
    return join([ring, slab(width_m, height_m, BACK_M).moved(y=-BACK_M)])


def legs(width_m: float, depth_m: float, height_m: float, splay: bool, radius_m: float = 0.016) -> Mesh:
    """Return four legs that end under z = ``height_m``, on z = 0: tapering and splayed, or square posts."""
    x, y = width_m / 2 - 0.06, depth_m / 2 - 0.05
    made = []
    for sx in (-1, 1):
        for sy in (-1, 1):
            if splay:
                foot = [sx * (x + 0.035), sy * (y + 0.02) - depth_m / 2, GAP_M]
                leg = tube(np.array([foot, [sx * x, sy * y - depth_m / 2, height_m - GAP_M]]), radius_m, 14)
                made.append(Mesh(np.clip(leg.vertices, [-9, -9, GAP_M], [9, 9, height_m - GAP_M]), leg.polygons))
            else:
                made.append(box(0.04, 0.04, height_m - 2 * GAP_M).moved(sx * x, sy * y - depth_m / 2, GAP_M))
    return join(made)


def front(hole: Hole, overlap_m: float = 0.007) -> Mesh:
    """Return a board that covers a compartment, its back at y = 0."""
    left, right, low, high = hole
    wide, tall = right - left + 2 * overlap_m, high - low + 2 * overlap_m
    return rounded_box(wide, FRONT_M, tall, 0.002).moved((left + right) / 2, -FRONT_M / 2, low - overlap_m)


def knob(radius_m: float = 0.014) -> Mesh:
    """Return a knob that stands out from the plane y = 0 towards -y about the y axis."""
    outline = [[0, 0], [0.5 * radius_m, 0], [0.45 * radius_m, 0.012], [radius_m, 0.017], [radius_m, 0.024], [0, 0.027]]
    return lathe(solid(outline, 0.003), 20).rotated("x", 90.0).moved(y=-GAP_M)


def bar(length_m: float, upright: bool = False) -> Mesh:
    """Return a bent bar handle before the plane y = 0, centred on the origin."""
    half = length_m / 2
    path = fillet([[-half, -GAP_M, 0], [-half, -0.03, 0], [half, -0.03, 0], [half, -GAP_M, 0]], 0.012, 4)
    made = tube(path, 0.0045, 10)
    made = Mesh(np.minimum(made.vertices, [np.inf, -GAP_M, np.inf]), made.polygons)
    return made.rotated("y", 90.0) if upright else made
