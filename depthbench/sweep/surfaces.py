# SPDX-License-Identifier: Apache-2.0
"""Which of the answers for many c are separate surfaces.

Along a pixel's ray the answers are sorted front to back. From the nearest on, those within the tolerance of the first one are
one surface, at their mean; the next farther one begins another. An answer on which fewer than an eighth of the values of c
agree is the way from one surface to the next, and dropped; those for the two ends of c lead nowhere, and stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

TRANSITION_SHARE = 1 / 8


@dataclass(frozen=True)
class Surfaces:
    """Surfaces front to back; K is the largest number along any ray (0 where there are none at all).

    Attributes
    ----------
    disp_px : float32 (K, H, W)
        Mean of the answers, NaN after the last surface.
    c : float32 (K, H, W)
        Mean of the values that ask for it, NaN after the last.
    """

    disp_px: npt.NDArray[np.float32]
    c: npt.NDArray[np.float32]

    @property
    def count(self) -> npt.NDArray[np.intp]:
        """Surfaces per pixel, (H, W)."""
        count: npt.NDArray[np.intp] = np.isfinite(self.disp_px).sum(axis=0)
        return count


def fuse(disp_px: npt.NDArray[np.float32], values: Sequence[float], tolerance_px: float) -> Surfaces:
    """Merge answers that are closer than ``tolerance_px``.

    Parameters
    ----------
    disp_px : float32 (n, H, W)
        The answers, in any order; NaN = none.
    values : n numbers
        The c of each.
    tolerance_px : float
        Answers within this of the nearest one of a surface belong to it.
    """
    least = max(1, int(np.ceil(len(values) * TRANSITION_SHARE)))
    # NaN sorts last when negated: front to back, then what is missing
    order = np.argsort(-disp_px, axis=0, kind="stable")
    sorted_px = np.take_along_axis(disp_px, order, axis=0)
    sorted_c = np.asarray(values, dtype=np.float32)[order]
    n, *shape = disp_px.shape
    ends = np.array([min(values), max(values)], dtype=np.float32)
    sums_px, sums_c, members, support = (np.zeros((n, *shape), dtype=np.float64) for _ in range(4))
    surface, start_px = np.full(shape, -1), np.full(shape, np.inf)
    for answer_px, c in zip(sorted_px, sorted_c, strict=True):
        known = np.isfinite(answer_px)
        begins = known & (start_px - answer_px > tolerance_px)
        surface += begins
        start_px = np.where(begins, answer_px, start_px)
        place = np.nonzero(known)
        into = (surface[place], *place)
        sums_px[into] += answer_px[place]
        sums_c[into] += c[place]
        members[into] += 1
        support[into] += np.where(np.isin(c[place], ends), least, 1)
    kept = support >= least
    with np.errstate(invalid="ignore"):
        found = [np.where(kept, sums / members, np.nan).astype(np.float32) for sums in (sums_px, sums_c)]
    # close the gaps that dropped answers leave: kept ones first, in their order
    forward = np.argsort(~kept, axis=0, kind="stable")
    deepest = int(kept.sum(axis=0).max(initial=0))
    packed = [np.take_along_axis(one, forward, axis=0)[:deepest] for one in found]
    return Surfaces(*packed)
