# SPDX-License-Identifier: Apache-2.0
"""Swivel chairs, facing -y: five-star base on castors, gas lift, padded seat, back of mesh (an open sheet, class SCREEN)
or padded, armrests.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, join, lathe, rounded_box, tube
from depthbench.blender_scenes.objects.forms import fillet, smooth, solid
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part
from depthbench.blender_scenes.objects.solids import horn, pad

STYLES = ("mesh", "mesh_head", "padded")
RADIUS_M = 0.35
"""Radius about the chair's axis that holds it, whichever way it is swivelled."""
_FOOT_M = 0.29
_TUBE_M = 0.011

Points = npt.NDArray[np.float64]


def _base(rng: np.random.Generator) -> Mesh:
    """Five arms with twin castors, the column's lower half; standing on z = 0, turned at random."""
    arm = horn(
        smooth([[0.02, 0, 0.115], [0.15, 0, 0.1], [_FOOT_M + 0.012, 0, 0.078]], 4), np.linspace(0.023, 0.013, 9), 10
    )
    wheel = lathe(solid([(0, 0), (0.026, 0), (0.026, 0.016), (0, 0.018)], 0.004), 20).rotated("x", 90.0)
    parts = [
        lathe(solid([(0, 0.085), (0.042, 0.085), (0.036, 0.14), (0.029, 0.15), (0.029, 0.27), (0, 0.27)], 0.004), 28)
    ]
    for index in range(5):
        swivel = float(rng.uniform(0, 360))
        twin = [wheel.moved(0.012, 0.004, 0.026), wheel.rotated("z", 180.0).moved(0.012, -0.004, 0.026)]
        castor = join([*twin, lathe(solid([(0, 0.02), (0.0065, 0.02), (0.0065, 0.085), (0, 0.085)]), 10)])
        parts.append(join([arm, castor.rotated("z", swivel).moved(_FOOT_M)]).rotated("z", 72.0 * index))
    return join(parts).rotated("z", float(rng.uniform(0, 72)))


def _back(low_m: float, high_m: float, half_m: float, power: float) -> tuple[Points, Points]:
    """Points of a curved back: its outline as a closed loop (n, 3), and a grid (rows, columns, 3) inside the tube."""

    def bent(x: Points, z: Points) -> Points:
        rise = (z - low_m) / (high_m - low_m)
        lean = 0.2 - 0.045 * np.sin(np.pi * np.clip(rise * 0.9, 0, 1)) + 0.11 * rise
        return np.stack([x, lean + 0.035 * (1 - (x / half_m) ** 2), z], axis=-1)

    angle = np.linspace(0, 2 * np.pi, 57) - np.pi / 2
    wide = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** (2 / power)
    tall = np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** (2 / power)
    middle, half_z = (low_m + high_m) / 2, (high_m - low_m) / 2
    loop = bent(half_m * wide, middle + half_z * tall)
    inset = _TUBE_M + 0.0035
    t = np.sin(np.linspace(-0.97, 0.97, 17) * np.pi / 2)
    reach = (half_m - inset) * (1 - np.abs(t) ** power) ** (1 / power)
    x = np.linspace(-1, 1, 13)[None] * reach[:, None]
    return loop, bent(x, np.broadcast_to(middle + (half_z - inset) * t[:, None], x.shape))


def _grid(points: Points) -> Mesh:
    n, m = points.shape[:2]
    number = np.arange(n * m).reshape(n, m)
    quads = np.stack([number[:-1, :-1], number[:-1, 1:], number[1:, 1:], number[1:, :-1]], axis=-1)
    return Mesh(points.reshape(-1, 3), (quads.reshape(-1, 4),))


def _ring_tube(loop: Points) -> Mesh:
    return tube(np.concatenate([loop, loop[1:2]]), _TUBE_M, 10)


