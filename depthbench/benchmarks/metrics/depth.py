# SPDX-License-Identifier: Apache-2.0
"""Depth metrics of one pixel set: p = prediction, g = truth, both positive quantities in one unit (metres, or pixels of disparity).

Every function takes :class:`DepthErrors` and returns a float64; of a set without an estimated pixel it returns NaN. Metrics
with logarithms are over the pixels whose prediction is positive, and divided by their number; with ``log_divisor`` they are
divided by all estimated pixels instead (DFV's evaluation, where numpy's masked arrays do so).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
NAN = float("nan")
LADDER = re.compile(
    r"delta_(?P<base>\d+(\.\d+)?)(\^(?P<power>\d))?|bad_(?P<limit>\d+(\.\d+)?)|inlier_(?P<ratio>\d+(\.\d+)?)"
)
"""Metrics with a threshold in their name: ``delta_1.25``, ``delta_1.25^2``, ``bad_0.07``, ``inlier_1.1``."""


@dataclass(frozen=True)
class DepthErrors:
    """Prediction and truth of the pixels that count and are estimated.

    Attributes
    ----------
    predicted, truth : float64 (n,)
        Truth is positive and finite, the prediction finite.
    truth_count : int
        Pixels that count, holes included.
    log_divisor : int or None
        What sums of logarithms are divided by, where not by the number of positive predictions.
    """

    predicted: Floats
    truth: Floats
    truth_count: int
    log_divisor: int | None = None

    @cached_property
    def difference(self) -> Floats:
        """p - g."""
        return self.predicted - self.truth

    @cached_property
    def logs(self) -> Floats:
        """ln p - ln g of the pixels with p > 0."""
        positive = self.predicted > 0
        logs: Floats = np.log(self.predicted[positive]) - np.log(self.truth[positive])
        return logs

    def log_mean(self, values: Floats) -> float:
        """Mean of something of :attr:`logs`, by the divisor that holds for logarithms."""
        divisor = self.logs.size if self.log_divisor is None else self.log_divisor
        return float(values.sum()) / divisor if divisor and self.logs.size else NAN


def _mean(values: Floats) -> float:
    return float(values.mean()) if values.size else NAN


def _root(value: float) -> float:
    return float(np.sqrt(value))


def abs_rel(errors: DepthErrors) -> float:
    """Mean of |p - g| / g over the estimated pixels (Eigen et al. 2014)."""
    return _mean(np.abs(errors.difference) / errors.truth)


def sq_rel(errors: DepthErrors) -> float:
    """Mean of (p - g)^2 / g over the estimated pixels, so in the unit of g (AdaBins, DFV; g^2 below is another definition)."""
    return _mean(errors.difference**2 / errors.truth)


def sq_err_rel(errors: DepthErrors) -> float:
    """Mean of ((p - g) / g)^2 over the estimated pixels: what DeepLab2 calls ``SqErrorRel``; not :func:`sq_rel`."""
    return _mean((errors.difference / errors.truth) ** 2)


def mae(errors: DepthErrors) -> float:
    """Mean of |p - g| over the estimated pixels."""
    return _mean(np.abs(errors.difference))


def mse(errors: DepthErrors) -> float:
    """Mean of (p - g)^2 over the estimated pixels."""
    return _mean(errors.difference**2)


def rmse(errors: DepthErrors) -> float:
    """Root of :func:`mse`."""
    return _root(mse(errors))


def rmse_log(errors: DepthErrors) -> float:
    """Root of the mean of (ln p - ln g)^2 (Eigen et al. 2014): natural logarithms."""
    return _root(errors.log_mean(errors.logs**2))


def rmse_log10(errors: DepthErrors) -> float:
    """:func:`rmse_log` with logarithms to base 10, which DEReD's evaluation prints under the same name: smaller by ln 10."""
    return rmse_log(errors) / float(np.log(10))


