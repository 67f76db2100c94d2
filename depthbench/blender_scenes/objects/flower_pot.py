# SPDX-License-Identifier: Apache-2.0
"""Terracotta pots, empty in stacks or planted, and trays of seedlings."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.materials.palette import near, pick
from depthbench.blender_scenes.mesh import Mesh, join, lathe, sphere, tube
from depthbench.blender_scenes.objects.forms import solid
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, merge, part
from depthbench.blender_scenes.objects.tree import leaves
from depthbench.blender_scenes.slab import slab

STYLES = ("herb", "flower", "tomato", "empty", "stack", "tray")
_CLAY = ((0.42, 0.17, 0.085), (0.5, 0.26, 0.15), (0.33, 0.14, 0.08))
_PETALS = ((0.6, 0.06, 0.05), (0.78, 0.5, 0.08), (0.7, 0.68, 0.62), (0.5, 0.12, 0.35), (0.3, 0.22, 0.6))


def _pot(radius_m: float) -> Mesh:
    tall = 1.75 * radius_m
    wall = [[0.62, 0], [0.9, 0.78], [1.0, 0.78], [1.0, 1.0], [0.9, 1.0], [0.82, 0.76], [0.56, 0.06]]
    side = [[r * radius_m, z * tall] for r, z in wall]
    return lathe(solid([[0, 0], *side, [0, 0.06 * tall]], 0.003), 32)


def _clay(rng: np.random.Generator) -> object:
    return make("plaster", rng, colour=near(rng, pick(rng, _CLAY)))


def _earth(radius_m: float) -> Mesh:
    up = 1.75 * radius_m * 0.86
    return lathe(solid([[0, 0], [0.8 * radius_m, 0], [0.8 * radius_m, 0.006], [0, 0.012]]), 24).moved(z=up)


def _bush(
    rng: np.random.Generator, radius_m: float, height_m: float, count: int, leaf_m: float
) -> tuple[Mesh, Mesh, npt.NDArray[np.float64]]:
    """Return stems and leaves that grow from the origin, and the stems' tips."""
    stems, feet, ways, tips = [], [], [], []
    for _ in range(count):
        turn, lean = rng.uniform(0, 2 * np.pi), rng.uniform(0.1, 0.6)
        out = np.array([np.cos(turn) * lean, np.sin(turn) * lean, 1.0])
        start = 0.25 * radius_m * np.array([np.cos(turn), np.sin(turn), 0.0])
        end = start + out * [radius_m, radius_m, height_m * rng.uniform(0.7, 1.0)]
        stems.append(tube(np.stack([start, 0.5 * (start + end) + [0, 0, 0.1 * height_m], end]), 0.0022, 5))
        t = rng.uniform(0.2, 1.0, 11)[:, None]
        feet.append(start + t * (end - start) + 0.1 * height_m * np.sin(np.pi * t) * [0, 0, 1.0])
        ways.append(np.broadcast_to(out, (11, 3)) * [2, 2, 0.5] + rng.normal(0, 0.5, (11, 3)))
        tips.append(end)
    at = np.concatenate(feet)
    blades = leaves(rng, at, np.concatenate(ways), leaf_m)
    blades = Mesh(np.maximum(blades.vertices, [-np.inf, -np.inf, 0.003]), blades.polygons)
    return join(stems), blades, np.array(tips)


