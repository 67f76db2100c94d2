# SPDX-License-Identifier: Apache-2.0
"""Features of a source view as the reference would see them if all lay on a plane of one depth: differentiable homographies."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

_ROUNDING = 1e-3
"""Pixels by which a place at the border may lie outside for no other reason than rounding."""


def plane_coordinates(carried: Tensor, depths: Tensor, height: int, width: int) -> tuple[Tensor, Tensor]:
    """Return where the reference's pixels lie in the source, (B, D, H, W, 2), and whether before its camera, bool (B, D, H, W).

    Parameters
    ----------
    carried : (B, 3, 4)
        Takes (x d, y d, d, 1) of a pixel with depth d to (u z, v z, z), see :func:`depthbench.fusion.consistency.carry`.
    depths : (B, D) or (B, D, H, W)
        Of the planes, or of each pixel.
    """
    y, x = torch.meshgrid(
        torch.arange(height, dtype=carried.dtype, device=carried.device),
        torch.arange(width, dtype=carried.dtype, device=carried.device),
        indexing="ij",
    )
    rays = torch.einsum("bij,jhw->bihw", carried[:, :, :3], torch.stack([x, y, torch.ones_like(x)]))
    if depths.ndim == 2:
        depths = depths[:, :, None, None]
    u, v, z = ((rays[:, i, None] * depths + carried[:, i, 3, None, None, None]) for i in range(3))
    before = z > 1e-6 * depths
    safe = torch.where(before, z, torch.ones_like(z))
    return torch.stack([u / safe, v / safe], dim=-1), before


def warp(features: Tensor, carried: Tensor, depths: Tensor, height: int, width: int) -> tuple[Tensor, Tensor]:
    """Return the source's features on the planes of a reference of a size, (B, C, D, H, W), and where there are any, bool (B, D, H, W).

    Invalid, and 0, is what falls outside the source (all four pixels must lie in it) or behind its camera.

    Parameters
    ----------
    features : (B, C, h, w)
        Of the source.
    carried, depths
        See :func:`plane_coordinates`.
    """
    batch, channels, h, w = features.shape
    places, before = plane_coordinates(carried, depths, height, width)
    u, v = places.unbind(-1)
    inside = before & (u >= -_ROUNDING) & (v >= -_ROUNDING) & (u <= w - 1 + _ROUNDING) & (v <= h - 1 + _ROUNDING)
    # -1 and 1 are the middles of the outermost pixels: align_corners=True; the other convention moves what lies at the borders by half a pixel
    size = torch.tensor([max(w - 1, 1), max(h - 1, 1)], dtype=places.dtype, device=places.device)
    grid = torch.where(inside[..., None], (2 * places / size - 1).clamp(-1, 1), torch.full_like(places, -2.0))
    planes = depths.shape[1]
    sampled = F.grid_sample(
        features, grid.reshape(batch, planes * height, width, 2), mode="bilinear", padding_mode="zeros", align_corners=True
    )  # fmt: skip
    warped = sampled.reshape(batch, channels, planes, height, width)
    return warped * inside[:, None], inside