def _frame(seat_m: float, loop: Points, arms: bool) -> list[Mesh]:
    """Column, tilt box, spine to the lower edge of the back, armrests."""
    foot = loop[0]
    spine = fillet(
        [
            [0, 0.06, seat_m - 0.1],
            [0, foot[1] + 0.05, seat_m - 0.1],
            foot + np.array([0, 0.012, -0.03]),
            foot + np.array([0, 0.004, -0.004]),
        ],
        0.09,
        6,
    )
    parts = [
        lathe(solid([(0, 0.2705), (0.014, 0.2705), (0.014, seat_m - 0.1), (0, seat_m - 0.1)]), 16),
        rounded_box(0.17, 0.26, 0.045, 0.01).moved(z=seat_m - 0.115),
        tube(spine, 0.019, 10),
    ]
    for sx in (-1, 1) if arms else ():
        path = fillet(
            [[sx * 0.05, 0.03, seat_m - 0.09], [sx * 0.285, 0.03, seat_m - 0.09], [sx * 0.285, 0.02, seat_m + 0.185]],
            0.05,
            5,
        )
        parts.append(tube(path, 0.015, 10))
        parts.append(rounded_box(0.085, 0.25, 0.028, 0.01).moved(sx * 0.28, -0.005, seat_m + 0.18))
    return parts


def design(
    rng: np.random.Generator, style: str = "mesh", cloth: Any = None, plastic: Any = None, mesh: Any = None
) -> Kit:
    """Make the parts of a chair.

    ``style`` is one of :data:`STYLES`; ``cloth`` of the seat, ``plastic`` of frame and base, ``mesh`` of the back are materials.
    """
    seat_m = float(rng.uniform(0.46, 0.51))
    cloth = cloth or make("fabric", rng, pattern="plain")
    plastic = plastic or make("paint", rng, colour=(0.03, 0.03, 0.032))
    power = float(rng.uniform(3.0, 6.0))
    low, high = seat_m + 0.06, seat_m + float(rng.uniform(0.48, 0.58))
    half = float(rng.uniform(0.21, 0.235))
    loop, inside = _back(low, high, half, power)
    frame = _frame(seat_m, loop, bool(rng.random() < 0.8))
    seat = pad(0.245, 0.225, 0.075, 0.035).moved(z=seat_m - 0.068)
    star = _base(rng)
    parts = [part("chair seat", seat, cloth, 60.0)]
    if style == "padded":
        rows, columns = (1 - np.linspace(-1, 1, count) ** 6 for count in inside.shape[:2])
        half_pad = (0.028 + 0.02 * rows[:, None] * columns[None])[..., None] * np.array([0.0, 1.0, 0.0])
        parts.append(part("chair back pad", _closed(inside - half_pad, inside + half_pad), cloth, 60.0))
        # The spine ends just under the pad.
        frame[2] = tube(
            fillet([[0, 0.06, seat_m - 0.1], [0, 0.285, seat_m - 0.1], [0, 0.255, low + 0.009]], 0.09, 6), 0.019, 10
        )
    else:
        frame.append(_ring_tube(loop))
        sheet = mesh or make(
            "screen", rng, pattern="wire", pitch_m=float(rng.uniform(0.003, 0.005)), open_fraction=0.42
        )
        parts.append(part("chair mesh back", _grid(inside), sheet, 60.0))
        if style == "mesh_head":
            top = loop[28]
            stem = [
                tube(
                    np.array([top + np.array([sx * 0.04, 0.008, -0.005]), top + np.array([sx * 0.04, 0.03, 0.11])]),
                    0.007,
                    8,
                )
                for sx in (-1, 1)
            ]
            frame += stem
            rest = pad(0.13, 0.055, 0.045, 0.02).rotated("x", 82.0)
            parts.append(
                part("chair head rest", rest.moved(0, float(top[1]) + 0.014, float(top[2]) + 0.08), cloth, 60.0)
            )
    parts.append(part("chair frame", join(frame), plastic))
    base = make("metal", rng, finish="polished") if rng.random() < 0.25 else plastic
    parts.append(part("chair base", star.moved(z=GAP_M), base))
    return Kit(tuple(parts))


def _closed(front: Points, back: Points) -> Mesh:
    """The closed solid between two grids of points (n, m, 3)."""
    n, m = front.shape[:2]
    one, other = _grid(front), _grid(back).flipped()
    number = np.arange(n * m).reshape(n, m)
    border = np.concatenate([number[0, :-1], number[:-1, -1], number[-1, :0:-1], number[:0:-1, 0]])
    after = np.roll(border, -1)
    edge = np.stack([after, border, border + n * m, after + n * m], axis=-1)
    mesh = join([one, other])
    return Mesh(mesh.vertices, (np.concatenate([mesh.polygons[0], edge]),))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "mesh"
) -> list[bpy.types.Object]:
    """Put one chair with its castors at ``location``, facing -y before the turn."""
    return design(rng, style).place(location, turn_deg)
