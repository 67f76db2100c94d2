# SPDX-License-Identifier: Apache-2.0
"""Cables: round tubes along rounded polylines; from a desk's top over its rear edge down to the floor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import tube
from depthbench.blender_scenes.objects.forms import fillet
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part


def design(rng: np.random.Generator, points: npt.ArrayLike, radius_m: float = 0.003, material: Any = None) -> Kit:
    """Make a cable along points (n, 3), its corners rounded."""
    path = fillet(np.asarray(points, dtype=np.float64), 0.03, 4)
    return Kit(
        (part("cable", tube(path, radius_m, 8), material or make("paint", rng, colour=(0.03, 0.03, 0.03)), 60.0),)
    )


def from_desk(
    rng: np.random.Generator,
    start: Sequence[float],
    edge_y_m: float,
    height_m: float,
    run_m: float,
    drop_y_m: float | None = None,
    radius_m: float = 0.003,
    material: Any = None,
) -> Kit:
    """Make a cable in a desk's frame.

    It lies on the top at ``height_m`` from ``start`` (x, y) to the rear edge at ``edge_y_m``, hangs behind it at ``drop_y_m``
    (12 mm behind by default) and lies on the floor for ``run_m`` along x (the sign says which way).
    """
    x, y = float(start[0]), float(start[1])
    up, low = height_m + radius_m + GAP_M, radius_m + GAP_M
    hang = edge_y_m + 0.012 if drop_y_m is None else drop_y_m
    swing = float(rng.uniform(-0.03, 0.03))
    points = [[x, y, up], [x + swing, (y + edge_y_m) / 2, up], [x, edge_y_m - 0.02, up], [x, hang, up + 0.004]]
    points += [[x, hang, height_m - 0.12], [x, hang, low], [x + 0.5 * run_m, hang, low], [x + run_m, hang, low]]
    return design(rng, points, radius_m, material)


def add(rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0) -> list[bpy.types.Object]:
    """Put one cable with a wavy run on the floor at ``location``."""
    x = np.linspace(0, 1.2, 9)
    points = np.stack([x, 0.08 * np.sin(4 * x), np.full(9, 0.003 + GAP_M)], axis=1)
    return design(rng, points).place(location, turn_deg)
