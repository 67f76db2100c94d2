# SPDX-License-Identifier: Apache-2.0
"""Greenhouses: glazed walls and roof in a frame of bars, on a plinth of brick or on sills, a door ajar in one gable.

The ridge runs along x, the door is in the gable at -x. Every pane is held between two rings of bar.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, box, join, tube
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, Part, part
from depthbench.blender_scenes.objects.pane_frame import panel, triangle

_WALL_M, _DOOR_M, _DOOR_TALL_M = 0.045, 0.85, 1.95


@dataclass(frozen=True)
class Greenhouse:
    """A kit and its inner half sizes, height of the eaves and of the plinth, all in metres."""

    kit: Kit
    half_x_m: float
    half_y_m: float
    eaves_m: float
    plinth_m: float


def _wall(long_m: float, tall_m: float, bays: int) -> tuple[Mesh, list[tuple[Mesh, float]]]:
    """Return the frames of a row of panels along x and its panes with their places."""
    step = long_m / bays
    frame, pane = panel(step - 0.004, tall_m, 0.024, 0.004)
    at = [(k - (bays - 1) / 2) * step for k in range(bays)]
    return join([frame.moved(x=x) for x in at]), [(pane, x) for x in at]


def design(rng: np.random.Generator, length_m: float = 5.0, width_m: float = 3.2, glass: Any = None) -> Greenhouse:
    """Make a greenhouse of that outer size; ``glass`` is that of its panes, drawn if None."""
    eaves = float(rng.uniform(1.95, 2.2))
    plinth = float(rng.uniform(0.4, 0.65)) if rng.random() < 0.5 else 0.06
    pitch = float(rng.uniform(26, 38))
    colours = ((0.72, 0.71, 0.67), (0.06, 0.11, 0.08), (0.04, 0.04, 0.043))
    if rng.random() < 0.4:
        bar = make("wood", rng, grain="z")
    elif rng.random() < 0.5:
        bar = make("metal", rng, finish="brushed")
    else:
        bar = make("paint", rng, colour=colours[int(rng.integers(3))])
    glass = glass or make("architectural_glass", rng, tint=float(rng.uniform(0.0, 0.1)))
    half_x, half_y = length_m / 2, width_m / 2
    tall = eaves - plinth
    bays = max(4, round(length_m / float(rng.uniform(0.6, 0.85))))
    frames: list[Mesh] = []
    parts: list[Part] = []

    def put(pane: Mesh, at: Sequence[float], turn: float) -> None:
        parts.extend(Kit((part("greenhouse pane", pane, glass, None),)).moved(at, turn).parts)

    side_frame, side_panes = _wall(length_m - 2 * _WALL_M, tall, bays)
    shared = Kit((part("greenhouse pane", side_panes[0][0], glass, None),))
    for turn in (0.0, 180.0):
        y = -half_y if turn == 0.0 else half_y
        frames.append(side_frame.rotated("z", turn).moved(y=y, z=plinth))
        for _, x in side_panes:
            parts += shared.moved([x, y, plinth], turn).parts
    _gables(frames, put, half_x, half_y, eaves, plinth, tall, pitch)
    # The roof lies on the eaves; each slope stops short of the ridge bar.
    slope = half_y / np.cos(np.deg2rad(pitch)) + 0.06
    roof_frame, roof_panes = _wall(length_m + 0.06, slope, bays)
    lean = 90.0 - pitch
    tilted = Kit((part("greenhouse roof pane", roof_panes[0][0].rotated("x", -lean), glass, None),))
    foot = (-half_y - 0.055 * np.cos(np.deg2rad(pitch)) - 0.012, eaves + 0.042 - 0.055 * np.sin(np.deg2rad(pitch)))
    for turn in (0.0, 180.0):
        sign = 1.0 if turn == 0.0 else -1.0
        frames.append(roof_frame.rotated("x", -lean).moved(y=foot[0], z=foot[1]).rotated("z", turn))
        for _, x in roof_panes:
            parts += tilted.moved([sign * x, sign * foot[0], foot[1]], turn).parts
    apex = eaves + 0.042 + half_y * np.tan(np.deg2rad(pitch))
    frames.append(box(length_m + 0.06, 0.05, 0.03).moved(z=apex + 0.018))
    frames += [box(0.06, 0.06, tall + 0.02).moved(sx * half_x, sy * half_y, plinth) for sx in (-1, 1) for sy in (-1, 1)]
    frames += [box(length_m, 0.05, 0.018).moved(y=sy * half_y, z=eaves + 0.0005) for sy in (-1, 1)]
    ties = [
        tube(
            np.array([[x, -half_y + 0.03, eaves + 0.015], [x, 0, eaves + 0.015], [x, half_y - 0.03, eaves + 0.015]]),
            0.01,
            8,
        )
        for x in np.linspace(-half_x, half_x, max(3, bays // 2 + 1))[1:-1]
    ]
    parts.append(part("greenhouse frame", join(frames), bar, None))
    parts.append(part("greenhouse ties", join(ties), make("metal", rng, finish="brushed")))
    walls = [box(length_m + 0.1, 0.11, plinth - GAP_M).moved(y=sy * half_y) for sy in (-1, 1)]
    walls.append(box(0.11, width_m - 0.12, plinth - GAP_M).moved(x=half_x))
    stub = (width_m - 0.12 - _DOOR_M - 0.07) / 2
    walls += [box(0.11, stub, plinth - GAP_M).moved(x=-half_x, y=sy * (width_m - 0.12 - stub) / 2) for sy in (-1, 1)]
    parts.append(
        part("greenhouse plinth", join(walls), make("brick", rng) if plinth > 0.2 else make("concrete", rng), None)
    )
    leaf_frame, leaf_pane = panel(_DOOR_M - 0.03, _DOOR_TALL_M - 0.03, 0.05, 0.004)
    pin = tube(np.array([[-_DOOR_M / 2, 0, 0.2], [-_DOOR_M / 2, 0, 1.0], [-_DOOR_M / 2, 0, 1.75]]), 0.006, 8)
    rail = box(_DOOR_M - 0.14, 0.02, 0.05).moved(y=0.0165 + 0.004, z=0.85)
    hung = Kit(
        (
            part("greenhouse door", join([leaf_frame, rail, pin]), bar, None),
            part("greenhouse pane", leaf_pane, glass, None),
        )
    )
    swing = float(rng.uniform(55, 115))
    hinge = hung.moved([_DOOR_M / 2, 0.0, 0.02]).moved([-half_x - 0.05, -_DOOR_M / 2, 0.0], 90.0 + swing)
    parts += hinge.parts
    kit = Kit(tuple(parts)).moved([0, 0, GAP_M])
    return Greenhouse(kit, half_x - 0.06, half_y - 0.06, eaves, plinth)


def _gables(
    frames: list[Mesh],
    put: Callable[[Mesh, Sequence[float], float], None],
    half_x: float,
    half_y: float,
    eaves: float,
    plinth: float,
    tall: float,
    pitch: float,
) -> None:
    """Add both gables: panels up to the eaves, a triangle over them, a doorway at -x."""
    wide = 2 * half_y - 2 * _WALL_M
    end = 3 if wide > 2.6 else 2
    frame, pane = panel(wide / end - 0.004, tall, 0.024, 0.004)
    for k in range(end):
        y = (k - (end - 1) / 2) * wide / end
        frames.append(frame.rotated("z", 90.0).moved(x=half_x, y=y, z=plinth))
        put(pane, [half_x, y, plinth], 90.0)
    stub = (wide - _DOOR_M - 0.06) / 2
    frame, pane = panel(stub, tall, 0.024, 0.004)
    for side in (-1, 1):
        y = side * (wide - stub) / 2
        frames.append(frame.rotated("z", 90.0).moved(x=-half_x, y=y, z=plinth))
        put(pane, [-half_x, y, plinth], 90.0)
        frames.append(box(0.05, 0.03, eaves).moved(x=-half_x, y=side * (_DOOR_M / 2 + 0.015)))
    for z in (0.4, 1.5):
        frames.append(box(0.017, 0.02, 0.06).moved(x=-half_x - 0.034, y=-_DOOR_M / 2, z=z))
    if eaves - _DOOR_TALL_M > 0.02:
        frames.append(box(0.045, _DOOR_M, eaves - _DOOR_TALL_M - 0.01).moved(x=-half_x, z=_DOOR_TALL_M + 0.01))
    rise = half_y * np.tan(np.deg2rad(pitch))
    frame, pane = triangle(2 * half_y - 0.1, float(rise) - 0.05)
    for x in (-half_x, half_x):
        frames.append(box(0.05, wide, 0.03).moved(x=x, z=eaves))
        frames.append(frame.rotated("z", 90.0).moved(x=x, z=eaves + 0.031))
        put(pane, [x, 0.0, eaves + 0.031], 90.0)


def add(rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0) -> list[bpy.types.Object]:
    """Put one greenhouse at ``location``."""
    return design(rng).kit.place(location, turn_deg)
