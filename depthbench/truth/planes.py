# SPDX-License-Identifier: Apache-2.0
"""The triangles' planes in float64: where exactly a ray meets a triangle that it is known to hit."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.floating[Any]]
Ids = npt.NDArray[np.int32]

EDGE_ON = 1e-7
"""Below this cosine between ray and normal the plane's answer is noise: the triangle's extent bounds it."""


class Planes:
    """Unit normals and offsets of triangles (T, 3) over vertices float64 (V, 3): n . x = offset on the plane.

    A triangle without area has a zero normal and counts as edge-on from everywhere.
    """

    def __init__(self, vertices: Float, triangles: Ids) -> None:
        self.vertices = vertices
        self.triangles = triangles
        first = vertices[triangles[:, 0]]
        normal = np.cross(vertices[triangles[:, 1]] - first, vertices[triangles[:, 2]] - first)
        self.area2 = np.linalg.norm(normal, axis=1)
        self.normals = normal / np.where(self.area2 > 0, self.area2, 1.0)[:, None]
        self.offsets = np.einsum("ij,ij->i", self.normals, first)

    def meet(self, ids: Ids, origins: Float, directions: Float) -> tuple[Float, npt.NDArray[np.bool_]]:
        """Intersect rays with the planes of the triangles they hit.

        Parameters
        ----------
        ids : int32 (N,)
            The triangle that each ray hits.
        origins : float64 (3,) or (N, 3)
        directions : float64 (N, 3)

        Returns
        -------
        t : float64 (N,)
            Ray parameter: the hit is ``origin + t * direction``.
        front : bool (N,)
            True where the ray comes from the side that the normal points to.
        """
        normals = self.normals[ids]
        slope = np.einsum("ij,ij->i", normals, directions)
        above = self.offsets[ids] - (
            normals @ origins if origins.ndim == 1 else np.einsum("ij,ij->i", normals, origins)
        )
        length = np.sqrt(np.einsum("ij,ij->i", directions, directions))
        edge_on = np.abs(slope) < EDGE_ON * length
        t = above / np.where(edge_on, 1.0, slope)
        if edge_on.any():
            t[edge_on] = self._along(
                ids[edge_on], np.broadcast_to(origins, directions.shape)[edge_on], directions[edge_on]
            )
        return t, slope < 0

    def _along(self, ids: Ids, origins: Float, directions: Float) -> Float:
        """Ray parameter of the nearest corner, for rays that graze the triangle edge-on."""
        corners = self.vertices[self.triangles[ids]] - origins[:, None]
        t = np.einsum("nij,nj->ni", corners, directions) / np.einsum("nj,nj->n", directions, directions)[:, None]
        nearest: Float = t.min(axis=1)
        return nearest
