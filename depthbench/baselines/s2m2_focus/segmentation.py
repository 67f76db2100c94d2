# SPDX-License-Identifier: Apache-2.0
"""Auxiliary heads on one picture's pyramid: where it is reflective, where one sees through. They teach the features only."""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn

from depthbench.baselines.s2m2.blocks import conv, conv_pair
from depthbench.baselines.s2m2.transformer import Levels

CLASSES = ("reflective", "see_through")


class SegmentationHead(nn.Module):
    """Pyramid (B, C, H / 4, W / 4) ... (B, 2C, H / 32, W / 32) -> logits of :data:`CLASSES`, (B, 2, H, W)."""

    def __init__(self, dims: Sequence[int]) -> None:
        super().__init__()
        channels = dims[0]
        self.lateral = nn.ModuleList(conv(dim, channels) for dim in (*dims, dims[-1]))
        self.out = conv_pair(channels, channels, len(CLASSES), 3, 1)

    def forward(self, levels: Levels) -> Tensor:
        """Return the logits at full resolution."""
        size = levels[0].shape[-2:]
        total: Tensor = self.lateral[0](levels[0])
        for lateral, level in zip(self.lateral[1:], levels[1:], strict=True):
            total = total + F.interpolate(lateral(level), size=size, mode="bilinear", align_corners=False)
        return F.interpolate(self.out(total), scale_factor=4, mode="bilinear", align_corners=False)
