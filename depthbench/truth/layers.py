# SPDX-License-Identifier: Apache-2.0
"""From ray crossings to layers: which crossings count, and which of them the other eye sees.

A closed see-through solid counts where the ray enters it; where it leaves one is dropped, and so is an entry that
coincides with an exit of the same surface (parts that touch are one solid). Open sheets and screens count at every
crossing, the first opaque surface ends the list. Rays that go on into the sky have no layer for it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.camera import StereoRig
from depthbench.layers import MAX_LAYERS, Layers, Visibility
from depthbench.truth.cast import COINCIDENT_M, Hits, RayCaster

Float = npt.NDArray[np.floating[Any]]

SAME_POINT = 4e-6
"""An opaque face met this close before a point, relative to its distance, is the point's own surface."""


def counted(caster: RayCaster, hits: Hits) -> Hits:
    """Keep the crossings that make layers (see the module's text); ``hits`` as from :meth:`RayCaster.cast`."""
    closed = caster.is_closed[hits.surface] & ~caster.is_opaque[hits.surface]
    leaves = closed & ~hits.entering
    keep = ~leaves
    if leaves.any():
        for gap in (1, 2):
            joined = (
                (hits.ray[gap:] == hits.ray[:-gap])
                & (hits.surface[gap:] == hits.surface[:-gap])
                & closed[gap:]
                & (hits.entering[gap:] & ~hits.entering[:-gap])
                & (hits.t[gap:] - hits.t[:-gap] <= COINCIDENT_M)
            )
            keep[gap:] &= ~joined
            keep[:-gap] &= ~joined
    return hits.take(keep)


def layer_numbers(hits: Hits) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_], int]:
    """Place counted hits in at most MAX_LAYERS layers.

    Returns
    -------
    layer : (N,)
        Layer index per hit. Of a longer list the first MAX_LAYERS - 1 and the last one stay.
    keep : bool (N,)
        False for the hits that find no place.
    n_cut : int
        Number of rays that were cut.
    """
    start = np.flatnonzero(np.diff(hits.ray, prepend=-1))
    count = np.diff(np.append(start, len(hits.ray)))
    index = np.arange(len(hits.ray)) - np.repeat(start, count)
    is_last = index == np.repeat(count, count) - 1
    keep = (index < MAX_LAYERS - 1) | is_last
    return np.minimum(index, MAX_LAYERS - 1), keep, int((count > MAX_LAYERS).sum())


def build_layers(
    caster: RayCaster, hits: Hits, rig: StereoRig, cam_to_world: Float, other_cam_to_world: Float
) -> tuple[Layers, int]:
    """Turn the crossings of one eye's pixel rays into layers with their visibility in the other eye.

    Parameters
    ----------
    caster : RayCaster
    hits : Hits
        Of the rays through all pixel centres, row by row, directions with z = 1 in the camera frame.
    rig : StereoRig
    cam_to_world, other_cam_to_world : float64 (4, 4)
        This eye and the other one, OpenCV frames.

    Returns
    -------
    layers : Layers
        Arrays (MAX_LAYERS, H, W).
    n_cut : int
        Pixels that had more surfaces than MAX_LAYERS.
    """
    width, height = rig.intrinsics.width, rig.intrinsics.height
    hits = counted(caster, hits)
    layer, keep, n_cut = layer_numbers(hits)
    hits, layer = hits.take(keep), layer[keep]
    shape = (MAX_LAYERS, height * width)
    disp_px = np.full(shape, np.nan, dtype=np.float32)
    surface_id, surface_class = np.zeros(shape, dtype=np.int32), np.zeros(shape, dtype=np.uint8)
    visibility = np.zeros(shape, dtype=np.uint8)
    where = (layer, hits.ray)
    surfaces = caster.geometry.surfaces
    disp_px[where] = rig.disparity_from_depth(hits.t)
    surface_id[where] = np.array([s.id for s in surfaces], dtype=np.int32)[hits.surface]
    surface_class[where] = np.array([s.surface_class for s in surfaces], dtype=np.uint8)[hits.surface]
    visibility[where] = visible_from(caster, hits, rig, cam_to_world, other_cam_to_world)
    full = (MAX_LAYERS, height, width)
    return (
        Layers(disp_px.reshape(full), surface_id.reshape(full), surface_class.reshape(full), visibility.reshape(full)),
        n_cut,
    )


def visible_from(
    caster: RayCaster, hits: Hits, rig: StereoRig, cam_to_world: Float, other_cam_to_world: Float
) -> npt.NDArray[np.uint8]:
    """Decide :class:`Visibility` of hit points in the other eye by a ray from that eye to each of them, uint8 (N,).

    The nearest opaque face on that ray is compared in float64 with the point itself, so that grazing surfaces do not hide
    themselves. An opaque point seen from one side of its triangle is hidden from an eye on the other side.
    """
    intrinsics = rig.intrinsics
    row, column = np.divmod(hits.ray, intrinsics.width)
    directions_cam = intrinsics.pixel_directions()[row, column]
    points_cam = directions_cam * hits.t[:, None]
    points = points_cam @ cam_to_world[:3, :3].T + cam_to_world[:3, 3]
    other_centre = np.array(other_cam_to_world[:3, 3], dtype=np.float64)
    toward = points - other_centre
    seen_at = intrinsics.project(toward @ other_cam_to_world[:3, :3])
    inside = (
        (seen_at[:, 0] >= -0.5)
        & (seen_at[:, 0] < intrinsics.width - 0.5)
        & (seen_at[:, 1] >= -0.5)
        & (seen_at[:, 1] < intrinsics.height - 0.5)
    )
    visibility = np.full(len(hits.ray), Visibility.OUT_OF_FRAME, dtype=np.uint8)
    normals = caster.planes.normals[hits.triangle[inside]]
    from_here = np.einsum("ij,ij->i", normals, directions_cam[inside] @ cam_to_world[:3, :3].T)
    from_there = np.einsum("ij,ij->i", normals, toward[inside])
    turned_away = caster.is_opaque[hits.surface[inside]] & (from_here * from_there <= 0)
    hidden = turned_away | hides(caster, other_centre, toward[inside], hits.triangle[inside])
    visibility[inside] = np.where(hidden, Visibility.OCCLUDED, Visibility.VISIBLE)
    return visibility


def hides(caster: RayCaster, eye: Float, toward: Float, own_triangle: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Whether an opaque face stands between ``eye`` (3,) and the points ``eye + toward`` (N, 3), bool (N,)."""
    blocker = caster.opaque.nearest(np.broadcast_to(eye, toward.shape), toward, np.ones(len(toward)))
    hidden: npt.NDArray[np.bool_] = (blocker >= 0) & (blocker != own_triangle)
    rows = np.flatnonzero(hidden)
    t, _ = caster.planes.meet(blocker[rows], eye, toward[rows])
    hidden[rows] = t < 1.0 - SAME_POINT
    return hidden
