# SPDX-License-Identifier: Apache-2.0
"""Pastries and cakes, one object each: croissant, muffin, doughnut, cookie, tart, loaf, roll, cake, slice of cake."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, join, lathe, sphere
from depthbench.blender_scenes.objects.forms import ring, smooth, solid
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part


def _lumpy(mesh: Mesh, rng: np.random.Generator, size_m: float) -> Mesh:
    """Push the surface about by a few smooth waves, the same for coincident points."""
    waves = rng.uniform(20, 90, (5, 3)) * rng.choice([-1, 1], (5, 3))
    phase = rng.uniform(0, 2 * np.pi, 5)
    push = np.sin(mesh.vertices @ waves.T + phase).mean(axis=1, keepdims=True) * size_m
    centre = mesh.vertices.mean(axis=0)
    outward = mesh.vertices - centre
    outward /= np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-6)
    return Mesh(mesh.vertices + push * outward, mesh.polygons)


def _swept(along: Any, radii: Any, sides: int = 16) -> Mesh:
    """A closed body of circles of those radii about a curve (n, 3) in the plane z = 0."""
    tangent = np.gradient(along, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    beside = np.cross([0.0, 0.0, 1.0], tangent)
    angle = np.arange(sides) * 2 * np.pi / sides
    rings = along[:, None] + radii[:, None, None] * (
        np.cos(angle)[None, :, None] * beside[:, None] + np.sin(angle)[None, :, None] * np.array([0.0, 0.0, 0.85])
    )
    body = lathe([(0.0, 0.0), *[(1.0, float(k)) for k in range(len(along))], (0.0, len(along) - 1.0)], sides)
    return Mesh(np.concatenate([rings.reshape(-1, 3), along[:1], along[-1:]]), body.polygons)


def _croissant(rng: np.random.Generator) -> Mesh:
    bend = np.linspace(-1.15, 1.15, 45)
    along = np.stack([0.062 * np.sin(bend), 0.062 * (np.cos(bend) - 0.6), np.zeros(45)], axis=1)
    taper = np.cos(bend / 1.15 * np.pi / 2) ** 0.62
    ridge = 1 + 0.09 * np.abs(np.sin(bend * 4.2 + np.pi / 2))
    return _lumpy(_swept(along, 0.004 + 0.0235 * taper * ridge), rng, 0.003)


def _roll(rng: np.random.Generator) -> Mesh:
    along = np.stack([np.linspace(-0.07, 0.07, 21), np.zeros(21), np.zeros(21)], axis=1)
    radii = 0.031 * np.sqrt(np.maximum(1 - np.linspace(-0.99, 0.99, 21) ** 4, 0.02))
    return _lumpy(_swept(along, radii), rng, 0.004)


def _loaf(rng: np.random.Generator) -> Mesh:
    along = np.stack([np.linspace(-0.13, 0.13, 31), np.zeros(31), np.zeros(31)], axis=1)
    radii = 0.055 * np.sqrt(np.maximum(1 - np.linspace(-0.99, 0.99, 31) ** 4, 0.02))
    scored = 1 - 0.06 * (np.sin(np.linspace(0, 5 * np.pi, 31)) > 0.8)
    return _lumpy(_swept(along, radii * scored), rng, 0.005)


def _muffin(rng: np.random.Generator) -> Mesh:
    cup = [[0, 0], [0.024, 0], [0.031, 0.036], [0.042, 0.043], [0.041, 0.053], [0.026, 0.069], [0, 0.074]]
    return _lumpy(lathe(solid(cup, 0.008), 32), rng, 0.003)


def _doughnut(rng: np.random.Generator) -> Mesh:
    return _lumpy(ring(0.031, 0.018, 40, 16), rng, 0.002)


def _cookie(rng: np.random.Generator) -> Mesh:
    return _lumpy(lathe(solid([[0, 0], [0.036, 0], [0.04, 0.006], [0.03, 0.012], [0, 0.013]], 0.004), 32), rng, 0.003)


def _tart(rng: np.random.Generator) -> Mesh:
    shell = [[0, 0], [0.036, 0], [0.046, 0.022], [0.042, 0.022], [0.039, 0.017], [0, 0.017]]
    berries = [
        sphere(0.0085, 10, 6).moved(radius * np.cos(turn), radius * np.sin(turn), 0.021)
        for radius, count in ((0.0, 1), (0.017, 6), (0.0315, 11))
        for turn in np.arange(count) * 2 * np.pi / count + rng.uniform(0, 1)
    ]
    return join([lathe(solid(shell, 0.001), 32), *berries])


def _cake(rng: np.random.Generator) -> Mesh:
    body = lathe(solid([[0, 0], [0.1, 0], [0.1, 0.075], [0, 0.075]], 0.008), 64)
    blobs = [
        lathe(solid(smooth([[0, 0], [0.012, 0], [0.009, 0.01], [0, 0.018]], 3)), 14).moved(
            0.083 * np.cos(turn), 0.083 * np.sin(turn), 0.074
        )
        for turn in np.arange(12) * np.pi / 6
    ]
    return join([body, *blobs])


def _slice(rng: np.random.Generator) -> Mesh:
    turn = np.linspace(-0.26, 0.26, 9)
    arc = np.stack([0.1 * np.cos(turn) - 0.055, 0.1 * np.sin(turn)], axis=1)
    outline = np.concatenate([[[-0.055, 0.0]], arc])
    low, high = np.column_stack([outline, np.zeros(10)]), np.column_stack([outline, np.full(10, 0.075)])
    here, after = np.arange(10), (np.arange(10) + 1) % 10
    sides = np.stack([here, after, after + 10, here + 10], axis=1)
    return Mesh(np.concatenate([low, high]), (sides, np.stack([here[::-1], here + 10])))


_SHAPES: dict[str, tuple[Callable[[np.random.Generator], Mesh], str]] = {
    "croissant": (_croissant, "pastry"),
    "roll": (_roll, "bread"),
    "loaf": (_loaf, "bread"),
    "muffin": (_muffin, "cake"),
    "doughnut": (_doughnut, "chocolate"),
    "cookie": (_cookie, "pastry"),
    "tart": (_tart, "icing"),
    "cake": (_cake, "cake"),
    "slice": (_slice, "cake"),
}
STYLES = tuple(_SHAPES)
ON_PLATES = ("croissant", "muffin", "slice", "cookie", "tart")
SMALL = ("croissant", "roll", "muffin", "doughnut", "cookie", "tart", "slice")


def design(rng: np.random.Generator, style: str = "croissant", colour: Any = None) -> Kit:
    """Make a pastry; ``style`` is one of :data:`STYLES`, ``colour`` its material."""
    shape, kind = _SHAPES[style]
    mesh = shape(rng)
    mesh = mesh.moved(z=GAP_M - float(mesh.vertices[:, 2].min()))
    return Kit((part(style, mesh, colour or make("food", rng, kind=kind), 50.0),))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "croissant"
) -> list[bpy.types.Object]:
    """Put one pastry at ``location``."""
    return design(rng, style).place(location, turn_deg)
