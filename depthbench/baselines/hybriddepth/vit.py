# SPDX-License-Identifier: Apache-2.0
"""DINOv2's vision transformer (Oquab et al. 2023) for pictures of 518x518, its parameters named as in the public checkpoints."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

PATCH_PX = 14
GRID = 37
"""Patches in a row: those that the embedding of places is for."""
SIDE_PX = PATCH_PX * GRID
_EPS = 1e-6


class _Attention(nn.Module):
    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.qkv = nn.Linear(channels, 3 * channels)
        self.proj = nn.Linear(channels, channels)
        self._heads = heads

    def forward(self, x: Tensor) -> Tensor:
        query, key, value = self.qkv(x).unflatten(-1, (3, self._heads, -1)).permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(query, key, value)
        mixed: Tensor = self.proj(seen.transpose(1, 2).flatten(2))
        return mixed


class _Mlp(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(channels, 4 * channels)
        self.fc2 = nn.Linear(4 * channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        inner: Tensor = self.fc2(F.gelu(self.fc1(x)))
        return inner


class _Scale(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.full((channels,), 1e-5))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gamma


class _Block(nn.Module):
    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.norm1, self.attn, self.ls1 = nn.LayerNorm(channels, _EPS), _Attention(channels, heads), _Scale(channels)
        self.norm2, self.mlp, self.ls2 = nn.LayerNorm(channels, _EPS), _Mlp(channels), _Scale(channels)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.ls1(self.attn(self.norm1(x)))
        after: Tensor = x + self.ls2(self.mlp(self.norm2(x)))
        return after


class VisionTransformer(nn.Module):
    """The encoder.

    Parameters
    ----------
    channels, heads, layers : int
        384, 6 and 12 are ViT-S.
    """

    def __init__(self, channels: int = 384, heads: int = 6, layers: int = 12) -> None:
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, channels))
        self.pos_embed = nn.Parameter(torch.zeros(1, GRID * GRID + 1, channels))
        # never used; checkpoints have it
        self.mask_token = nn.Parameter(torch.zeros(1, channels), requires_grad=False)
        self.patch_embed = nn.Module()
        self.patch_embed.proj = nn.Conv2d(3, channels, PATCH_PX, PATCH_PX)
        self.blocks = nn.ModuleList(_Block(channels, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(channels, _EPS)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """Return the normed patches of the last four layers, each (B, C, 37, 37), of pictures (B, 3, 518, 518)."""
        patches = self.patch_embed.proj(pictures).flatten(2).transpose(1, 2)  # type: ignore[operator, union-attr]
        x = torch.cat([self.cls_token.expand(len(patches), -1, -1), patches], 1) + self.pos_embed
        kept = []
        for number, block in enumerate(self.blocks):
            x = block(x)
            if number >= len(self.blocks) - 4:
                kept.append(self.norm(x)[:, 1:].transpose(1, 2).unflatten(2, (GRID, GRID)))
        return kept
