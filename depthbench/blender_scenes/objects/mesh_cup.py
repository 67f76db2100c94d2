# SPDX-License-Identifier: Apache-2.0
"""Round containers of wire mesh (an open sheet, class SCREEN) with rims of wire: pen holders, waste bins with paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, join, lathe, sphere, tube
from depthbench.blender_scenes.objects.forms import ring, solid
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, Part, part

STYLES = ("pens", "bin")


def wall(low_radius_m: float, high_radius_m: float, low_m: float, high_m: float, segments: int = 48) -> Mesh:
    """Return the open sheet round a cone's stump between two heights."""
    angle = np.arange(segments) * (2 * np.pi / segments)
    rings = [
        np.stack([r * np.cos(angle), r * np.sin(angle), np.full(segments, z)], axis=1)
        for r, z in ((low_radius_m, low_m), (high_radius_m, high_m))
    ]
    here = np.arange(segments)
    after = (here + 1) % segments
    return Mesh(np.concatenate(rings), (np.stack([here, after, after + segments, here + segments], axis=1),))


def _pens(rng: np.random.Generator, radius_m: float, floor_m: float, rim_m: float) -> list[Part]:
    """Pens that lean outwards, each in its own sector, so that they cannot cross."""
    count = int(rng.integers(4, 8))
    groups: list[list[Mesh]] = [[], [], []]
    for index in range(count):
        angle = (index + rng.uniform(0.35, 0.65)) * 2 * np.pi / count
        way = np.array([np.cos(angle), np.sin(angle), 0.0])
        foot, lean = 0.42 * radius_m * way, (radius_m - 0.0075) * way
        length = float(rng.uniform(0.135, 0.175))
        unit = lean - foot + np.array([0, 0, rim_m - floor_m])
        unit = unit / np.linalg.norm(unit)
        start = foot + np.array([0, 0, floor_m + 0.003])
        groups[int(rng.integers(3))].append(tube(np.array([start, start + unit * length]), 0.0038, 8))
    return [part("pens", join(group), make("paint", rng)) for group in groups if group]


def _crumpled(rng: np.random.Generator, radius_m: float) -> list[Part]:
    """Balls of crumpled paper on the bin's floor, apart from one another."""
    balls = []
    for index in range(3):
        size = float(rng.uniform(0.036, 0.044))
        ball = sphere(1.0, 14, 8)
        dented = ball.vertices * (1 + rng.normal(0, 0.07, (len(ball.vertices), 1))).clip(0.8, 1.0) * size
        angle = index * 2.1 + float(rng.uniform(0, 0.4))
        spot = 0.55 * (radius_m - 0.02) * np.array([np.cos(angle), np.sin(angle)])
        low = float(dented[:, 2].min())
        balls.append(Mesh(dented, ball.polygons).moved(float(spot[0]), float(spot[1]), 0.0075 - low))
    return [part("crumpled paper", join(balls), make("paper", rng, colour=(0.74, 0.73, 0.7)), 20.0)]


def design(rng: np.random.Generator, style: str = "pens", mesh: Any = None, rim: Any = None, full: bool = True) -> Kit:
    """Make the parts; ``style`` is one of :data:`STYLES`, ``mesh`` and ``rim`` are materials, ``full`` puts something in."""
    pens = style == "pens"
    if pens:
        low, high, tall, wire = 0.04, 0.042, float(rng.uniform(0.095, 0.11)), 0.0022
    else:
        low, high, tall, wire = 0.105, 0.135, float(rng.uniform(0.28, 0.33)), 0.004
    size = float(rng.uniform(0.93, 1.05))
    low, high = low * size, high * size
    rim = rim or make("paint", rng, colour=(0.025, 0.025, 0.026))
    fine = {"pitch_m": 0.0028, "open_fraction": 0.4} if pens else {"pitch_m": 0.006, "open_fraction": 0.5}
    mesh = mesh or make("screen", rng, pattern="wire", **fine)
    floor = lathe(solid([(0, 0), (low, 0), (low, 0.005), (0, 0.005)], 0.001), 40)
    frame = [floor, ring(high, wire, 48, 8).moved(z=tall)]
    parts = [
        part("mesh cup rim", join(frame).moved(z=GAP_M), rim),
        part("mesh cup wall", wall(low, high, 0.0065, tall - wire - 0.0005), mesh, 60.0),
    ]
    if full:
        parts += _pens(rng, high - wire, 0.0055, tall + wire) if pens else _crumpled(rng, low)
    return Kit(tuple(parts))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "pens"
) -> list[bpy.types.Object]:
    """Put one at ``location``."""
    return design(rng, style).place(location, turn_deg)
