# SPDX-License-Identifier: Apache-2.0
"""Pictures of any size: a border up to the network's multiple, filled with a blurred copy, and cut off again."""

from __future__ import annotations

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

from depthbench.baselines.s2m2.network import STRIDE


@dataclass(frozen=True)
class Padding:
    """A picture's size and where it lies in the padded one.

    Both eyes get the same border, so disparities are untouched.
    """

    height: int
    width: int

    @property
    def padded(self) -> tuple[int, int]:
        """(height, width) with the border: the next multiples of 32."""
        return -(-self.height // STRIDE) * STRIDE, -(-self.width // STRIDE) * STRIDE

    @property
    def corner(self) -> tuple[int, int]:
        """(row, column) of the picture's first pixel in the padded one: the picture is in the middle."""
        height, width = self.padded
        return (height - self.height) // 2, (width - self.width) // 2

    def pad(self, image: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, *padded); the border is the picture itself, blurred to one value per 32 pixels."""
        if self.padded == (self.height, self.width):
            return image
        blurred = F.adaptive_avg_pool2d(image, (max(1, self.height // STRIDE), max(1, self.width // STRIDE)))
        padded = F.interpolate(blurred, size=self.padded, mode="bilinear", align_corners=False)
        top, left = self.corner
        padded[..., top : top + self.height, left : left + self.width] = image
        return padded

    def crop(self, padded: Tensor) -> Tensor:
        """(..., *padded) -> (..., H, W)."""
        top, left = self.corner
        return padded[..., top : top + self.height, left : left + self.width]
