# SPDX-License-Identifier: Apache-2.0
"""Small treasures: a ring with a stone, a torc, a string of beads lying in a circle, coins, a crystal cluster."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, join, lathe, sphere
from depthbench.blender_scenes.objects.forms import ring, solid
from depthbench.blender_scenes.objects.kit import GAP_M, GLASS_GAP_M, Kit, part
from depthbench.blender_scenes.objects.solids import horn, skin


def _gem(radius_m: float) -> Mesh:
    """A brilliant: table, crown and pavilion with eight sides, its point at z = 0."""
    angle = np.arange(8) * np.pi / 4
    rings = [(0.08, 0.0), (1.0, 0.85), (1.0, 0.95), (0.58, 1.3)]
    points = [np.stack([r * np.cos(angle), r * np.sin(angle), np.full(8, z)], axis=-1) for r, z in rings]
    return skin(np.array(points) * radius_m)


def _finger_ring(rng: np.random.Generator) -> Kit:
    size = float(rng.uniform(1.6, 2.4))
    hoop = ring(0.0095 * size, 0.0014 * size, 48, 12).rotated("x", 90.0)
    top_m = 0.0109 * size
    setting = lathe(
        solid([[0, -0.001], [0.0015 * size, -0.001], [0.0026 * size, 0.002 * size], [0, 0.002 * size]]), 12
    ).moved(z=top_m)
    foot = lathe(solid([[0, 0], [0.011 * size, 0], [0.009 * size, 0.006], [0, 0.006]]), 24)
    lift = 0.006 + 0.0108 * size + GAP_M
    gem = _gem(0.0036 * size).moved(z=lift + top_m + 0.002 * size + GLASS_GAP_M)
    tint = ((0.6, 0.05, 0.08), (0.1, 0.5, 0.3), (0.2, 0.35, 0.85), (0.97, 0.97, 0.98))[int(rng.integers(4))]
    return Kit(
        (
            part("ring stand", foot.moved(z=GAP_M), make("paint", rng)),
            part("ring", join([hoop, setting]).moved(z=lift + 2 * GAP_M), make("metal", rng, finish="polished")),
            part("gem", gem.moved(z=2 * GAP_M), make("glass", rng, tint=tint), 10.0),
        )
    )


def _torc(rng: np.random.Generator) -> Kit:
    """A neck ring of twisted rods, open in front, ending in knobs."""
    radius = float(rng.uniform(0.055, 0.075))
    t = np.linspace(0.35, 2 * np.pi - 0.35, 90)
    rods = []
    for phase in (0.0, np.pi):
        turn = 26 * t + phase
        r = radius + 0.0032 * np.cos(turn)
        path = np.stack([r * np.sin(t), -r * np.cos(t), 0.0032 * np.sin(turn) + 0.0068], axis=1)
        rods.append(horn(path, np.full(90, 0.003), 8))
    knobs = [
        sphere(0.0066, 16, 10).moved(radius * np.sin(a), -radius * np.cos(a), 0.0068) for a in (0.35, 2 * np.pi - 0.35)
    ]
    return Kit((part("torc", join(rods + knobs).moved(z=GAP_M), make("metal", rng, finish="polished")),))


def _beads(rng: np.random.Generator) -> Kit:
    radius = float(rng.uniform(0.05, 0.08))
    count = int(2 * np.pi * radius / 0.0105)
    angle = np.arange(count) * 2 * np.pi / count
    size = 0.0045 + 0.0006 * np.cos(angle)
    wobble = radius * (1 + 0.06 * np.sin(2 * angle + 1) + 0.04 * np.sin(3 * angle))
    ball = sphere(1.0, 12, 8)
    beads = [
        ball.scaled(s, s, s).moved(w * np.cos(a), w * np.sin(a), s) for s, w, a in zip(size, wobble, angle, strict=True)
    ]
    matter = make(str(rng.choice(["ceramic", "marble", "metal"])), rng)
    return Kit((part("beads", join(beads).moved(z=GAP_M), matter),))


def _coins(rng: np.random.Generator) -> Kit:
    """Coins in rows on a board."""
    columns, rows = int(rng.integers(2, 5)), int(rng.integers(1, 4))
    radius = float(rng.uniform(0.011, 0.018))
    pitch = 2.5 * radius
    coin = part(
        "coin",
        lathe(
            solid(
                [[0, 0], [radius, 0], [radius, 0.0024], [0.88 * radius, 0.0024], [0.86 * radius, 0.0019], [0, 0.0021]]
            ),
            40,
        ),
        make("metal", rng, finish="brushed"),
    )
    board = lathe(solid([[0, 0], [1, 0], [1, 1], [0, 1]]), 4).rotated("z", 45.0)
    wide, deep = columns * pitch + 0.01, rows * pitch + 0.01
    under = board.scaled(wide / np.sqrt(2), deep / np.sqrt(2), 0.006).moved(z=GAP_M)
    parts = [part("coin board", under, make("leather", rng), 30.0)]
    coins = Kit((coin,))
    for row in range(rows):
        for column in range(columns):
            at = [(column - (columns - 1) / 2) * pitch, (row - (rows - 1) / 2) * pitch, 0.006 + 2 * GAP_M]
            parts += coins.moved(at, float(rng.uniform(0, 360))).parts
    return Kit(tuple(parts))


def _crystal(rng: np.random.Generator) -> Kit:
    """Six-sided prisms with points, leaning out of a rock; of stone, or clear."""
    angle = np.arange(6) * np.pi / 3
    size = float(rng.uniform(0.05, 0.09))
    prisms = []
    for index in range(int(rng.integers(5, 9))):
        long, wide = size * rng.uniform(0.5, 1.0), size * rng.uniform(0.08, 0.15)
        rings = [(1.0, 0.0), (1.0, 0.8), (0.06, 1.0)]
        points = [
            np.stack([wide * r * np.cos(angle), wide * r * np.sin(angle), np.full(6, long * z)], axis=-1)
            for r, z in rings
        ]
        lean = 0.0 if index == 0 else float(rng.uniform(12, 42))
        turn = index * 137.5
        prisms.append(
            skin(np.array(points))
            .rotated("y", lean)
            .rotated("z", turn)
            .moved(0.12 * size * np.cos(np.deg2rad(turn)), 0.12 * size * np.sin(np.deg2rad(turn)), 0.2 * size)
        )
    rock = sphere(1.0, 18, 10)
    bumps = (
        1
        + 0.18 * np.sin(7 * rock.vertices[:, 0] + 3) * np.cos(6 * rock.vertices[:, 1])
        + 0.05 * rng.normal(size=len(rock.vertices))
    )
    points = rock.vertices * bumps[:, None] * size * [0.5, 0.42, 0.3]
    points[:, 2] = np.maximum(points[:, 2], -0.08 * size) + 0.08 * size
    parts = [part("rock", Mesh(points, rock.polygons).moved(z=GAP_M), make("concrete", rng), 30.0)]
    parts.append(part("crystals", join(prisms).moved(z=GAP_M), make(str(rng.choice(["marble", "ceramic"])), rng), 10.0))
    return Kit(tuple(parts))


_MAKE: dict[str, Callable[[np.random.Generator], Kit]] = {
    "ring": _finger_ring, "torc": _torc, "beads": _beads, "coins": _coins, "crystal": _crystal,
}  # fmt: skip
STYLES = tuple(_MAKE)


def design(rng: np.random.Generator, style: str = "ring") -> Kit:
    """Make one treasure; ``style`` is one of :data:`STYLES`."""
    return _MAKE[style](rng)


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "ring"
) -> list[bpy.types.Object]:
    """Put one treasure at ``location``."""
    return design(rng, style).place(location, turn_deg)
