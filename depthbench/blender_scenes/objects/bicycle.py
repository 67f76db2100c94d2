# SPDX-License-Identifier: Apache-2.0
"""A bicycle, and the steel hoop that it leans against."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, join, lathe, rounded_box, tube
from depthbench.blender_scenes.objects.forms import fillet, ring, smooth, solid
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part

_WHEEL_M, _BASE_M = 0.335, 1.04
_HUB = np.array([0.0, 0.0, _WHEEL_M + 0.015])


def _line(*points: npt.ArrayLike) -> npt.NDArray[np.float64]:
    return np.array(points, dtype=np.float64)


def _spokes(count: int = 18) -> Mesh:
    """Spokes from the hub's two flanges to the rim, hub and rim included, about the y axis."""
    lines = []
    for index in range(count):
        turn = 2 * np.pi * index / count
        side = 0.025 if index % 2 else -0.025
        rim = np.array([np.cos(turn), 0.0, np.sin(turn)]) * (_WHEEL_M - 0.012)
        flange = np.array([np.cos(turn + 0.6), 0.0, np.sin(turn + 0.6)]) * 0.02 + [0.0, side, 0.0]
        lines.append(tube(np.stack([flange, rim]), 0.0012, 4))
    hub = lathe(
        solid(
            [
                [0, -0.045],
                [0.008, -0.045],
                [0.022, -0.03],
                [0.012, -0.02],
                [0.012, 0.02],
                [0.022, 0.03],
                [0.008, 0.045],
                [0, 0.045],
            ]
        ),
        16,
    )
    hoop = ring(_WHEEL_M - 0.012, 0.008, 48, 8)
    return join([*lines, hub.rotated("x", 90.0), hoop.rotated("x", 90.0)])


def design(rng: np.random.Generator) -> Kit:
    """Make the parts of a bicycle that stands upright along x, its front towards +x."""
    paint = make("metal", rng, finish="painted")
    chrome = make("metal", rng, finish="brushed")
    black = make("paint", rng, colour=(0.02, 0.02, 0.021))
    rear, front = _HUB - np.array([_BASE_M / 2, 0, 0]), _HUB + np.array([_BASE_M / 2, 0, 0])
    crank, seat = np.array([-0.08, 0, 0.29]), np.array([-0.24, 0, 0.78])
    head_low, head_high = np.array([0.36, 0, 0.66]), np.array([0.31, 0, 0.86])
    step_through = rng.random() < 0.4
    top = (
        [seat, head_high - [0.0, 0, 0.04]]
        if not step_through
        else [seat - np.array([-0.05, 0, 0.2]), [0.05, 0, 0.45], head_low + np.array([-0.02, 0, 0.05])]
    )
    bars = [_line(crank, seat), _line(*top), _line(crank, head_low), _line(head_low, head_high)]
    frame = [tube(line if len(line) == 2 else smooth(line, 4), 0.016, 12) for line in bars]
    for side in (-1, 1):
        across = np.array([0, side * 0.05, 0])
        frame.append(tube(_line(crank + 0.4 * across, rear + across), 0.009, 8))
        frame.append(tube(_line(seat - [0, 0, 0.1], rear + across), 0.008, 8))
        frame.append(tube(_line(head_low, head_low + 0.9 * across, front + across), 0.01, 8))
    guards = []
    if rng.random() < 0.6:
        angle = np.linspace(0.1, 2.6, 16)
        for hub, start in ((rear, 0.0), (front, 0.4)):
            arc = hub + np.stack([np.cos(angle + start), 0 * angle, np.sin(angle + start)], 1) * (_WHEEL_M + 0.045)
            guards.append(tube(arc, 0.016, 6))
    post = tube(_line(seat + np.array([0.004, 0, -0.02]), seat + np.array([-0.035, 0, 0.12])), 0.012, 10)
    stem = smooth([head_high, head_high + np.array([-0.03, 0, 0.12]), head_high + np.array([0.04, 0, 0.15])], 4)
    sweep = float(rng.uniform(-0.16, 0.02))
    grip = fillet(
        [
            head_high + np.array([sweep, 0.29, 0.14]),
            head_high + np.array([0.03, 0.13, 0.15]),
            head_high + np.array([0.04, 0, 0.15]),
            head_high + np.array([0.03, -0.13, 0.15]),
            head_high + np.array([sweep, -0.29, 0.14]),
        ],
        0.08,
        4,
    )
    cranks = [
        tube(_line(crank + np.array([0, s * 0.05, 0]), crank + np.array([s * 0.15, s * 0.06, s * 0.06])), 0.008, 8)
        for s in (-1, 1)
    ]
    pedals = [rounded_box(0.09, 0.07, 0.02, 0.004).moved(s * 0.15 - 0.08, s * 0.105, 0.28 + s * 0.06) for s in (-1, 1)]
    sprocket = lathe(solid([[0, -0.002], [0.085, -0.002], [0.085, 0.002], [0, 0.002]]), 28).rotated("x", 90.0)
    metal = [
        post,
        tube(stem, 0.012, 10),
        tube(grip, 0.011, 10),
        *cranks,
        sprocket.moved(*(crank + np.array([0, -0.045, 0]))),
    ]
    wheels = [_spokes().moved(*hub) for hub in (rear, front)]
    tyre = ring(_WHEEL_M, 0.015, 56, 10).rotated("x", 90.0)
    saddle = rounded_box(0.27, 0.15, 0.05, 0.022)
    x, y, z = saddle.vertices.T
    saddle = Mesh(np.stack([x, y * np.interp(x, [-0.14, 0.02, 0.14], [1.0, 0.55, 0.25]), z], 1), saddle.polygons)
    parts = [
        part("bicycle frame", join(frame + guards), paint, 50.0),
        part("bicycle metal", join(metal + wheels), chrome, 50.0),
        part("bicycle tyres", join([tyre.moved(*rear), tyre.moved(*front)]), black, 80.0),
        part("bicycle pedals", join(pedals), black, None),
        part("bicycle saddle", saddle.moved(-0.285, 0, 0.905), make("leather", rng), 60.0),
    ]
    return Kit(tuple(one for one in parts)).moved([0, 0, GAP_M])


def rack(rng: np.random.Generator) -> Kit:
    """Make a hoop to lean bicycles against, in the plane of x and z."""
    wide, tall = float(rng.uniform(0.6, 0.8)), float(rng.uniform(0.75, 0.85))
    path = fillet([[-wide / 2, 0, 0], [-wide / 2, 0, tall], [wide / 2, 0, tall], [wide / 2, 0, 0]], 0.16, 6)
    steel = make("metal", rng, finish="brushed")
    feet = [lathe(solid([[0, 0], [0.055, 0], [0.055, 0.008], [0, 0.008]]), 16).moved(x=s * wide / 2) for s in (-1, 1)]
    hoop = tube(path, 0.024, 14).moved(z=0.009)
    return Kit((part("bicycle rack", join([*feet, hoop]).moved(z=GAP_M), steel),))


def add(rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0) -> list[bpy.types.Object]:
    """Put one bicycle at ``location``."""
    return design(rng).place(location, turn_deg)
