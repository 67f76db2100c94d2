# SPDX-License-Identifier: Apache-2.0
"""ResNet-18 (He et al. 2016) without torchvision, its parameters named as there."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

CLASSES = 1000


class BasicBlock(nn.Module):
    """Two 3x3 convolutions beside the identity, or beside a 1x1 where size or channels change."""

    def __init__(self, channels: int, out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        if stride != 1 or channels != out:
            self.downsample = nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, out, H / stride, W / stride)."""
        beside = self.downsample(x) if hasattr(self, "downsample") else x
        inner = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(inner)) + beside)


class ResNet18(nn.Module):
    """The encoder.

    Parameters
    ----------
    width : int
        Channels of the first stage; 64 is ResNet-18.

    Notes
    -----
    The classifier ``fc`` is never used and does not train; it is here because checkpoints have it.
    """

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        self.layer1 = _stage(width, width, 1)
        self.layer2 = _stage(width, 2 * width, 2)
        self.layer3 = _stage(2 * width, 4 * width, 2)
        self.layer4 = _stage(4 * width, 8 * width, 2)
        self.fc = nn.Linear(8 * width, CLASSES).requires_grad_(False)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return features at 1/4, 1/8, 1/16 and 1/32 of the size of (B, 3, H, W), of width, 2, 4 and 8 times as many channels."""
        x = self.maxpool(F.relu(self.bn1(self.conv1(pictures))))
        quarter = self.layer1(x)
        eighth = self.layer2(quarter)
        sixteenth = self.layer3(eighth)
        return quarter, eighth, sixteenth, self.layer4(sixteenth)


def _stage(channels: int, out: int, stride: int) -> nn.Sequential:
    return nn.Sequential(BasicBlock(channels, out, stride), BasicBlock(out, out, 1))
