# SPDX-License-Identifier: Apache-2.0
"""A moving average of the weights, which generalises better than the last ones."""

from __future__ import annotations

import copy

import torch
from torch import nn


def decay_at(step: int, decay: float) -> float:
    """Return the decay of update ``step``: at first (1 + t) / (10 + t), so that the start is soon forgotten."""
    return min(decay, (1 + step) / (10 + step))


class Average:
    """e <- k e + (1 - k) w after every update, with k of :func:`decay_at`.

    Attributes
    ----------
    network : nn.Module
        A copy that holds the average, without gradients.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Take the weights after update ``step`` in; what is no floating-point number is copied."""
        share = 1 - decay_at(step, self.decay)
        current = network.state_dict()
        for name, value in self.network.state_dict().items():
            if value.is_floating_point():
                value.lerp_(current[name], share)
            else:
                value.copy_(current[name])
