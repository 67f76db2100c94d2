# SPDX-License-Identifier: Apache-2.0
"""Which parts of a scene touch: the sets of see-through parts that one ray may be stepped through without losing a face.

A ray is stepped past a face by a small distance. A face of another part within that distance would be lost, as where two
glass blocks stand face to face. So parts whose bounding boxes come close are kept in different hierarchies, each stepped
through on its own (a greedy colouring of the graph of close boxes), and the hits are merged afterwards.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

Float = npt.NDArray[np.floating[Any]]
Ids = npt.NDArray[np.int32]

MOST_PARTS = 256
"""A surface of more closed pieces than this is kept as one part: a fence of wires, not a case of panes."""


def closed_pieces(triangles: Ids) -> Ids:
    """Label the separate closed pieces of one surface.

    Parameters
    ----------
    triangles : int32 (N, 3)
        Vertex numbers; pieces are connected by shared numbers, not by equal positions.

    Returns
    -------
    int32 (N,)
        0 for everything that is not closed by itself (and for all when there are too many pieces), else 1, 2, ...
    """
    numbers, local = np.unique(triangles, return_inverse=True)
    local = local.reshape(triangles.shape)
    tail, head = local.ravel(), np.roll(local, -1, axis=1).ravel()
    n = len(numbers)
    _, vertex_piece = connected_components(coo_matrix((np.ones(len(tail), np.int8), (tail, head)), (n, n)), False)
    piece = vertex_piece[local[:, 0]]
    edge_piece = np.repeat(piece, 3)
    forward, backward = np.sort(tail * n + head), head * n + tail
    at = np.minimum(np.searchsorted(forward, backward), len(forward) - 1)
    is_open = np.zeros(piece.max() + 1, dtype=np.bool_)
    is_open[edge_piece[forward[at] != backward]] = True
    labels, compact = np.unique(piece[~is_open[piece]], return_inverse=True)
    result = np.zeros(len(triangles), dtype=np.int32)
    if len(labels) <= MOST_PARTS:
        result[~is_open[piece]] = compact.ravel() + 1
    return result


def parts(triangles: Ids, triangle_surface: Ids, ids: Ids) -> Ids:
    """Number the parts among the triangles ``ids``: a surface, or each closed piece of one. int32 (len(ids),), from 0."""
    piece = np.zeros(len(ids), dtype=np.int64)
    surface = triangle_surface[ids]
    for number in np.unique(surface):
        rows = np.flatnonzero(surface == number)
        piece[rows] = closed_pieces(triangles[ids[rows]])
    _, part = np.unique(np.stack([surface.astype(np.int64), piece], axis=1), axis=0, return_inverse=True)
    return part.ravel().astype(np.int32)


def colours(low: Float, high: Float, margin: float) -> Ids:
    """Colour boxes so that two of the same colour are at least ``margin`` apart; greedy, in the given order.

    Parameters
    ----------
    low, high : float64 (N, 3)
        Corners of the boxes.
    margin : float
        Metres.

    Returns
    -------
    int32 (N,)
        Colours from 0.
    """
    colour = np.full(len(low), -1, dtype=np.int32)
    for row in range(len(low)):
        close = ((low[:row] <= high[row] + margin) & (high[:row] >= low[row] - margin)).all(axis=1)
        taken = np.unique(colour[:row][close])
        free = np.flatnonzero(taken != np.arange(len(taken)))
        colour[row] = free[0] if len(free) else len(taken)
    return colour


def boxes(vertices: Float, triangles: Ids, part: Ids) -> tuple[Float, Float]:
    """Bounding boxes (low, high), float64 (P, 3), of the parts 0..P-1 that label the triangles."""
    order = np.argsort(part, kind="stable")
    corners = vertices[triangles[order]]
    starts = np.flatnonzero(np.diff(part[order], prepend=-1))
    if not len(starts):
        return np.zeros((0, 3)), np.zeros((0, 3))
    return np.minimum.reduceat(corners.min(axis=1), starts), np.maximum.reduceat(corners.max(axis=1), starts)
