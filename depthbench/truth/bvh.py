# SPDX-License-Identifier: Apache-2.0
"""Bounding-volume hierarchies over some of a scene's triangles: Embree through ``embreex``.

Embree works in float32. It is asked only *which* triangle a ray meets; where it meets it is computed from that triangle's
plane in float64 (:class:`depthbench.truth.planes.Planes`). Its robust mode is watertight across shared edges, and it
releases the interpreter lock, so two eyes can be cast in two threads.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.errors import MissingExtraError

Float = npt.NDArray[np.floating[Any]]
Ids = npt.NDArray[np.int32]


class Bvh:
    """Nearest-triangle and any-triangle queries among the triangles ``ids`` of a mesh.

    Parameters
    ----------
    vertices : float64 (V, 3)
        World coordinates, metres.
    triangles : int32 (T, 3)
        Of the whole scene.
    ids : int32 (N,)
        The triangles that this hierarchy holds; answers are given in these numbers.
    origin : float64 (3,)
        Point that becomes the float32 origin; coordinates far from it lose precision.

    Raises
    ------
    MissingExtraError
        If embreex is not installed.
    """

    def __init__(self, vertices: Float, triangles: Ids, ids: Ids, origin: Float) -> None:
        try:
            from embreex.mesh_construction import TriangleMesh
            from embreex.rtcore_scene import EmbreeScene
        except ImportError as error:
            raise MissingExtraError("embreex", "render", "ray casting") from error
        self.ids = ids
        self.origin = origin
        self._scene = EmbreeScene(robust=True)
        if len(ids):
            corners = (vertices[triangles[ids]] - origin).astype(np.float32)
            TriangleMesh(self._scene, corners.reshape(-1, 3), np.arange(3 * len(ids), dtype=np.int32).reshape(-1, 3))
            # the first query builds the hierarchy, which two threads must not do at once
            self._scene.run(np.zeros((1, 3), np.float32), np.ones((1, 3), np.float32))

    def nearest(self, origins: Float, directions: Float, reach: Float | None = None) -> Ids:
        """Return the number of the nearest triangle along each ray, int32 (N,); -1 where there is none.

        Parameters
        ----------
        origins, directions : float64 (N, 3)
        reach : (N,) or None
            Largest ray parameter, in units of the direction's length.
        """
        if not len(self.ids) or not len(origins):
            return np.full(len(origins), -1, dtype=np.int32)
        rows = self._run(origins, directions, reach, "INTERSECT")
        hit = rows >= 0
        found = np.full(len(rows), -1, dtype=np.int32)
        found[hit] = self.ids[rows[hit]]
        return found

    def any_hit(self, origins: Float, directions: Float, reach: Float | None = None) -> npt.NDArray[np.bool_]:
        """Return whether each ray meets any triangle before ``reach``, bool (N,)."""
        if not len(self.ids) or not len(origins):
            return np.zeros(len(origins), dtype=np.bool_)
        met: npt.NDArray[np.bool_] = self._run(origins, directions, reach, "OCCLUDED") != -1
        return met

    def _run(self, origins: Float, directions: Float, reach: Float | None, query: str) -> Ids:
        start = (origins - self.origin).astype(np.float32)
        limit = None if reach is None else np.minimum(reach, 1e37).astype(np.float32)
        rows: Ids = self._scene.run(start, directions.astype(np.float32), limit, query)
        return rows
