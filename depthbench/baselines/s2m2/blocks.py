# SPDX-License-Identifier: Apache-2.0
"""Small convolutional parts that the whole network shares; the names of the children are those of the published checkpoints."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def conv(inputs: int, outputs: int, kernel: int = 1, stride: int = 1, bias: bool = True) -> nn.Conv2d:
    """Return a convolution that keeps the size (divided by ``stride``)."""
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=bias)


def channels_last(x: Tensor) -> Tensor:
    """Lay a map (B, C, H, W) out pixel by pixel in memory, as all features are.

    Convolutions prefer it, and tokens for attention are views of such maps. A map of one channel has either layout, and
    ``torch.cat`` with it falls back to the other.
    """
    return x.contiguous(memory_format=torch.channels_last)


def conv_pair(inputs: int, hidden: int, outputs: int, first: int, second: int, bias: bool = True) -> nn.Sequential:
    """Return two convolutions of kernel sizes ``first`` and ``second`` with a GELU between; ``bias`` is the second's."""
    return nn.Sequential(conv(inputs, hidden, first), nn.GELU(), conv(hidden, outputs, second, bias=bias))


def down(inputs: int, outputs: int) -> nn.Sequential:
    """Halve the resolution by averaging, then change the channels."""
    return nn.Sequential(nn.AvgPool2d(2), conv(inputs, outputs))


def up(inputs: int, outputs: int) -> nn.Sequential:
    """Double the resolution bilinearly (pixel centres at (x + 0.5) / 2 - 0.5), then change the channels."""
    return nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False), conv(inputs, outputs))


class ConvBlock(nn.Module):
    """The sum of a pair of 3x3 and a pair of 1x1 convolutions: (B, C, H, W) -> (B, C, H, W)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convs = conv_pair(channels, channels, channels, 3, 3)
        self.convs_1x = nn.Sequential(conv(channels, channels), nn.ReLU(), conv(channels, channels))

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's output."""
        out: Tensor = self.convs(x) + self.convs_1x(x)
        return out


class FeatureFusion(nn.Module):
    """Merge two maps of equal shape by a learned gate and a learned correction: w a + (1 - w) b + f(a, b).

    Gates are kept in [0.01, 0.99], so that neither input is ever shut out.
    """

    def __init__(self, channels: int, kernel: int = 1) -> None:
        super().__init__()
        self.feature_gate = conv_pair(2 * channels, channels, channels, kernel, 1)
        self.feature_fusion = conv_pair(2 * channels, 2 * channels, channels, kernel, 1)

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """Return the merged map, (B, C, H, W)."""
        both = torch.cat([a, b], dim=1)
        gate = torch.sigmoid(self.feature_gate(both)).clamp(0.01, 0.99)
        out: Tensor = self.feature_fusion(both) + gate * a + (1 - gate) * b
        return out
