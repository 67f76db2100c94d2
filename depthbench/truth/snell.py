# SPDX-License-Identifier: Apache-2.0
"""Follow refracted rays through solid glass to the first opaque point.

Rays refract by Snell's law at every face of a closed surface with ior > 1, each against air, about the interpolated
shading normal (the geometric one where the interpolated one would send the ray to the wrong side), as Cycles does.
Beyond the critical angle they reflect, and are followed. Of a partly reflecting face only the refracted ray is followed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.truth.bvh import Bvh
from depthbench.truth.cast import COINCIDENT_M, RayCaster

Float = npt.NDArray[np.floating[Any]]
Ids = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

MOST_FACES = 24
"""Refracting faces that a ray is followed through, internal reflections included."""

STEP_AGAIN = 16.0
"""A ray that float32 shows the face it just left is moved on by this many steps."""


def trace(caster: RayCaster, origins: Float, directions: Float) -> npt.NDArray[np.float64]:
    """Return the opaque point that each refracted ray ends at, world frame.

    Parameters
    ----------
    caster : RayCaster
    origins : float64 (3,) or (N, 3)
        In air.
    directions : float64 (N, 3)

    Returns
    -------
    float64 (N, 3)
        NaN where the ray ends in the sky or meets more than MOST_FACES refracting faces.
    """
    seen = np.full(directions.shape, np.nan)
    rows = np.arange(len(directions))
    at = np.array(np.broadcast_to(origins, directions.shape), dtype=np.float64)
    heading = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    bvhs = caster.refracting_by_colour
    last = np.full((len(bvhs), len(rows)), -1, dtype=np.int32)
    last_entering = np.zeros(last.shape, dtype=np.bool_)
    start = 0.0
    for _ in range(MOST_FACES + 1):
        if not len(rows):
            break
        faces = [_meet(caster, bvh, at, heading, start, last[k], last_entering[k]) for k, bvh in enumerate(bvhs)]
        nearest = np.min([t for _, t, _ in faces], axis=0, initial=np.inf)
        opaque = caster.opaque.nearest(at + start * heading, heading, nearest + COINCIDENT_M)
        opaque_t = np.full(len(rows), np.inf)
        met = np.flatnonzero(opaque >= 0)
        opaque_t[met], _ = caster.planes.meet(opaque[met], at[met], heading[met])
        ends = np.isfinite(opaque_t) & (opaque_t <= nearest + COINCIDENT_M)
        seen[rows[ends]] = at[ends] + opaque_t[ends, None] * heading[ends]
        goes_on = ~ends & np.isfinite(nearest)
        at[goes_on] += nearest[goes_on, None] * heading[goes_on]
        crossed = [goes_on & (t <= nearest + COINCIDENT_M) for _, t, _ in faces]
        for leaving in (True, False):
            # of coincident faces the one that the ray leaves by comes first
            for (triangle, _, entering), here in zip(faces, crossed, strict=True):
                now = here & (entering != leaving)
                heading[now] = _bend(caster, triangle[now], at[now], heading[now], entering[now])
        last = np.array([np.where(here, f[0], -1)[goes_on] for f, here in zip(faces, crossed, strict=True)])
        last_entering = np.array([entering[goes_on] for _, _, entering in faces])
        rows, at, heading = rows[goes_on], at[goes_on], heading[goes_on]
        start = caster.step_m(at)
    return seen


def _meet(
    caster: RayCaster, bvh: Bvh, at: Float, heading: Float, start: float, last: Ids, last_entering: Bools
) -> tuple[Ids, Float, Bools]:
    """(triangle, t, entering) of the next face of one hierarchy, other than the one just left; t +inf where none."""
    surface = caster.geometry.triangle_surface
    triangle = np.full(len(at), -1, dtype=np.int32)
    t, entering = np.full(len(at), np.inf), np.zeros(len(at), dtype=np.bool_)
    rows = np.arange(len(at))
    for step in (start, STEP_AGAIN * start):
        triangle[rows] = bvh.nearest(at[rows] + step * heading[rows], heading[rows])
        hit = rows[triangle[rows] >= 0]
        t[rows] = np.inf
        t[hit], entering[hit] = caster.planes.meet(triangle[hit], at[hit], heading[hit])
        before, now = last[hit], triangle[hit]
        again = (now == before) | (
            (before >= 0) & (surface[now] == surface[before]) & (entering[hit] == last_entering[hit]) & (t[hit] <= step)
        )
        rows = hit[again]
        if not len(rows):
            break
    t[rows] = np.inf
    return triangle, t, entering


def _bend(caster: RayCaster, triangle: Ids, points: Float, heading: Float, entering: Bools) -> Float:
    """Directions after the face: refracted, or reflected inside where refraction is impossible."""
    side = np.where(entering, 1.0, -1.0)[:, None]
    flat = caster.planes.normals[triangle] * side
    smooth = shading_normals(caster, triangle, points) * side
    index = caster.ior[caster.geometry.triangle_surface[triangle]]
    ratio = np.where(entering, 1.0 / index, index)
    out, valid = bend_about(smooth, flat, heading, ratio)
    if not valid.all():
        out[~valid], _ = bend_about(flat[~valid], flat[~valid], heading[~valid], ratio[~valid])
    return out


def shading_normals(caster: RayCaster, triangle: Ids, points: Float) -> Float:
    """Unit normals interpolated from the triangles' corners at points (N, 3) on them, float64 (N, 3)."""
    geometry = caster.geometry
    a, b, c = np.moveaxis(geometry.vertices[geometry.triangles[triangle]], 1, 0)
    normal, area2 = caster.planes.normals[triangle], caster.planes.area2[triangle]
    share_b = np.einsum("ij,ij->i", np.cross(points - a, c - a), normal) / area2
    share_c = np.einsum("ij,ij->i", np.cross(b - a, points - a), normal) / area2
    shares = np.clip(np.stack([1 - share_b - share_c, share_b, share_c], axis=1), 0.0, 1.0)
    smooth = np.einsum("ni,nij->nj", shares, geometry.corner_normals[triangle].astype(np.float64))
    length = np.linalg.norm(smooth, axis=1, keepdims=True)
    return np.where(length > 0, smooth / np.where(length > 0, length, 1.0), normal)


def bend_about(normal: Float, flat: Float, heading: Float, ratio: Float) -> tuple[Float, Bools]:
    """Snell's law, or reflection beyond the critical angle; also whether the result is on the right side of the face."""
    cos_in = -np.einsum("ij,ij->i", normal, heading)
    under = 1.0 - ratio**2 * (1.0 - cos_in**2)
    reflects = under < 0
    refracted = ratio[:, None] * heading + (ratio * cos_in - np.sqrt(np.maximum(under, 0.0)))[:, None] * normal
    reflected = heading + 2 * cos_in[:, None] * normal
    out = np.where(reflects[:, None], reflected, refracted)
    beyond = np.einsum("ij,ij->i", out, flat)
    return out, (cos_in > 0) & np.where(reflects, beyond > 0, beyond < 0)