def log10(errors: DepthErrors) -> float:
    """Mean of |log10 p - log10 g|."""
    return errors.log_mean(np.abs(errors.logs)) / float(np.log(10))


def silog_adabins(errors: DepthErrors) -> float:
    """100 sqrt(E[d^2] - E[d]^2), d = ln p - ln g: the standard deviation in per cent (BTS, AdaBins, ZoeDepth)."""
    return 100 * _silog(errors, 1.0)


def silog_dav2(errors: DepthErrors) -> float:
    """sqrt(E[d^2] - E[d]^2 / 2), d = ln p - ln g: not times 100 (Depth Anything V2, FOSSA)."""
    return _silog(errors, 0.5)


def _silog(errors: DepthErrors, share: float) -> float:
    """sqrt(E[d^2] - share E[d]^2), with the variance computed about the mean, so that rounding never makes it negative."""
    mean = errors.log_mean(errors.logs)
    about = errors.log_mean((errors.logs - mean) ** 2)
    return _root(about + (1 - share) * mean**2)


def silog_unidepth(errors: DepthErrors) -> float:
    """100 times the unbiased standard deviation (divisor n - 1) of ln p - ln g (UniDepth); NaN of one pixel."""
    return 100 * float(errors.logs.std(ddof=1)) if errors.logs.size > 1 else NAN


def delta(errors: DepthErrors, threshold: float) -> float:
    """Share of the estimated pixels with max(p / g, g / p) < threshold, strictly (Eigen et al. 2014).

    A prediction that is not positive is never within; public code lets negative ones pass, whose ratios are below any
    threshold.
    """
    within = (errors.predicted < threshold * errors.truth) & (errors.predicted * threshold > errors.truth)
    return _mean(within.astype(np.float64))


def inlier(errors: DepthErrors, threshold: float) -> float:
    """Share of the estimated pixels with max(p / g, g / p) <= threshold: depth quality of DSTQ, whose limit is itself inside.

    A prediction that is not positive is an outlier.
    """
    p, g = errors.predicted, errors.truth
    return _mean(((p <= threshold * g) & (p * threshold >= g) & (p > 0)).astype(np.float64))


def bad(errors: DepthErrors, limit: float) -> float:
    """Per cent of the estimated pixels with |p - g| > limit, strictly; at 0.07 the ``badpix`` of DFV's evaluation."""
    return 100 * _mean((np.abs(errors.difference) > limit).astype(np.float64))


def coverage(errors: DepthErrors) -> float:
    """Per cent of the pixels that count which are estimated; NaN where none counts."""
    return 100.0 * errors.predicted.size / errors.truth_count if errors.truth_count else NAN


PLAIN: Mapping[str, Callable[[DepthErrors], float]] = {
    "abs_rel": abs_rel,
    "sq_rel": sq_rel,
    "sq_err_rel": sq_err_rel,
    "mae": mae,
    "mse": mse,
    "rmse": rmse,
    "rmse_log": rmse_log,
    "rmse_log10": rmse_log10,
    "log10": log10,
    "silog_adabins": silog_adabins,
    "silog_dav2": silog_dav2,
    "silog_unidepth": silog_unidepth,
    "coverage": coverage,
}
ROOTS = ("rmse", "rmse_log", "rmse_log10")
"""Metrics that are roots of means: over several images their squares are averaged, where images are pooled."""
LOGARITHMIC = ("rmse_log", "rmse_log10", "log10")


def measure(metric: str, errors: DepthErrors) -> float:
    """Compute a metric by its name, a key of :data:`PLAIN` or of the form :data:`LADDER`."""
    if metric in PLAIN:
        return PLAIN[metric](errors)
    match = LADDER.fullmatch(metric)
    if match is None:
        raise KeyError(metric)
    if match["limit"]:
        return bad(errors, float(match["limit"]))
    if match["ratio"]:
        return inlier(errors, float(match["ratio"]))
    return delta(errors, float(match["base"]) ** int(match["power"] or 1))
