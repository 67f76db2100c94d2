# SPDX-License-Identifier: Apache-2.0
"""The published kernel in PyTorch: batches, any device, gradients to the picture and to the depth; see :mod:`.reference`."""

from __future__ import annotations

from typing import Any

from depthbench.errors import MissingExtraError

try:
    import torch
    import torch.nn.functional as nnf
except ImportError as error:
    raise MissingExtraError("torch", "torch", "the renderer in PyTorch") from error

_REACH = 3


def render_reference(image: Any, radius_px: Any) -> Any:
    """Render pictures by the published kernel.

    Parameters
    ----------
    image : tensor (B, 3, H, W)
        sRGB, 0 to 1.
    radius_px : tensor (B, N, H, W)
        Of the blur of each pixel in each picture, finite.

    Returns
    -------
    tensor (B, N, 3, H, W)
        Gradients reach the picture, and the radii of what is blurred; the gate at 1 pixel has none.
    """
    height, width = image.shape[-2:]
    blurred = radius_px > 1
    square = torch.where(blurred, radius_px, torch.ones_like(radius_px)).square()
    sides = (_REACH,) * 4
    weight = nnf.pad(blurred / square, sides)
    power = nnf.pad(torch.exp(-2 / square), sides)
    colour = nnf.pad(image, sides)[:, None]
    total = torch.zeros((*radius_px.shape[:2], 3, height, width), dtype=image.dtype, device=image.device)
    sum_ = torch.zeros_like(radius_px)
    rings: dict[int, Any] = {}
    for dy in range(-_REACH, _REACH + 1):
        for dx in range(-_REACH, _REACH + 1):
            ring = dy * dy + dx * dx
            if ring not in rings:
                rings[ring] = weight * power**ring
            rows, columns = slice(dy + _REACH, dy + _REACH + height), slice(dx + _REACH, dx + _REACH + width)
            share = rings[ring][..., rows, columns]
            total = total + share[:, :, None] * colour[..., rows, columns]
            sum_ = sum_ + share
    mean = total / torch.where(blurred, sum_, torch.ones_like(sum_))[:, :, None]
    return torch.where(blurred[:, :, None], mean, image[:, None])
