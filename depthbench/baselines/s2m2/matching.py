# SPDX-License-Identifier: Apache-2.0
"""Global matching: every row of the left eye is assigned to its row of the right eye by entropic optimal transport."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

ITERATIONS = 3
FORBIDDEN = -1e4
REACH = 2
"""Cells on either side of the best match that count as the same match."""


class Match(NamedTuple):
    """What matching found, at the features' resolution.

    Attributes
    ----------
    disp, conf, occ : float32 (B, 1, H, W)
        Disparity in cells; mass of the plan around its mode; mass of the plan in the whole row (1 = has a partner).
    volume : (B, H, W, W)
        Correlation of left cell i with right cell j, nothing masked.
    plan : float32 (B, H, W, W)
        Transport plan; a row sums to at most 1, what is missing went to the dustbin.
    """

    disp: Tensor
    conf: Tensor
    occ: Tensor
    volume: Tensor
    plan: Tensor


def transport_plan(scores: Tensor, iterations: int = ITERATIONS) -> Tensor:
    """Return the entropic transport plan between two lists of W unit masses with a dustbin each.

    Parameters
    ----------
    scores : float32 (..., W, W)
        Log affinity of i and j. The dustbins' scores are 0, their masses W, so that everything may stay alone.
    iterations : int
        Sinkhorn steps; a step corrects the columns, then the rows, so rows are exact at the end.

    Returns
    -------
    Tensor
        float32 (..., W, W), in units of one cell's mass.
    """
    width = scores.shape[-1]
    scores = F.pad(scores, (0, 1, 0, 1))
    log_mass = scores.new_full((width + 1,), -math.log(2 * width))
    log_mass[-1] = -math.log(2)
    u = torch.zeros_like(scores[..., 0])
    for _ in range(iterations):
        v = log_mass - torch.logsumexp(scores + u.unsqueeze(-1), dim=-2)
        u = log_mass - torch.logsumexp(scores + v.unsqueeze(-2), dim=-1)
    exponent = scores + u.unsqueeze(-1) + v.unsqueeze(-2)
    return torch.exp(exponent[..., :-1, :-1] - log_mass[0])


def window(values: Tensor, centre: Tensor) -> Tensor:
    """Return the values within :data:`REACH` cells of ``centre`` on the last axis, zero beyond its ends.

    ``values`` (..., W), ``centre`` int64 (..., 1) -> (..., 2 REACH + 1)
    """
    offsets = torch.arange(2 * REACH + 1, device=values.device)
    return F.pad(values, (REACH, REACH)).gather(-1, centre + offsets)


class GlobalMatching(nn.Module):
    """Features of both eyes (2B, C, H, W) -> :class:`Match`.

    Parameters
    ----------
    channels : int
        Of the features.
    positivity : bool
        Forbid matches to the right of the own place, that is negative disparities.
    """

    def __init__(self, channels: int, positivity: bool) -> None:
        super().__init__()
        self.layer_norm = nn.LayerNorm(channels)
        self.positivity = positivity

    def forward(self, features: Tensor, weigh: Callable[[Tensor], Tensor] | None = None) -> Match:
        """Match left to right; the plan is computed in float32 whatever the features are. ``weigh`` may change it."""
        left, right = self.layer_norm(features.permute(0, 2, 3, 1)).chunk(2)
        # no scaling by the number of channels: the features' own length is the temperature
        volume = left @ right.transpose(-1, -2)
        scores = volume.float()
        place = torch.arange(scores.shape[-1], device=scores.device)
        forbidden = place > place[:, None]
        plan = transport_plan(scores.masked_fill(forbidden, FORBIDDEN) if self.positivity else scores)
        if self.positivity:
            plan = plan.masked_fill(forbidden, 0.0)
        if weigh is not None:
            plan = weigh(plan)
        mode = plan.argmax(dim=-1, keepdim=True)
        near = window(plan, mode)
        columns = mode + torch.arange(-REACH, REACH + 1, device=mode.device)
        conf = near.sum(dim=-1)
        matched = ((near * columns).sum(dim=-1) + 1e-4) / (conf + 1e-4)
        disp, occ = place - matched, plan.sum(dim=-1)
        return Match(disp[:, None], conf[:, None], occ[:, None], volume, plan)
