# SPDX-License-Identifier: Apache-2.0
"""Depth metrics that look at neighbouring pixels: how bumpy the error is, and whether depth jumps where the truth does."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.ndimage import convolve

Floats = npt.NDArray[np.float64]
BoolMap = npt.NDArray[np.bool_]

_SCHARR_X = np.outer([3, 10, 3], [1, 0, -1]) / 16
BUMPINESS_CLIP = 0.05
BOUNDARY_RATIOS = np.linspace(1.05, 1.25, 10)
_LEAST_DEPTH = 1e-6


def bumpiness(predicted: Floats, truth: Floats, counts: BoolMap) -> float:
    """100 times the mean, over the pixels that count, of the Frobenius norm of the error's Hessian, clipped at 0.05 (DFV).

    The Hessian is the Scharr filter (3 10 3 / 16, its answer to a slope of 1 is 2) applied twice, borders reflected; dxy and
    dyx both enter. As in DFV's evaluation, unknown truth is 0 there, so pixels beside a hole count its border: that metric
    is for dense truth. A hole in the prediction has no error. NaN where no pixel counts. DFV used scikit-image, whose older
    releases set the outermost pixels to zero.

    Parameters
    ----------
    predicted, truth : float64 (H, W)
        NaN = hole, unknown.
    counts : bool (H, W)
    """
    if not counts.any():
        return float("nan")
    error = np.where(np.isfinite(predicted), predicted - np.where(np.isfinite(truth), truth, 0.0), 0.0)
    first = [convolve(error, kernel) for kernel in (_SCHARR_X, _SCHARR_X.T)]
    squares = sum(convolve(slope, kernel) ** 2 for slope in first for kernel in (_SCHARR_X, _SCHARR_X.T))
    return 100 * float(np.minimum(np.sqrt(squares), BUMPINESS_CLIP)[counts].mean())


def boundary_f1(predicted_m: Floats, truth_m: Floats, counts: BoolMap) -> float:
    """Scale-invariant boundary F1 of Depth Pro (Bochkovskii et al. 2024), from 0 to 1.

    Between two neighbours there is an edge at ratio t where the nearer one is more than t times as near. For each t of ten
    from 1.05 to 1.25, precision and recall are means over the four directions (nearer on the left, right, above, below), a
    direction without an edge giving 0; F1 = 2 P R / (P + R), or 0; the result is their mean, weighted by t. Only pairs count whose
    pixels both count and are estimated. NaN where there is no such pair.

    Parameters
    ----------
    predicted_m, truth_m : float64 (H, W)
        Depth; NaN where a pixel is a hole or unknown. Predictions below 1e-6 are taken as that.
    counts : bool (H, W)
    """
    usable = counts & np.isfinite(predicted_m)
    pairs = [usable[:, 1:] & usable[:, :-1], usable[1:] & usable[:-1]]
    if not any(pair.any() for pair in pairs):
        return float("nan")
    ours, theirs = (
        [ratio[pair] for ratio, pair in zip(_ratios(depth), pairs, strict=True)] for depth in (predicted_m, truth_m)
    )
    scores = []
    for t in BOUNDARY_RATIOS:
        precision = recall = 0.0
        for mine, true in zip(ours, theirs, strict=True):
            # farther on the second pixel of the pair, and nearer
            for found, there in ((mine > t, true > t), (mine * t < 1, true * t < 1)):
                both = np.count_nonzero(found & there)
                precision += 0.25 * both / max(np.count_nonzero(found), 1)
                recall += 0.25 * both / max(np.count_nonzero(there), 1)
        scores.append(2 * precision * recall / (precision + recall) if precision + recall else 0.0)
    return float(np.average(scores, weights=BOUNDARY_RATIOS))


def _ratios(depth_m: Floats) -> list[Floats]:
    """Depth of the right or lower pixel over that of its left or upper neighbour."""
    depth = np.maximum(depth_m, _LEAST_DEPTH)
    with np.errstate(invalid="ignore"):
        return [depth[:, 1:] / depth[:, :-1], depth[1:] / depth[:-1]]
