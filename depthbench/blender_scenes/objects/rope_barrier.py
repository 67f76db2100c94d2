# SPDX-License-Identifier: Apache-2.0
"""Rope barrier: metal posts on discs and ropes hanging between them as catenaries."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import lathe, tube
from depthbench.blender_scenes.objects.forms import solid
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part

FOOT_M = 0.15
_HOOK_M = 0.055
_STUB_M = 0.031
"""From a post's axis to where its rope hangs freely, and to where it ends, just off the collar."""


def _catenary(start: npt.NDArray[np.float64], end: npt.NDArray[np.float64], slack: float) -> npt.NDArray[np.float64]:
    """Points of the chain between two points of equal height; ``slack`` is span over the curve's parameter."""
    s = np.linspace(-1, 1, 25)
    span = float(np.linalg.norm(end - start))
    drop = span / (2 * slack) * (np.cosh(slack) - np.cosh(slack * s))
    points = start + (end - start) * ((s + 1) / 2)[:, None]
    points[:, 2] -= drop
    return points


def design(rng: np.random.Generator, posts: npt.ArrayLike) -> Kit:
    """Make posts at points (n, 2) with ropes from each to the next."""
    feet = np.asarray(posts, dtype=np.float64)
    height_m = float(rng.uniform(0.88, 0.98))
    shaft = [
        [0.022, 0.03],
        [0.019, height_m - 0.12],
        [0.03, height_m - 0.11],
        [0.03, height_m - 0.04],
        [0.036, height_m - 0.02],
    ]
    post = lathe(
        solid(
            [[0, 0], [FOOT_M, 0], [FOOT_M - 0.005, 0.012], [0.05, 0.024], *shaft, [0.02, height_m], [0, height_m]],
            0.003,
        ),
        40,
    )
    model = part(
        "barrier post", post.moved(z=GAP_M), make("metal", rng, finish=str(rng.choice(["polished", "brushed"])))
    )
    rope = make("fabric", rng)
    slack = float(rng.uniform(0.5, 0.9))
    parts = [Kit((model,)).moved([*foot, 0.0]).parts[0] for foot in feet]
    for index in range(len(feet) - 1):
        ends = np.concatenate([feet[index : index + 2], np.full((2, 1), height_m - 0.075)], axis=1)
        way = (ends[1] - ends[0]) / np.linalg.norm(ends[1] - ends[0])
        chain = _catenary(ends[0] + _HOOK_M * way, ends[1] - _HOOK_M * way, slack)
        line = np.concatenate([[ends[0] + _STUB_M * way], chain, [ends[1] - _STUB_M * way]])
        parts.append(part(f"barrier rope {index}", tube(line, 0.013, 10), rope))
    return Kit(tuple(parts))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, posts: int = 2
) -> list[bpy.types.Object]:
    """Put a straight barrier of ``posts`` posts with its middle at ``location``."""
    x = (np.arange(posts) - (posts - 1) / 2) * 1.4
    return design(rng, np.stack([x, np.zeros(posts)], axis=1)).place(location, turn_deg)
