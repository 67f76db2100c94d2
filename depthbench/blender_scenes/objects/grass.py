# SPDX-License-Identifier: Apache-2.0
"""A square of grass: blades of differing height and lean, to be laid side by side into a lawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part

SIDE_M = 0.6


def design(rng: np.random.Generator, height_m: float = 0.07, count: int = 320, green: Any = None) -> Kit:
    """Make a square of :data:`SIDE_M` of grass about that tall; every blade is two triangles, bent over at its tip."""
    tufts = rng.uniform(-0.5, 0.5, (count // 9 + 1, 2)) * SIDE_M
    foot = tufts[rng.integers(0, len(tufts), count)] + rng.normal(0, 0.03, (count, 2))
    foot = np.clip(foot, -SIDE_M / 2, SIDE_M / 2)
    tall = height_m * rng.uniform(0.4, 1.5, (count, 1)) * np.where(rng.random((count, 1)) < 0.06, 1.8, 1.0)
    turn = rng.uniform(0, 2 * np.pi, count)
    lean = np.stack([np.cos(turn), np.sin(turn)], axis=1) * rng.uniform(0.1, 0.6, (count, 1)) * tall
    across = np.stack([-np.sin(turn), np.cos(turn)], axis=1) * rng.uniform(0.003, 0.0065, (count, 1))
    low = np.zeros((count, 1))
    left, right = np.hstack([foot - across, low]), np.hstack([foot + across, low])
    knee = np.hstack([foot + 0.35 * lean + 0.7 * across, 0.7 * tall])
    tip = np.hstack([foot + lean, 0.95 * tall])
    corners = np.stack([left, right, knee, tip], axis=1).reshape(-1, 3)
    first = 4 * np.arange(count)[:, None]
    faces = np.concatenate([first + np.array([0, 1, 2]), first + np.array([1, 3, 2])])
    return Kit((part("grass leaves", Mesh(corners, (faces,)).moved(z=GAP_M), green or make("foliage", rng), None),))


def add(rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0) -> list[bpy.types.Object]:
    """Put one square of grass at ``location``."""
    return design(rng).place(location, turn_deg)
