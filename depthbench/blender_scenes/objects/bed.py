# SPDX-License-Identifier: Apache-2.0
"""Beds made with sheet, quilt and pillows: a wooden platform, slatted or metal headboard, upholstered; single or double.

The head is at y = 0, the foot towards -y. The quilt is a creased sheet that hangs over the sides, with flat places on it
where things may lie.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.materials.palette import RGB, near, pick
from depthbench.blender_scenes.mesh import Mesh, box, join, rounded_box, tube
from depthbench.blender_scenes.objects.forms import fillet, thick_sheet
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, Part, part
from depthbench.blender_scenes.objects.soft import creases, cushion

STYLES = ("platform", "slatted", "metal", "padded")
LENGTH_M = 2.0
_HEAD_M = 0.09
"""Depth of the headboard's zone."""
_QUILT_M = 0.024
_LINEN: tuple[RGB, ...] = (
    (0.80, 0.79, 0.76), (0.72, 0.66, 0.56), (0.42, 0.46, 0.50), (0.13, 0.18, 0.27), (0.48, 0.33, 0.28), (0.25, 0.30, 0.24)
)  # fmt: skip


@dataclass(frozen=True)
class Bed:
    """A bed's kit, half its width with all that hangs over, its length, and places (x, y, z, radius) where things may lie."""

    kit: Kit
    half_x_m: float
    length_m: float
    spots: tuple[tuple[float, float, float, float], ...]


def _frame(rng: np.random.Generator, style: str, half_m: float, deck_m: float, head_m: float) -> list[Part]:
    """Headboard, deck and legs; the deck's upper face is at ``deck_m``. The mattress and what hangs from it reach past the deck."""
    under_m, half_m = half_m - 0.014, half_m + 0.02
    foot_y = -_HEAD_M - LENGTH_M
    middle_y, size_y = -_HEAD_M - LENGTH_M / 2, LENGTH_M - 0.01
    deck = rounded_box(2 * under_m, size_y, 0.13, 0.006).moved(y=middle_y, z=deck_m - 0.13)
    if style == "metal":
        metal = make("metal", rng, finish="painted")
        rail = box(2 * under_m, size_y, 0.03).moved(y=middle_y, z=deck_m - 0.03)
        frames = [rail]
        for y, top in ((-0.03, head_m), (foot_y - 0.03, 0.62 * head_m)):
            x = half_m + 0.004
            frames.append(tube(fillet([[-x, y, GAP_M], [-x, y, top], [x, y, top], [x, y, GAP_M]], 0.12, 6), 0.016, 12))
            bars = np.linspace(-x, x, int(rng.integers(7, 12)))[1:-1]
            frames += [tube(np.array([[b, y, deck_m - 0.02], [b, y, top - 0.008]]), 0.006, 8) for b in bars]
            frames.append(tube(np.array([[-x, y, deck_m - 0.02], [x, y, deck_m - 0.02]]), 0.01, 8))
        legs = [box(0.03, 0.03, deck_m - 0.031).moved(sx * 0.6 * under_m, middle_y, GAP_M) for sx in (-1, 1)]
        return [part("bed frame", join(frames + legs), metal)]
    wood = make("wood", rng)
    legs = [
        rounded_box(0.06, 0.06, deck_m - 0.131, 0.004).moved(
            sx * (under_m - 0.06), middle_y + sy * (0.5 * size_y - 0.08), GAP_M
        )
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]
    parts = [part("bed frame", join([deck, *legs]), wood, None)]
    if style == "padded":
        cloth = make("leather" if rng.random() < 0.3 else "fabric", rng)
        columns, rows = max(2, round(half_m / 0.16)), int(rng.integers(1, 4))
        wide, tall = 2 * half_m / columns, (head_m - deck_m + 0.1) / rows
        pads = [
            cushion(rng, wide + 0.01, tall + 0.01, 0.1, 12, 0.02)
            .rotated("x", 90.0)
            .moved((c + 0.5) * wide - half_m, -0.045, deck_m - 0.1 + (r + 0.5) * tall)
            for c in range(columns)
            for r in range(rows)
        ]
        board = box(2 * half_m, 0.03, head_m - 0.02).moved(y=-0.0405, z=GAP_M)
        parts.append(part("headboard", join([board, *pads]), cloth))
    elif style == "slatted":
        posts = [rounded_box(0.055, 0.055, head_m, 0.006).moved(sx * (half_m - 0.03), -0.04, GAP_M) for sx in (-1, 1)]
        across = [
            rounded_box(2 * half_m - 0.118, 0.03, 0.07, 0.004).moved(y=-0.04, z=z) for z in (deck_m, head_m - 0.1)
        ]
        slats = [
            box(0.045, 0.014, head_m - deck_m - 0.172).moved(float(x), -0.04, deck_m + 0.071)
            for x in np.arange(-half_m + 0.12, half_m - 0.1, float(rng.uniform(0.085, 0.14)))
        ]
        parts.append(part("headboard", join([*posts, *across, *slats]), make("wood", rng, grain="z")))
    else:
        board = rounded_box(2 * half_m + 0.02, 0.045, head_m - 0.02, 0.006).moved(y=-0.04, z=GAP_M)
        parts.append(part("headboard", board, wood, None))
    return parts


