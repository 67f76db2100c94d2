# SPDX-License-Identifier: Apache-2.0
"""What lorries and buses share: big wheels, boards cut to a side view, panes on their faces, lamps, plates. They drive to +x."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.materials.palette import near
from depthbench.blender_scenes.mesh import Mesh, join, lathe, rounded_box, tube
from depthbench.blender_scenes.objects.forms import prism, solid
from depthbench.blender_scenes.objects.kit import Kit, Part, part
from depthbench.blender_scenes.slab import slab

WHEEL_M = 0.48
_OFF_M = 0.003
"""Between a body and what is mounted on it."""


def side_view(outline: npt.ArrayLike, width_m: float) -> Mesh:
    """Return a closed body whose side view is a convex outline (n, 2) of (x, z), counter-clockwise seen from -y."""
    return prism(outline, width_m).rotated("z", -90.0)


def on_slope(low: tuple[float, float], high: tuple[float, float], span: tuple[float, float], width_m: float) -> Mesh:
    """Return a thin pane on the face between two points (x, z) of a side view, from share to share ``span`` of its height."""
    start, end = np.array(low), np.array(high)
    along = (end - start) / np.linalg.norm(end - start)
    out = np.array([along[1], -along[0]])
    a, b = (start + share * (end - start) for share in span)
    return side_view([a + _OFF_M * out, a + 2 * _OFF_M * out, b + 2 * _OFF_M * out, b + _OFF_M * out], width_m)


def on_sides(spans: Sequence[tuple[float, float, float, float]], half_m: float) -> list[Mesh]:
    """Return thin panes on both sides of a body of half width ``half_m``: (x from, x to, z from, z to) each."""
    return [
        rounded_box(right - left, 0.004, high - low, 0.0015).moved(
            (left + right) / 2, side * (half_m + _OFF_M + 0.002), low
        )
        for left, right, low, high in spans
        for side in (-1.0, 1.0)
    ]


def wheels(rng: np.random.Generator, axles: Sequence[float], half_m: float) -> list[Part]:
    """Return tyres and hubs on axles at these x, outer faces at ``half_m``."""
    wide = 0.3
    tyre = lathe(
        solid(
            [[0, 0.05], [0.28, 0.05], [0.3, 0.0], [WHEEL_M - 0.04, 0], [WHEEL_M, 0.05], [WHEEL_M, wide], [0, wide]],
            0.012,
        ),
        36,
    )
    hub = lathe(solid([[0, -0.02], [0.09, -0.02], [0.1, 0.02], [0.26, 0.045], [0.26, 0.049], [0, 0.049]]), 24)
    tyres, hubs, bars = [], [], []
    for x in axles:
        for turn in (0.0, 180.0):
            side = -1.0 if turn == 0.0 else 1.0
            at = (x, side * half_m, WHEEL_M)
            tyres.append(tyre.rotated("x", -90.0).rotated("z", turn).moved(*at))
            hubs.append(hub.rotated("x", -90.0).rotated("z", turn).moved(*at))
        bars.append(tube(np.array([[x, wide - half_m - 0.01, WHEEL_M], [x, half_m - wide + 0.01, WHEEL_M]]), 0.06, 10))
    black = make("paint", rng, colour=(0.018, 0.018, 0.019))
    return [
        part("wheels", join(tyres + bars), black),
        part("hubs", join(hubs), make("metal", rng, finish="brushed")),
    ]


def lamps(rng: np.random.Generator, nose_x: float, tail_x: float, half_m: float, up_m: float) -> list[Part]:
    """Return headlamps, tail lamps, and a number plate at either end, on upright faces at these x."""
    found = []
    for name, x, out, colour in (
        ("headlamps", nose_x, 1.0, (0.7, 0.7, 0.68)),
        ("tail lamps", tail_x, -1.0, (0.4, 0.012, 0.012)),
    ):
        pair = [
            rounded_box(0.02, 0.32, 0.16, 0.006).moved(x + out * (0.01 + _OFF_M), side * (half_m - 0.24), up_m)
            for side in (-1.0, 1.0)
        ]
        found.append(part(name, join(pair), make("paint", rng, colour=near(rng, colour, 0.01)), None))
        plate = Kit((part("plate", slab(0.52, 0.11, 0.008), make("print", rng, kind="plate"), None),))
        found += plate.moved([x + out * (0.008 + _OFF_M), 0.0, up_m - 0.02], 90.0 * out).parts
    return found


def named(parts: Sequence[Part], what: str) -> tuple[Part, ...]:
    """Return the parts with the kind of vehicle before their names."""
    return tuple(replace(one, name=f"{what} {one.name}") for one in parts)
