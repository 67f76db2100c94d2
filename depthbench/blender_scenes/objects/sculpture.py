# SPDX-License-Identifier: Apache-2.0
"""Abstract sculptures on a small base: twisted and modular columns, knots, rings, stacked stones, turned busts, forms.

Every figure is one closed solid (or several that stand apart), so that each may be of refracting glass.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, box, join, lathe, rounded_box, sphere
from depthbench.blender_scenes.objects.forms import smooth, solid
from depthbench.blender_scenes.objects.kit import GAP_M, GLASS_GAP_M, Kit, part
from depthbench.blender_scenes.objects.solids import horn, loops, skin


def _twist(rng: np.random.Generator) -> Mesh:
    """A column whose lobed section turns and swells on its way up."""
    angle = np.arange(60) * 2 * np.pi / 60
    lobes = int(rng.integers(2, 6))
    z = np.linspace(0, 1, 56)[:, None]
    depth = rng.uniform(0.12, 0.4) / np.sqrt(lobes)
    turn = z * rng.uniform(1.2, 4.5)
    swell = 0.14 * (1 + rng.uniform(-0.3, 0.6) * np.sin(np.pi * z * rng.uniform(0.7, 2.2)) - 0.25 * z)
    radius = swell * (1 + depth * np.cos(lobes * angle)[None])
    x, y = radius * np.cos(angle + turn), radius * np.sin(angle + turn)
    return skin(np.stack([x, y, np.broadcast_to(z, x.shape)], axis=-1))


def _knot(rng: np.random.Generator) -> Mesh:
    p, q = ((2, 3), (3, 2), (2, 5))[int(rng.integers(3))]
    t = np.arange(220) * 2 * np.pi / 220
    ratio = 0.42
    out = np.stack([np.cos(q * t) * np.cos(p * t), np.cos(q * t) * np.sin(p * t), np.sin(q * t)], axis=1)
    core = np.stack([np.cos(p * t), np.sin(p * t), np.zeros_like(t)], axis=1)
    path = core + ratio * out
    along = np.roll(path, -1, axis=0) - np.roll(path, 1, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    normal = out - along * np.einsum("ij,ij->i", out, along)[:, None]
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    side = np.cross(along, normal)
    round_ = np.arange(14) * 2 * np.pi / 14
    thick = rng.uniform(0.16, 0.24)
    points = path[:, None] + thick * (
        np.cos(round_)[:, None] * normal[:, None] + np.sin(round_)[:, None] * side[:, None]
    )
    return loops(points).rotated("x", 90.0)


def _ring(rng: np.random.Generator) -> Mesh:
    """A standing ring of flat section that makes whole turns about itself."""
    t, s = np.arange(140)[:, None] * 2 * np.pi / 140, np.arange(20)[None] * 2 * np.pi / 20
    turn = t * float(rng.integers(0, 3)) + rng.uniform(0, np.pi)
    a, b = rng.uniform(0.2, 0.34), rng.uniform(0.05, 0.16)
    u = a * np.cos(s) * np.cos(turn) - b * np.sin(s) * np.sin(turn)
    v = a * np.cos(s) * np.sin(turn) + b * np.sin(s) * np.cos(turn)
    return loops(np.stack([(1 + u) * np.cos(t), v, (1 + u) * np.sin(t)], axis=-1))


def _stones(rng: np.random.Generator) -> Mesh:
    """Pebbles on one another, each flattened where it rests."""
    stones, height = [], 0.0
    for level in range(int(rng.integers(3, 6))):
        ball = sphere(1.0, 36, 20)
        direction = ball.vertices
        waves = sum(
            rng.uniform(0.02, 0.07) * np.sin(direction @ rng.normal(0, 1.6, 3) + rng.uniform(0, 6)) for _ in range(4)
        )
        size = (1.0 - 0.15 * level) * rng.uniform(0.8, 1.15)
        points = direction * (1 + waves)[:, None] * np.array([1.0, rng.uniform(0.7, 0.95), 1.0]) * size
        points[:, 2] = np.clip(points[:, 2], -0.55 * size, 0.55 * size) * rng.uniform(0.5, 0.9)
        points[:, 2] -= points[:, 2].min()
        stone = Mesh(points, ball.polygons).rotated("z", float(rng.uniform(0, 360)))
        stones.append(stone.moved(rng.normal(0, 0.05), rng.normal(0, 0.05), height))
        height += float(points[:, 2].max()) + 0.003
    return join(stones)


def _bust(rng: np.random.Generator) -> Mesh:
    """A face's profile turned about the axis, seen as a face from every side."""
    face = [[0, 0], [0.24, 0], [0.3, 0.05], [0.28, 0.13], [0.17, 0.2], [0.15, 0.3], [0.2, 0.34], [0.29, 0.36], [0.3, 0.42],
            [0.285, 0.45], [0.31, 0.475], [0.29, 0.5], [0.305, 0.52], [0.28, 0.55], [0.37, 0.585], [0.35, 0.62], [0.285, 0.72],
            [0.31, 0.76], [0.325, 0.84], [0.28, 0.95], [0.15, 1.02], [0, 1.03]]  # fmt: skip
    points = np.array(face)
    points[1:-1, 0] *= rng.uniform(0.7, 1.0) * rng.normal(1, 0.02, len(points) - 2)
    curve = smooth(points, 3)
    curve[0, 0] = curve[-1, 0] = 0.0
    curve[1:-1, 0] = np.maximum(curve[1:-1, 0], 1e-3)
    curve[:, 1] = np.maximum(curve[:, 1], 0)
    return lathe(solid(curve), 64)


