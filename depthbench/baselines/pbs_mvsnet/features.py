# SPDX-License-Identifier: Apache-2.0
"""Features of a picture at a quarter of its size, the same network for every view."""

from __future__ import annotations

from torch import nn


def norm(channels: int) -> nn.GroupNorm:
    """Return group norm with eight channels a group (or all in one): nothing in it depends on the batch, which is one in the paper."""
    return nn.GroupNorm(channels // 8 if channels % 8 == 0 else 1, channels)


def conv2d(inside: int, out: int, kernel: int, stride: int = 1) -> nn.Sequential:
    """Return convolution, norm, ReLU. A kernel of 4 goes with a stride of 2."""
    padding = (kernel - stride + 1) // 2
    return nn.Sequential(nn.Conv2d(inside, out, kernel, stride, padding, bias=False), norm(out), nn.ReLU(inplace=True))


class FeatureNet(nn.Sequential):
    """Pictures (B, 3, H, W) to features (B, channels, H/4, W/4); H and W are multiples of 4.

    Strided kernels are even, so that a feature lies in the middle of the 4 x 4 pixels that it stands for, x' = (x + 0.5) / 4 - 0.5: cameras
    scale by the convention of the whole package. (Odd ones put it on every fourth pixel, which is where half a pixel is lost between programs.)
    """

    def __init__(self, channels: int) -> None:
        quarter, half = channels // 4, channels // 2
        super().__init__(
            conv2d(3, quarter, 3),
            conv2d(quarter, quarter, 3),
            conv2d(quarter, half, 4, 2),
            conv2d(half, half, 3),
            conv2d(half, half, 3),
            conv2d(half, channels, 4, 2),
            conv2d(channels, channels, 3),
            nn.Conv2d(channels, channels, 3, padding=1),
        )
