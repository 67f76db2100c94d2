# SPDX-License-Identifier: Apache-2.0
"""Distances of points to the nearest point of another cloud."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from depthbench.benchmarks.metrics.kernels import kernels
from depthbench.benchmarks.metrics.point_order import Floats
from depthbench.processors import usable_cores

_SAMPLES = 2000
_MOST_CANDIDATES = 100
"""Points in reach of one: with more, a tree is faster than a grid."""
_AT_A_TIME = 1 << 16


def nearest_distances(points: Floats, others: Floats, below: float = np.inf) -> Floats:
    """Return the distance of every point to the nearest of the others; infinity where that is ``below`` or more.

    Points float64 (N, 3), others (M, 3), both best in an order that follows space (:func:`.point_order.z_order`). A k-d tree answers;
    where numba is installed a hash grid answers first for the points that have a neighbour near by, with the same
    distances bit for bit.
    """
    if not len(points) or not len(others):
        return np.full(len(points), np.inf)
    tree = cKDTree(others, balanced_tree=False, compact_nodes=False, leafsize=16)
    compiled = kernels("depthbench.benchmarks.metrics.compiled_nearest")
    cell = _cell(points, tree, below) if compiled is not None and len(points) > 10 * _SAMPLES else 0.0
    if not cell:
        return _ask(tree, points, below)
    distances = _ask_grid(compiled, points, others, cell)
    far = np.flatnonzero(distances < 0)
    distances[far] = _ask(tree, points[far], below)
    return distances


def _ask(tree: cKDTree, points: Floats, below: float) -> Floats:
    distances: Floats
    distances, _ = tree.query(points, distance_upper_bound=below, workers=usable_cores())
    return distances


def _cell(points: Floats, tree: cKDTree, below: float) -> float:
    """Return a width of cells within which nine in ten points have their neighbour; 0 where a grid would not pay."""
    some = points[:: len(points) // _SAMPLES]
    distances = np.sort(_ask(tree, some, below))
    cell = 1.1 * float(distances[int(0.9 * len(distances))])
    if not 0 < cell < below:
        return 0.0
    candidates = tree.query_ball_point(some, 1.5 * cell, return_length=True)
    return cell if candidates.mean() < _MOST_CANDIDATES else 0.0


def _ask_grid(compiled: Any, points: Floats, others: Floats, cell: float) -> Floats:
    """Return distances, and -1 where the nearest point is farther than a cell."""
    heads = np.full(1 << max(2 * len(others), 2).bit_length(), -1, dtype=np.int32)
    following = np.empty(len(others), dtype=np.int32)
    compiled.fill(others, cell, heads, following)
    distances = np.empty(len(points))

    def ask(start: int) -> None:
        part = slice(start, start + _AT_A_TIME)
        compiled.near(points[part], others, cell, heads, following, distances[part])

    with ThreadPoolExecutor(usable_cores()) as pool:
        list(pool.map(ask, range(0, len(points), _AT_A_TIME)))
    return distances
