# SPDX-License-Identifier: Apache-2.0
"""A prior for matching under a condition: of several matches, how much more probable are nearer ones."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SOFT_CELLS = 2.0
"""Matches nearer than the likeliest by this many cells have three quarters of the prior's full strength."""


class MatchPrior(nn.Module):
    """How much a condition favours nearer matches, place by place: it must not move what is opaque.

    Parameters
    ----------
    channels : int
        Of the features and of the condition's embedding.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.query = nn.Linear(channels, channels)
        self.key = nn.Linear(channels, channels, bias=False)

    def start_without(self) -> None:
        """Make the strength 0 for every condition."""
        nn.init.zeros_(self.key.weight)

    def forward(self, features: Tensor, embedding: Tensor) -> Tensor:
        """Features of the left eye (B, C, H, W) and embedding (B, C) -> strength (B, H, W), for :func:`with_prior`."""
        # the features' length is the temperature of matching; only their direction counts here
        seen = F.layer_norm(features.permute(0, 2, 3, 1), features.shape[1:2])
        product: Tensor = self.query(seen) * self.key(embedding)[:, None, None]
        return product.sum(dim=-1) / math.sqrt(features.shape[1])


def with_prior(plan: Tensor, strength: Tensor) -> Tensor:
    """Weigh a plan anew by how much nearer or farther than the likeliest match of its row each match is.

    A see-through pixel has a match per surface. A term linear in disparity inside the transport would change next to nothing, since a
    sum of terms of the row and of the column leaves the plan as it is; so the finished plan is weighted, row by row, by
    ``exp(strength tanh((d - d_likeliest) / SOFT_CELLS))``. That is bounded: mass spread thin over wrong places stays thin. Rows
    keep their sums. With strength 0 the plan stays the same to the bit.

    Parameters
    ----------
    plan : float32 (B, H, W, W)
        Of left cell i and right cell j; disparity is i - j.
    strength : float (B, H, W)
        Logarithm of a factor; above 0 favours nearer matches.
    """
    columns = torch.arange(plan.shape[-1], device=plan.device)
    nearer = plan.argmax(dim=-1, keepdim=True) - columns
    weight = torch.exp(strength.float().unsqueeze(-1) * torch.tanh(nearer / SOFT_CELLS))
    weighted = plan * weight
    ratio = plan.sum(dim=-1, keepdim=True) / weighted.sum(dim=-1, keepdim=True).clamp_min(1e-30)
    return weighted * ratio
