# SPDX-License-Identifier: Apache-2.0
"""A prior for matching under a condition: of several matches, how much more probable are nearer ones."""

from __future__ import annotations

import torch
from torch import Tensor

SAME_CELLS = 1
"""Matches within so many cells of the likeliest are the same match: weighing them would move opaque surfaces too."""

SOFT_CELLS = 2.0
"""Matches nearer by this many cells more have three quarters of the prior's full strength."""


def with_prior(plan: Tensor, strength: Tensor) -> Tensor:
    """Weigh a plan anew by how much nearer or farther than the likeliest match of its row each match is.

    A see-through pixel has a match per surface. A term linear in disparity inside the transport would change next to nothing, since a
    sum of terms of the row and of the column leaves the plan as it is; so the finished plan is weighted, row by row, by
    ``exp(strength tanh(beyond / SOFT_CELLS))``, ``beyond`` being how many cells nearer than the likeliest it is, less the
    ``SAME_CELLS`` of the same match. That is bounded: mass spread thin over wrong places stays thin. Rows keep their sums. With
    strength 0 the plan stays the same to the bit.

    Parameters
    ----------
    plan : float32 (B, H, W, W)
        Of left cell i and right cell j; disparity is i - j.
    strength : float (B,)
        Logarithm of a factor; above 0 favours nearer matches.
    """
    columns = torch.arange(plan.shape[-1], device=plan.device)
    nearer = plan.argmax(dim=-1, keepdim=True) - columns
    beyond = nearer.sign() * (nearer.abs() - SAME_CELLS).clamp(min=0)
    weight = torch.exp(strength.float()[:, None, None, None] * torch.tanh(beyond / SOFT_CELLS))
    weighted = plan * weight
    ratio = plan.sum(dim=-1, keepdim=True) / weighted.sum(dim=-1, keepdim=True).clamp_min(1e-30)
    return weighted * ratio
