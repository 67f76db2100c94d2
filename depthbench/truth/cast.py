# SPDX-License-Identifier: Apache-2.0
"""Cast rays through a scene and list every surface they cross, up to and including the first opaque one.

Embree names the triangles, float64 planes say where (see :mod:`depthbench.truth.bvh`, :mod:`depthbench.truth.planes`).
The first opaque surface comes from a hierarchy of its own, so nothing see-through can hide it; see-through surfaces are
stepped through front to back, those that touch in separate hierarchies (:mod:`depthbench.truth.touching`).

Coincident surfaces, that is hits of one ray no farther apart than :data:`COINCIDENT_M` along it, follow a rule:

- faces through which the ray leaves a closed see-through solid come first;
- then the opaque one, the smallest surface number if there are several; it ends the ray, so what see-through surface lies
  in an opaque face is not there;
- then the other see-through faces by surface number.

Limits: a see-through solid, or a gap in one, that is thinner along the ray than the step past a face (10 to 20 micrometres in
a room) may be passed over, which happens where a ray clips a rim or a groove: about one pixel in a hundred thousand. Where a
ray passes within float32 rounding (a micrometre) of a silhouette, either side of it may be taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.layers import SurfaceClass
from depthbench.truth.bvh import Bvh
from depthbench.truth.coincident import overlapping_coplanar
from depthbench.truth.geometry import SceneGeometry
from depthbench.truth.planes import Planes
from depthbench.truth.touching import boxes, colours, parts

Float = npt.NDArray[np.floating[Any]]
Ids = npt.NDArray[np.int32]

COINCIDENT_M = 1e-5
"""Two hits of one ray no farther apart than this are at the same place."""

STEP_PER_M = 2e-6
"""Step past a face, per metre of the scene's extent about the ray: some ten units in the last place of float32."""

MOST_CROSSINGS = 1024
"""Faces of one part that a ray is stepped through; a ray that crosses more is a fault in the mesh."""


@dataclass(frozen=True)
class Hits:
    """Every crossing of every ray, sorted by ray and front to back; opaque hits end a ray.

    Attributes
    ----------
    ray : int32 (N,)
        Index of the ray.
    t : float64 (N,)
        Ray parameter; planar depth in metres where the direction has z = 1 in the camera frame.
    triangle : int32 (N,)
    surface : int32 (N,)
        Index into the geometry's surfaces (not the id).
    entering : bool (N,)
        True where the ray meets the face from outside (its counter-clockwise side).
    """

    ray: Ids
    t: npt.NDArray[np.float64]
    triangle: Ids
    surface: Ids
    entering: npt.NDArray[np.bool_]

    def take(self, rows: npt.NDArray[Any]) -> Hits:
        """Pick hits by index or mask."""
        return Hits(self.ray[rows], self.t[rows], self.triangle[rows], self.surface[rows], self.entering[rows])


