# SPDX-License-Identifier: Apache-2.0
"""Pot plants: broad leaves on arching stems, upright blades, a small tree, a trailing one, a rosette for a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import bpy
import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, join, lathe, tube
from depthbench.blender_scenes.objects.forms import smooth, solid
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part

Vectors = npt.NDArray[np.float64]
Growth = tuple[list[Mesh], list[Mesh]]
"""Stems and leaves."""


def _leaves(at: Vectors, along: Vectors, length: Vectors, width: Vectors, droop: float, fold: float = 0.15) -> Mesh:
    """Leaves (7 x 3 points each) from their feet ``at`` (n, 3) in the directions ``along`` (n, 3), tips sinking."""
    along = along / np.linalg.norm(along, axis=1, keepdims=True)
    beside = np.cross(along, [0.0, 0.0, 1.0]) + 1e-6
    beside /= np.linalg.norm(beside, axis=1, keepdims=True)
    up = np.cross(beside, along)
    t = np.linspace(0, 1, 7)
    half = np.sin(np.pi * np.clip(t * 0.96 + 0.02, 0, 1) ** 0.8) ** 0.8 / 2
    s = np.array([-1.0, 0.0, 1.0])
    spine = at[:, None] + along[:, None] * (t[None, :, None] * length[:, None, None])
    spine = spine - np.array([0, 0, 1.0]) * (droop * t[None, :, None] ** 2 * length[:, None, None])
    reach = (half[None, :, None] * s[None, None, :] * width[:, None, None])[..., None]
    points = spine[:, :, None] + reach * beside[:, None, None] + np.abs(reach) * fold * up[:, None, None]
    count = len(at)
    number = np.arange(count * 21).reshape(count, 7, 3)
    quads = np.stack([number[:, :-1, :-1], number[:, :-1, 1:], number[:, 1:, 1:], number[:, 1:, :-1]], axis=-1)
    return Mesh(points.reshape(-1, 3), (quads.reshape(-1, 4),))


def _directions(turn: Vectors, rise: Vectors) -> Vectors:
    return np.stack([np.cos(turn) * np.cos(rise), np.sin(turn) * np.cos(rise), np.sin(rise)], axis=1)


def _broad(rng: np.random.Generator, height_m: float, radius_m: float) -> Growth:
    count = int(rng.integers(12, 20))
    turn = np.arange(count) * 2.4 + rng.normal(0, 0.2, count)
    tall = height_m * np.linspace(0.45, 1.0, count) * rng.uniform(0.85, 1.05, count)
    stems, tips = [], []
    for angle, top in zip(turn, tall, strict=True):
        reach = radius_m * (0.25 + 0.45 * (1 - top / height_m / 1.1))
        out = np.array([np.cos(angle), np.sin(angle), 0.0])
        path = smooth(np.stack([0.01 * out, out * reach * 0.4 + [0, 0, top * 0.6], out * reach + [0, 0, top]]), 4)
        stems.append(tube(path, 0.004, 6))
        tips.append(path[-1])
    length = rng.uniform(0.5, 0.8, count) * radius_m
    leaves = _leaves(np.array(tips), _directions(turn, rng.uniform(-0.3, 0.3, count)), length, 0.75 * length, 0.35)
    return stems, [leaves]


def _blades(rng: np.random.Generator, height_m: float, radius_m: float) -> Growth:
    count = int(rng.integers(14, 26))
    turn = rng.uniform(0, 2 * np.pi, count)
    foot = _directions(turn, np.zeros(count)) * rng.uniform(0.0, 0.3, (count, 1)) * radius_m
    length = height_m * rng.uniform(0.55, 1.0, count)
    return [], [
        _leaves(foot, _directions(turn, rng.uniform(1.2, 1.5, count)), length, np.full(count, 0.06), 0.06, 0.35)
    ]


def _tree(rng: np.random.Generator, height_m: float, radius_m: float) -> Growth:
    lean = rng.normal(0, 0.04, (2, 2))
    trunk = smooth([[0, 0, 0], [*lean[0], height_m * 0.3], [*lean[1], height_m * 0.62]], 5)
    stems, feet, ways = [tube(trunk, 0.014, 8)], [], []
    for _ in range(int(rng.integers(9, 14))):
        angle, start = rng.uniform(0, 2 * np.pi), trunk[int(rng.integers(6, len(trunk)))]
        out = np.array([np.cos(angle), np.sin(angle), rng.uniform(0.4, 1.5)]) * radius_m * rng.uniform(0.5, 0.85)
        twig = smooth([start, start + 0.55 * out + [0, 0, 0.02], start + out], 5)
        stems.append(tube(twig, 0.004, 6))
        pick = twig[rng.integers(3, len(twig), 14)]
        feet.append(pick)
        ways.append(_directions(angle + rng.normal(0, 1.2, 14), rng.uniform(-0.5, 0.6, 14)))
    at, along = np.concatenate(feet), np.concatenate(ways)
    length = rng.uniform(0.08, 0.13, len(at))
    return stems, [_leaves(at, along, length, 0.5 * length, 0.3)]


def _trailing(rng: np.random.Generator, height_m: float, radius_m: float) -> Growth:
    stems, feet, ways = [], [], []
    for angle in rng.uniform(0, 2 * np.pi, 16):
        out = np.array([np.cos(angle), np.sin(angle), 0.0])
        rise = rng.uniform(0.05, 0.14)
        path = smooth(
            [
                0.02 * out,
                out * radius_m * 0.55 + [0, 0, rise],
                out * radius_m * rng.uniform(0.75, 1.0) + [0, 0, rise * 0.4],
            ],
            6,
        )
        stems.append(tube(path, 0.0025, 5))
        feet.append(path[2:])
        ways.append(_directions(angle + rng.normal(0, 1.0, len(path) - 2), rng.uniform(-0.2, 0.6, len(path) - 2)))
    at, along = np.concatenate(feet), np.concatenate(ways)
    length = rng.uniform(0.04, 0.07, len(at))
    return stems, [_leaves(at, along, length, 0.8 * length, 0.3)]


def _rosette(rng: np.random.Generator, height_m: float, radius_m: float) -> Growth:
    count = 34
    rise = np.linspace(1.4, 0.15, count)
    turn = np.arange(count) * 2.4
    length = radius_m * np.linspace(0.5, 1.0, count)
    foot = np.zeros((count, 3))
    return [], [_leaves(foot, _directions(turn, rise), length, 0.42 * length, 0.05, 0.5)]


# growth, height of the plant, its radius, radius of the pot
_STYLES: dict[str, tuple[Callable[[np.random.Generator, float, float], Growth], float, float, float]] = {
    "broad": (_broad, 0.85, 0.5, 0.16),
    "blades": (_blades, 0.75, 0.25, 0.14),
    "tree": (_tree, 1.35, 0.45, 0.18),
    "trailing": (_trailing, 0.2, 0.24, 0.085),
    "rosette": (_rosette, 0.1, 0.075, 0.05),
}
STYLES = tuple(_STYLES)
FLOOR = ("broad", "blades", "tree")


def design(rng: np.random.Generator, style: str = "broad") -> Kit:
    """Make the parts of a plant: pot, earth, stems, leaves; ``style`` is one of :data:`STYLES`."""
    grow, height_m, radius_m, pot_m = _STYLES[style]
    size = float(rng.uniform(0.85, 1.2))
    height_m, radius_m, pot_m = height_m * size, radius_m * size, pot_m * size
    deep = pot_m * float(rng.uniform(1.6, 2.0))
    taper = float(rng.uniform(0.68, 0.98))
    wall = [[taper * pot_m, 0], [pot_m, deep], [0.9 * pot_m, deep], [0.88 * pot_m, 0.9 * deep], [0, 0.9 * deep]]
    pot = lathe(solid([[0, 0], *wall], 0.004), 48)
    stems, leaves = grow(rng, height_m, radius_m)
    above = 0.9 * deep + 2 * GAP_M
    material = str(rng.choice(["ceramic", "concrete", "metal"], p=[0.6, 0.2, 0.2]))
    finish = {"finish": "painted"} if material == "metal" else {}
    parts = [part("plant pot", pot.moved(z=GAP_M), make(material, rng, **finish))]
    earth = lathe(solid([[0, 0], [0.8 * pot_m, 0], [0.8 * pot_m, 0.004], [0, 0.008]]), 32).moved(z=above)
    parts.append(part("plant earth", earth, make("food", rng, kind="chocolate")))
    up = above + (0.014 if stems else 0.0095)
    if stems:
        parts.append(part("plant stems", join(stems).moved(z=up), make("foliage", rng)))
    parts.append(part("plant leaves", join(leaves).moved(z=up), make("foliage", rng), 80.0))
    return Kit(tuple(parts))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "broad"
) -> list[bpy.types.Object]:
    """Put one plant at ``location``."""
    return design(rng, style).place(location, turn_deg)
