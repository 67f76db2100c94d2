# SPDX-License-Identifier: Apache-2.0
"""The first surface along every pixel's ray in a scene of which rigid parts move: nothing is exported or built again.

A part that was moved by M is met by a ray exactly where the part in its old place is met by the ray moved by the inverse of M;
the ray parameter, and with it planar depth, is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.camera import Intrinsics
from depthbench.truth.bvh import Bvh
from depthbench.truth.geometry import SceneGeometry
from depthbench.truth.planes import Planes

Float = npt.NDArray[np.floating[Any]]
RAYS_AT_ONCE = 1 << 18
_NEAR_M = 1e-3


@dataclass(frozen=True)
class Body:
    """A rigid part of a scene where it was exported.

    Attributes
    ----------
    bvh : Bvh
        All its triangles, of whatever class: the first surface ends every ray.
    planes : Planes
    ids : int32 (T,)
        Surface of each triangle.
    bounds : float64 (2, 3)
        Box about it.
    """

    bvh: Bvh
    planes: Planes
    ids: npt.NDArray[np.int32]
    bounds: Float

    def first(self, origin: Float, directions: Float) -> tuple[Float, npt.NDArray[np.int32]]:
        """Return the ray parameter and the surface's id of what each ray meets first, panes and screens included.

        Parameters
        ----------
        origin : float64 (3,)
        directions : float64 (N, 3)

        Returns
        -------
        t : float64 (N,)
            +inf where the ray meets nothing.
        surface : int32 (N,)
            0 where the ray meets nothing.
        """
        triangle = self.bvh.nearest(np.broadcast_to(origin, directions.shape), directions)
        t, met = np.full(len(directions), np.inf), np.zeros(len(directions), dtype=np.int32)
        hit = np.flatnonzero(triangle >= 0)
        t[hit] = self.planes.meet(triangle[hit], origin, directions[hit])[0]
        met[hit] = self.ids[triangle[hit]]
        return t, met


def body(geometry: SceneGeometry, keep: npt.NDArray[np.bool_]) -> Body:
    """Return the part of a scene that some of its surfaces (S,) make; surfaces keep their ids.

    Raises
    ------
    MissingExtraError
        If embreex is not installed.
    """
    triangles = geometry.triangles[keep[geometry.triangle_surface]]
    numbers = np.array([surface.id for surface in geometry.surfaces], dtype=np.int32)
    ids = numbers[geometry.triangle_surface[keep[geometry.triangle_surface]]]
    planes = Planes(geometry.vertices, triangles)
    corners = geometry.vertices[np.unique(triangles)]
    solid = np.flatnonzero(planes.area2 > 0).astype(np.int32)
    # numbers near zero have the finest float32 grid: put zero amid what is met
    bvh = Bvh(geometry.vertices, triangles, solid, np.median(corners, axis=0))
    return Body(bvh, planes, ids, np.stack([corners.min(axis=0), corners.max(axis=0)]))


def look(
    bodies: Sequence[Body], moves: Sequence[Float], intrinsics: Intrinsics, cam_to_world: Float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int32]]:
    """Return what a camera sees of bodies that have been moved.

    Parameters
    ----------
    bodies : sequence of Body
    moves : sequence of float64 (4, 4)
        Rigid; from where a body was exported to where it is.
    intrinsics : Intrinsics
    cam_to_world : float64 (4, 4)
        OpenCV frame.

    Returns
    -------
    depth_m : float64 (H, W)
        Planar depth of the first surface, +inf where there is none.
    surface : int32 (H, W)
        Its id, 0 where there is none; of coincident surfaces, that of the earlier body.
    """
    size = intrinsics.height, intrinsics.width
    depth, surface = np.full(size, np.inf), np.zeros(size, dtype=np.int32)
    directions = intrinsics.pixel_directions()
    for part, move in zip(bodies, moves, strict=True):
        camera = np.linalg.inv(move) @ cam_to_world
        window = window_of(part.bounds, intrinsics, camera)
        rows, columns = range(*window[0].indices(size[0])), window[1]
        step = max(1, RAYS_AT_ONCE // max(1, len(range(*columns.indices(size[1])))))
        for first in range(rows.start, rows.stop, step):
            at = slice(first, min(first + step, rows.stop)), columns
            some = directions[at]
            t, met = part.first(camera[:3, 3], some.reshape(-1, 3) @ camera[:3, :3].T)
            nearer = t.reshape(some.shape[:2]) < depth[at]
            depth[at][nearer], surface[at][nearer] = t.reshape(nearer.shape)[nearer], met.reshape(nearer.shape)[nearer]
    return depth, surface


def window_of(bounds: Float, intrinsics: Intrinsics, cam_to_box: Float) -> tuple[slice, slice]:
    """Return the rows and columns of pixels outside which no ray meets a box (2, 3); empty where the box is behind the camera."""
    corners = np.array([[bounds[i, 0], bounds[j, 1], bounds[k, 2], 1.0] for i, j, k in np.ndindex(2, 2, 2)])
    points = (corners @ np.linalg.inv(cam_to_box).T)[:, :3]
    if (points[:, 2] < _NEAR_M).all():
        return slice(0, 0), slice(0, 0)
    if (points[:, 2] < _NEAR_M).any():
        return slice(0, intrinsics.height), slice(0, intrinsics.width)
    pixels = intrinsics.project(points)
    low = np.floor(pixels.min(axis=0)).astype(int) - 1
    high = np.ceil(pixels.max(axis=0)).astype(int) + 2
    low, high = (
        np.clip(low, 0, [intrinsics.width, intrinsics.height]),
        np.clip(high, 0, [intrinsics.width, intrinsics.height]),
    )
    return slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))