class RayCaster:
    """A scene ready for casting; build once, cast every view. Safe to use from several threads.

    Parameters
    ----------
    geometry : SceneGeometry
    like : RayCaster, optional
        Of a scene of which this one is a part: coordinates are rounded as there, so rays meet what is left at the same
        triangles.

    Raises
    ------
    MissingExtraError
        If embreex is not installed.
    """

    def __init__(self, geometry: SceneGeometry, like: RayCaster | None = None) -> None:
        self.geometry = geometry
        self.planes = Planes(geometry.vertices, geometry.triangles)
        surfaces = geometry.surfaces
        self.is_opaque = np.array([s.surface_class == SurfaceClass.OPAQUE for s in surfaces], dtype=np.bool_)
        self.is_closed = np.array([s.closed for s in surfaces], dtype=np.bool_)
        solid = self.planes.area2 > 0
        opaque = self.is_opaque[geometry.triangle_surface]
        self.opaque_ids = np.flatnonzero(opaque & solid).astype(np.int32)
        self.see_through_ids = np.flatnonzero(~opaque & solid).astype(np.int32)
        some = self.see_through_ids if len(self.see_through_ids) else self.opaque_ids
        used = geometry.vertices[np.unique(geometry.triangles[some])]
        # numbers near zero have the finest float32 grid: put zero amid what is stepped through
        self.origin = np.median(used, axis=0) if len(used) else np.zeros(3)
        self.extent_m = float(np.abs(used - self.origin).max()) if len(used) else 1.0
        if like is not None:
            self.origin, self.extent_m = like.origin, like.extent_m
        self.opaque = self._bvh(self.opaque_ids)
        self.colour = self._colour_see_through()
        n_colours = int(self.colour.max(initial=-1)) + 1
        self.see_through_by_colour = [self._bvh(self.see_through_ids[self.colour == c]) for c in range(n_colours)]
        self.see_through = self.see_through_by_colour[0] if n_colours == 1 else self._bvh(self.see_through_ids)
        self.ior = np.array([s.ior for s in surfaces], dtype=np.float64)
        self.refracts = self.is_closed & ~self.is_opaque & (self.ior > 1.0)
        bends = self.refracts[geometry.triangle_surface[self.see_through_ids]]
        self.refracting_by_colour = [
            self.see_through_by_colour[c] if bends[self.colour == c].all() else self._bvh(ids)
            for c in range(n_colours)
            if len(ids := self.see_through_ids[bends & (self.colour == c)])
        ]
        layers = overlapping_coplanar(
            self.planes, geometry.triangle_surface, self.opaque_ids, self.step_m(self.origin[None])
        )
        self._coincident = [self._bvh(ids) for ids in layers]
        self._may_coincide = np.zeros(len(geometry.triangles), dtype=np.bool_)
        for ids in layers:
            self._may_coincide[ids] = True

    def _bvh(self, ids: Ids) -> Bvh:
        return Bvh(self.geometry.vertices, self.geometry.triangles, ids, self.origin)

    def _colour_see_through(self) -> Ids:
        """Colours of the see-through triangles such that parts of one colour do not touch."""
        ids = self.see_through_ids
        if not len(ids):
            return np.zeros(0, dtype=np.int32)
        part = parts(self.geometry.triangles, self.geometry.triangle_surface, ids)
        low, high = boxes(self.geometry.vertices, self.geometry.triangles[ids], part)
        return colours(low, high, 4 * max(self.extent_m * STEP_PER_M, COINCIDENT_M))[part]

    def step_m(self, origins: Float) -> float:
        """Distance by which a ray from these origins (N, 3) is moved past a face, metres."""
        reach = max(self.extent_m, float(np.abs(np.asarray(origins) - self.origin).max(initial=0.0)))
        return max(reach * STEP_PER_M, COINCIDENT_M)

    def first_opaque(self, origins: Float, directions: Float) -> tuple[Ids, Float, npt.NDArray[np.bool_]]:
        """Return (triangle, t, front) of the nearest opaque face of each ray; triangle -1 and t +inf where there is none."""
        triangle = self.opaque.nearest(np.broadcast_to(origins, directions.shape), directions)
        t, front = np.full(len(directions), np.inf), np.zeros(len(directions), dtype=np.bool_)
        hit = np.flatnonzero(triangle >= 0)
        t[hit], front[hit] = self.planes.meet(triangle[hit], _rows(origins, hit), directions[hit])
        self._settle_coincident(origins, directions, triangle, t, front)
        return triangle, t, front

    def _settle_coincident(
        self, origins: Float, directions: Float, triangle: Ids, t: Float, front: npt.NDArray[np.bool_]
    ) -> None:
        """Put the smallest surface number where several opaque faces coincide; changes the last three arrays."""
        if not self._coincident:
            return
        rays = np.flatnonzero((triangle >= 0) & self._may_coincide[triangle])
        start, heading = np.broadcast_to(origins, directions.shape)[rays], directions[rays]
        length = np.linalg.norm(heading, axis=1)
        step = self.step_m(start) / length
        surface = self.geometry.triangle_surface
        for layer in self._coincident:
            other = layer.nearest(start + (t[rays] - step)[:, None] * heading, heading, 2 * step)
            found = np.flatnonzero(other >= 0)
            other_t, other_front = self.planes.meet(other[found], start[found], heading[found])
            row = rays[found]
            better = (np.abs(other_t - t[row]) * length[found] <= COINCIDENT_M) & (
                surface[other[found]] < surface[triangle[row]]
            )
            row = row[better]
            triangle[row], t[row], front[row] = other[found][better], other_t[better], other_front[better]

    def cast(self, origins: Float, directions: Float) -> Hits:
        """List every crossing up to and including the first opaque surface.

        Parameters
        ----------
        origins : float64 (3,) or (N, 3)
            World frame, metres.
        directions : float64 (N, 3)
            Need not be unit; hit parameters are in units of their length.

        Returns
        -------
        Hits
            Exactly coincident faces in the order of the module's rule; a face of one surface counts once, also where the
            ray passes through an edge of several of its triangles.
        """
        triangle, t, front = self.first_opaque(origins, directions)
        length = np.linalg.norm(directions, axis=1)
        reach = t + 2 * COINCIDENT_M / length
        crossing = self.see_through.any_hit(np.broadcast_to(origins, directions.shape), directions, reach)
        opaque_only = self._hits(*_opaque_columns(np.flatnonzero((triangle >= 0) & ~crossing), t, triangle, front))
        rays = np.flatnonzero(crossing)
        if not len(rays):
            return opaque_only
        found = [_opaque_columns(np.flatnonzero((triangle >= 0) & crossing), t, triangle, front)]
        for bvh in self.see_through_by_colour:
            found += [
                (rays[row], *rest)
                for row, *rest in self._step_through(
                    bvh, _rows(origins, rays), directions[rays], reach[rays], length[rays]
                )
            ]
        layered = self._in_order(self._hits(*(np.concatenate(c) for c in zip(*found, strict=True))), length)
        both = self._hits(
            *(
                np.concatenate([getattr(opaque_only, name), getattr(layered, name)])
                for name in ("ray", "t", "triangle", "entering")
            )
        )
        return both.take(np.argsort(both.ray, kind="stable"))

    def _hits(self, ray: Ids, t: Float, triangle: Ids, entering: npt.NDArray[np.bool_]) -> Hits:
        return Hits(ray.astype(np.int32), t, triangle, self.geometry.triangle_surface[triangle], entering)

    def _step_through(self, bvh: Bvh, origins: Float, directions: Float, reach: Float, length: Float) -> list[Any]:
        """Every crossing of one hierarchy's faces, as tuples of columns (row, t, triangle, entering) per round."""
        surface = self.geometry.triangle_surface
        rows = np.arange(len(directions))
        least = self.step_m(origins) / length if len(rows) else length
        start, step = np.zeros(len(rows)), least.copy()
        last = np.full(len(rows), -1, dtype=np.int32)
        last_entering = np.zeros(len(rows), dtype=np.bool_)
        found: list[Any] = []
        for _ in range(MOST_CROSSINGS):
            o, d = _rows(origins, rows), directions[rows]
            triangle = bvh.nearest(o + start[rows, None] * d, d, reach[rows] - start[rows])
            hit = triangle >= 0
            rows, triangle, d = rows[hit], triangle[hit], d[hit]
            if not len(rows):
                break
            t, entering = self.planes.meet(triangle, _rows(origins, rows), d)
            before = last[rows]
            # float32 may show the face just passed again, or its neighbour across a shared edge, at or behind the start
            again = (triangle == before) | (
                (before >= 0)
                & (surface[triangle] == surface[before])
                & (entering == last_entering[rows])
                & (t <= start[rows])
            )
            fresh = ~again
            found.append((rows[fresh], t[fresh], triangle[fresh], entering[fresh]))
            step[rows] = np.where(again, 2 * step[rows], least[rows])
            start[rows] = np.maximum(np.where(again, start[rows], t), start[rows]) + step[rows]
            last[rows], last_entering[rows] = triangle, entering
        return found

    def _in_order(self, hits: Hits, length: Float) -> Hits:
        """Sort by ray and depth, coincident hits by the module's rule, and cut after the first opaque one."""
        hits = hits.take(np.lexsort((hits.t, hits.ray)))
        apart = np.diff(hits.t, prepend=-np.inf) * length[hits.ray] > COINCIDENT_M
        begins = apart | (np.diff(hits.ray, prepend=-1) != 0)
        shared = np.flatnonzero(~begins | ~np.append(begins[1:], True))
        if len(shared):
            place, surface = np.cumsum(begins)[shared], hits.surface[shared]
            leaves = self.is_closed[surface] & ~hits.entering[shared]
            rank = np.where(self.is_opaque[surface], 1, np.where(leaves, 0, 2))
            order = np.arange(len(hits.ray))
            order[shared] = shared[np.lexsort((hits.triangle[shared], surface, rank, place))]
            # the depths stay sorted; within a place only the identities change order
            hits = Hits(hits.ray, hits.t, hits.triangle[order], hits.surface[order], hits.entering[order])
        opaque = self.is_opaque[hits.surface]
        first = np.flatnonzero(np.diff(hits.ray, prepend=-1))
        ended = np.cumsum(opaque) - opaque  # opaque hits before each hit
        before_ray = np.repeat(ended[first], np.diff(np.append(first, len(opaque))))
        return hits.take(ended == before_ray)


def _rows(origins: Float, rows: npt.NDArray[Any]) -> Float:
    """Origins of some rays, where all rays may share one origin (3,)."""
    return origins if origins.ndim == 1 else origins[rows]


def _opaque_columns(
    rays: npt.NDArray[Any], t: Float, triangle: Ids, front: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[Any], ...]:
    """Columns (ray, t, triangle, entering) of the opaque hits of some rays."""
    return rays, t[rays], triangle[rays], front[rays]
