# SPDX-License-Identifier: Apache-2.0
"""Filtering of a focus volume at one size: 3-D convolutions, pooling, and what is handed to the next finer size."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from depthbench.baselines.hybriddepth.features import PATHS, pool_sizes


def conv3d(channels: int, out: int, kernel: int = 3) -> nn.Sequential:
    """Return a convolution with batch norm (called separable by the names of checkpoints; it is a full one)."""
    return nn.Sequential(nn.Conv3d(channels, out, kernel, padding=kernel // 2, bias=False), nn.BatchNorm3d(out))


class Projection(nn.Module):
    """A 1x1 convolution of every plane by itself."""

    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, 1, bias=False)
        self.bn = nn.BatchNorm2d(out)

    def forward(self, volume: Tensor) -> Tensor:
        """(B, C, N, h, w) -> (B, out, N, h, w)."""
        planes, height, width = volume.shape[2:]
        flat: Tensor = self.bn(self.conv1(volume.flatten(3)))
        return flat.view(*flat.shape[:2], planes, height, width)


class Block(nn.Module):
    """Two 3-D convolutions beside the identity, or beside a projection where channels change."""

    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        if channels != out:
            self.downsample = Projection(channels, out)
        self.conv1 = conv3d(channels, out)
        self.conv2 = conv3d(out, out)

    def forward(self, volume: Tensor) -> Tensor:
        """(B, C, N, h, w) -> (B, out, N, h, w)."""
        beside = self.downsample(volume) if hasattr(self, "downsample") else volume
        return F.relu(beside + self.conv2(F.relu(self.conv1(volume))))


class DecoderBlock(nn.Module):
    """One size.

    Parameters
    ----------
    channels, out : int
    up : bool
        Whether a finer size follows, which is handed half of ``out`` channels.
    pool : bool
        Whether means over ever larger cells of the volume are added.
    """

    def __init__(self, channels: int, out: int, up: bool, pool: bool = False) -> None:
        super().__init__()
        self.convs = nn.Sequential(Block(channels, out), Block(out, out))
        self.classify = nn.Sequential(
            conv3d(out, out), nn.ReLU(), nn.Sequential(nn.Conv3d(out, 1, 3, padding=1, bias=True))
        )
        if up:
            wider = nn.Upsample(scale_factor=(1, 2, 2), mode="trilinear")
            self.up = nn.Sequential(wider, conv3d(out, out // 2), nn.ReLU())
        if pool:
            self.pool_convs = nn.ModuleList(conv3d(out, out, 1) for _ in range(PATHS))

    def forward(self, volume: Tensor, scored: bool) -> tuple[Tensor | None, Tensor | None]:
        """Return what the next finer size gets (B, out / 2, N, 2 h, 2 w), and the planes' scores (B, N, h, w) if they are wanted.

        Parameters
        ----------
        volume : (B, C, N, h, w)
        scored : bool
        """
        volume = self.convs(volume)
        if hasattr(self, "pool_convs"):
            volume = self._pooled(volume)
        scores = self.classify(volume)[:, 0] if scored else None
        return (self.up(volume) if hasattr(self, "up") else None), scores

    def _pooled(self, volume: Tensor) -> Tensor:
        size = tuple(volume.shape[2:])
        total = volume
        for conv, parts in zip(self.pool_convs, pool_sizes(min(size)), strict=True):
            cell = tuple(side // parts for side in size)
            total = total + F.interpolate(conv(F.avg_pool3d(volume, cell)), size=size, mode="trilinear") / PATHS
        return F.relu(total / 2)
