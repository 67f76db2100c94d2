# SPDX-License-Identifier: Apache-2.0
"""What fills the holes in a room's walls: windows, glass doors, opaque doors.

A pane is a closed board of glass that reaches into a groove of its frame, so that no crack shows around it.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes import assembly
from depthbench.blender_scenes.mesh import Mesh, box, join, tube
from depthbench.blender_scenes.slab import Hole, slab

GAP_M = 0.0005
"""Distance kept between opaque things that would touch."""
GLASS_GAP_M = 0.0015
"""Distance kept between glass and anything else."""
_PANE_M = 0.006
_BITE_M = 0.008
_INSET_M = 0.07
_RING_M = 0.035
_BOARD_M = 0.028


@dataclass(frozen=True)
class Opening:
    """A hole in a wall and what fills it.

    Attributes
    ----------
    centre_m : float
        Position along the wall from its middle, to the right as seen from inside.
    width_m, sill_m, head_m : float
        Width; heights of the lower and upper edge above the floor.
    fill : str
        'window', 'glass_door' or 'door' (opaque).
    columns, rows : int
        Panes of a window side by side and, 1 or 2, above one another (the upper row takes a quarter of the height).
    """

    centre_m: float
    width_m: float
    sill_m: float
    head_m: float
    fill: str = "window"
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True)
class Finish:
    """Materials of a shell: ``walls`` by wall name; ``door`` for opaque leaves; ``skirting`` None for a room without."""

    floor: Any
    ceiling: Any
    walls: Mapping[str, Any]
    frame: Any
    glass: Any
    door: Any
    handle: Any
    skirting: Any = None


@dataclass(frozen=True)
class Pane:
    """A pane of a window or glass door: centre (3,), unit normal into the room (3,), width and height in metres."""

    centre: npt.NDArray[np.float64]
    inward: npt.NDArray[np.float64]
    width_m: float
    height_m: float


def _handle(length_m: float) -> Mesh:
    corners = np.array([[0, 0, 0], [0, -0.05, 0], [0, -0.05, length_m], [0, 0, length_m]], dtype=np.float64)
    legs = [np.linspace(start, end, 4, endpoint=False) for start, end in itertools.pairwise(corners)]
    return tube(np.concatenate([*legs, corners[-1:]]), 0.009)


def _sights(opening: Opening, width_m: float, height_m: float) -> list[Hole]:
    """Return the holes in a frame of that outer size, standing on z = 0, one per pane."""
    if opening.fill == "glass_door":
        return [(-width_m / 2 + 0.11, width_m / 2 - 0.11, 0.24, height_m - 0.12)]
    border, bar = 0.055, 0.05
    step = (width_m - 2 * border + bar) / opening.columns
    levels = [border, height_m - border]
    if opening.rows == 2:
        split = border + 0.75 * (height_m - 2 * border)
        levels = [border, split - bar / 2, split + bar / 2, height_m - border]
    return [
        (-width_m / 2 + border + column * step, -width_m / 2 + border + (column + 1) * step - bar, low, high)
        for low, high in zip(levels[::2], levels[1::2], strict=True)
        for column in range(opening.columns)
    ]


def _add_door(name: str, opening: Opening, finish: Finish, at: Sequence[float], turn_deg: float) -> None:
    width_m, height_m = opening.width_m - 2 * GAP_M, opening.head_m - opening.sill_m - 2 * GAP_M
    jamb = slab(width_m, height_m, 0.16, [(-width_m / 2 + 0.05, width_m / 2 - 0.05, 0.0, height_m - 0.05)])
    assembly.add(f"{name} jamb", jamb.moved(y=-0.012, z=GAP_M), finish.frame, at, turn_deg)
    leaf = box(width_m - 0.104, 0.045, height_m - 0.06).moved(y=0.0725, z=0.005)
    assembly.add(f"{name} leaf", leaf, finish.door, at, turn_deg)
    handle = _handle(0.3).moved(x=width_m / 2 - 0.12, y=0.05 - GAP_M, z=0.9)
    assembly.add(f"{name} handle", handle, finish.handle, at, turn_deg, smooth=True)


def fill_opening(name: str, opening: Opening, finish: Finish, location: Sequence[float], turn_deg: float) -> list[Pane]:
    """Fill a hole whose lower edge's middle, on the wall's inside face, is ``location``; return its panes."""
    if opening.fill == "door":
        _add_door(name, opening, finish, location, turn_deg)
        return []
    width_m, lift_m = opening.width_m - 2 * GAP_M, GAP_M
    if opening.sill_m > 0.12:
        lift_m += _BOARD_M + GAP_M
        board = slab(width_m, _BOARD_M, 0.22 + 0.03).moved(y=-0.03, z=GAP_M)
        assembly.add(f"{name} sill", board, finish.frame, location, turn_deg)
    height_m = opening.head_m - opening.sill_m - lift_m - GAP_M
    sights = _sights(opening, width_m, height_m)
    ring = slab(width_m, height_m, _RING_M, sights)
    groove_m = _PANE_M + 2 * GLASS_GAP_M
    rings = join([ring.moved(y=_INSET_M), ring.moved(y=_INSET_M + _RING_M + groove_m)])
    assembly.add(f"{name} frame", rings.moved(z=lift_m), finish.frame, location, turn_deg)
    if opening.fill == "glass_door":
        handle = _handle(0.5).moved(x=width_m / 2 - 0.055, y=_INSET_M - GAP_M, z=lift_m + 0.8)
        assembly.add(f"{name} handle", handle, finish.handle, location, turn_deg, smooth=True)
    cos, sin = np.cos(np.deg2rad(turn_deg)), np.sin(np.deg2rad(turn_deg))
    panes = []
    for number, (left, right, low, high) in enumerate(sights):
        size_x, size_z = right - left + 2 * _BITE_M, high - low + 2 * _BITE_M
        x, y = (left + right) / 2, _INSET_M + _RING_M + groove_m / 2
        base = np.array(location) + np.array([cos * x - sin * y, sin * x + cos * y, lift_m + low - _BITE_M])
        assembly.add(f"{name} pane {number}", box(size_x, _PANE_M, size_z), finish.glass, base.tolist(), turn_deg)
        panes.append(Pane(base + np.array([0.0, 0.0, size_z / 2]), np.array([sin, -cos, 0.0]), size_x, size_z))
    return panes
