# SPDX-License-Identifier: Apache-2.0
"""Curves and surfaces that many things are made of: rounded polylines, vessel profiles, thick curved sheets."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.mesh import Mesh

Points = npt.NDArray[np.float64]
Profile = list[tuple[float, float]]
Curve = Any
"""Points (n, d), as an array or as nested sequences."""


def fillet(points: Curve, radius_m: float, steps: int = 3) -> Points:
    """Return a polyline (n, d) with its inner corners replaced by arcs that start at most ``radius_m`` from them."""
    corners = np.asarray(points, dtype=np.float64)
    pieces = [corners[:1]]
    at = np.linspace(0.0, 1.0, steps + 1)[:, None]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        arms = []
        for end in (before, after):
            length = np.linalg.norm(end - corner)
            arms.append(corner + (end - corner) * min(radius_m / length, 0.45))
        pieces.append((1 - at) ** 2 * arms[0] + 2 * at * (1 - at) * corner + at**2 * arms[1])
    return np.concatenate([*pieces, corners[-1:]])


def smooth(points: Curve, per_piece: int = 5) -> Points:
    """Return a smooth curve (Catmull-Rom) through a polyline (n, d), with ``per_piece`` points from each to the next."""
    knots = np.asarray(points, dtype=np.float64)
    padded = np.concatenate([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
    at = (np.arange(per_piece) / per_piece)[None, :, None]
    a, b, c, d = (padded[k : len(padded) - 3 + k, None] for k in range(4))
    curve = b + 0.5 * at * (c - a + at * (2 * a - 5 * b + 4 * c - d + at * (3 * (b - c) + d - a)))
    return np.concatenate([curve.reshape(-1, knots.shape[1]), knots[-1:]])


def solid(outline: Curve, bevel_m: float = 0.0) -> Profile:
    """Return a lathe profile from (radius, z) points that start and end on the axis, corners rounded by ``bevel_m``."""
    points = fillet(outline, bevel_m, 2) if bevel_m else np.asarray(outline, dtype=np.float64)
    return [(float(radius), float(height)) for radius, height in points]


def cavity(outside: Curve, wall_m: float, inner_floor_m: float) -> Points:
    """Return the inside (n, 2) of a hollow vessel as (radius, z), from the axis over its flat bottom up to the rim.

    Parameters
    ----------
    outside : (n, 2)
        (radius, z) from the foot's edge to the rim.
    wall_m : float
        Thickness of the wall.
    inner_floor_m : float
        Height of the inside's bottom; the outside below it stays massive (foot, stem).
    """
    outer = _above_foot(outside)
    along = _directions(outer)
    inner = outer + wall_m * np.stack([-along[:, 1], along[:, 0]], axis=1)
    inner = inner[(inner[:, 1] > inner_floor_m + 0.25 * wall_m) & (inner[:, 0] > wall_m)]
    return np.concatenate([[[0.0, inner_floor_m], [0.85 * inner[0, 0], inner_floor_m]], inner])


def vessel(outside: Curve, wall_m: float, inner_floor_m: float) -> Profile:
    """Return the closed lathe profile of a hollow vessel: up the outside, over a rounded rim, down its :func:`cavity`."""
    outer = _above_foot(outside)
    inner = cavity(outer, wall_m, inner_floor_m)
    rim = (outer[-1] + inner[-1]) / 2 + 0.4 * wall_m * _directions(outer)[-1]
    return solid(np.concatenate([[[0.0, outer[0, 1]]], outer, [rim], inner[::-1]]))


def _above_foot(outside: Curve) -> Points:
    """The outline of a vessel, nowhere below its foot: a smooth curve may swing."""
    outer = np.array(outside, dtype=np.float64)
    outer[:, 1] = np.maximum(outer[:, 1], outer[0, 1])
    return outer


def _directions(points: Points) -> Points:
    """Unit directions along a polyline (n, d)."""
    along: Points = np.gradient(points, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    return along


def thick_sheet(points: Points, thickness_m: float) -> Mesh:
    """Return the closed sheet of that thickness about a curved surface of points (n, m, 3)."""
    rows, columns = np.gradient(points, axis=0), np.gradient(points, axis=1)
    normals = np.cross(columns, rows)
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    n, m = points.shape[:2]
    vertices = np.concatenate([points + normals * thickness_m / 2, points - normals * thickness_m / 2]).reshape(-1, 3)
    number = np.arange(n * m).reshape(n, m)
    a, b, c, d = number[:-1, :-1], number[:-1, 1:], number[1:, 1:], number[1:, :-1]
    top = np.stack([a, b, c, d], axis=-1).reshape(-1, 4)
    border = np.concatenate([number[0, :-1], number[:-1, -1], number[-1, :0:-1], number[:0:-1, 0]])
    after = np.roll(border, -1)
    edge = np.stack([after, border, border + n * m, after + n * m], axis=-1)
    return Mesh(vertices, (np.concatenate([top, top[:, ::-1] + n * m, edge]),))


def ring(radius_m: float, tube_m: float, segments: int = 32, sides: int = 10) -> Mesh:
    """Return a closed torus about the z axis."""
    around, across = np.arange(segments) * 2 * np.pi / segments, np.arange(sides) * 2 * np.pi / sides
    distance = radius_m + tube_m * np.cos(across)[None, :]
    height = np.broadcast_to(tube_m * np.sin(across), (segments, sides))
    vertices = np.stack([distance * np.cos(around)[:, None], distance * np.sin(around)[:, None], height], axis=-1)
    number = np.arange(segments * sides).reshape(segments, sides)
    onward, beside = np.roll(number, -1, axis=0), np.roll(number, -1, axis=1)
    faces = np.stack([number, onward, np.roll(onward, -1, axis=1), beside], axis=-1).reshape(-1, 4)
    return Mesh(vertices.reshape(-1, 3), (faces,))


def prism(outline: Curve, thickness_m: float) -> Mesh:
    """Return the closed upright board with a convex outline (n, 2) of (y, z), counter-clockwise from +x, centred in x."""
    points = np.asarray(outline, dtype=np.float64)
    n, half = len(points), np.full((len(points), 1), thickness_m / 2)
    vertices = np.concatenate([np.hstack([half, points]), np.hstack([-half, points])])
    here, after = np.arange(n), (np.arange(n) + 1) % n
    sides = np.stack([here, here + n, after + n, after], axis=1)
    caps = np.stack([here, here[::-1] + n])
    return Mesh(vertices, (np.concatenate([sides, caps]),) if n == 4 else (sides, caps))
