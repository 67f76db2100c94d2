# SPDX-License-Identifier: Apache-2.0
"""Things side by side on a shelf, and the ground that is taken before a wall."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from depthbench.blender_scenes.layouts.floor_plan import FloorPlan
from depthbench.blender_scenes.layouts.room import Room
from depthbench.blender_scenes.objects.kit import Kit


def row(
    rng: np.random.Generator, kits: Sequence[Kit], length_m: float, depth_m: float, gap_m: tuple[float, float]
) -> list[Kit]:
    """Return things drawn from ``kits`` side by side along x, on z = 0, their backs within ``depth_m`` of y = 0."""
    placed: list[Kit] = []
    x, refused = -length_m / 2, 0
    while refused < 8:
        kit = kits[int(rng.integers(len(kits)))].moved([0, 0, 0], float(rng.normal(0, 12)))
        low, high = kit.low, kit.high
        slack = depth_m - float(high[1] - low[1]) - 0.02
        if slack < 0 or x + high[0] - low[0] > length_m / 2:
            refused += 1
            continue
        placed.append(kit.moved([x - low[0], -0.01 - high[1] - float(rng.uniform(0.2, 0.7)) * slack, 0.0]))
        x += float(high[0] - low[0]) + float(rng.uniform(*gap_m)) * (3.0 if rng.random() < 0.12 else 1.0)
    return placed


def strip(
    room: Room, wall: str, along_m: tuple[float, float], off_m: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Return centre and half size (2,) of the ground between two distances from a wall, along a stretch of it."""
    ends = np.array([room.on_wall(wall, a, 0.0, d)[0][:2] for a, d in zip(along_m, off_m, strict=True)])
    return ends.mean(axis=0), np.abs(ends[1] - ends[0]) / 2


def take_strip(
    plan: FloorPlan, room: Room, wall: str, along_m: tuple[float, float], off_m: tuple[float, float]
) -> None:
    """Take that ground, whether free or not."""
    plan.take(*strip(room, wall, along_m, off_m))
