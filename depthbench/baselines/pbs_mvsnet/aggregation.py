# SPDX-License-Identifier: Apache-2.0
"""From features of several views to one cost volume: residuals to the reference, and how much each view counts (eq. 3 to 5)."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from depthbench.baselines.pbs_mvsnet.features import conv2d
from depthbench.baselines.pbs_mvsnet.settings import PbsSettings


def residual(warped: Tensor, reference: Tensor, kind: str) -> Tensor:
    """Return what a view's features (B, C, D, H, W) differ from the reference's (B, C, H, W) by, squared or signed."""
    difference = warped - reference[:, :, None]
    return difference**2 if kind == "square" else difference


class VoxelWeight(nn.Sequential):
    """Weight of every cell, (B, 1, D, H, W), at least 0: two mixes of channels, each with norm and ReLU (eq. 5)."""

    def __init__(self, channels: int) -> None:
        super().__init__(
            nn.Conv3d(channels, 1, 1, bias=False),
            nn.GroupNorm(1, 1),
            nn.ReLU(),
            nn.Conv3d(1, 1, 1, bias=False),
            nn.GroupNorm(1, 1),
            nn.ReLU(),
        )


class PixelWeight(nn.Module):
    """Weight of every pixel, 0 to 1, (B, 1, 1, H, W), of the largest and the mean residual along the planes (eq. 4).

    The figure that shows it is lost; this is what the same authors' PVA-MVSNet describes.
    """

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(conv2d(2, 16, 3), conv2d(16, 16, 3), nn.Conv2d(16, 1, 3, padding=1), nn.Sigmoid())

    def forward(self, difference: Tensor) -> Tensor:
        """Return the weights of residuals (B, C, D, H, W)."""
        size = difference.abs().mean(dim=1)
        weights: Tensor = self.layers(torch.stack([size.amax(dim=1), size.mean(dim=1)], dim=1))
        return weights[:, :, None]


class Aggregation(nn.Module):
    """Mean over views of (1 + w) times the residual; a view counts only where it sees the cell."""

    def __init__(self, settings: PbsSettings) -> None:
        super().__init__()
        self.kind = settings.residual
        chosen = settings.aggregation
        self.voxel = VoxelWeight(settings.channels) if chosen in ("voxel", "product") else None
        self.pixel = PixelWeight() if chosen in ("pixel", "product") else None

    def weight(self, difference: Tensor) -> Tensor | float:
        """Return 1 + w: of the voxel weight, the pixel weight, or the product of the two sums; 1 with neither."""
        whole: Tensor | float = 1.0
        for part in (self.voxel, self.pixel):
            if part is not None:
                whole = whole * (1 + part(difference))
        return whole

    def forward(self, reference: Tensor, views: Iterable[tuple[Tensor, Tensor]]) -> Tensor:
        """Return the cost volume (B, C, D, H, W); 0 where no view sees the cell.

        Parameters
        ----------
        reference : (B, C, H, W)
        views : iterable of (warped (B, C, D, H, W), seen bool (B, D, H, W))
        """
        total: Tensor | None = None
        count: Tensor | None = None
        for warped, seen in views:
            there = seen[:, None].to(warped.dtype)
            # outside a view there is no residual, not one to nothing
            difference = residual(warped, reference, self.kind) * there
            part = self.weight(difference) * difference
            total = part if total is None else total + part
            count = there if count is None else count + there
        if total is None or count is None:
            raise ValueError("no source view")
        return total / count.clamp(min=1)
