# SPDX-License-Identifier: Apache-2.0
"""Membership targets and costs of matching written out as their formulas read, one instance and one pixel set at a time."""

from __future__ import annotations

from typing import Any

import numpy as np


def literal_membership(ids: Any, depth_m: Any, fuzziness: float = 2.0) -> tuple[list[int], list[float], Any]:
    """Instances with depth, their lower medians, and G (M, H, W) in float64: NaN where the formula divides by zero."""
    valid = np.isfinite(depth_m) & (depth_m > 0)
    names = [int(i) for i in np.unique(ids) if i and (valid & (ids == i)).any()]
    centroids = []
    for i in names:
        there = sorted(depth_m[valid & (ids == i)].tolist())
        centroids.append(there[(len(there) - 1) // 2])
    power = 2 / (fuzziness - 1)
    matrix = np.zeros((len(names), *ids.shape))
    x = depth_m.astype(np.float64)
    with np.errstate(all="ignore"):
        for row, i in enumerate(names):
            below = np.zeros(ids.shape)
            for centroid in centroids:
                below += np.abs(x - centroid) ** -power
            share = np.abs(x - centroids[row]) ** -power / below
            matrix[row] = np.where(valid & (ids == i), share, 0)
    return names, centroids, matrix


def literal_costs(clusters: Any, instances: Any, least: float = 1e-6) -> Any:
    """Cross-entropy of every pair of rows divided by their norms, (N, M)."""
    costs = np.zeros((len(clusters), len(instances)))
    for n, cluster in enumerate(clusters):
        a = np.clip(cluster / np.sqrt((cluster**2).sum()), least, 1 - least)
        for m, instance in enumerate(instances):
            g = instance / np.sqrt((instance**2).sum())
            costs[n, m] = -(g * np.log(a) + (1 - g) * np.log(1 - a)).sum()
    return costs


def commonest_by_hand(row: Any, depth_m: Any, stride: int) -> tuple[Any, Any]:
    """Per cell the commonest row among pixels with depth (lower row where equally common), and its mean depth (NaN: none)."""
    height, width = (-(-size // stride) for size in row.shape)
    rows, depths = np.full((height, width), -1), np.full((height, width), np.nan)
    for y in range(height):
        for x in range(width):
            part = np.s_[y * stride : (y + 1) * stride, x * stride : (x + 1) * stride]
            r, d = row[part], depth_m[part]
            there = np.isfinite(d) & (d > 0)
            if there.any():
                names, counts = np.unique(r[there], return_counts=True)
                rows[y, x] = names[counts.argmax()]
                depths[y, x] = d[there & (r == rows[y, x])].mean(dtype=np.float64)
    return rows, depths
