# SPDX-License-Identifier: Apache-2.0
"""Meshes as numpy arrays: primitives, transforms, joins. Metres, z up, counter-clockwise faces seen from outside.

Every closed primitive is watertight with outward normals, which is what makes a glass solid one layer in the truth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Mesh:
    """Vertices float64 (V, 3) and polygons grouped by their number of corners: int arrays (n, k)."""

    vertices: Points
    polygons: tuple[npt.NDArray[np.int64], ...]

    def moved(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Mesh:
        """Return the mesh shifted by (x, y, z)."""
        return Mesh(self.vertices + np.array([x, y, z]), self.polygons)

    def scaled(self, x: float, y: float, z: float) -> Mesh:
        """Return the mesh scaled along the axes by positive factors."""
        return Mesh(self.vertices * np.array([x, y, z]), self.polygons)

    def rotated(self, axis: str, angle_deg: float) -> Mesh:
        """Return the mesh turned about the world axis 'x', 'y' or 'z' through the origin, right-handed."""
        first, second = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
        cos, sin = np.cos(np.deg2rad(angle_deg)), np.sin(np.deg2rad(angle_deg))
        turn = np.eye(3)
        turn[first, first] = turn[second, second] = cos
        turn[first, second], turn[second, first] = -sin, sin
        return Mesh(self.vertices @ turn.T, self.polygons)

    def flipped(self) -> Mesh:
        """Return the mesh with its faces turned inside out."""
        return Mesh(self.vertices, tuple(group[:, ::-1] for group in self.polygons))


def join(meshes: Sequence[Mesh]) -> Mesh:
    """Put several meshes into one; nothing is welded."""
    offsets = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes])
    groups: dict[int, list[npt.NDArray[np.int64]]] = {}
    for mesh, offset in zip(meshes, offsets, strict=False):
        for group in mesh.polygons:
            groups.setdefault(group.shape[1], []).append(group + offset)
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        tuple(np.concatenate(groups[size]) for size in sorted(groups)),
    )


def box(size_x: float, size_y: float, size_z: float) -> Mesh:
    """Return a closed box, centred in x and y, standing on z = 0."""
    x, y, z = size_x / 2, size_y / 2, size_z
    vertices = np.array(
        [[-x, -y, 0], [x, -y, 0], [x, y, 0], [-x, y, 0], [-x, -y, z], [x, -y, z], [x, y, z], [-x, y, z]],
        dtype=np.float64,
    )
    quads = np.array([[0, 3, 2, 1], [4, 5, 6, 7], [0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]])
    return Mesh(vertices, (quads,))


def sheet(size_x: float, size_z: float) -> Mesh:
    """Return one upright quad in the plane y = 0, centred in x, standing on z = 0, facing -y."""
    x = size_x / 2
    vertices = np.array([[-x, 0, 0], [x, 0, 0], [x, 0, size_z], [-x, 0, size_z]], dtype=np.float64)
    return Mesh(vertices, (np.array([[0, 1, 2, 3]]),))


def grid(columns: Points, rows: Points, heights: Points) -> Mesh:
    """Return an open height field over x = ``columns`` (m,), y = ``rows`` (n,) with z = ``heights`` (n, m), facing +z."""
    n, m = heights.shape
    x, y = np.meshgrid(columns, rows)
    vertices = np.stack([x, y, heights], axis=-1).reshape(-1, 3)
    first = (np.arange(n - 1)[:, None] * m + np.arange(m - 1)[None, :]).ravel()
    return Mesh(vertices, (np.stack([first, first + 1, first + m + 1, first + m], axis=1),))


def lathe(profile: Sequence[tuple[float, float]], segments: int = 48) -> Mesh:
    """Turn a profile of (radius, z) points about the z axis into a closed solid.

    The profile runs from the axis at the bottom, along the outside, to the axis at the top, or, for a hollow vessel, back
    down the inside to the axis: both ends must have radius 0.
    """
    radius, height = np.array(profile, dtype=np.float64).T
    if radius[0] != 0 or radius[-1] != 0:
        raise ValueError(f"a lathe profile starts and ends on the axis, got radii {radius[0]} and {radius[-1]}")
    angle = np.arange(segments) * (2 * np.pi / segments)
    rings = len(radius) - 2
    ring_points = np.stack(
        [
            radius[1:-1, None] * np.cos(angle),
            radius[1:-1, None] * np.sin(angle),
            np.broadcast_to(height[1:-1, None], (rings, segments)),
        ],
        axis=-1,
    ).reshape(-1, 3)
    poles = np.array([[0, 0, height[0]], [0, 0, height[-1]]])
    vertices = np.concatenate([ring_points, poles])
    bottom, top = len(ring_points), len(ring_points) + 1
    here = np.arange(segments)
    after = (here + 1) % segments
    base = (np.arange(rings - 1) * segments)[:, None]
    quads = np.stack([base + here, base + after, base + segments + after, base + segments + here], axis=-1).reshape(
        -1, 4
    )
    last = (rings - 1) * segments
    triangles = np.concatenate(
        [
            np.stack([np.full(segments, bottom), after, here], axis=1),
            np.stack([np.full(segments, top), last + here, last + after], axis=1),
        ]
    )
    return Mesh(vertices, (triangles, quads))


def tube(path: Points, radius: float, sides: int = 10) -> Mesh:
    """Sweep a circle along a polyline (n, 3) of distinct points into a closed tube with flat ends."""
    path = np.asarray(path, dtype=np.float64)
    tangents = np.gradient(path, axis=0)
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
    normal = np.cross(tangents[0], [0.0, 0.0, 1.0] if abs(tangents[0, 2]) < 0.9 else [1.0, 0.0, 0.0])
    normals = np.empty_like(path)
    for index, tangent in enumerate(tangents):
        normal = normal - tangent * (normal @ tangent)
        normal /= np.linalg.norm(normal)
        normals[index] = normal
    binormals = np.cross(tangents, normals)
    angle = np.arange(sides) * (2 * np.pi / sides)
    rings = path[:, None] + radius * (
        np.cos(angle)[None, :, None] * normals[:, None] + np.sin(angle)[None, :, None] * binormals[:, None]
    )
    here = np.arange(sides)
    after = (here + 1) % sides
    base = (np.arange(len(path) - 1) * sides)[:, None]
    quads = np.stack([base + here, base + after, base + sides + after, base + sides + here], axis=-1).reshape(-1, 4)
    last = (len(path) - 1) * sides
    caps = np.stack([here[::-1], last + here])
    vertices = rings.reshape(-1, 3)
    if sides == 4:
        return Mesh(vertices, (np.concatenate([quads, caps]),))
    return Mesh(vertices, (quads, caps))


def sphere(radius: float, segments: int = 32, rings: int = 16) -> Mesh:
    """Return a closed sphere about the origin."""
    angle = np.linspace(-np.pi / 2, np.pi / 2, rings + 1)
    profile = [(float(radius * np.cos(a)), float(radius * np.sin(a))) for a in angle]
    profile[0], profile[-1] = (0.0, -radius), (0.0, radius)
    return lathe(profile, segments)


def rounded_box(size_x: float, size_y: float, size_z: float, bevel: float) -> Mesh:
    """Return a closed box standing on z = 0 whose twelve edges are chamfered by ``bevel`` metres (catches the light)."""
    half = np.array([size_x / 2, size_y / 2, size_z / 2])
    inner = half - min(bevel, 0.49 * 2 * half.min())
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=np.float64)
    corners = np.stack([signs * np.where(np.eye(3)[axis] > 0, half, inner) for axis in range(3)], axis=1)
    vertices = corners.reshape(-1, 3) + np.array([0, 0, half[2]])
    number = {(int(s[0]), int(s[1]), int(s[2])): index * 3 for index, s in enumerate(signs)}
    faces: dict[int, list[list[int]]] = {3: [], 4: []}

    def outward(ids: list[int]) -> list[int]:
        points = vertices[ids] - np.array([0, 0, half[2]])
        normal = np.cross(points[1] - points[0], points[2] - points[0])
        return ids if normal @ points.mean(axis=0) > 0 else ids[::-1]

    for axis in range(3):
        others = [a for a in range(3) if a != axis]
        for side in (-1, 1):
            loop = []
            for pair in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
                sign = [0, 0, 0]
                sign[axis], sign[others[0]], sign[others[1]] = side, pair[0], pair[1]
                loop.append(number[sign[0], sign[1], sign[2]] + axis)
            faces[4].append(outward(loop))
        for pair in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
            low, high = [0, 0, 0], [0, 0, 0]
            low[axis], high[axis] = -1, 1
            for sign in (low, high):
                sign[others[0]], sign[others[1]] = pair
            a, b = number[low[0], low[1], low[2]], number[high[0], high[1], high[2]]
            faces[4].append(outward([a + others[0], b + others[0], b + others[1], a + others[1]]))
    for start in number.values():
        faces[3].append(outward([start, start + 1, start + 2]))
    return Mesh(vertices, (np.array(faces[3]), np.array(faces[4])))