def _bird(rng: np.random.Generator) -> Mesh:
    """A slender bent spindle on a narrow foot."""
    bend = rng.uniform(0.03, 0.12)
    z = np.linspace(0, 1, 40)
    path = np.stack([bend * np.sin(1.4 * np.pi * z), np.zeros_like(z), z], axis=1)
    knots = [0.075, 0.045, 0.03, 0.06, 0.095, 0.1, 0.07, 0.02]
    return horn(path, np.interp(z, [0, 0.08, 0.16, 0.35, 0.55, 0.7, 0.88, 1], knots) * rng.uniform(0.8, 1.3), 36)


def _column(rng: np.random.Generator) -> Mesh:
    """Equal rhombic modules on one another; four-sided, or six."""
    modules, sides = int(rng.integers(3, 6)), int(rng.choice([6, 8]))
    wide = np.tile([0.5, 1.0], modules + 1)[: 2 * modules + 1] * 0.16
    angle = np.arange(sides) * 2 * np.pi / sides
    x, y = wide[:, None] * np.cos(angle), wide[:, None] * np.sin(angle)
    return skin(np.stack([x, y, np.broadcast_to(np.linspace(0, 1, 2 * modules + 1)[:, None], x.shape)], axis=-1))


def _form(rng: np.random.Generator) -> Mesh:
    """A rounded body, swollen and waisted by long waves."""
    ball = sphere(1.0, 64, 40)
    direction = ball.vertices
    waves = sum(
        rng.uniform(0.05, 0.16) * np.sin(direction @ rng.normal(0, 1.5, 3) + rng.uniform(0, 6)) for _ in range(5)
    )
    points = direction * (1 + waves)[:, None] * rng.uniform(0.6, 1.1, 3)
    points[:, 2] = np.maximum(points[:, 2], np.quantile(points[:, 2], 0.06))
    return Mesh(points, ball.polygons)


def _cubes(rng: np.random.Generator) -> Mesh:
    """Blocks on one another, each turned against the one below."""
    blocks, height, size = [], 0.0, 0.5
    for _ in range(int(rng.integers(2, 5))):
        tall = size * rng.uniform(0.6, 1.0)
        blocks.append(rounded_box(size, size, tall, 0.012).rotated("z", float(rng.uniform(0, 90))).moved(z=height))
        height += tall + 0.004
        size *= rng.uniform(0.75, 0.95)
    return join(blocks)


