# SPDX-License-Identifier: Apache-2.0
"""Semi-global smoothing (Hirschmueller, PAMI 2008): costs summed along eight straight paths, on which changing plane costs something."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from depthbench.baselines.plane_sweep.costs import Grey, Volume
from depthbench.benchmarks.metrics.kernels import kernels

Sums = npt.NDArray[np.uint16]
DIRECTIONS = ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1))
CONTRAST = 0.05
"""Difference of grey between neighbours (0 to 1) at which a jump costs half as much as in an even place."""


def jump_penalties(reference: Grey, step_y: int, step_x: int, small: int, large: int) -> npt.NDArray[np.int32]:
    """Return what a jump to each pixel from the one before it on the path costs: int32 (H, W), less across edges of the picture."""
    before = np.roll(reference, (step_y, step_x), axis=(0, 1))
    penalties: npt.NDArray[np.int32] = (large / (1 + np.abs(reference - before) / CONTRAST)).astype(np.int32)
    return np.maximum(penalties, small)


def semi_global(volume: Volume, reference: Grey, small: int, large: int) -> Sums:
    """Return the sums over the paths: uint16 (H, W, planes).

    Parameters
    ----------
    volume : uint8 (H, W, planes)
    reference : float32 (H, W)
        The picture, whose edges make jumps cheaper.
    small, large : int
        What it costs to go to the next plane, and to one farther away. ``8 (255 + large)`` must stay below 65,536.
    """
    fast = kernels("depthbench.baselines.plane_sweep.compiled")
    total: Sums = np.zeros(volume.shape, np.uint16)
    for step_y, step_x in DIRECTIONS:
        jump = jump_penalties(reference, step_y, step_x, small, large)
        (fast.add_paths if fast else add_paths)(volume, jump, small, step_y, step_x, total)
    return total


def add_paths(volume: Volume, jump: npt.NDArray[np.int32], small: int, step_y: int, step_x: int, total: Sums) -> None:
    """Add the costs along all paths of one direction to ``total``, a row (or column) at a time."""
    if step_y == 0:
        volume, jump, total = volume.swapaxes(0, 1), jump.swapaxes(0, 1), total.swapaxes(0, 1)
        step_y, step_x = step_x, 0
    rows = range(len(volume)) if step_y > 0 else range(len(volume) - 1, -1, -1)
    width = volume.shape[1]
    here = slice(max(step_x, 0), width + min(step_x, 0))
    there = slice(max(-step_x, 0), width + min(-step_x, 0))
    before: npt.NDArray[np.int32] | None = None
    for row in rows:
        path = volume[row].astype(np.int32)
        if before is not None:
            last = before[there]
            least = last.min(axis=1, keepdims=True)
            best = np.minimum(last, least + jump[row, here, None])
            best[:, 1:] = np.minimum(best[:, 1:], last[:, :-1] + small)
            best[:, :-1] = np.minimum(best[:, :-1], last[:, 1:] + small)
            path[here] += best - least
        total[row] += path.astype(np.uint16)
        before = path
