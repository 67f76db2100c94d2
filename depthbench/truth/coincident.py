# SPDX-License-Identifier: Apache-2.0
"""Opaque faces of different surfaces that lie in one plane and overlap, as a table leg's foot on the floor.

The renderer and Embree show either of them, by chance. The truth has a rule: the surface with the smallest number. The
faces concerned are sorted into layers that do not overlap, so that each layer can be asked on its own.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from depthbench.truth.planes import Planes
from depthbench.truth.touching import boxes, colours

Ids = npt.NDArray[np.int32]

NORMAL_CELL = 1e-3
OFFSET_CELL_M = 1e-4
_SIDE = np.array([0.6180339887, 0.5257311121, 0.5843]) + np.array([1e-3, 7e-3, 3e-3])
_MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5], dtype=np.uint64)


def overlapping_coplanar(planes: Planes, triangle_surface: Ids, ids: Ids, margin_m: float) -> list[Ids]:
    """Find the triangles among ``ids`` that share a plane with an overlapping face of another surface.

    Parameters
    ----------
    planes : Planes
        Of all triangles.
    triangle_surface : int32 (T,)
    ids : int32 (N,)
        The opaque triangles.
    margin_m : float
        Faces farther apart than this do not overlap.

    Returns
    -------
    list of int32 arrays
        Triangle numbers in layers; within a layer no two surfaces overlap in one plane. Empty when nothing coincides.
        Faces are compared by the bounding boxes of a surface's part in a plane, so more may be listed than overlap.
    """
    layers: dict[int, list[Ids]] = {}
    for group in _shared_planes(planes, triangle_surface, ids):
        surface = triangle_surface[group]
        _, part = np.unique(surface, return_inverse=True)
        low, high = boxes(planes.vertices, planes.triangles[group], part.ravel())
        colour = colours(low, high, margin_m)
        if colour.max() == 0:
            continue
        for number in range(int(colour.max()) + 1):
            layers.setdefault(number, []).append(group[colour[part.ravel()] == number])
    return [np.unique(np.concatenate(layers[number])).astype(np.int32) for number in sorted(layers)]


def _shared_planes(planes: Planes, triangle_surface: Ids, ids: Ids) -> list[Ids]:
    """Groups of triangles that lie in one plane, at least two surfaces in each."""
    ids = ids[planes.area2[ids] > 0]
    if not len(ids):
        return []
    side = np.where(planes.normals[ids] @ _SIDE < 0, -1.0, 1.0)
    values = np.concatenate([planes.normals[ids] / NORMAL_CELL, planes.offsets[ids, None] / OFFSET_CELL_M], axis=1)
    values *= side[:, None]
    groups = []
    # a plane on the border of two cells of one grid lies inside a cell of the grid shifted by half a cell
    for shift in (0.0, 0.5):
        cells = np.floor(values + 0.5 + shift).astype(np.int64).astype(np.uint64)
        key = (cells * _MIX).sum(axis=1, dtype=np.uint64)
        order = np.argsort(key, kind="stable")
        starts = np.flatnonzero(np.diff(key[order].astype(np.uint64), prepend=key[order][:1] + np.uint64(1)) != 0)
        surface = triangle_surface[ids[order]]
        mixed = np.minimum.reduceat(surface, starts) != np.maximum.reduceat(surface, starts)
        ends = np.append(starts[1:], len(order))
        groups += [ids[order[a:b]] for a, b in zip(starts[mixed], ends[mixed], strict=True)]
    return groups
