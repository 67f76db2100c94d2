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
from depthbench.benchmarks.metrics.tally import NOWHERE, Tally

Denominator = Literal["truth", "estimated"]
NAN = float("nan")


@dataclass(frozen=True)
class PixelErrors:
    """The errors of one pixel set.

    Attributes
    ----------
    error_px : float32, (H, W) or any other shape that all arrays share
        Map of errors in pixels, see :mod:`.error_map`: holes and unknown pixels are told in it.
    truth_px : float32 (H, W)
        True disparity in pixels.
    among : bool (H, W) or None
        The region; None = everywhere.
    """

    error_px: npt.NDArray[np.float32]
    truth_px: npt.NDArray[np.float32]
    among: npt.NDArray[np.bool_] | None = None

    @cached_property
    def tally(self) -> Tally:
        """Counts, sums and ranks of the errors."""
        return Tally(self.error_px, self.among)

    @property
    def truth_count(self) -> int:
        """Pixels that count, holes included."""
        return self.tally.known

    @property
    def estimated_count(self) -> int:
        """Pixels that count and are estimated."""
        return self.tally.count


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
    """Count pixels with an error above ``least_px`` and above a share of the truth."""
    if fast := kernels():
        among = NOWHERE if errors.among is None else np.ascontiguousarray(errors.among).reshape(-1)
        maps = [np.ascontiguousarray(array).reshape(-1) for array in (errors.error_px, errors.truth_px)]
        return int(fast.count_outliers(*maps, among, np.float32(least_px), least_share))
    far = errors.error_px > least_px
    if errors.among is not None:
        far &= errors.among
    with np.errstate(divide="ignore"):
        share = errors.error_px[far].astype(np.float64) / np.abs(errors.truth_px[far])
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
