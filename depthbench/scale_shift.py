# SPDX-License-Identifier: Apache-2.0
"""Least squares scale and shift between two maps, in closed form, for numpy arrays and torch tensors alike.

Every function works along the last axis, so a batch (B, N) is fitted sample by sample; torch gradients flow through. Values
that the mask leaves out may be anything, NaN included. The degenerate cases have answers instead of NaN:

=====================================  =======================================================
no value to fit                        scale 0, shift 0 (of scale alone: 1)
one value, or a constant source        scale 0, shift = mean of the target: the best constant
a source of zeros, scale alone         scale 1
=====================================  =======================================================
"""

from __future__ import annotations

from typing import Any

import numpy as np

CONSTANT = 1e-6
"""A source counts as constant where its spread is at most this share of its root mean square."""


def fit_scale_shift(source: Any, target: Any, mask: Any | None = None) -> tuple[Any, Any]:
    """Return (scale, shift), each (...), that minimise the sum of (scale * source + shift - target)^2.

    Parameters
    ----------
    source, target : float (..., N), numpy or torch, of one shape
        Both in the quantity in which the relation is linear: depth, or disparity.
    mask : bool (..., N) or None
        Which values count; None = all.
    """
    source, target, count = _chosen(source, target, mask)
    some = (count > 0) * 1.0
    divisor = (count + (1 - some))[..., None]
    mean_source = source.sum(-1)[..., None] / divisor
    mean_target = target.sum(-1)[..., None] / divisor
    # centred, so that a large common offset costs no digits; what does not count is zero in both factors
    counted = 1.0 if mask is None else mask * 1.0
    about_source, about_target = (source - mean_source) * counted, (target - mean_target) * counted
    spread = (about_source * about_source).sum(-1)
    slanted = (spread > CONSTANT**2 * (source * source).sum(-1)) * 1.0
    scale = slanted * (about_source * about_target).sum(-1) / (spread + (1 - slanted))
    return scale, mean_target[..., 0] - scale * mean_source[..., 0]


def fit_scale(source: Any, target: Any, mask: Any | None = None) -> Any:
    """Return the scale (...) that minimises the sum of (scale * source - target)^2; parameters as :func:`fit_scale_shift`."""
    source, target, _ = _chosen(source, target, mask)
    power = (source * source).sum(-1)
    some = (power > 0) * 1.0
    return some * (source * target).sum(-1) / (power + (1 - some)) + (1 - some)


def _chosen(source: Any, target: Any, mask: Any | None) -> tuple[Any, Any, Any]:
    """Return source and target with zeros where they do not count, and how many count."""
    if mask is None:
        return source, target, source.shape[-1] + 0 * source.sum(-1)
    if isinstance(source, np.ndarray):
        return np.where(mask, source, 0.0), np.where(mask, target, 0.0), mask.sum(-1)
    return source.masked_fill(~mask, 0.0), target.masked_fill(~mask, 0.0), mask.sum(-1)
