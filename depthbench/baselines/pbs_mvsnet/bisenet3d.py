# SPDX-License-Identifier: Apache-2.0
"""The regulariser: BiSeNet's two paths in three dimensions.

The spatial path keeps places (three strides, 1/8); the context path looks far (to 1/32 and the mean of everything) and comes back to 1/8 by
attention; the two are fused by attention, and brought back to the volume's size. Sizes need not be multiples of anything: every enlargement
is to the size of what it meets.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from depthbench.baselines.pbs_mvsnet.features import norm
from depthbench.baselines.pbs_mvsnet.settings import PbsSettings

_EVERYWHERE = (2, 3, 4)
"""Depth, height, width. (The paper's table says 2 and 3, which in a picture are all, but in a volume leave the width.)"""


def conv3d(inside: int, out: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    """Return convolution, norm, ReLU."""
    return nn.Sequential(
        nn.Conv3d(inside, out, kernel, stride, kernel // 2, bias=False), norm(out), nn.ReLU(inplace=True)
    )


def resized(values: Tensor, like: Tensor) -> Tensor:
    """Return a volume at the size of another, linear between cells."""
    if values.shape[2:] == like.shape[2:]:
        return values
    return F.interpolate(values, size=like.shape[2:], mode="trilinear", align_corners=False)


class Block(nn.Module):
    """A residual block: two convolutions, dense or separable; a stride goes with a 1x1x1 path beside them."""

    def __init__(self, inside: int, out: int, stride: int, separable: bool) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *self._conv(inside, out, stride, separable), nn.ReLU(), *self._conv(out, out, 1, separable)
        )
        beside = [nn.Conv3d(inside, out, 1, stride, bias=False), norm(out)] if stride > 1 or inside != out else []
        self.beside = nn.Sequential(*beside)

    @staticmethod
    def _conv(inside: int, out: int, stride: int, separable: bool) -> list[nn.Module]:
        if not separable:
            return [nn.Conv3d(inside, out, 3, stride, 1, bias=False), norm(out)]
        alone = nn.Conv3d(inside, inside, 3, stride, 1, groups=inside, bias=False)
        return [alone, nn.Conv3d(inside, out, 1, bias=False), norm(out)]

    def forward(self, volume: Tensor) -> Tensor:
        """Return the block's output."""
        found: Tensor = F.relu(self.layers(volume) + self.beside(volume))
        return found


class AttentionRefinement(nn.Module):
    """A convolution, and a weight from 0 to 1 for each of its channels (``pooled``) or of its cells (``table``)."""

    def __init__(self, inside: int, out: int, attention: str) -> None:
        super().__init__()
        self.conv, self.pooled = conv3d(inside, out), attention == "pooled"
        # one cell is left of a pooled volume, of which a norm would leave nothing
        self.weight = nn.Conv3d(out, out, 1) if self.pooled else nn.Sequential(nn.Conv3d(out, out, 1), norm(out))

    def forward(self, volume: Tensor) -> Tensor:
        """Return the weighed volume."""
        found: Tensor = self.conv(volume)
        told = found.mean(dim=_EVERYWHERE, keepdim=True) if self.pooled else found
        weights: Tensor = torch.sigmoid(self.weight(told))
        return found * weights


class FeatureFusion(nn.Module):
    """Both paths mixed to one volume a, and a + a m: m is a weight for each channel, of its mean."""

    def __init__(self, inside: int, out: int) -> None:
        super().__init__()
        self.mix = conv3d(inside, out, 1)
        self.weight = nn.Sequential(nn.Conv3d(out, out, 1), nn.ReLU(), nn.Conv3d(out, out, 1), nn.Sigmoid())

    def forward(self, spatial: Tensor, context: Tensor) -> Tensor:
        """Return the fused volume."""
        mixed: Tensor = self.mix(torch.cat([spatial, context], dim=1))
        weights: Tensor = self.weight(mixed.mean(dim=_EVERYWHERE, keepdim=True))
        return mixed + mixed * weights


class ContextPath(nn.Module):
    """Strides to 1/32, the mean of everything, and back to 1/8."""

    def __init__(self, inside: int, width: int, attention: str, separable: bool) -> None:
        super().__init__()
        out = 4 * width
        self.stem = nn.Sequential(conv3d(inside, width, stride=2), conv3d(width, width, stride=2))
        self.to_8 = nn.Sequential(Block(width, width, 2, separable), Block(width, width, 1, separable))
        self.to_16 = nn.Sequential(Block(width, 2 * width, 2, separable), Block(2 * width, 2 * width, 1, separable))
        self.to_32 = nn.Sequential(Block(2 * width, out, 2, separable), Block(out, out, 1, separable))
        self.mean = nn.Sequential(nn.Conv3d(out, out, 1), nn.ReLU())
        self.attend_32 = AttentionRefinement(out, out, attention)
        self.attend_16 = AttentionRefinement(2 * width, out, attention)
        self.refine_32, self.refine_16 = conv3d(out, out), conv3d(out, out)

    def forward(self, volume: Tensor) -> Tensor:
        """Return the context at 1/8."""
        at_8 = self.to_8(self.stem(volume))
        at_16 = self.to_16(at_8)
        at_32 = self.to_32(at_16)
        everything = self.mean(at_32.mean(dim=_EVERYWHERE, keepdim=True))
        found = self.refine_32(resized(self.attend_32(at_32) + everything, at_16))
        refined: Tensor = self.refine_16(resized(self.attend_16(at_16) + found, at_8))
        return refined


class BiSeNet3d(nn.Module):
    """Cost volume (B, C, D, H, W) to the likelihood of each plane before the softmax, (B, D, H, W)."""

    def __init__(self, settings: PbsSettings) -> None:
        super().__init__()
        channels, width = settings.channels, settings.width
        out = 4 * width
        self.spatial = nn.Sequential(
            conv3d(channels, width, stride=2), conv3d(width, 2 * width, stride=2), conv3d(2 * width, out, stride=2)
        )
        self.context = ContextPath(channels, width, settings.attention, settings.convolution == "separable")
        self.fuse = FeatureFusion(2 * out, out)
        thin = 8
        self.reduce = conv3d(out, thin)
        self.skip = conv3d(channels, thin) if settings.skip else None
        self.last = nn.Conv3d(2 * thin if settings.skip else thin, 1, 3, padding=1)

    def forward(self, volume: Tensor) -> Tensor:
        """Return the logits."""
        fused = self.reduce(self.fuse(self.spatial(volume), self.context(volume)))
        whole = resized(fused, volume)
        if self.skip is not None:
            whole = torch.cat([whole, self.skip(volume)], dim=1)
        logits: Tensor = self.last(whole)
        return logits[:, 0]
