# SPDX-License-Identifier: Apache-2.0
"""From a quarter of the resolution to all of it: each pixel is a weighted mean of the 3x3 cells around it."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from depthbench.baselines.s2m2.blocks import channels_last, conv


def neighbours(x: Tensor) -> Tensor:
    """Return the 3x3 surroundings of each cell row by row, the border repeated: (B, 1, H, W) -> (B, 9, H, W)."""
    padded = F.pad(x, (1, 1, 1, 1), mode="replicate")
    height, width = x.shape[-2:]
    return torch.cat([padded[..., y : y + height, x : x + width] for y in range(3) for x in range(3)], dim=1)


class Upsample4x(nn.Module):
    """Weights at full resolution from the hidden state (1/4) and the stem's features (1/2), for maps at 1/4.

    A convolution of two maps laid side by side is the sum of one of each, so what the features contribute (:meth:`guide`) can
    be computed once for several hidden states.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv_x = nn.ConvTranspose2d(channels, 64, 2, stride=2)
        self.conv_y = conv(channels, 64, 3)
        self.conv_concat = nn.Sequential(conv(128, 128, 3), nn.ReLU(), nn.ConvTranspose2d(128, 9, 2, stride=2))

    def guide(self, half: Tensor) -> Tensor:
        """Return the features' part, (B, 128, H / 2, W / 2)."""
        return _part(self.conv_concat[0], self.conv_y(half), first=64)

    def forward(self, hidden: Tensor, guide: Tensor, *maps: Tensor) -> list[Tensor]:
        """Return each map (B, 1, H / 4, W / 4) at (B, 1, H, W), float32; every value is between those around it."""
        both = _part(self.conv_concat[0], _spread(self.conv_x, hidden), first=0) + guide
        weights = _spread(self.conv_concat[2], F.relu(both)).float().softmax(dim=1)
        return [
            (F.interpolate(neighbours(x), scale_factor=4, mode="nearest") * weights).sum(1, keepdim=True) for x in maps
        ]


class Sharpen(nn.Module):
    """Weights at full resolution from the disparity, the picture and the stem's features, for maps at full resolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv_disp = nn.Sequential(nn.ConvTranspose2d(1, 16, 3, padding=1), nn.ReLU())
        self.conv_rgb = nn.Sequential(nn.ConvTranspose2d(3, 16, 3, padding=1), nn.ReLU())
        self.conv_ctx = nn.ConvTranspose2d(channels, 16, 2, stride=2)
        self.conv_concat = nn.Sequential(conv(48, 48, 3), nn.ReLU(), nn.ConvTranspose2d(48, 9, 1))

    def guide(self, rgb: Tensor, half: Tensor) -> Tensor:
        """Return the part of picture and features, (B, 48, H, W)."""
        from_rgb = F.relu(_mirrored(self.conv_rgb[0], rgb))
        return _part(self.conv_concat[0], torch.cat([from_rgb, _spread(self.conv_ctx, half)], dim=1), first=16)

    def forward(self, disp: Tensor, guide: Tensor, *maps: Tensor) -> list[Tensor]:
        """Return each map (B, 1, H, W) filtered, float32."""
        both = _part(self.conv_concat[0], channels_last(F.relu(_mirrored(self.conv_disp[0], disp))), first=0) + guide
        weights = _mirrored(self.conv_concat[2], F.relu(both)).float().softmax(dim=1)
        return [(neighbours(x) * weights).sum(1, keepdim=True) for x in maps]


def _part(layer: Any, x: Tensor, first: int) -> Tensor:
    """Apply a 3x3 convolution to some of its inputs, from channel ``first`` on; the bias goes with those that are not at 0."""
    weight = layer.weight[:, first : first + x.shape[1]]
    return F.conv2d(x, weight, layer.bias if first else None, padding=1)


def _spread(layer: Any, x: Tensor) -> Tensor:
    """Apply a transposed convolution whose stride is its kernel's width, as a 1x1 convolution: several times as fast."""
    width = layer.kernel_size[0]
    # (in, out, y, x) -> (out y x, in, 1, 1): every cell gives width x width pixels of its own
    weight = layer.weight.flatten(1).t()[..., None, None]
    return F.pixel_shuffle(F.conv2d(x, weight, layer.bias.repeat_interleave(width * width)), width)


def _mirrored(layer: Any, x: Tensor) -> Tensor:
    """Apply a transposed convolution of stride 1 as the convolution that it is, with mirrored weights."""
    return F.conv2d(x, layer.weight.transpose(0, 1).flip(2, 3), layer.bias, padding=layer.padding)
