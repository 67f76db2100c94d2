# SPDX-License-Identifier: Apache-2.0
"""Building blocks: a tower, a gate or a scatter of painted cubes, bricks, cylinders and roofs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.materials.palette import any_hue
from depthbench.blender_scenes.mesh import Mesh, lathe, rounded_box
from depthbench.blender_scenes.objects.forms import prism, solid
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, merge, part

STYLES = ("tower", "gate", "scatter")
SIDE_M = 0.038


def _shapes() -> dict[str, Mesh]:
    side = SIDE_M
    return {
        "cube": rounded_box(side, side, side, 0.002),
        "brick": rounded_box(2 * side, side, side, 0.002),
        "plank": rounded_box(3 * side, side, 0.4 * side, 0.002),
        "cylinder": lathe(solid([[0, 0], [side / 2, 0], [side / 2, side], [0, side]], 0.002), 28),
        "roof": prism([[-side / 2, 0], [side / 2, 0], [0, 0.7 * side]], side),
    }


def _kits(rng: np.random.Generator) -> dict[str, list[Kit]]:
    """Every shape in three colours."""
    paints: list[Any] = [make("paint", rng, colour=any_hue(rng, (0.65, 0.9), (0.3, 0.65))) for _ in range(4)]
    paints.append(make("wood", rng, tone="light"))
    return {
        name: [Kit((part("toy block", mesh, paints[int(k)], 25.0),)) for k in rng.permutation(5)[:3]]
        for name, mesh in _shapes().items()
    }


def design(rng: np.random.Generator, style: str = "tower") -> Kit:
    """Make a thing built of blocks; ``style`` is one of :data:`STYLES`."""
    kits = _kits(rng)

    def draw(*names: str) -> Kit:
        choice = kits[names[int(rng.integers(len(names)))]]
        return choice[int(rng.integers(len(choice)))]

    placed: list[Kit] = []
    if style == "scatter":
        taken: list[tuple[float, float, float]] = []
        for _ in range(int(rng.integers(6, 14))):
            kit = draw("cube", "brick", "cylinder", "roof")
            for _ in range(20):
                x, y = rng.normal(0, 0.11, 2)
                if all(np.hypot(x - a, y - b) > kit.radius_m + r for a, b, r in taken):
                    taken.append((float(x), float(y), kit.radius_m + 0.002))
                    placed.append(kit.moved([x, y, GAP_M], float(rng.uniform(0, 360))))
                    break
        return merge(placed)
    height = GAP_M
    if style == "gate":
        for _ in range(int(rng.integers(1, 4))):
            for sx in (-1, 1):
                placed.append(
                    draw("cube", "cylinder").moved(
                        [sx * SIDE_M, *rng.normal(0, 0.001, 1), height], float(rng.normal(0, 4))
                    )
                )
            height += SIDE_M + GAP_M
        placed.append(draw("plank").moved([0, 0, height], float(rng.normal(0, 2))))
        height += 0.4 * SIDE_M + GAP_M
    for _ in range(int(rng.integers(2, 6)) if style == "tower" else 1):
        placed.append(draw("cube", "cylinder").moved([*rng.normal(0, 0.0025, 2), height], float(rng.uniform(-15, 15))))
        height += SIDE_M + GAP_M
    placed.append(draw("roof").moved([0, 0, height], float(rng.normal(0, 5))))
    return merge(placed)


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "tower"
) -> list[bpy.types.Object]:
    """Put one work of blocks at ``location``."""
    return design(rng, style).place(location, turn_deg)