def _lens(rng: np.random.Generator) -> Mesh:
    """An upright disc, thick in its middle."""
    radius = np.cos(np.linspace(0, np.pi / 2, 24))
    bulge, rim = rng.uniform(0.12, 0.3), 0.03
    front = np.stack([radius, rim + bulge * (1 - radius**2)], axis=1)
    side = np.concatenate([front[::-1] * [1, -1], front])
    side[0, 0] = side[-1, 0] = 0.0
    return lathe(solid(side), 72).rotated("x", 90.0)


_MAKE: dict[str, Callable[[np.random.Generator], Mesh]] = {
    "twist": _twist, "knot": _knot, "ring": _ring, "stones": _stones, "bust": _bust, "bird": _bird, "column": _column,
    "form": _form, "cubes": _cubes, "lens": _lens,
}  # fmt: skip
STYLES = tuple(_MAKE)
_FLAT = ("column", "cubes")
_PINNED = ("knot", "ring", "lens")
"""Figures that rest on a narrow place, and so stand on a pin."""


def _matter(rng: np.random.Generator, style: str) -> Any:
    names = ["marble", "concrete", "polished", "brushed", "wood", "ceramic", "plaster"]
    weights = {"stones": [4, 3, 0, 0, 0, 0, 0], "bust": [3, 1, 2, 1, 1, 2, 2]}.get(style, [2, 1, 3, 2, 1.5, 1, 1])
    name = names[int(rng.choice(7, p=np.array(weights) / sum(weights)))]
    if name in ("polished", "brushed"):
        return make("metal", rng, finish=name)
    if name == "ceramic":
        return make("ceramic", rng, pattern="plain")
    return make(name, rng, **({"colour": (0.74, 0.72, 0.68)} if name == "plaster" else {}))


def design(
    rng: np.random.Generator, style: str = "twist", height_m: float = 0.5, glass: bool = False, widest_m: float = 0.36
) -> Kit:
    """Make the parts of a sculpture.

    Parameters
    ----------
    style : str
        One of :data:`STYLES`.
    height_m : float
        Height with its base; less where the figure would be wider than ``widest_m``.
    glass : bool
        Of solid refracting glass.
    """
    figure = _MAKE[style](rng)
    low, high = figure.vertices.min(axis=0), figure.vertices.max(axis=0)
    x, y = (low + high)[:2] / 2
    if style in _PINNED:
        x, y = figure.vertices[figure.vertices[:, 2].argmin(), :2]
    figure = figure.moved(-x, -y, -low[2])
    clear = GLASS_GAP_M if glass else GAP_M
    base_m = max(0.008, height_m * float(rng.uniform(0.05, 0.12)))
    pin_m = 0.06 * height_m if style in _PINNED else 0.0
    reach = float(np.abs(figure.vertices[:, :2]).max()) * 2
    size = min((height_m - base_m - pin_m) / (high - low)[2], widest_m / reach)
    figure = figure.scaled(size, size, size)
    near = figure.vertices[figure.vertices[:, 2] < 0.04 * height_m + 1e-3]
    foot = 2 * float(np.abs(near[:, :2]).max())
    wide = float(np.clip(max(1.25 * foot, 0.35 * size * reach), 0.02, widest_m))
    block = rounded_box(wide, wide, base_m, min(0.002, 0.1 * base_m))
    parts = []
    if pin_m:
        block = join([block, box(0.08 * height_m, 0.05 * height_m, pin_m + 0.0005).moved(z=base_m - 0.0005)])
    stone = make(str(rng.choice(["marble", "wood", "concrete"])), rng)
    parts.append(part("sculpture base", block.moved(z=GAP_M), stone, None))
    body = make("glass", rng) if glass else _matter(rng, style)
    lifted = figure.moved(z=GAP_M + base_m + pin_m + clear)
    parts.append(part(f"{'glass' if glass else 'solid'} {style}", lifted, body, 25.0 if style in _FLAT else 45.0))
    return Kit(tuple(parts))


def add(
    rng: np.random.Generator,
    location: Sequence[float],
    turn_deg: float = 0.0,
    style: str = "twist",
    glass: bool = False,
) -> list[bpy.types.Object]:
    """Put one sculpture at ``location``."""
    return design(rng, style, 0.5, glass).place(location, turn_deg)
