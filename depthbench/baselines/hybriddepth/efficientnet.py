# SPDX-License-Identifier: Apache-2.0
"""EfficientNet-Lite (Tan and Le 2019, without squeeze and excitation) as an encoder, in plain torch.

Names, padding and the constants of batch norms are those of the weights that were converted from TensorFlow, which checkpoints of
MiDaS-like networks hold.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor, nn

STEM = 32
_EPS, _MOMENTUM = 1e-3, 0.01


class Stage(NamedTuple):
    """Blocks of one kind; the first has the stride."""

    kernel: int
    stride: int
    expand: int
    channels: int
    repeats: int


STAGES = (
    Stage(3, 1, 1, 16, 1),
    Stage(3, 2, 6, 24, 2),
    Stage(5, 2, 6, 40, 2),
    Stage(3, 2, 6, 80, 3),
    Stage(5, 1, 6, 112, 3),
    Stage(5, 2, 6, 192, 4),
    Stage(3, 1, 6, 320, 1),
)
"""EfficientNet-Lite0."""


class SameConv(nn.Conv2d):
    """A convolution that pads as TensorFlow does: to ceil(side / stride), the odd pixel at the right and the bottom."""

    def __init__(self, channels: int, out: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__(channels, out, kernel, stride, groups=groups, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, out, ceil(H / stride), ceil(W / stride))."""
        kernel, stride = self.kernel_size[0], self.stride[0]
        missing = [max((math.ceil(side / stride) - 1) * stride + kernel - side, 0) for side in x.shape[2:]]
        high, wide = missing
        return super().forward(F.pad(x, (wide // 2, wide - wide // 2, high // 2, high - high // 2)))


def norm(channels: int) -> nn.BatchNorm2d:
    """Return a batch norm with TensorFlow's constants."""
    return nn.BatchNorm2d(channels, _EPS, _MOMENTUM)


class SeparableBlock(nn.Module):
    """Each channel by itself, then a 1x1 convolution."""

    def __init__(self, channels: int, out: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.conv_dw, self.bn1 = SameConv(channels, channels, kernel, stride, channels), norm(channels)
        self.conv_pw, self.bn2 = SameConv(channels, out, 1), norm(out)
        self._adds = stride == 1 and channels == out

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, out, H / stride, W / stride)."""
        inner: Tensor = self.bn2(self.conv_pw(F.relu6(self.bn1(self.conv_dw(x)))))
        return inner + x if self._adds else inner


class InvertedBlock(nn.Module):
    """A 1x1 convolution to more channels, each by itself, and a 1x1 to fewer."""

    def __init__(self, channels: int, out: int, kernel: int, stride: int, expand: int) -> None:
        super().__init__()
        wide = channels * expand
        self.conv_pw, self.bn1 = SameConv(channels, wide, 1), norm(wide)
        self.conv_dw, self.bn2 = SameConv(wide, wide, kernel, stride, wide), norm(wide)
        self.conv_pwl, self.bn3 = SameConv(wide, out, 1), norm(out)
        self._adds = stride == 1 and channels == out

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, out, H / stride, W / stride)."""
        wide = F.relu6(self.bn1(self.conv_pw(x)))
        inner: Tensor = self.bn3(self.conv_pwl(F.relu6(self.bn2(self.conv_dw(wide)))))
        return inner + x if self._adds else inner


def scaled(channels: int, width: float) -> int:
    """Return channels times ``width``, rounded to a multiple of 8 that is at least 90 % of that."""
    wanted = channels * width
    rounded = max(8, int(wanted + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * wanted else rounded


class EfficientNetLite(nn.Module):
    """The encoder, cut where its size halves.

    Parameters
    ----------
    width, depth : float
        Factors of channels and of repeats (but for the first and the last stage's); 1.2 and 1.4 are Lite3.

    Attributes
    ----------
    channels : tuple of int
        Of the features at 1/4, 1/8, 1/16 and 1/32.
    """

    def __init__(self, width: float = 1.2, depth: float = 1.4) -> None:
        super().__init__()
        blocks, channels = [], STEM
        for number, stage in enumerate(STAGES):
            ends = number in (0, len(STAGES) - 1)
            out = scaled(stage.channels, width)
            line: list[nn.Module] = []
            for turn in range(stage.repeats if ends else math.ceil(stage.repeats * depth)):
                stride = stage.stride if turn == 0 else 1
                if stage.expand == 1:
                    line.append(SeparableBlock(channels, out, stage.kernel, stride))
                else:
                    line.append(InvertedBlock(channels, out, stage.kernel, stride, stage.expand))
                channels = out
            blocks.append(nn.Sequential(*line))
        self.layer1 = nn.Sequential(SameConv(3, STEM, 3, 2), norm(STEM), nn.ReLU6(), blocks[0], blocks[1])
        self.layer2 = nn.Sequential(blocks[2])
        self.layer3 = nn.Sequential(blocks[3], blocks[4])
        self.layer4 = nn.Sequential(blocks[5], blocks[6])
        self.channels = tuple(scaled(STAGES[number].channels, width) for number in (1, 2, 4, 6))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return features of (B, 3, H, W) at 1/4, 1/8, 1/16 and 1/32."""
        quarter = self.layer1(x)
        eighth = self.layer2(quarter)
        sixteenth = self.layer3(eighth)
        return quarter, eighth, sixteenth, self.layer4(sixteenth)
