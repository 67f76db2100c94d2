# SPDX-License-Identifier: Apache-2.0
"""DTU's two evaluation programs, written plainly: every step as they take it, slowly, with distances by brute force."""

from __future__ import annotations

import numpy as np

from depthbench.formats.dtu_observed import Observed


def thin(points: np.ndarray, spacing: float) -> np.ndarray:
    """Visit points in their order; each that is still there deletes all within the spacing but itself."""
    here = np.ones(len(points), dtype=bool)
    for number, point in enumerate(points):
        if here[number]:
            here[((points - point) ** 2).sum(axis=1) <= spacing * spacing] = False
            here[number] = True
    return here


def nearest(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Distance of every point to the nearest other."""
    squares = ((points[:, None, :] - others[None, :, :]) ** 2).sum(axis=-1)
    return np.sqrt(squares.min(axis=1)) if len(others) else np.full(len(points), np.inf)


def evaluate_matlab(data: np.ndarray, stl: np.ndarray, observed: Observed) -> dict[str, float]:
    """Cells of 60 mm with a default distance of 60, 1-based voxels rounded half away from zero."""
    low, high = observed.box_mm

    def max_dist_cp(to: np.ndarray, from_: np.ndarray) -> np.ndarray:
        dist = np.full(len(from_), 60.0)
        cells = np.floor((high - low) / 60).astype(int)
        for cell in np.ndindex(*(cells + 1)):
            start = low + np.array(cell) * 60
            inside = ((from_ >= start) & (from_ < start + 60)).all(axis=1)
            about = to[((to >= start - 60) & (to < start + 120)).all(axis=1)]
            if inside.any() and len(about):
                dist[inside] = nearest(from_[inside], about)
        return dist

    data_dist, stl_dist = max_dist_cp(stl, data), max_dist_cp(data, stl)
    counted = np.zeros(len(data), dtype=bool)
    for number, point in enumerate(data):
        voxel = [int(np.floor((c - lo) / observed.resolution_mm + 1 + 0.5)) for c, lo in zip(point, low, strict=True)]
        if all(1 <= v <= size for v, size in zip(voxel, observed.mask.shape, strict=True)):
            counted[number] = observed.mask[tuple(v - 1 for v in voxel)]
    above = np.array([observed.plane @ [*point, 1] > 0 for point in stl])
    return _summary(data_dist[counted], stl_dist[above])


def evaluate_dtueval(data: np.ndarray, stl: np.ndarray, observed: Observed) -> dict[str, float]:
    """A widened box in float32, voxels rounded half to even."""
    box = observed.box_mm.astype(np.float32)
    data = data[((data >= box[:1] - 60) & (data < box[1:] + 120)).sum(axis=-1) == 3]
    grid = np.around((data - box[:1]) / observed.resolution_mm).astype(np.int32)
    inside = ((grid >= 0) & (grid < np.array(observed.mask.shape))).sum(axis=-1) == 3
    counted = data[inside][[bool(observed.mask[tuple(voxel)]) for voxel in grid[inside]]]
    above = stl[[observed.plane @ [*point, 1] > 0 for point in stl]]
    return _summary(nearest(counted, stl), nearest(above, data))


def _summary(data_dist: np.ndarray, stl_dist: np.ndarray) -> dict[str, float]:
    summary = {}
    for name, dist in (("acc", data_dist), ("comp", stl_dist)):
        near = dist[dist < 20]
        summary |= {name: near.mean(), f"{name}_median": np.median(near), f"{name}_kept": 100 * len(near) / len(dist)}
        summary[f"{name}_clamped"] = np.minimum(dist, 20).mean()
    return summary