def _tray(rng: np.random.Generator) -> Kit:
    """A flat tray of cells with a seedling in most."""
    columns, rows, pitch, deep = int(rng.integers(5, 8)), 4, 0.055, 0.045
    wide, long = columns * pitch + 0.012, rows * pitch + 0.012
    holes = [
        (-wide / 2 + 0.01 + c * pitch, -wide / 2 + 0.002 + (c + 1) * pitch, 0.01 + r * pitch, 0.002 + (r + 1) * pitch)
        for c in range(columns)
        for r in range(rows)
    ]
    frame = slab(wide, long, deep, holes).rotated("x", -90.0).moved(y=-long / 2, z=deep)
    low = float(frame.vertices[:, 2].min())
    soil, feet = [], []
    for left, right, near_m, far_m in holes:
        x, y = (left + right) / 2, (near_m + far_m) / 2 - long / 2
        soil.append(
            slab(right - left - 0.002, 0.034, far_m - near_m - 0.002).moved(x=x, y=y - (far_m - near_m - 0.002) / 2)
        )
        if rng.random() < 0.85:
            feet += [[x, y, 0.036]] * int(rng.integers(4, 8))
    at = np.array(feet) + rng.normal(0, 0.004, (len(feet), 3)) * [1, 1, 0]
    ways = rng.normal(0, 0.4, (len(feet), 3)) + np.array([0, 0, 1.6])
    green = leaves(rng, at, ways, float(rng.uniform(0.035, 0.06)))
    green = Mesh(np.maximum(green.vertices, [-np.inf, -np.inf, 0.036]), green.polygons)
    return Kit(
        (
            part("seed tray", frame.moved(z=GAP_M - low), make("paint", rng, colour=(0.02, 0.021, 0.02)), None),
            part("seed tray soil", join(soil).moved(z=0.004), make("ground", rng, kind="soil"), None),
            part("seedling leaves", green.moved(z=0.004), make("foliage", rng), None),
        )
    )


def design(rng: np.random.Generator, style: str = "herb") -> Kit:
    """Make the parts of a pot or tray; ``style`` is one of :data:`STYLES`."""
    if style == "tray":
        return _tray(rng)
    radius = float(
        {"herb": rng.uniform(0.06, 0.09), "flower": rng.uniform(0.07, 0.12), "tomato": rng.uniform(0.12, 0.16)}.get(
            style, rng.uniform(0.06, 0.12)
        )
    )
    clay = _clay(rng)
    pot = part("flower pot", _pot(radius).moved(z=GAP_M), clay)
    if style == "empty":
        return Kit((pot,))
    if style == "stack":
        # A pot comes to rest where its wall meets the rim of the one below.
        step = 0.62 * radius
        return merge([Kit((pot,)).moved([0, 0, k * step]) for k in range(int(rng.integers(3, 6)))])
    tall, count, leaf = {"herb": (0.14, 26, 0.035), "flower": (0.22, 16, 0.05), "tomato": (0.75, 12, 0.1)}[style]
    tall *= float(rng.uniform(0.8, 1.25))
    up = 1.75 * radius * 0.86 + 0.014 + 2 * GAP_M
    stems, blades, tips = _bush(rng, radius * (1.1 if style != "tomato" else 1.6), tall, count, leaf)
    parts = [
        pot,
        part("flower pot earth", _earth(radius).moved(z=2 * GAP_M), make("ground", rng, kind="soil")),
        part("pot plant stems", stems.moved(z=up), make("foliage", rng), 80.0),
        part("pot plant leaves", blades.moved(z=up), make("foliage", rng), None),
    ]
    if style == "flower":
        at = np.repeat(tips, 9, axis=0)
        ways = rng.normal(0, 1.0, (len(at), 3)) + np.array([0, 0, 0.6])
        parts.append(
            part(
                "pot plant leaves in bloom",
                leaves(rng, at, ways, 0.03).moved(z=up),
                make("paint", rng, colour=near(rng, pick(rng, _PETALS))),
                None,
            )
        )
    if style == "tomato":
        cane = tube(np.array([[0.0, 0, 0.0], [0.0, 0, 0.5 * tall], [0.0, 0.0, 1.15 * tall]]), 0.006, 7)
        parts.append(part("pot cane", cane.moved(z=up), make("wood", rng, grain="z")))
        ball = sphere(0.022, 12, 8)
        spots = tips[rng.integers(0, len(tips), 9)] * [0.9, 0.9, 1.0] - [0, 0, 0.3 * tall] * rng.uniform(
            0.3, 1.5, (9, 1)
        )
        parts.append(
            part(
                "pot plant leaves and fruit",
                join([ball.moved(*spot) for spot in spots]).moved(z=up),
                make("fruit", rng, kind="tomato"),
            )
        )
    return Kit(tuple(parts))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "herb"
) -> list[bpy.types.Object]:
    """Put one pot at ``location``."""
    return design(rng, style).place(location, turn_deg)
