# SPDX-License-Identifier: Apache-2.0
"""Thinning of clouds: of points that lie closer together than a spacing, the first in some order stays.

DTU's evaluation visits the points in an order, and each one that is still there deletes all others within the spacing
(``reducePts_haa`` of its Matlab code, distance <= 0.2 mm). So a point stays if and only if no *kept* point before it lies within the
spacing: whatever computes that gives the same set for the same order. Here it is a hash grid in machine code (extra
``[fast]``), or else rounds over the pairs that a k-d tree finds.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from depthbench.benchmarks.metrics.kernels import kernels
from depthbench.benchmarks.metrics.point_order import Floats, Indices, z_order
from depthbench.processors import usable_cores

Mask = npt.NDArray[np.bool_]

_FIRST_BATCH = 1 << 23
_MOST_PAIRS = 1 << 24
"""Of a batch; more would take gigabytes."""


def thin(points: Floats, spacing: float, order: Indices) -> Mask:
    """Return which points stay.

    Parameters
    ----------
    points : float64 (N, 3)
        Finite.
    spacing : float
        Points at this distance or nearer delete each other; in the points' unit, > 0.
    order : int64 (N,)
        Permutation: which point is visited first, second, ... (:mod:`.point_order`).

    Returns
    -------
    bool (N,)
        In the order of ``points``.
    """
    compiled = kernels("depthbench.benchmarks.metrics.compiled_thinning")
    if compiled is None:
        return _in_rounds(points, spacing, order)
    kept = np.zeros(len(points), dtype=bool)
    heads = np.full(1 << max(2 * len(points), 2).bit_length(), -1, dtype=np.int32)
    compiled.visit(points, order, float(spacing), heads, np.empty(len(points), dtype=np.int32), kept)
    return kept


def _in_rounds(points: Floats, spacing: float, order: Indices) -> Mask:
    """Batches: each loses what lies near the points kept so far, then decides among itself.

    Batches double in size, but none is so large that it has more pairs than memory holds: once the first points of a dense region
    are kept, the rest of it is covered.
    """
    kept = np.zeros(len(points), dtype=bool)
    start = 0
    while start < len(points):
        stop = min(len(points), max(_FIRST_BATCH, 2 * start))
        batch, rank, tree = _batch(points, order[start:stop], kept, spacing)
        while len(rank) > 1 and _pairs_expected(tree, spacing) > _MOST_PAIRS:
            stop = start + (stop - start + 1) // 2
            batch, rank, tree = _batch(points, order[start:stop], kept, spacing)
        pairs = tree.query_pairs(spacing, output_type="ndarray").astype(np.int32)
        kept[batch[rank[_undeleted(pairs, rank)]]] = True
        start = stop
    return kept


def _batch(points: Floats, batch: Indices, kept: Mask, spacing: float) -> tuple[Indices, Indices, cKDTree]:
    """Return a batch, the places in it of the points that no kept one deletes (in an order that follows space), and their tree."""
    rank = z_order(points[batch])
    if kept.any():
        near = _tree(points[kept]).query_ball_point(
            points[batch[rank]], spacing, return_length=True, workers=usable_cores()
        )
        rank = rank[near == 0]
    return batch, rank, _tree(points[batch[rank]])


def _pairs_expected(tree: cKDTree, spacing: float) -> float:
    """Estimate the number of pairs within the spacing from some of the points."""
    some = tree.data[:: max(1, tree.n // 2000)]
    lengths: Indices = tree.query_ball_point(some, spacing, return_length=True)
    return (float(lengths.mean()) - 1) * float(tree.n) / 2


def _tree(points: Floats) -> cKDTree:
    return cKDTree(points, balanced_tree=False, compact_nodes=False)


def _undeleted(pairs: npt.NDArray[np.int32], rank: Indices) -> Mask:
    """Of points with a rank and pairs of them that exclude each other: which stay if they are visited by rank."""
    swapped = rank[pairs[:, 0]] > rank[pairs[:, 1]]
    earlier = np.where(swapped, pairs[:, 1], pairs[:, 0])
    later = np.where(swapped, pairs[:, 0], pairs[:, 1])
    stays = np.ones(len(rank), dtype=bool)
    while len(later):
        contested = np.zeros(len(rank), dtype=bool)
        contested[later] = True
        # whoever has no earlier rival left is sure to stay, and what is later and near goes
        sure = ~contested[earlier]
        stays[later[sure]] = False
        alive = stays[earlier] & stays[later]
        alive &= ~sure
        earlier, later = earlier[alive], later[alive]
    return stays
