# SPDX-License-Identifier: Apache-2.0
"""Which planes to sweep: even steps of inverse depth, about a pixel apart in the source views."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
FEWEST, MOST = 16, 256


def pixels_between(carried: Floats, size: tuple[int, int], nearest: float, farthest: float) -> float:
    """Return how far pixels of a view (width, height) travel in a source as their depth goes over the range, the median of a grid.

    ``carried`` is what :func:`depthbench.fusion.consistency.carry` gives. NaN where no pixel stays before the source.
    """
    x, y = (axis.ravel() for axis in np.meshgrid(*(np.linspace(0, end - 1, 9) for end in size)))
    rays = carried[:, :3] @ np.stack([x, y, np.ones_like(x)])
    ends = [rays + carried[:, 3:] / depth for depth in (nearest, farthest)]
    before = (ends[0][2] > 0) & (ends[1][2] > 0)
    travelled = [end[:2, before] / end[2, before] for end in ends]
    return float(np.median(np.linalg.norm(travelled[0] - travelled[1], axis=0))) if before.any() else np.nan


def inverse_depths(
    carried: Sequence[Floats], size: tuple[int, int], nearest: float, farthest: float, count: int = 0
) -> Floats:
    """Return the planes' inverse depths, far to near: ``count`` of them, or (0) so many that the middle source sees pixel steps."""
    if not count:
        travelled = [pixels_between(matrix, size, nearest, farthest) for matrix in carried]
        known = [pixels for pixels in travelled if np.isfinite(pixels)]
        count = int(np.clip(np.ceil(np.median(known)) + 1 if known else FEWEST, FEWEST, MOST))
    steps: Floats = np.linspace(1 / farthest, 1 / nearest, count)
    return steps
