# SPDX-License-Identifier: Apache-2.0
"""Disparity metrics: the error is computed once per pixel set (:func:`pixel_errors`), every metric from it.

A pixel set is *what counts*: pixels of known truth in one region. Within it a pixel is *estimated* or a *hole*. Each
metric's docstring says its unit, its denominator and what an empty set gives. Sources: Middlebury SDK v3 ``evaldisp``,
ETH3D ``ETH3DTwoViewEvaluation``, KITTI 2015 ``evaluate_scene_flow``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from depthbench.benchmarks.metrics.kernels import kernels
from depthbench.benchmarks.metrics.tally import Tally

Denominator = Literal["truth", "estimated"]
NAN = float("nan")


@dataclass(frozen=True)
class PixelErrors:
    """The absolute errors of one pixel set.

    Attributes
    ----------
    abs_px : float32, (H, W) or any other shape that all arrays share
        |prediction - truth| in pixels; anything where a pixel is not ``used``. It may be NaN at a used pixel only where a
        protocol lets a NaN prediction pass as an estimate.
    truth_px : float32 (H, W)
        True disparity in pixels, NaN = unknown.
    used : bool (H, W)
        Pixels that count and are estimated.
    truth_count : int
        Pixels that count, holes included.
    """

    abs_px: npt.NDArray[np.float32]
    truth_px: npt.NDArray[np.float32]
    used: npt.NDArray[np.bool_]
    truth_count: int

    @cached_property
    def tally(self) -> Tally:
        """Sums, counts and ranks of the used errors."""
        return Tally(self.abs_px, self.used)

    @property
    def estimated_count(self) -> int:
        """Pixels that count and are estimated."""
        return self.tally.count


def pixel_errors(
    abs_px: npt.NDArray[np.float32],
    truth_px: npt.NDArray[np.float32],
    counts: npt.NDArray[np.bool_],
    estimated: npt.NDArray[np.bool_] | None = None,
) -> PixelErrors:
    """Confine an error map to one pixel set.

    Parameters
    ----------
    abs_px : float32 (H, W)
        |prediction - truth|; may hold anything where the pixel does not count or is a hole.
    truth_px : float32 (H, W)
        True disparity.
    counts : bool (H, W)
        Pixels of the set.
    estimated : bool (H, W) or None
        Pixels that are no holes; None = all of them.
    """
    used = counts if estimated is None else counts & estimated
    return PixelErrors(abs_px, truth_px, used, int(np.count_nonzero(counts)))


def end_point_error(errors: PixelErrors) -> float:
    """Mean absolute error in pixels over the estimated pixels; NaN when there is none."""
    if errors.estimated_count == 0:
        return NAN
    return errors.tally.total / errors.estimated_count


def rmse(errors: PixelErrors) -> float:
    """Root of the mean squared error in pixels over the estimated pixels; NaN when there is none."""
    if errors.estimated_count == 0:
        return NAN
    return math.sqrt(errors.tally.total_of_squares / errors.estimated_count)


def bad(errors: PixelErrors, threshold_px: float, denominator: Denominator = "truth") -> float:
    """Per cent of estimated pixels whose error is strictly greater than a threshold in pixels.

    Divided by all pixels that count (``truth``, Middlebury: holes lower it) or by the estimated ones (``estimated``,
    ETH3D). NaN when no pixel counts; 100 when pixels count, none is estimated and the denominator is ``estimated`` (ETH3D).
    """
    if errors.truth_count == 0:
        return NAN
    if denominator == "estimated" and errors.estimated_count == 0:
        return 100.0
    divisor = errors.truth_count if denominator == "truth" else errors.estimated_count
    return 100.0 * errors.tally.count_above(threshold_px) / divisor


def total_bad(errors: PixelErrors, threshold_px: float) -> float:
    """Per cent of the pixels that count which are wrong by more than the threshold or holes (Middlebury's ``totbad``)."""
    return bad(errors, threshold_px, "truth") + holes(errors)


def d1(errors: PixelErrors, denominator: Denominator = "truth") -> float:
    """KITTI's D1: per cent of pixels wrong by more than 3 px *and* more than 5 % of the truth; denominators as :func:`bad`."""
    if errors.truth_count == 0:
        return NAN
    if denominator == "estimated" and errors.estimated_count == 0:
        return 100.0
    outliers = _count_outliers(errors, 3.0, 0.05)
    return 100.0 * outliers / (errors.truth_count if denominator == "truth" else errors.estimated_count)


def _count_outliers(errors: PixelErrors, least_px: float, least_share: float) -> int:
    """Count used pixels with an error above ``least_px`` and above a share of the truth."""
    if fast := kernels():
        maps = [np.ascontiguousarray(array).reshape(-1) for array in (errors.abs_px, errors.truth_px, errors.used)]
        return int(fast.count_outliers(*maps, np.float32(least_px), least_share))
    far = np.flatnonzero((errors.abs_px > least_px) & errors.used)
    with np.errstate(divide="ignore"):
        share = errors.abs_px.ravel()[far].astype(np.float64) / np.abs(errors.truth_px.ravel()[far])
    return int(np.count_nonzero(share > least_share))


def error_quantiles(errors: PixelErrors, per_cent: Sequence[int]) -> list[float]:
    """A50, A90, ...: ``sorted(errors)[floor(n * q)]`` in pixels over the n estimated pixels (ETH3D's rule, no interpolation).

    NaN when no pixel is estimated, or when a NaN passed as an estimate.
    """
    n = errors.estimated_count
    if n == 0 or math.isnan(end_point_error(errors)):
        return [NAN] * len(per_cent)
    return errors.tally.at([min(n * q // 100, n - 1) for q in per_cent])


def coverage(errors: PixelErrors) -> float:
    """Per cent of the pixels that count which are estimated; NaN when no pixel counts."""
    return 100.0 * errors.estimated_count / errors.truth_count if errors.truth_count else NAN


def holes(errors: PixelErrors) -> float:
    """Per cent of the pixels that count which are holes (Middlebury's ``invalid``); NaN when no pixel counts."""
    return 100.0 * (errors.truth_count - errors.estimated_count) / errors.truth_count if errors.truth_count else NAN
