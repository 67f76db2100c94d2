# SPDX-License-Identifier: Apache-2.0
"""Statistics of batch norms, taken anew: those gathered while weights changed belong to no weights, and the answers swing with them."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

Batches = Iterable[tuple[Tensor, Tensor]]


@torch.no_grad()
def restate(network: nn.Module, batches: Batches) -> None:
    """Replace running means and variances by their averages over ``batches`` of (masks, behind_m); the rest does not change.

    With one batch, they are that batch's own.
    """
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    training, momenta = [module.training for module in norms], [module.momentum for module in norms]
    for module in norms:
        module.reset_running_stats()
        module.momentum = None  # a plain average over all batches
        module.train()
    try:
        for masks, behind_m in batches:
            network(masks, behind_m)
    finally:
        for module, trained, momentum in zip(norms, training, momenta, strict=True):
            module.momentum = momentum
            module.train(trained)
