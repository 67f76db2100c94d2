# SPDX-License-Identifier: Apache-2.0
"""Closed solids swept from rings of points: mouldings, shades, knots, columns, tapering horns."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.mesh import Mesh, tube

Points = npt.NDArray[np.float64]


def signed_volume_m3(mesh: Mesh) -> float:
    """Volume that a closed mesh bounds, in cubic metres; negative where its faces look inwards."""
    total = 0.0
    for group in mesh.polygons:
        corners = mesh.vertices[group]
        for k in range(1, group.shape[1] - 1):
            total += float(np.einsum("ij,ij->", corners[:, 0], np.cross(corners[:, k], corners[:, k + 1])))
    return total / 6.0


def outward(mesh: Mesh) -> Mesh:
    """Return the closed mesh with its faces looking outwards."""
    return mesh if signed_volume_m3(mesh) > 0 else mesh.flipped()


def loops(points: Points) -> Mesh:
    """Return the closed surface through points (n, m, 3) that wraps around in both directions (a deformed torus)."""
    n, m = points.shape[:2]
    number = np.arange(n * m).reshape(n, m)
    onward, beside = np.roll(number, -1, axis=0), np.roll(number, -1, axis=1)
    faces = np.stack([number, onward, np.roll(onward, -1, axis=1), beside], axis=-1).reshape(-1, 4)
    return outward(Mesh(points.reshape(-1, 3), (faces,)))


def skin(rings: Points) -> Mesh:
    """Return the closed solid over rings of points (n, m, 3), m > 4, its first and last ring closed by flat faces."""
    n, m = rings.shape[:2]
    here = np.arange(m)
    after = (here + 1) % m
    base = (np.arange(n - 1) * m)[:, None]
    quads = np.stack([base + here, base + after, base + m + after, base + m + here], axis=-1).reshape(-1, 4)
    caps = np.stack([here[::-1], (n - 1) * m + here])
    return outward(Mesh(rings.reshape(-1, 3), (quads, caps)))


def revolved(section: npt.ArrayLike, segments: int = 48) -> Mesh:
    """Turn a closed section of (radius, z) points, all off the axis, about the z axis into a closed ring."""
    radius, height = np.asarray(section, dtype=np.float64).T
    angle = np.arange(segments)[:, None] * (2 * np.pi / segments)
    return loops(
        np.stack([radius * np.cos(angle), radius * np.sin(angle), np.broadcast_to(height, (segments, len(height)))], -1)
    )


def moulding(width_m: float, height_m: float, section: npt.ArrayLike) -> Mesh:
    """Return a mitred rectangular frame standing on z = 0, its back in the plane y = 0, its front towards -y.

    ``section`` is the closed outline (n, 2) of (distance inwards from the outer edge, distance from the back).
    """
    inward, off = np.asarray(section, dtype=np.float64).T
    corners = []
    for sx, sz in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        x, z = sx * (width_m / 2 - inward), height_m / 2 + sz * (height_m / 2 - inward)
        corners.append(np.stack([x, -off, z], axis=-1))
    return loops(np.stack(corners))


def horn(path: npt.ArrayLike, radius_m: npt.ArrayLike, sides: int = 12) -> Mesh:
    """Sweep a circle whose radius changes along a polyline (n, 3), radii (n,) > 0, into a closed solid with flat ends."""
    line = np.asarray(path, dtype=np.float64)
    unit = tube(line, 1.0, sides)
    middle = np.repeat(line, sides, axis=0)
    swell = np.repeat(np.asarray(radius_m, dtype=np.float64), sides)[:, None]
    return Mesh(middle + (unit.vertices - middle) * swell, unit.polygons)


def pad(half_x_m: float, half_y_m: float, thickness_m: float, round_m: float, power: float = 5.0) -> Mesh:
    """Return a cushion standing on z = 0: a rounded rectangle (superellipse) whose edge is rounded by ``round_m``."""
    angle = np.arange(48) * (2 * np.pi / 48)
    wide = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** (2 / power)
    deep = np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** (2 / power)
    # From the middle of the lower face outwards, around the edge, back to the middle of a slightly raised upper face.
    turn = np.linspace(-np.pi / 2, np.pi / 2, 9)
    low, high = min(round_m, 0.3 * thickness_m), min(round_m, 0.7 * thickness_m)
    inset = np.where(turn < 0, low, high) * (1 - np.cos(turn))
    height = np.where(turn < 0, low + low * np.sin(turn), thickness_m - high + high * np.sin(turn))
    inner = np.array([0.55, 0.08])
    crown = 0.12 * thickness_m
    rows = [(share, 0.0, 0.0) for share in inner[::-1]]
    rows += [(1.0, float(a), float(b)) for a, b in zip(inset, height, strict=True)]
    rows += [(share, 0.0, thickness_m + crown * (1 - share**2)) for share in inner]
    rings = [
        np.stack([share * (half_x_m - a) * wide, share * (half_y_m - a) * deep, np.full(48, b)], axis=1)
        for share, a, b in rows
    ]
    return skin(np.stack(rings))


def pierced_sheet(points: Points, solid: npt.NDArray[np.bool_], thickness_m: float, cap: bool = False) -> Mesh:
    """Return the closed sheet about a surface that wraps around, with openings: a car's cabin, a lantern.

    Parameters
    ----------
    points : float64 (n, m, 3)
        n rings of m points each; the last point of a ring is followed by its first.
    solid : bool (n - 1, m)
        Cells between two rings that are there.
    thickness_m : float
        Half of it to either side of the surface.
    cap : bool
        Close the last ring with a flat face.
    """
    n, m = points.shape[:2]
    down = np.gradient(points, axis=0)
    along = np.roll(points, -1, axis=1) - np.roll(points, 1, axis=1)
    normals = np.cross(along, down)
    normals /= np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-12)
    vertices = np.concatenate([points + normals * thickness_m / 2, points - normals * thickness_m / 2]).reshape(-1, 3)
    number = np.arange(n * m).reshape(n, m)
    beside = np.roll(number, -1, axis=1)
    a, b, c, d = number[:-1], beside[:-1], beside[1:], number[1:]
    back = n * m
    faces = [np.stack([a, b, c, d], -1)[solid], np.stack([a, d, c, b], -1)[solid] + back]
    padded = np.pad(solid, ((1, 1), (0, 0)))
    lower = solid & ~padded[:-2]
    upper = solid & ~padded[2:]
    if cap:
        upper[-1] = False
    for edge, start, end in (
        (lower, b, a),
        (upper, d, c),
        (solid & ~np.roll(solid, 1, axis=1), a, d),
        (solid & ~np.roll(solid, -1, axis=1), c, b),
    ):
        faces.append(np.stack([start, end, end + back, start + back], -1)[edge])
    quads = np.concatenate(faces)
    lids = [number[-1][None], number[-1][None, ::-1] + back] if cap else []
    used, renumbered = np.unique(np.concatenate([quads.ravel(), *(lid.ravel() for lid in lids)]), return_inverse=True)
    groups = [renumbered[: quads.size].reshape(-1, 4)]
    if cap:
        groups.append(renumbered[quads.size :].reshape(2, m))
    return outward(Mesh(vertices[used], tuple(groups)))
