# SPDX-License-Identifier: Apache-2.0
"""Dishes that are eaten at a table: a sandwich on a plate, a bowl of salad, a bowl of fruit (of ceramic or of glass)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.materials.fruit import KINDS as FRUIT
from depthbench.blender_scenes.mesh import Mesh, join, lathe, rounded_box
from depthbench.blender_scenes.objects import plate
from depthbench.blender_scenes.objects.crate import RADIUS_M, fruit_piece
from depthbench.blender_scenes.objects.forms import smooth, solid, thick_sheet, vessel
from depthbench.blender_scenes.objects.kit import GAP_M, GLASS_GAP_M, Kit, merge, part

STYLES = ("sandwich", "salad", "fruit")
_BOWL = [[0.06, 0], [0.09, 0.006], [0.122, 0.034], [0.132, 0.068]]
_FLOOR_M = 0.009


def _leaf(rng: np.random.Generator, size_m: float, curl_m: float) -> Mesh:
    """A wavy leaf of lettuce about the origin, closed, roughly round and level."""
    u, v = np.meshgrid(np.linspace(-0.5, 0.5, 11), np.linspace(-0.5, 0.5, 11))
    # a square grid drawn into a disc
    x, y = u * np.sqrt(1 - 2 * v**2), v * np.sqrt(1 - 2 * u**2)
    edge = (x**2 + y**2) * 4
    wave = np.sin(9 * np.arctan2(y, x) + rng.uniform(0, 6)) * edge + 0.5 * np.sin(14 * x + rng.uniform(0, 6))
    return thick_sheet(np.stack([x * size_m, y * size_m, curl_m * wave], axis=-1)[::-1], 0.0008)


def _sandwich(rng: np.random.Generator, crockery: Any) -> list[Kit]:
    """Two slices of bread with leaf, cheese and tomato between, each lying on what is below it."""
    side = float(rng.uniform(0.085, 0.095))
    bread, cheese = make("food", rng, kind="bread"), make("paint", rng, colour=(0.78, 0.5, 0.09))
    tomato, green = make("fruit", rng, kind="tomato"), make("foliage", rng)
    slice_ = part("bread", rounded_box(side, side, 0.013, 0.005), bread, 50.0)
    disc = lathe(solid([[0.0, 0.0], [0.03, 0.0], [0.03, 0.006], [0.0, 0.006]], 0.001), 24)
    rounds = join([disc.moved(sx * 0.2 * side * 1.45, sy * 0.2 * side * 1.45) for sx, sy in ((-1, 0.4), (1, -0.4))])
    layers = [
        slice_,
        part("leaf", _leaf(rng, 1.25 * side, 0.002), green, 80.0),
        part("cheese", rounded_box(1.06 * side, 1.06 * side, 0.0035, 0.0005), cheese, None),
        part("tomato slices", rounds, tomato),
        part("leaf", _leaf(rng, 1.25 * side, 0.002), green, 80.0),
        slice_,
    ]
    kits = [plate.design(rng, "plate", 0.23, crockery)]
    height = plate.TOP_M["plate"] + GAP_M
    for layer in layers:
        low, high = layer.corners[:, 2].min(), layer.corners[:, 2].max()
        kits.append(Kit((layer,)).moved([0.0, 0.0, height - low], float(rng.normal(0, 6))))
        height += float(high - low) + GAP_M
    return kits


def _bowl(body: Any, glass: bool) -> Kit:
    shell = lathe(vessel(smooth(_BOWL, 4), 0.004, _FLOOR_M), 48)
    return Kit((part("bowl", shell.moved(z=GLASS_GAP_M if glass else GAP_M), body),))


def _salad(rng: np.random.Generator) -> Mesh:
    """A mound within the bowl, leaves over it; stands on z = 0."""
    edge = [[0.0, 0.0], [0.082, 0.0], [0.1, 0.018], [0.085, 0.04], [0.04, 0.055], [0.0, 0.058]]
    mound = lathe(solid(edge, 0.006), 36)
    leaves = []
    for turn, out, up in zip(
        rng.uniform(0, 6.3, 22), 0.075 * rng.random(22) ** 0.5, rng.uniform(0, 0.012, 22), strict=True
    ):
        one = _leaf(rng, float(rng.uniform(0.045, 0.075)), float(rng.uniform(0.003, 0.007)))
        tilted = one.rotated("x", float(rng.normal(0, 28))).rotated("z", float(rng.uniform(0, 360)))
        leaves.append(tilted.moved(out * np.cos(turn), out * np.sin(turn), 0.066 - 0.2 * out + up))
    return join([mound, *leaves])


def _fruit(rng: np.random.Generator, kind: str) -> Mesh:
    """Three pieces in a ring and one on them, standing on z = 0."""
    one = fruit_piece(kind)
    radius = float(np.abs(one.vertices).max())
    ring = 2 * radius / np.sqrt(3) * 1.02
    pieces = [
        one.rotated("x", float(rng.uniform(-30, 30))).moved(ring * np.cos(turn), ring * np.sin(turn), radius)
        for turn in np.arange(3) * 2 * np.pi / 3 + rng.uniform(0, 6)
    ]
    on_top = radius + np.sqrt(4 * radius**2 - ring**2)
    heap = join([*pieces, one.rotated("y", float(rng.uniform(-60, 60))).moved(z=float(on_top))])
    return heap.moved(z=-float(heap.vertices[:, 2].min()))


def design(rng: np.random.Generator, style: str = "sandwich", crockery: Any = None) -> Kit:
    """Make a dish; ``style`` is one of :data:`STYLES`; ``crockery`` is the material of plate or bowl, drawn if None."""
    if style == "sandwich":
        return merge(_sandwich(rng, crockery))
    glass = bool(rng.random() < 0.4)
    bowl = _bowl(make("glass", rng) if glass else crockery or make("ceramic", rng), glass)
    small = [kind for kind in FRUIT if RADIUS_M[kind] < 0.045]
    kind = str(rng.choice(small))
    food, material = (
        (_salad(rng), make("foliage", rng)) if style == "salad" else (_fruit(rng, kind), make("fruit", rng, kind=kind))
    )
    return merge([bowl, Kit((part(style, food.moved(z=_FLOOR_M + 2.5 * GLASS_GAP_M), material, 60.0),))])


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "sandwich"
) -> list[bpy.types.Object]:
    """Put one dish at ``location``."""
    return design(rng, style).place(location, turn_deg)
