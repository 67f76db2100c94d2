# SPDX-License-Identifier: Apache-2.0
"""Upright books and ring binders for shelves, spines towards -y; a row of them, the last perhaps leaning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.materials.palette import RGB, near, pick
from depthbench.blender_scenes.mesh import Mesh, box, join
from depthbench.blender_scenes.objects.forms import ring
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, Part, part

STYLES = ("book", "binder")
_BINDINGS: tuple[RGB, ...] = (
    (0.02, 0.02, 0.022), (0.6, 0.58, 0.52), (0.28, 0.03, 0.03), (0.03, 0.07, 0.18), (0.05, 0.13, 0.08), (0.4, 0.28, 0.12),
    (0.16, 0.16, 0.17), (0.5, 0.36, 0.06), (0.1, 0.2, 0.26), (0.66, 0.65, 0.62), (0.42, 0.16, 0.07),
)  # fmt: skip


def _cover(thick: float, deep: float, tall: float, board: float) -> Mesh:
    """Two boards and a spine, standing on z = 0, the spine at -y."""
    side = box(board, deep, tall)
    spine = box(thick - 2 * board - 0.0002, board, tall).moved(y=-deep / 2 + board / 2)
    return join([side.moved(x=-thick / 2 + board / 2), side.moved(x=thick / 2 - board / 2), spine])


def _leaned(parts: list[tuple[str, Mesh]], lean_deg: float) -> list[tuple[str, Mesh]]:
    """Turn meshes about y and set them back on z = 0."""
    turned = [(name, mesh.rotated("y", lean_deg)) for name, mesh in parts]
    low = min(float(mesh.vertices[:, 2].min()) for _, mesh in turned)
    return [(name, mesh.moved(z=-low)) for name, mesh in turned]


def design(
    rng: np.random.Generator, style: str = "book", lean_deg: float = 0.0, inner: Any = None, label: Any = None
) -> Kit:
    """Make the parts of one.

    ``style`` is one of :data:`STYLES`; ``lean_deg`` > 0 leans its top towards +x; ``inner`` and ``label`` are the materials of
    the pages and of a binder's label.
    """
    if style == "book":
        thick, deep, tall = (
            float(rng.uniform(0.014, 0.05)),
            float(rng.uniform(0.13, 0.2)),
            float(rng.uniform(0.19, 0.29)),
        )
        board = 0.0022
        pages = box(thick - 2 * board - 2 * GAP_M, deep - board - 0.006, tall - 0.006).moved(
            y=board / 2 - 0.0015, z=0.003
        )
        meshes = [("book cover", _cover(thick, deep, tall, board)), ("book pages", pages)]
        kind = int(rng.choice(4, p=[0.25, 0.25, 0.3, 0.2]))
        if kind == 0:
            cover = make("print", rng, kind="book", aspect=0.35)
        elif kind == 1:
            cover = make("fabric", rng, pattern="plain")
        elif kind == 2:
            cover = make("paint", rng, colour=near(rng, pick(rng, _BINDINGS), 0.03))
        else:
            cover = make("leather", rng)
        materials = [cover, inner or make("paper", rng, colour=(0.7, 0.66, 0.56))]
    else:
        thick, deep, tall, board = float(rng.choice([0.05, 0.075])), 0.285, 0.318, 0.0025
        pages = box(0.72 * thick, 0.2, 0.297).moved(x=-0.06 * thick, y=0.02, z=0.006)
        plate = box(0.75 * thick, 0.0006, 0.13).moved(y=-deep / 2 - 0.0006 - GAP_M, z=0.15)
        hole = ring(0.011, 0.0022, 20, 6).rotated("x", 90.0).moved(y=-deep / 2 - 0.0022 - GAP_M, z=0.07)
        meshes = [
            ("binder cover", _cover(thick, deep, tall, board)),
            ("binder paper", pages),
            ("binder label", plate),
            ("binder ring", hole),
        ]
        materials = [
            make("paint", rng, colour=near(rng, pick(rng, _BINDINGS), 0.03)),
            inner or make("paper", rng, colour=(0.75, 0.74, 0.71)),
            label or make("print", rng, kind="document"),
            make("metal", rng, finish="polished"),
        ]
    if lean_deg:
        meshes = _leaned(meshes, lean_deg)
    parts: list[Part] = [
        part(name, mesh.moved(z=GAP_M), material, 40.0 if "ring" in name else None)
        for (name, mesh), material in zip(meshes, materials, strict=True)
    ]
    return Kit(tuple(parts))


def stock(rng: np.random.Generator, style: str, count: int) -> tuple[list[Kit], list[Kit]]:
    """Return ``count`` upright ones and two that lean."""
    inner = make("paper", rng, colour=(0.72, 0.69, 0.61))
    label = make("print", rng, kind="document") if style == "binder" else None
    upright = [design(rng, style, 0.0, inner, label) for _ in range(count)]
    return upright, [design(rng, style, -float(rng.uniform(7, 14)), inner, label) for _ in range(2)]


def row(
    rng: np.random.Generator, stocked: tuple[list[Kit], list[Kit]], length_m: float, depth_m: float, air_m: float
) -> list[Kit]:
    """Return things side by side from x = -length/2, spines near the front; their backs within ``depth_m`` of y = 0.

    Runs may fill the length or end early, then the last one leans on its neighbour.
    """
    upright, leaning = (
        [kit for kit in kits if kit.high[2] < air_m and kit.high[1] - kit.low[1] < depth_m - 0.005] for kits in stocked
    )
    if not upright:
        return []
    end = length_m / 2 - (0.0 if rng.random() < 0.4 else float(rng.uniform(0.1, 0.6)) * length_m)
    front = -depth_m + float(rng.uniform(0.003, 0.012))
    placed: list[Kit] = []
    x = -length_m / 2 + 0.002
    kit = upright[0]
    while True:
        # Sets stand together; otherwise any follows any.
        kit = kit if placed and rng.random() < 0.25 else upright[int(rng.integers(len(upright)))]
        wide = float(kit.high[0] - kit.low[0])
        if x + wide > end:
            break
        # Books are pushed in unevenly, but never out over the front.
        back = float(rng.uniform(0, 0.012)) if depth_m - (kit.high[1] - kit.low[1]) > 0.02 else 0.0
        placed.append(kit.moved([x - kit.low[0], front - kit.low[1] + back, 0.0]))
        x += wide + float(rng.uniform(GAP_M, 0.0015))
    if leaning and placed and rng.random() < 0.7:
        kit = leaning[int(rng.integers(len(leaning)))]
        wide = float(kit.high[0] - kit.low[0])
        if x + wide < length_m / 2:
            placed.append(kit.moved([x - kit.low[0], front - kit.low[1], 0.0]))
    return placed


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "book"
) -> list[bpy.types.Object]:
    """Put one book or binder at ``location``."""
    return design(rng, style).place(location, turn_deg)
