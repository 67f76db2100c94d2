# SPDX-License-Identifier: Apache-2.0
"""The small MiDaS network: EfficientNet-Lite features, fused from coarse to fine, to one number per pixel.

It is the refinement of HybridDepth, as of VI-Depth (:class:`ScaleMapLearner`), and at a smaller size a relative-depth network of our own
(:class:`SmallRelative`).
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from depthbench.baselines.hybriddepth.efficientnet import EfficientNetLite

LEAST = 0.02
"""Smallest value of a prediction, in whatever quantity it is."""


class ResidualUnit(nn.Module):
    """Two 3x3 convolutions, each after a ReLU, beside the identity."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, 1, 1)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, h, w) -> (B, C, h, w)."""
        inner: Tensor = self.conv2(F.relu(self.conv1(F.relu(x))))
        return inner + x


class FeatureFusion(nn.Module):
    """What comes from the coarser size, the features of this one added, made larger.

    Parameters
    ----------
    channels, out : int
    coarsest : bool
        Whether nothing comes from a coarser size; the first unit is then never used and does not train.
    """

    def __init__(self, channels: int, out: int, coarsest: bool = False) -> None:
        super().__init__()
        self.out_conv = nn.Conv2d(channels, out, 1)
        self.resConfUnit1 = ResidualUnit(channels).requires_grad_(not coarsest)
        self.resConfUnit2 = ResidualUnit(channels)

    def forward(self, x: Tensor, beside: Tensor | None = None, size: tuple[int, int] | None = None) -> Tensor:
        """(B, C, h, w) -> (B, out, *size), by default (2 h, 2 w)."""
        if beside is not None:
            x = x + self.resConfUnit1(beside)
        x = self.resConfUnit2(x)
        size = size or (2 * x.shape[2], 2 * x.shape[3])
        wider = F.interpolate(x, size=size, mode="bilinear", align_corners=True)
        fused: Tensor = self.out_conv(wider)
        return fused


class _Output(nn.Module):
    def __init__(self, features: int) -> None:
        super().__init__()
        self.output_conv = nn.Sequential(
            nn.Conv2d(features, features // 2, 3, 1, 1),
            nn.Upsample(scale_factor=2, mode="bilinear"),
            nn.Conv2d(features // 2, 32, 3, 1, 1),
            nn.ReLU(),
            nn.Conv2d(32, 1, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        number: Tensor = self.output_conv(x)
        return number


class _Scratch(nn.Module):
    """What is not the encoder."""

    def __init__(self, channels: tuple[int, ...], features: int) -> None:
        super().__init__()
        one, two, three, four = (features * factor for factor in (1, 2, 4, 8))
        self.layer1_rn = nn.Conv2d(channels[0], one, 3, 1, 1, bias=False)
        self.layer2_rn = nn.Conv2d(channels[1], two, 3, 1, 1, bias=False)
        self.layer3_rn = nn.Conv2d(channels[2], three, 3, 1, 1, bias=False)
        self.layer4_rn = nn.Conv2d(channels[3], four, 3, 1, 1, bias=False)
        self.refinenet4 = FeatureFusion(four, three, coarsest=True)
        self.refinenet3 = FeatureFusion(three, two)
        self.refinenet2 = FeatureFusion(two, one)
        self.refinenet1 = FeatureFusion(one, one)
        self.output_conv = _Output(features)

    def forward(self, layers: tuple[Tensor, Tensor, Tensor, Tensor]) -> Tensor:
        path = self.refinenet4(self.layer4_rn(layers[3]))
        path = self.refinenet3(path, self.layer3_rn(layers[2]))
        path = self.refinenet2(path, self.layer2_rn(layers[1]))
        path = self.refinenet1(path, self.layer1_rn(layers[0]))
        number: Tensor = self.output_conv(path)
        return number


class MidasSmall(nn.Module):
    """One number per pixel.

    Parameters
    ----------
    inputs : int
        Channels.
    features : int
        Channels of the finest size of the decoder, a multiple of 2; coarser ones have 2, 4 and 8 times as many.
    width, depth : float
        Of the encoder, see :class:`.efficientnet.EfficientNetLite`.
    """

    def __init__(self, inputs: int, features: int = 64, width: float = 1.2, depth: float = 1.4) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(inputs, 3, 3, 1, 1), nn.BatchNorm2d(3), nn.ReLU())
        self.pretrained = EfficientNetLite(width, depth)
        self.scratch = _Scratch(self.pretrained.channels, features)

    def number(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W), sides multiples of 32 -> (B, 1, H, W), any sign."""
        numbers: Tensor = self.scratch(self.pretrained(self.first(x)))
        return numbers


class ScaleMapLearner(MidasSmall):
    """The refinement: corrects a map, as published the globally aligned one, by a factor per pixel.

    Parameters are those of :class:`MidasSmall`; 2 inputs: the paper's (aligned map, scale map); 3: the later code's, with the
    deviation of the depth from focus too. The last convolution starts at zero, so that a fresh network changes nothing.
    """

    def __init__(self, inputs: int = 3, features: int = 64, width: float = 1.2, depth: float = 1.4) -> None:
        super().__init__(inputs, features, width, depth)
        last = self.scratch.output_conv.output_conv[-1]
        for value in last.parameters():
            nn.init.zeros_(value)

    def forward(self, x: Tensor, corrected: Tensor) -> Tensor:
        """Return the refined map (B, 1, H, W), not below :data:`LEAST`.

        Parameters
        ----------
        x : (B, inputs, H, W)
        corrected : (B, 1, H, W)
        """
        refined = corrected * F.relu(1 + self.number(x).float())
        return refined.clamp(min=LEAST)


class SmallRelative(MidasSmall):
    """Relative depth of one picture by a network small enough to be trained beside the others."""

    def __init__(self, features: int = 16, width: float = 0.35, depth: float = 0.5) -> None:
        super().__init__(3, features, width, depth)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return relative disparity (B, 1, H, W), above 0, of pictures (B, 3, H, W), 0 to 1."""
        return F.softplus(self.number(2 * pictures - 1).float())
