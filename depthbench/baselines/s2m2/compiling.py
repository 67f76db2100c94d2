# SPDX-License-Identifier: Apache-2.0
"""``torch.compile`` for networks of this family: block by block."""

from __future__ import annotations

from typing import Any

from torch import nn

from depthbench.baselines.s2m2.attention import FeedForward
from depthbench.baselines.s2m2.blocks import ConvBlock, FeatureFusion

REPEATED = (ConvBlock, FeatureFusion, FeedForward)
"""Blocks that are compiled."""


def compiled(network: nn.Module, backend: Any = "inductor") -> nn.Module:
    """Have ``torch.compile`` compile the blocks that the network repeats, in place, and return it.

    The whole network is one graph of hundreds of kernels that takes many minutes; its repeated blocks are few, and each is
    compiled once for all places and sizes in which it stands. Parameters keep their names. The first pass compiles.
    """
    import torch._dynamo

    for name in ("recompile_limit", "cache_size_limit"):  # the newer and the older name
        if hasattr(torch._dynamo.config, name):
            # a block stands at several widths, alone and for both eyes: more variants than the usual limit of 8
            setattr(torch._dynamo.config, name, max(64, getattr(torch._dynamo.config, name)))
    for part in network.modules():
        if isinstance(part, REPEATED):
            part.forward = torch.compile(part.forward, dynamic=True, backend=backend)  # type: ignore[method-assign]
    return network
