# SPDX-License-Identifier: Apache-2.0
"""Which views go with which, and between which depths to look, from the points of a sparse model: MVSNet's rules.

Two views score, summed over the points that both observe, exp(-(angle - 5)^2 / (2 s^2)): the angle in degrees between the rays to the point,
s = 1 up to 5 degrees and 10 above: a wide baseline hurts less than none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

BEST_ANGLE_DEG = 5.0
SIGMA_BELOW_DEG, SIGMA_ABOVE_DEG = 1.0, 10.0


@dataclass(frozen=True)
class SparseView:
    """What selection needs of a view.

    Attributes
    ----------
    world_to_cam : float64 (4, 4)
    seen : int64 (n,)
        Rows of the points that it observes, in the order of the file; a point may come twice.
    """

    world_to_cam: Floats
    seen: Indices


def pair_scores(
    views: Mapping[int, SparseView], points: Floats, count_repeats: bool = False
) -> dict[tuple[int, int], float]:
    """Score every pair of views that share points.

    Parameters
    ----------
    views : mapping
        By id.
    points : float64 (P, 3)
    count_repeats : bool
        A point that the view of the lower id observes k times counts k times, as in MVSNet's own script.

    Returns
    -------
    dict
        (lower id, higher id) -> score.
    """
    ids = np.array(sorted(views))
    centres = np.array([_centre(views[i].world_to_cam) for i in ids])
    observed = [np.unique(views[i].seen, return_counts=True) for i in ids]
    if not any(len(rows) for rows, _ in observed):
        return {}
    # all observations, sorted by point: those of one point lie together
    rows = np.concatenate([rows for rows, _ in observed])
    view = np.repeat(np.arange(len(ids)), [len(rows) for rows, _ in observed])
    repeats = np.concatenate([counts for _, counts in observed]).astype(np.float64)
    order = np.argsort(rows, kind="stable")
    rows, view, repeats = rows[order], view[order], repeats[order]
    rays = centres[view] - points[rows]
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    last = np.searchsorted(rows, rows, side="right")
    totals = np.zeros((len(ids), len(ids)))
    # every observation against the next of its point, then against the one after that, and so on
    first, step = np.arange(len(rows)), 1
    while len(first := first[first + step < last[first]]):
        other = first + step
        step += 1
        angle_deg = np.degrees(np.arccos(np.clip((rays[first] * rays[other]).sum(axis=1), -1, 1)))
        sigma = np.where(angle_deg <= BEST_ANGLE_DEG, SIGMA_BELOW_DEG, SIGMA_ABOVE_DEG)
        weight = np.exp(-((angle_deg - BEST_ANGLE_DEG) ** 2) / (2 * sigma**2))
        if count_repeats:
            weight *= repeats[first]
        place = view[first] * len(ids) + view[other]
        totals += np.bincount(place, weight, minlength=totals.size).reshape(totals.shape)
    low, high = np.nonzero(totals)
    return {(int(ids[a]), int(ids[b])): float(totals[a, b]) for a, b in zip(low, high, strict=True)}


def best_sources(
    ids: list[int], scores: Mapping[tuple[int, int], float], count: int = 10
) -> dict[int, list[tuple[int, float]]]:
    """Return for every view the sources with the highest scores, best first; views that share no point are none."""
    sources: dict[int, list[tuple[int, float]]] = {i: [] for i in ids}
    for (a, b), score in scores.items():
        sources[a].append((b, score))
        sources[b].append((a, score))
    return {i: sorted(found, key=lambda one: (-one[1], one[0]))[:count] for i, found in sources.items()}


def depth_range(view: SparseView, points: Floats, count_repeats: bool = False) -> tuple[float, float]:
    """Return the depths of a view that 1 % and 99 % of its own points lie below.

    Raises
    ------
    DepthbenchError
        If it observes fewer than two points, or they lie behind it.
    """
    rows = view.seen if count_repeats else np.unique(view.seen)
    depths = np.sort(points[rows] @ view.world_to_cam[2, :3] + view.world_to_cam[2, 3])
    if len(depths) < 2:
        raise DepthbenchError(f"a view observes {len(depths)} points, from which no range of depths follows")
    least, most = float(depths[int(0.01 * len(depths))]), float(depths[int(0.99 * len(depths))])
    if not 0 < least < most:
        raise DepthbenchError(f"the points of a view lie between depths {least:g} and {most:g}")
    return least, most


def planes_one_pixel_apart(least: float, most: float, focal_px: float) -> int:
    """Return how many planes of inverse depth lie one pixel apart where they are nearest (MVSNet's rule for ``max_d = 0``)."""
    pixel = least / focal_px
    return max(2, math.ceil((1 / least - 1 / most) / (1 / least - 1 / (least + pixel))))


def _centre(world_to_cam: Floats) -> Floats:
    centre: Floats = -world_to_cam[:3, :3].T @ world_to_cam[:3, 3]
    return centre
