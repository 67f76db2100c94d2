# SPDX-License-Identifier: Apache-2.0
"""From likelihoods of planes to depth (eq. 6) and how sure it is."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def depth_planes(nearest: Tensor, farthest: Tensor, count: int, spacing: str) -> Tensor:
    """Return depths of planes (B, D), near to far, both ends among them: even in depth (``linear``) or in inverse depth."""
    # not arange(nearest, farthest, step), which has a plane too many for one setting in six
    share = torch.linspace(0, 1, count, dtype=nearest.dtype, device=nearest.device)
    if spacing == "linear":
        return nearest[:, None] + (farthest - nearest)[:, None] * share
    return 1 / (1 / nearest[:, None] + (1 / farthest - 1 / nearest)[:, None] * share)


def expected_depth(probability: Tensor, depths: Tensor, spacing: str) -> Tensor:
    """Return the expected depth (B, H, W) of probabilities (B, D, H, W): of depth, or of inverse depth where that is what is even."""
    if spacing == "linear":
        return torch.einsum("bdhw,bd->bhw", probability, depths)
    return 1 / torch.einsum("bdhw,bd->bhw", probability, 1 / depths)


def confidence(probability: Tensor) -> Tensor:
    """Return the probability (B, H, W) of the four planes round the expected one: i - 1 to i + 2, where i is its index, rounded down."""
    planes = probability.shape[1]
    index = torch.arange(planes, dtype=probability.dtype, device=probability.device)
    expected = torch.einsum("bdhw,d->bhw", probability, index).long().clamp(0, planes - 1)
    padded = F.pad(probability, (0, 0, 0, 0, 1, 2))
    four = padded[:, :-3] + padded[:, 1:-2] + padded[:, 2:-1] + padded[:, 3:]
    return four.gather(1, expected[:, None])[:, 0].clamp(max=1)
