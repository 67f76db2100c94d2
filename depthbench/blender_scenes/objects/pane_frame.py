# SPDX-License-Identifier: Apache-2.0
"""Panes held between two rings of bar: the unit that shelters and greenhouses are made of."""

from __future__ import annotations

import numpy as np

from depthbench.blender_scenes.mesh import Mesh, join
from depthbench.blender_scenes.objects.kit import GLASS_GAP_M
from depthbench.blender_scenes.objects.solids import loops, outward
from depthbench.blender_scenes.slab import slab

_BITE_M = 0.01
RING_M = 0.014


def panel(width_m: float, height_m: float, border_m: float = 0.03, pane_m: float = 0.005) -> tuple[Mesh, Mesh]:
    """Return frame and pane of a rectangular panel, centred in x, standing on z = 0, its middle plane y = 0."""
    half = width_m / 2
    ring = slab(width_m, height_m, RING_M, [(-half + border_m, half - border_m, border_m, height_m - border_m)])
    groove = pane_m + 2 * GLASS_GAP_M
    rings = join([ring.moved(y=-groove / 2 - RING_M), ring.moved(y=groove / 2)])
    inset = border_m - _BITE_M
    pane = slab(width_m - 2 * inset, height_m - 2 * inset, pane_m).moved(y=-pane_m / 2, z=inset)
    return rings, pane


def triangle(width_m: float, height_m: float, border_m: float = 0.03, pane_m: float = 0.004) -> tuple[Mesh, Mesh]:
    """Return frame and pane of an isosceles gable of that outer size, standing on z = 0, its middle plane y = 0."""
    outer = np.array([[-width_m / 2, 0.0], [width_m / 2, 0.0], [0.0, height_m]])
    middle = np.array([0.0, _in_radius(width_m, height_m)])

    def drawn_in(by_m: float) -> np.ndarray:
        return middle + (outer - middle) * (1 - by_m / middle[1])

    inner, edge = drawn_in(border_m), drawn_in(border_m - _BITE_M)
    groove = pane_m + 2 * GLASS_GAP_M
    rings = []
    for near in (-groove / 2 - RING_M, groove / 2):
        section = [
            np.insert(line, 1, y, axis=1)
            for line, y in ((outer, near), (outer, near + RING_M), (inner, near + RING_M), (inner, near))
        ]
        rings.append(loops(np.stack(section, axis=1)))
    front, back = (np.insert(edge, 1, y, axis=1) for y in (-pane_m / 2, pane_m / 2))
    sides = np.array([[0, 1, 4, 3], [1, 2, 5, 4], [2, 0, 3, 5]])
    pane = Mesh(np.concatenate([front, back]), (np.array([[0, 2, 1], [3, 4, 5]]), sides))
    return join(rings), outward(pane)


def _in_radius(width_m: float, height_m: float) -> float:
    """Radius of the circle inside an isosceles triangle."""
    side = float(np.hypot(width_m / 2, height_m))
    return width_m * height_m / (width_m + 2 * side)
