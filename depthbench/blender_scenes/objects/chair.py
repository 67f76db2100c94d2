# SPDX-License-Identifier: Apache-2.0
"""Cafe chairs and stools, facing -y: bentwood, slatted wood, sheet metal, wire mesh, moulded shell, upholstered, stool.

The mesh chair's seat and back are open sheets of perforated metal (class SCREEN) that end just short of their frame.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, grid, join, lathe, rounded_box, tube
from depthbench.blender_scenes.objects.forms import fillet, ring, smooth, solid, thick_sheet
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, Part, part

SEAT_M = 0.45


def _standing(meshes: Sequence[Mesh]) -> Mesh:
    """Join, and cut what is tilted level with the floor."""
    mesh = join(meshes)
    return Mesh(np.maximum(mesh.vertices, [-np.inf, -np.inf, GAP_M]), mesh.polygons)


def _four(foot: tuple[float, float], top: tuple[float, float], height_m: float, radius_m: float) -> list[Mesh]:
    """Four splayed round legs, from (x, y) at the floor to (x, y) under the seat, mirrored."""
    return [
        tube(np.array([[sx * foot[0], sy * foot[1], GAP_M], [sx * top[0], sy * top[1], height_m]]), radius_m)
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]


def _bentwood(rng: np.random.Generator, colour: Any) -> list[Part]:
    wood = colour or make("wood", rng, grain="z")
    seat = lathe(solid([(0, 0), (0.2, 0), (0.205, 0.02), (0.19, 0.032), (0, 0.026)], 0.008), 48).moved(z=SEAT_M - 0.04)
    frame = [seat, *_four((0.19, 0.185), (0.15, 0.145), SEAT_M - 0.03, 0.014), ring(0.172, 0.009, 40).moved(z=0.2)]
    for width, rise, lean in ((0.175, 0.43, 0.09), (0.105, 0.3, 0.06)):
        half = [
            [width * 0.9, 0.15, SEAT_M - 0.01],
            [width, 0.15 + lean, SEAT_M + 0.6 * rise],
            [width * 0.75, 0.165 + lean, SEAT_M + 0.93 * rise],
        ]
        middle = [[0.0, 0.17 + lean, SEAT_M + rise]]
        path = half + middle + [[-x, y, z] for x, y, z in half[::-1]]
        frame.append(tube(smooth(path), 0.0125 if rise > 0.4 else 0.009))
    parts = [part("chair", _standing(frame), wood)]
    if rng.random() < 0.35:
        pad = lathe(solid([(0, 0), (0.145, 0), (0.155, 0.012), (0.14, 0.026), (0, 0.03)], 0.01), 48)
        parts.append(part("chair pad", pad.moved(z=SEAT_M - 0.008 + GAP_M), make("leather", rng)))
    return parts


def _slatted(rng: np.random.Generator, colour: Any) -> list[Part]:
    wood = colour or make("wood", rng, grain="z")
    post = rounded_box(0.036, 0.036, SEAT_M - 0.025, 0.004)
    frame = [post.moved(sx * 0.18, -0.17, GAP_M) for sx in (-1, 1)]
    for sx in (-1, 1):
        path = fillet([[sx * 0.18, 0.2, GAP_M], [sx * 0.18, 0.175, SEAT_M], [sx * 0.18, 0.25, 0.87]], 0.1, 5)
        frame.append(tube(path, 0.02, 8))
    for index in range(int(rng.integers(2, 5))):
        height = 0.83 - index * 0.095
        across = np.linspace(-0.165, 0.165, 9)
        arc = np.stack(
            [across, 0.178 + (height - SEAT_M) * 0.176 + 0.03 * (1 - (across / 0.165) ** 2), np.full(9, height)], 1
        )
        slat = arc + np.array([[[0, -0.006, -0.025]], [[0, 0.006, 0.025]]])
        frame.append(thick_sheet(slat, 0.012))
    frame += [rounded_box(0.32, 0.018, 0.05, 0.003).moved(y=sy * 0.17, z=SEAT_M - 0.08) for sy in (-1, 1)]
    frame += [rounded_box(0.018, 0.3, 0.03, 0.003).moved(x=sx * 0.18, z=0.2) for sx in (-1, 1)]
    seat = rounded_box(0.42, 0.37, 0.024, 0.008).moved(y=-0.025, z=SEAT_M - 0.024)
    return [part("chair seat", seat, wood), part("chair frame", _standing(frame), wood)]


def _sheet_metal(rng: np.random.Generator, colour: Any) -> list[Part]:
    paint = colour or make("metal", rng, finish="painted")
    u, v = np.meshgrid(np.linspace(-1, 1, 9), np.linspace(-1, 1, 9))
    dish = SEAT_M - 0.012 * (1 - u**2) * (1 - v**2)
    seat = thick_sheet(np.stack([0.185 * u, 0.185 * v, dish], -1), 0.004)
    frame = _four((0.2, 0.21), (0.165, 0.165), SEAT_M - 0.006, 0.016)
    frame += [tube(np.array([[sx * 0.186, -0.186, 0.13], [-sx * 0.186, 0.186, 0.13]]), 0.006) for sx in (-1, 1)]
    back = [[0.18, 0.19, SEAT_M - 0.03], [0.175, 0.24, 0.72], [0.12, 0.25, 0.83], [0, 0.255, 0.845]]
    frame.append(tube(smooth(back + [[-x, y, z] for x, y, z in back[-2::-1]]), 0.012))
    t, rise = np.meshgrid(np.linspace(-0.055, 0.055, 5), np.linspace(SEAT_M - 0.005, 0.84, 8))
    splat = np.stack([t, 0.19 + 0.16 * (rise - SEAT_M) + 4 * t**2, rise], -1)
    return [part("chair", _standing([seat, thick_sheet(splat, 0.003), *frame]), paint)]


def _mesh(rng: np.random.Generator, colour: Any) -> list[Part]:
    paint = colour or make("metal", rng, finish="painted")
    pattern = make("screen", rng)
    radius = 0.011
    rail = fillet(
        [[0.19, 0.17, GAP_M + radius], [0.19, 0.17, SEAT_M], [0.19, -0.19, SEAT_M], [0.19, -0.19, GAP_M]], 0.06, 6
    )
    frame = [tube(rail * [sx, 1, 1], radius) for sx in (-1, 1)]
    frame += [tube(np.array([[-0.19, y, SEAT_M - 0.03], [0.19, y, SEAT_M - 0.03]]), 0.008) for y in (-0.13, 0.13)]
    half = [[0.19, 0.15, SEAT_M - 0.02], [0.19, 0.24, 0.84], [0.15, 0.249, 0.88], [0, 0.249, 0.88]]
    frame.append(tube(fillet(half + [[-x, y, z] for x, y, z in half[-2::-1]], 0.06, 6), radius))
    inner = 0.19 - radius - 0.0015
    columns, rows = np.linspace(-inner, inner, 13), np.linspace(-0.17, 0.13, 9)
    x, y = np.meshgrid(columns, rows)
    seat = grid(columns, rows, SEAT_M + 0.002 - 0.012 * (1 - (x / inner) ** 2) * (1 - ((y + 0.02) / 0.15) ** 2))
    rise = np.linspace(SEAT_M + 0.04, 0.815, 9)
    x, z = np.meshgrid(columns, rise)
    lean = 0.15 + 0.2195 * (z - SEAT_M + 0.02) + 0.02 * (1 - (x / inner) ** 2)
    flat = grid(columns, rise, np.zeros_like(x))
    back = Mesh(np.stack([x, lean, z], axis=-1).reshape(-1, 3), flat.polygons)
    return [
        part("chair frame", _standing(frame), paint),
        part("chair mesh seat", seat, pattern),
        part("chair mesh back", back, pattern),
    ]


def _shell(rng: np.random.Generator, colour: Any) -> list[Part]:
    plastic = colour or make("paint", rng)
    side = smooth(
        [[-0.21, -0.012], [-0.15, 0.0], [0.05, -0.015], [0.16, 0.02], [0.2, 0.12], [0.235, 0.26], [0.25, 0.36]], 4
    )
    across = np.linspace(-1, 1, 15)
    progress = np.linspace(0, 1, len(side))[:, None]
    half_width = 0.225 - 0.03 * progress
    x = across[None] * half_width
    lift = 0.045 * across[None] ** 4 * (1 - progress)
    wrap = -0.07 * across[None] ** 2 * progress
    points = np.stack([x, side[:, :1] + wrap, SEAT_M - 0.02 + side[:, 1:] + lift], -1)
    frame = _four((0.22, 0.21), (0.11, 0.1), SEAT_M - 0.043, 0.0125)
    frame += [tube(np.array([[-0.11, y, SEAT_M - 0.043], [0.11, y, SEAT_M - 0.043]]), 0.009) for y in (-0.1, 0.1)]
    leg = make("wood", rng, grain="z") if rng.random() < 0.6 else make("metal", rng, finish="painted")
    return [part("chair shell", thick_sheet(points, 0.007), plastic), part("chair legs", _standing(frame), leg)]


def _padded(rng: np.random.Generator, colour: Any) -> list[Part]:
    cloth = make("fabric" if rng.random() < 0.6 else "leather", rng)
    wood = colour or make("wood", rng, grain="z")
    seat = rounded_box(0.46, 0.45, 0.075, 0.02).moved(z=SEAT_M - 0.05)
    back = rounded_box(0.44, 0.06, 0.34, 0.02).rotated("x", -10).moved(y=0.2, z=SEAT_M + 0.07)
    frame = [*_four((0.205, 0.21), (0.17, 0.17), SEAT_M - 0.06, 0.017)]
    frame.append(rounded_box(0.43, 0.42, 0.02, 0.004).moved(z=SEAT_M - 0.071))
    post = np.array(
        [
            [0.15, 0.19, SEAT_M - 0.068],
            [0.15, 0.241, SEAT_M - 0.064],
            [0.15, 0.245, SEAT_M + 0.07],
            [0.15, 0.28, SEAT_M + 0.27],
        ]
    )
    frame += [tube(post * np.array([sx, 1.0, 1.0]), 0.01) for sx in (-1, 1)]
    return [part("chair pads", join([seat, back]), cloth), part("chair frame", _standing(frame), wood)]


def _stool(rng: np.random.Generator, colour: Any) -> list[Part]:
    high = 0.74
    seat = lathe(solid([(0, 0), (0.165, 0), (0.17, 0.03), (0, 0.025)], 0.01), 40).moved(z=high)
    frame = _four((0.2, 0.2), (0.11, 0.11), high - GAP_M, 0.012)
    frame.append(ring(0.23, 0.008, 40).moved(z=0.27))
    metal = colour or make("metal", rng, finish="painted")
    return [part("stool seat", seat, make("wood", rng)), part("stool frame", _standing(frame), metal)]


_DESIGNS: dict[str, Callable[[np.random.Generator, Any], list[Part]]] = {
    "bentwood": _bentwood,
    "slatted": _slatted,
    "sheet_metal": _sheet_metal,
    "mesh": _mesh,
    "shell": _shell,
    "padded": _padded,
    "stool": _stool,
}
STYLES = tuple(_DESIGNS)


def design(rng: np.random.Generator, style: str, colour: Any = None) -> Kit:
    """Make the parts of a chair; ``style`` is one of :data:`STYLES`, ``colour`` the material of its main part."""
    return Kit(tuple(_DESIGNS[style](rng, colour)))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "bentwood"
) -> list[bpy.types.Object]:
    """Put one chair with its feet at ``location``, facing -y before the turn."""
    return design(rng, style).place(location, turn_deg)
