# SPDX-License-Identifier: Apache-2.0
"""Features of each picture of a stack at four sizes: ResNet-18, pyramid pooling at the smallest, and back up."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from depthbench.baselines.hybriddepth.resnet import ResNet18

SLOPE = 0.1
PATHS = 4


def pool_sizes(least: int) -> list[int]:
    """Return into how many parts each of four poolings divides a side, from 1 to half of the smallest side's ``least``."""
    return [int(parts) for parts in np.linspace(1, max(least // 2, 1), PATHS, dtype=int)]


class ConvNorm(nn.Module):
    """Convolution, batch norm, leaky ReLU."""

    def __init__(self, channels: int, out: int, kernel: int) -> None:
        super().__init__()
        self.cbr_unit = nn.Sequential(
            nn.Conv2d(channels, out, kernel, 1, kernel // 2, bias=False), nn.BatchNorm2d(out), nn.LeakyReLU(SLOPE)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, out, H, W)."""
        convolved: Tensor = self.cbr_unit(x)
        return convolved


class PyramidPooling(nn.Module):
    """Means over ever larger cells, added to the features."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.path_module_list = nn.ModuleList(ConvNorm(channels, channels, 1) for _ in range(PATHS))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, h, w) -> (B, C, h, w)."""
        height, width = x.shape[2:]
        total = x
        for path, parts in zip(self.path_module_list, reversed(pool_sizes(min(height, width))), strict=True):
            pooled = path(F.avg_pool2d(x, (height // parts, width // parts)))
            total = total + F.interpolate(pooled, size=(height, width), mode="bilinear") / PATHS
        return F.relu(total / 2)


class FeatureExtraction(nn.Module):
    """What the volumes are made of.

    Parameters
    ----------
    width : int
        Channels of the first stage, see :class:`.resnet.ResNet18`; the projections have 1/4, 1/2, 1 and 2 times as many.
    """

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.encoder = ResNet18(width)
        self.pyramid_pooling = PyramidPooling(8 * width)
        self.upconv6, self.iconv5 = _up(8 * width), ConvNorm(8 * width, 4 * width, 3)
        self.upconv5, self.iconv4 = _up(4 * width), ConvNorm(4 * width, 2 * width, 3)
        self.upconv4, self.iconv3 = _up(2 * width), ConvNorm(2 * width, width, 3)
        self.proj6 = ConvNorm(8 * width, 2 * width, 1)
        self.proj5 = ConvNorm(4 * width, width, 1)
        self.proj4 = ConvNorm(2 * width, width // 2, 1)
        self.proj3 = ConvNorm(width, width // 4, 1)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """Return features (B, C, h, w) at 1/4, 1/8, 1/16 and 1/32 of pictures (B, 3, H, W) whose sides are multiples of 32."""
        conv3, conv4, conv5, conv6 = self.encoder(pictures)
        conv6 = self.pyramid_pooling(conv6)
        conv5 = self.iconv5(torch.cat([conv5, self.upconv6(conv6)], 1))
        conv4 = self.iconv4(torch.cat([conv4, self.upconv5(conv5)], 1))
        conv3 = self.iconv3(torch.cat([conv3, self.upconv4(conv4)], 1))
        return [self.proj3(conv3), self.proj4(conv4), self.proj5(conv5), self.proj6(conv6)]


def _up(channels: int) -> nn.Sequential:
    return nn.Sequential(nn.Upsample(scale_factor=2), ConvNorm(channels, channels // 2, 3))