def _quilt(
    rng: np.random.Generator, half_m: float, top_m: float, start_m: float, end_m: float, drop_m: float,
    spots: Sequence[tuple[float, float, float]], quilted: bool,
) -> tuple[Mesh, float]:  # fmt: skip
    """A quilt over the mattress between two y, hanging ``drop_m`` down at the sides; and the height of its flat spots."""
    bend = 0.05
    reach = half_m + bend * (np.pi / 2 - 1) + drop_m
    s, y = np.meshgrid(np.linspace(-reach, reach, 96), np.linspace(start_m, end_m, 84))
    puff = creases(rng, s, y, float(rng.uniform(0.16, 0.3)))
    if quilted:
        size = float(rng.uniform(0.12, 0.2))
        puff = 0.35 * puff + 0.65 * np.sqrt(np.abs(np.sin(np.pi * s / size) * np.sin(np.pi * y / size)))
    level = _QUILT_M / 2 + 0.0045
    lift = level + 0.045 * (puff - puff.min())
    for x0, y0, radius in spots:
        away = np.clip((np.hypot(s - x0, y - y0) - radius - 0.02) / 0.1, 0, 1)
        lift = level + 0.02 + (lift - level - 0.02) * away**2 * (3 - 2 * away)
    # The line across the bed: flat, a quarter round over the edge, straight down; hanging parts swing in folds.
    flat, side = half_m - bend, np.sign(s)
    over = np.clip(np.abs(s) - flat, 0, None)
    angle = np.clip(over / bend, 0, np.pi / 2)
    down = np.clip(over - bend * np.pi / 2, 0, None)
    x = side * (np.minimum(np.abs(s), flat) + bend * np.sin(angle))
    z = top_m - bend * (1 - np.cos(angle)) - down
    fold = np.sin(2 * np.pi * y / float(rng.uniform(0.2, 0.33)) + 3 * puff + side)
    swing = (down / max(drop_m, 0.01)) * 0.018 * (1 + fold)
    points = np.stack([x + side * (lift * np.sin(angle) + swing), y, z + lift * np.cos(angle)], axis=-1)
    hem = 0.03 * np.sin(2.2 * s + rng.uniform(0, 6)) * np.clip((start_m - y) / (start_m - end_m), 0, 1) ** 3
    points[..., 1] += hem
    return thick_sheet(points, _QUILT_M), top_m + level + 0.02 + _QUILT_M / 2


def design(
    rng: np.random.Generator, style: str = "platform", width_m: float = 1.6, linen: Any = None, quilt: Any = None
) -> Bed:
    """Make the parts of a bed whose mattress is ``width_m`` wide; ``style`` is one of :data:`STYLES`."""
    half = width_m / 2
    deck_m, thick_m = float(rng.uniform(0.27, 0.36)), float(rng.uniform(0.16, 0.24))
    top = deck_m + GAP_M + thick_m
    head_m = top + float(rng.uniform(0.35, 0.6))
    foot_y = -_HEAD_M - LENGTH_M
    parts = _frame(rng, style, half, deck_m, head_m)
    pale = near(rng, pick(rng, _LINEN, (5, 2, 1, 1, 1, 1)))
    linen = linen or make("fabric", rng, pattern="plain", colour=pale)
    mattress = rounded_box(width_m, LENGTH_M - 0.03, thick_m, 0.035).moved(y=-_HEAD_M - LENGTH_M / 2, z=deck_m + GAP_M)
    parts.append(part("mattress", mattress, linen))

    pillows: list[Part] = []
    count = 1 if width_m < 1.2 else 2
    pillow_m = min(0.7, width_m / count - 0.04)
    y = -_HEAD_M - 0.012
    for row in range(int(rng.integers(1, 4))):
        small = row == 2
        size_x, size_y = (0.42, 0.42) if small else (pillow_m, float(rng.uniform(0.42, 0.5)))
        cloth = (
            linen
            if row == 0
            else make("fabric", rng, **({} if small or rng.random() < 0.5 else {"colour": near(rng, pale)}))
        )
        lean = 0.0 if row == 0 and rng.random() < 0.4 else float(rng.uniform(52, 68))
        reach = y
        for index in range(1 if small else count):
            soft = cushion(rng, size_x, size_y, float(rng.uniform(0.12, 0.17)) * (0.85 if small else 1.0))
            soft = soft.rotated("z", float(rng.normal(0, 2.0))).rotated("x", lean)
            low, high = soft.vertices.min(axis=0), soft.vertices.max(axis=0)
            middle = 0.0 if small or count == 1 else (index - 0.5) * width_m / 2 + float(rng.normal(0, 0.004))
            jitter = float(rng.uniform(0, 0.015))
            pillows.append(part("pillow", soft.moved(middle, y - high[1] - jitter, top + GAP_M - low[2]), cloth, 80.0))
            reach = min(reach, y - jitter - float(high[1] - low[1]))
        y = reach - 0.006
    start = y - 0.03
    spots = []
    for sx in (-1, 1) if width_m > 1.2 else (0,):
        radius = float(rng.uniform(0.14, 0.19))
        spot_x = sx * 0.5 * half + float(rng.normal(0, 0.04))
        spots.append((spot_x, start - 0.32 - float(rng.uniform(0.0, max(0.05, start - 0.6 - foot_y - 0.3))), radius))
    drop = float(rng.uniform(0.12, min(0.36, top - 0.12)))
    quilt = quilt or make("fabric", rng, **({"colour": near(rng, pick(rng, _LINEN))} if rng.random() < 0.6 else {}))
    cover, rest_m = _quilt(rng, half, top, start, foot_y + 0.05, drop, spots, bool(rng.random() < 0.35))
    parts.append(part("quilt", cover, quilt, 80.0))
    reach_m = float(np.abs(np.concatenate([p.corners[:, 0] for p in parts])).max())
    return Bed(
        Kit((*parts, *pillows)),
        reach_m,
        -foot_y + (0.05 if style == "metal" else 0.0),
        tuple((x, y, rest_m + GAP_M, radius) for x, y, radius in spots),
    )


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "platform"
) -> list[bpy.types.Object]:
    """Put one bed, the middle of its head at ``location`` on the floor."""
    return design(rng, style, 1.6).kit.place(location, turn_deg)
