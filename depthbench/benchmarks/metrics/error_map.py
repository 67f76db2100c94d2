# SPDX-License-Identifier: Apache-2.0
"""The map of errors: a prediction held against a truth, pixel by pixel, by a protocol's rules of what counts.

One float32 map says it all: |prediction - truth| in pixels where there is one, :data:`HOLE` where the truth is known and the
prediction has no value, :data:`UNKNOWN` where the truth is not known. An error is never negative; it may be NaN where a
protocol lets a NaN prediction pass as an estimate.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np
import numpy.typing as npt

from depthbench.benchmarks.metrics.kernels import kernels

HOLE = -1.0
UNKNOWN = -2.0
_INFINITY = float("inf")


@dataclass(frozen=True)
class Rules:
    """What is a prediction, and what is a truth; ``+inf`` is neither.

    Attributes
    ----------
    lowest_px, highest_px : float
        Predictions are clipped to these.
    widest_px : float
        A prediction of a larger magnitude (before clipping) is a hole.
    nan_is_hole, minus_inf_is_hole : bool
        Otherwise they are estimates: NaN stays NaN, -inf is clipped.
    above_px, below_px : float
        The truth is known where it is finite and strictly between these.
    """

    lowest_px: float = -_INFINITY
    highest_px: float = _INFINITY
    widest_px: float = _INFINITY
    nan_is_hole: bool = True
    minus_inf_is_hole: bool = True
    above_px: float = -_INFINITY
    below_px: float = _INFINITY


def error_map(
    predicted_px: npt.NDArray[np.float32], truth_px: npt.NDArray[np.float32], rules: Rules
) -> npt.NDArray[np.float32]:
    """Compare a prediction with a truth.

    Parameters
    ----------
    predicted_px, truth_px : float32, of one shape
    rules : Rules

    Returns
    -------
    float32, same shape
        See the head of this module.
    """
    if fast := kernels():
        predicted, truth = (np.ascontiguousarray(a, dtype=np.float32) for a in (predicted_px, truth_px))
        error_px = np.empty_like(truth)
        limits = [value if isinstance(value, bool) else np.float32(value) for value in astuple(rules)]
        fast.compare(predicted.reshape(-1), truth.reshape(-1), *limits, error_px.reshape(-1))
        return error_px
    with np.errstate(invalid="ignore"):
        errors = np.clip(predicted_px, np.float32(rules.lowest_px), np.float32(rules.highest_px)) - truth_px
        np.abs(errors, out=errors)
        errors[~estimated(predicted_px, rules)] = HOLE
        known = (
            np.isfinite(truth_px) & (truth_px > np.float32(rules.above_px)) & (truth_px < np.float32(rules.below_px))
        )
        errors[~known] = UNKNOWN
    return errors


def estimated(predicted_px: npt.NDArray[np.float32], rules: Rules) -> npt.NDArray[np.bool_]:
    """Return where a prediction has a value that counts as an estimate."""
    if rules.nan_is_hole and rules.minus_inf_is_hole:
        answered = np.isfinite(predicted_px)
    else:
        answered = predicted_px != np.float32(np.inf)
        if rules.nan_is_hole:
            answered &= ~np.isnan(predicted_px)
        if rules.minus_inf_is_hole:
            answered &= ~np.isneginf(predicted_px)
    if rules.widest_px != _INFINITY:
        # Not "<=", which NaN is not.
        answered &= ~(np.abs(predicted_px) > np.float32(rules.widest_px))
    return answered
