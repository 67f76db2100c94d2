# SPDX-License-Identifier: Apache-2.0
"""The reference cloud of a scan and the space in which predictions are judged, both from the true surface and what views see of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.camera import Intrinsics
from depthbench.formats.dtu_observed import Observed
from depthbench.truth.cast import RayCaster

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.int64]

BOX_MM = ((-200.0, -200.0, -12.0), (200.0, 200.0, 300.0))
"""Part of the world (low and high corner) of which there are reference points."""
VOXEL_MM, MARGIN_MM = 2.0, 10.0
PLANE_ABOVE_TABLE_MM = 1.0
_LATTICE_SHIFT = 0.371
"""Keeps lattice points off edges that lie at round numbers."""
_GRAZING = 0.02
_SLACK = 3e-5
"""A surface point counts as hit by the ray to it where the ray ends this near to it, as a share of its length."""
_AT_ONCE = 1 << 20


def surface_points(
    vertices: Floats, triangles: npt.NDArray[np.integer[Any]], spacing: float, box: Sequence[Sequence[float]] = BOX_MM
) -> tuple[Floats, Indices]:
    """Lay a square lattice over a surface.

    Every triangle is looked at along the axis that its normal is nearest to, and gets the points that lie over a lattice common to
    all; so neighbours in a face are ``spacing`` apart (up to 1.73 times that where it slants), with neither gaps nor doubles between triangles.

    Parameters
    ----------
    vertices : float64 (V, 3)
    triangles : int (T, 3)
    spacing : float
    box : (low, high)
        Points outside are left out.

    Returns
    -------
    points : float64 (N, 3)
    triangle : int64 (N,)
        On which each lies.
    """
    corners = vertices[triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    low, high = np.asarray(box, dtype=np.float64)
    near = (corners.min(axis=1) <= high).all(axis=1) & (corners.max(axis=1) >= low).all(axis=1)
    near &= np.abs(normals).max(axis=1) > 0
    facing = np.abs(normals).argmax(axis=1)
    found, owners = [np.zeros((0, 3))], [np.zeros(0, dtype=np.int64)]
    for axis in range(3):
        chosen = np.flatnonzero(near & (facing == axis))
        across, along = (axis + 1) % 3, (axis + 2) % 3
        flat = corners[chosen][:, :, [across, along]] / spacing - _LATTICE_SHIFT
        limits = (np.stack([low, high])[:, [across, along]]) / spacing - _LATTICE_SHIFT
        row, column, owner = _lattice(flat, limits)
        points = np.empty((len(owner), 3))
        points[:, across], points[:, along] = (column + _LATTICE_SHIFT) * spacing, (row + _LATTICE_SHIFT) * spacing
        index = chosen[owner]
        start, normal = corners[index, 0], normals[index]
        rest = normal[:, across] * (points[:, across] - start[:, across])
        rest += normal[:, along] * (points[:, along] - start[:, along])
        points[:, axis] = start[:, axis] - rest / normal[:, axis]
        inside = ((points >= low) & (points <= high)).all(axis=1)
        found.append(points[inside])
        owners.append(index[inside])
    return np.concatenate(found), np.concatenate(owners)


def _lattice(flat: Floats, limits: Floats) -> tuple[Indices, Indices, Indices]:
    """Return row, column and triangle of the whole numbers inside triangles (T, 3, 2), those on an edge to one side only."""
    order = np.lexsort((flat[:, :, 0], flat[:, :, 1]), axis=1)
    a, b, c = np.moveaxis(np.take_along_axis(flat, order[:, :, None], axis=1), 1, 0)
    first = np.ceil(np.maximum(a[:, 1], limits[0, 1])).astype(np.int64)
    last = np.ceil(np.minimum(c[:, 1], limits[1, 1])).astype(np.int64)
    owner, row = _counted(first, last)
    a, b, c = a[owner], b[owner], c[owner]
    # where the row crosses the long edge, and the upper or lower one of the short edges
    long = _crossing(a, c, row)
    short = np.where(row < b[:, 1], _crossing(a, b, row), _crossing(b, c, row))
    left, right = np.minimum(long, short), np.maximum(long, short)
    begin = np.ceil(np.maximum(left, limits[0, 0])).astype(np.int64)
    end = np.ceil(np.minimum(right, limits[1, 0])).astype(np.int64)
    place, column = _counted(begin, end)
    return row[place], column, owner[place]


def _crossing(one: Floats, other: Floats, row: Indices) -> Floats:
    height = other[:, 1] - one[:, 1]
    share = (row - one[:, 1]) / np.where(height > 0, height, 1.0)
    crossing: Floats = one[:, 0] + share * (other[:, 0] - one[:, 0])
    return crossing


def _counted(first: Indices, last: Indices) -> tuple[Indices, Indices]:
    """Return all whole numbers of the ranges [first, last), and of which range each is."""
    counts = np.maximum(last - first, 0)
    owner = np.repeat(np.arange(len(counts)), counts)
    begins = np.cumsum(counts) - counts
    return owner, np.arange(len(owner)) - begins[owner] + first[owner]


def seen(
    points: Floats, normals: Floats, caster: RayCaster, to_scene: Floats, views: Iterable[tuple[Intrinsics, Floats]]
) -> Mask:
    """Tell which surface points at least one view sees: in its picture, not edge-on, and the first thing on their ray.

    Parameters
    ----------
    points, normals : float64 (N, 3)
        Normals of the face, of any length and either sign: a ray finds what is in front by itself.
    caster : RayCaster
        Of the scene in metres.
    to_scene : float64 (3,)
        Where the world's origin lies in the scene, metres.
    views : iterable of (Intrinsics, world_to_cam)
        In mm.
    """
    length = np.linalg.norm(normals, axis=1)
    found = np.zeros(len(points), dtype=np.bool_)
    for camera, pose in views:
        eye = -pose[:3, :3].T @ pose[:3, 3]
        left = np.flatnonzero(~found)
        for some in _pieces(left):
            at = points[some]
            x, y = camera.project(at @ pose[:3, :3].T + pose[:3, 3]).T
            rays = at - eye
            far = np.linalg.norm(rays, axis=1)
            asked = (x > -0.5) & (y > -0.5) & (x < camera.width - 0.5) & (y < camera.height - 0.5)
            asked &= np.abs((normals[some] * rays).sum(axis=1)) > _GRAZING * far * length[some]
            some, rays = some[asked], rays[asked]
            _, t, _ = caster.first_opaque(eye / 1000 + to_scene, rays / 1000)
            found[some[t > 1 - _SLACK]] = True
    return found


def _pieces(indices: Indices) -> Iterator[Indices]:
    for start in range(0, len(indices), _AT_ONCE):
        yield indices[start : start + _AT_ONCE]


def observed_space(
    points: Floats,
    views: Iterable[tuple[Intrinsics, Floats, npt.NDArray[np.float32]]],
    box: Sequence[Sequence[float]] = BOX_MM,
) -> Observed:
    """Return where predictions count: voxels that a view sees into, up to 10 mm behind the surface that it sees.

    Parameters
    ----------
    points : float64 (N, 3)
        The reference cloud; the space holds it and 10 mm more, but none outside ``box``.
    views : iterable of (Intrinsics, world_to_cam, depth map)
        In mm; depth 0: nothing there.
    box : (low, high)
        That of the reference: beyond it surfaces go on and have no reference points.
    """
    low = np.maximum(np.floor(points.min(axis=0) - MARGIN_MM), box[0])
    high = np.minimum(points.max(axis=0) + MARGIN_MM, box[1])
    shape = tuple(np.ceil((high - low) / VOXEL_MM).astype(int) + 1)
    mask = np.zeros(shape, dtype=np.bool_)
    flat = mask.reshape(-1)
    for camera, pose, depth in views:
        for some in _pieces(np.flatnonzero(~flat)):
            at = np.stack(np.unravel_index(some, shape), axis=1) * VOXEL_MM + low
            in_camera = at @ pose[:3, :3].T + pose[:3, 3]
            x, y = np.rint(np.nan_to_num(camera.project(in_camera), nan=-1.0)).T.astype(int)
            inside = (x >= 0) & (y >= 0) & (x < camera.width) & (y < camera.height)
            surface = depth[y[inside], x[inside]]
            into = (surface <= 0) | (in_camera[inside, 2] <= surface + MARGIN_MM)
            flat[some[inside][into]] = True
    ends = np.stack([low, low + (np.array(shape) - 1) * VOXEL_MM])
    return Observed(mask, ends, VOXEL_MM, np.array([0.0, 0.0, 1.0, -PLANE_ABOVE_TABLE_MM]))
