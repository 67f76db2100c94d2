# SPDX-License-Identifier: Apache-2.0
"""Market crates of boards full of fruit or vegetables, with a price card; a slanted stand of crates."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.materials.fruit import KINDS
from depthbench.blender_scenes.mesh import Mesh, box, join, lathe, tube
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, merge, part

WIDTH_M, DEPTH_M, HEIGHT_M = 0.56, 0.38, 0.2
RADIUS_M = {
    "apple": 0.038, "green_apple": 0.038, "orange": 0.04, "lemon": 0.03, "plum": 0.024, "tomato": 0.034, "peach": 0.036, "potato": 0.034,
    "squash": 0.075,
}  # fmt: skip
_LONG = {"lemon": 1.3, "potato": 1.4, "plum": 1.15, "squash": 0.75}


def fruit_piece(kind: str) -> Mesh:
    """One piece about the origin, dimpled at its stem."""
    angle = np.linspace(-np.pi / 2, np.pi / 2, 8)
    radius, height = np.cos(angle), np.sin(angle) * _LONG.get(kind, 0.92)
    if kind in ("apple", "green_apple", "orange", "tomato", "squash", "peach"):
        height = height - 0.22 * np.exp(-((radius / 0.35) ** 2)) * np.sign(height)
    profile = [(float(r), float(z)) for r, z in zip(radius, height, strict=True)]
    profile[0], profile[-1] = (0.0, profile[0][1]), (0.0, profile[-1][1])
    mesh = lathe(profile, 11)
    if kind == "squash":
        x, y, z = mesh.vertices.T
        lobes = 1 - 0.12 * np.abs(np.sin(5 * np.arctan2(y, x)))
        mesh = Mesh(np.stack([x * lobes, y * lobes, z], 1), mesh.polygons)
    size = RADIUS_M[kind]
    return mesh.scaled(size, size, size)


def _heap(rng: np.random.Generator, kind: str, wide_m: float, deep_m: float, base_m: float, rise_m: float) -> Mesh:
    """Pieces in layers that fill a box from ``base_m`` and heap over it in the middle."""
    one, radius = fruit_piece(kind), RADIUS_M[kind] * max(1.0, _LONG.get(kind, 1.0))
    pitch = 2.02 * radius
    pieces = []
    layers = 2 if kind != "squash" else 1
    for layer in range(layers):
        z = base_m + radius + 0.8 * pitch * layer
        shift = 0.5 * pitch * (layer % 2)
        for x in np.arange(-wide_m / 2 + radius + shift, wide_m / 2 - radius + 1e-6, pitch):
            for y in np.arange(-deep_m / 2 + radius + shift, deep_m / 2 - radius + 1e-6, pitch):
                middle = 1 - max(abs(x) / (wide_m / 2), abs(y) / (deep_m / 2))
                turn = rng.uniform(0, 360, 2)
                piece = one.rotated("x", float(turn[0])).rotated("z", float(turn[1]))
                at = np.array([x, y, z + rise_m * middle]) + rng.normal(0, 0.002, 3)
                pieces.append(piece.moved(*at.tolist()))
    return join(pieces)


def _boards(wide_m: float, deep_m: float, tall_m: float) -> Mesh:
    thin, count = 0.009, 3
    step = tall_m / count
    boards = []
    for k in range(count):
        high = step - 0.02
        boards += [box(wide_m, thin, high).moved(y=s * (deep_m - thin) / 2, z=0.01 + k * step) for s in (-1, 1)]
        boards += [
            box(thin, deep_m - 2 * thin - 0.001, high).moved(x=s * (wide_m - thin) / 2, z=0.01 + k * step)
            for s in (-1, 1)
        ]
    slats = 5
    for k in range(slats):
        boards.append(
            box(wide_m - 0.002, deep_m / slats - 0.014, 0.008).moved(y=((k + 0.5) / slats - 0.5) * (deep_m - 0.02))
        )
    posts = [
        box(0.025, 0.025, tall_m).moved(sx * (wide_m / 2 - thin - 0.014), sy * (deep_m / 2 - thin - 0.014), 0.009)
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]
    return join(boards + posts)


def design(rng: np.random.Generator, kind: str | None = None, wood: object = None, carded: bool = True) -> Kit:
    """Make the parts of a full crate; ``kind`` is a kind of fruit, drawn if None."""
    kind = kind or str(rng.choice(KINDS))
    parts = [
        part("crate", _boards(WIDTH_M, DEPTH_M, HEIGHT_M).moved(z=GAP_M), wood or make("wood", rng, tone="light"), None)
    ]
    inner = (WIDTH_M - 0.08, DEPTH_M - 0.08)
    layers = 2 if kind != "squash" else 1
    top = 2 * RADIUS_M[kind] * (1 + 0.8 * (layers - 1))
    fill = _heap(rng, kind, *inner, 0.0, 0.035)
    lowest = float(fill.vertices[:, 2].min())
    base = max(HEIGHT_M - top - 0.005, 0.012)
    tray = box(*inner, 0.006).moved(z=base - 0.0075)
    if base > 0.03:
        parts.append(part("crate paper", tray, make("paper", rng), None))
        base += 0.001
    parts.append(part("crate fruit", fill.moved(z=base - lowest), make("fruit", rng, kind=kind), 60.0))
    if carded:
        stick = tube(
            np.array([[0.1, -DEPTH_M / 2 - 0.004, 0.08], [0.1, -DEPTH_M / 2 - 0.004, HEIGHT_M + 0.12]]), 0.0025, 6
        )
        card = box(0.15, 0.002, 0.1).moved(0.1, -DEPTH_M / 2 - 0.009, HEIGHT_M + 0.03)
        parts.append(part("crate stick", stick, make("wood", rng), None))
        parts.append(part("crate price", card, make("print", rng, kind="price"), None))
    return Kit(tuple(parts))


def stand(rng: np.random.Generator, columns: int = 3, rows: int = 2) -> Kit:
    """Make a stepped stand of crates, its front towards -y."""
    wood = make("wood", rng)
    crates = [design(rng, str(kind)) for kind in rng.permutation(KINDS)[:4]]
    kits, boards = [], []
    wide = columns * (WIDTH_M + 0.02)
    for row in range(rows):
        up, y = 0.35 + 0.27 * row, -(rows - 1 - row) * (DEPTH_M + 0.03) - DEPTH_M / 2 - 0.02
        boards.append(box(wide, DEPTH_M, 0.02).moved(y=y, z=up - 0.02))
        boards += [box(0.04, DEPTH_M - 0.02, up - 0.0205).moved(x=s * (wide / 2 - 0.06), y=y) for s in (-1, 1)]
        for column in range(columns):
            x = (column - (columns - 1) / 2) * (WIDTH_M + 0.02)
            kits.append(crates[int(rng.integers(len(crates)))].moved([x, y, up + GAP_M], 0.0))
    return merge([Kit((part("crate stand", join(boards).moved(z=GAP_M), wood, None),)), *kits])


def add(rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0) -> list[bpy.types.Object]:
    """Put one full crate at ``location``."""
    return design(rng).place(location, turn_deg)
