# SPDX-License-Identifier: Apache-2.0
"""Depth Anything (Yang et al., CVPR 2024), small: relative disparity of one picture, its parameters named as in the public checkpoint."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from depthbench.baselines.hybriddepth.midas import FeatureFusion
from depthbench.baselines.hybriddepth.vit import PATCH_PX, SIDE_PX, VisionTransformer

SOURCE = "https://huggingface.co/LiheYoung/depth_anything_vits14 (Apache-2.0)"
_FEATURES, _CHANNELS, _HEAD = 64, (48, 96, 192, 384), 32


class _Scratch(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        one, two, three, four = (nn.Conv2d(channels, _FEATURES, 3, 1, 1, bias=False) for channels in _CHANNELS)
        self.layer1_rn, self.layer2_rn, self.layer3_rn, self.layer4_rn = one, two, three, four
        self.refinenet1 = FeatureFusion(_FEATURES, _FEATURES)
        self.refinenet2 = FeatureFusion(_FEATURES, _FEATURES)
        self.refinenet3 = FeatureFusion(_FEATURES, _FEATURES)
        self.refinenet4 = FeatureFusion(_FEATURES, _FEATURES, coarsest=True)
        self.output_conv1 = nn.Conv2d(_FEATURES, _FEATURES // 2, 3, 1, 1)
        self.output_conv2 = nn.Sequential(
            nn.Conv2d(_FEATURES // 2, _HEAD, 3, 1, 1), nn.ReLU(), nn.Conv2d(_HEAD, 1, 1), nn.ReLU()
        )


class DptHead(nn.Module):
    """From patches to a map (Ranftl et al. 2021)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        one, two, _, four = _CHANNELS
        self.projects = nn.ModuleList(nn.Conv2d(channels, out, 1) for out in _CHANNELS)
        self.resize_layers = nn.ModuleList(
            [
                nn.ConvTranspose2d(one, one, 4, 4),
                nn.ConvTranspose2d(two, two, 2, 2),
                nn.Identity(),
                nn.Conv2d(four, four, 3, 2, 1),
            ]
        )
        self.scratch = _Scratch()

    def forward(self, kept: list[Tensor]) -> Tensor:
        """Four maps (B, C, h, w) -> (B, 1, 14 h, 14 w), not negative."""
        height, width = kept[0].shape[2:]
        resized = [
            resize(project(x)) for x, project, resize in zip(kept, self.projects, self.resize_layers, strict=True)
        ]
        net = self.scratch
        one, two, three, four = (
            layer(x)
            for layer, x in zip((net.layer1_rn, net.layer2_rn, net.layer3_rn, net.layer4_rn), resized, strict=True)
        )
        path = net.refinenet4(four, size=tuple(three.shape[2:]))
        path = net.refinenet3(path, three, tuple(two.shape[2:]))
        path = net.refinenet2(path, two, tuple(one.shape[2:]))
        path = net.output_conv1(net.refinenet1(path, one))
        whole = F.interpolate(path, size=(PATCH_PX * height, PATCH_PX * width), mode="bilinear", align_corners=True)
        disparity: Tensor = net.output_conv2(whole)
        return disparity


class DepthAnything(nn.Module):
    """The network, as HybridDepth uses it: every picture stretched to 518x518, values from 0 to 1 that are *not* normalised further.

    The network was trained on normalised pictures; HybridDepth's refinement was trained on what it answers to these.
    """

    def __init__(self) -> None:
        super().__init__()
        self.pretrained = VisionTransformer()
        self.depth_head = DptHead(384)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return relative disparity (B, 1, H, W), not negative, of pictures (B, 3, H, W), 0 to 1."""
        square = F.interpolate(pictures, size=(SIDE_PX, SIDE_PX), mode="bicubic", align_corners=True)
        disparity = self.depth_head(self.pretrained(square)).float()
        # bicubic interpolation overshoots below zero at edges
        return F.interpolate(disparity, size=pictures.shape[2:], mode="bicubic", align_corners=True).clamp(min=0)
