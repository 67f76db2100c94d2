# SPDX-License-Identifier: Apache-2.0
"""What the branches learn by. Every loss takes a mask of the pixels whose truth is known; values outside may be anything finite."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from depthbench.baselines.hybriddepth.dfv import LOSS_WEIGHTS

_TINY = 1e-7
"""Added to both before the logarithm, as published."""
SCALES = 4
_SOBEL = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]) / 8
_BLUR = torch.tensor([1.0, 2.0, 1.0])


def silog(found: Tensor, truth: Tensor, valid: Tensor, beta: float = 0.15) -> Tensor:
    """Return 10 sqrt(var g + beta mean(g)^2), g = ln found - ln truth, over all valid pixels of the batch together.

    The variance is unbiased. Fewer than two pixels: 0.
    """
    g = ((found + _TINY).log() - (torch.where(valid, truth, found.detach()) + _TINY).log())[valid]
    if len(g) < 2:
        return 0 * found.sum()
    # a root has no slope at 0
    return 10 * (g.var() + beta * g.mean().square() + 1e-12).sqrt()


def log_error(found: Tensor, truth: Tensor, valid: Tensor) -> Tensor:
    """Return the mean absolute difference of logarithms over all valid pixels of the batch together; about AbsRel where that is small.

    Not published. SILog forgives a common factor and is ruled by its largest errors; this does neither.
    """
    g = (found + _TINY).log() - (torch.where(valid, truth, found.detach()) + _TINY).log()
    return g[valid].abs().sum() / valid.sum().clamp(min=1)


def multi_scale_gradient(found: Tensor, truth: Tensor, valid: Tensor | None) -> Tensor:
    """Return the mean absolute difference of the gradients where the truth's is not 0, summed over four sizes.

    Parameters
    ----------
    found, truth : (B, 1, H, W)
    valid : bool (B, 1, H, W) or None
        A gradient counts where all that it is made of is valid. None: as published, everything counts, the borders of holes as
        steps of the truth too.

    Notes
    -----
    Sizes are halved by [1, 2, 1] / 4 in both directions; gradients are Sobel's over 8, along x and y.
    """
    inside = valid
    if inside is not None:
        truth = torch.where(inside, truth, torch.zeros_like(truth))
        found = torch.where(inside, found, torch.zeros_like(found))
    terms = []
    for scale in range(SCALES):
        if scale:
            found, truth = _halved(found), _halved(truth)
            inside = None if inside is None else _whole(inside, 2)
        difference, steps = (_gradient(found) - _gradient(truth)).abs(), _gradient(truth) != 0
        if inside is not None:
            steps = steps & _whole(inside, 1)
        terms.append((difference * steps).sum() / steps.sum().clamp(min=1))
    return torch.stack(terms).sum()


def _gradient(values: Tensor) -> Tensor:
    """(B, 1, H, W) -> (B, 2, H, W): along x and y; the border goes on outside."""
    kernel = torch.stack([_SOBEL, _SOBEL.T])[:, None].to(values)
    return F.conv2d(F.pad(values, (1, 1, 1, 1), mode="replicate"), kernel)


def _halved(values: Tensor) -> Tensor:
    kernel = (_BLUR[:, None] * _BLUR / 16)[None, None].to(values)
    return F.conv2d(values, kernel, stride=2, padding=1)


def _whole(valid: Tensor, stride: int) -> Tensor:
    """Return where all of 3x3 pixels are valid; outside of the picture nothing is."""
    share = F.avg_pool2d(F.pad(valid.float(), (1, 1, 1, 1)), 3, stride)
    return share > 1 - 1e-3


def focus_loss(found: Sequence[Tensor], truth: Tensor, valid: Tensor) -> Tensor:
    """Return the smooth L1 of every prediction of DFV, weighted 8 : 4 : 2 : 1 from the finest to the coarsest, as published.

    Where there are fewer than four, their weights are still shares of one.
    """
    weights = LOSS_WEIGHTS[: len(found)]
    count = valid.sum().clamp(min=1)
    terms = [
        weight
        * (F.smooth_l1_loss(one, torch.where(valid, truth, one.detach()), reduction="none") * valid).sum()
        / count
        for weight, one in zip(weights, found, strict=True)
    ]
    return torch.stack(terms).sum() / sum(weights)


def relative_loss(found: Tensor, truth: Tensor, valid: Tensor) -> Tensor:
    """Return the mean absolute difference of two maps (B, 1, H, W), each less its mean and over its mean deviation.

    Blind to scale above 0 and to shift (Ranftl et al. 2020, with means for medians); a turned map is wrong.
    """
    count = valid.sum((1, 2, 3), keepdim=True).clamp(min=1)

    def plain(values: Tensor) -> Tensor:
        values = torch.where(valid, values, torch.zeros_like(values))
        about = (values - values.sum((1, 2, 3), keepdim=True) / count) * valid
        return about / (about.abs().sum((1, 2, 3), keepdim=True) / count).clamp(min=1e-4)

    return ((plain(found) - plain(truth)).abs().sum((1, 2, 3), keepdim=True) / count).mean()
