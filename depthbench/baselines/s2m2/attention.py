# SPDX-License-Identifier: Apache-2.0
"""Attention blocks: over all tokens of a picture, or along rows only; within a picture, or between the two eyes.

Pairs are stacked on the batch axis, left eyes first. Every part normalises first (LayerNorm without learned factors) and adds
its output to its input.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from depthbench.baselines.s2m2.position import CENTRES, RelativePosition

MAX_SCORES = 2**26
"""Attention scores held at a time where positions enter (elsewhere they are never held): 256 MB in float32."""


TokenLayer = Callable[[Tensor], Tensor]
"""A layer on the last axis: (..., C) -> (..., C)."""


def normalise(x: Tensor) -> Tensor:
    """LayerNorm over the last axis without learned factors."""
    return F.layer_norm(x, x.shape[-1:])


def other_eye(x: Tensor) -> Tensor:
    """Swap the halves of the batch axis: each left picture gets its right one and the other way round."""
    left, right = x.chunk(2)
    return torch.cat([right, left])


class Attention(nn.Module):
    """Multi-head attention between token lists of shape (B, N, C)."""

    def __init__(self, channels: int, heads: int, positions: bool = False) -> None:
        super().__init__()
        self.heads = heads
        self.q = nn.Linear(channels, channels, bias=False)
        self.k = nn.Linear(channels, channels, bias=False)
        self.v = nn.Linear(channels, channels)
        self.proj = nn.Linear(channels, channels, bias=False)
        if positions:
            self.pe_proj = nn.Linear(2 * CENTRES, channels // heads)

    def _split(self, x: Tensor) -> Tensor:
        """(B, N, C) -> (B, heads, N, C / heads)."""
        return x.reshape(*x.shape[:2], self.heads, -1).transpose(1, 2)

    def forward(self, x: Tensor, source: Tensor, position: RelativePosition | None = None) -> Tensor:
        """Let tokens ``x`` ask tokens ``source``; returns (B, N, C)."""
        q, k, v = self._split(self.q(x)), self._split(self.k(source)), self._split(self.v(source))
        mixed = F.scaled_dot_product_attention(q, k, v) if position is None else self._with_position(q, k, v, position)
        out: Tensor = self.proj(mixed.transpose(1, 2).flatten(2))
        return out

    def _with_position(self, q: Tensor, k: Tensor, v: Tensor, position: RelativePosition) -> Tensor:
        """Attend, and add the mean encoding of where the attention went.

        The two parts of an encoding depend on rows and on columns alone, so the scores are summed over the other axis
        first; encodings for pairs of tokens never exist. Queries are taken by whole picture rows, as many as memory allows.
        """
        height, width = len(position.rows), len(position.columns)
        rows_at_a_time = max(1, MAX_SCORES // (q.shape[0] * q.shape[1] * width * height * width))
        parts = []
        for top in range(0, height, rows_at_a_time):
            some = q[:, :, top * width : (top + rows_at_a_time) * width]
            scores = torch.softmax(some @ k.transpose(-1, -2) * q.shape[-1] ** -0.5, dim=-1)
            # (B, heads, query row, query column, row, column)
            where = scores.reshape(*scores.shape[:2], -1, width, height, width)
            rows = position.rows[top : top + rows_at_a_time].to(where.dtype)
            vertical = torch.einsum("bhyxj,yjc->bhyxc", where.sum(-1), rows)
            horizontal = torch.einsum("bhyxj,xjc->bhyxc", where.sum(-2), position.columns.to(where.dtype))
            encoding = 0.5 * torch.cat([horizontal, vertical], dim=-1).flatten(2, 3)
            parts.append(scores @ v + self.pe_proj(encoding))
        return torch.cat(parts, dim=2)


class SelfAttention(nn.Module):
    """Residual attention within a token list."""

    def __init__(self, channels: int, heads: int, positions: bool = False) -> None:
        super().__init__()
        self.attn = Attention(channels, heads, positions)

    def forward(self, x: Tensor, position: RelativePosition | None = None) -> Tensor:
        """(B, N, C) -> (B, N, C)."""
        normal = normalise(x)
        out: Tensor = x + self.attn(normal, normal, position)
        return out


class CrossAttention(nn.Module):
    """Residual attention from each eye to the other, by the same weights both ways."""

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.attn = Attention(channels, heads)

    def forward(self, x: Tensor) -> Tensor:
        """(2B, N, C) -> (2B, N, C)."""
        normal = normalise(x)
        out: Tensor = x + self.attn(normal, other_eye(normal))
        return out


class FeedForward(nn.Module):
    """Residual two-layer perceptron per token."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.ffn = nn.Sequential(nn.Linear(channels, channels), nn.GELU(), nn.Linear(channels, channels))

    def forward(self, x: Tensor) -> Tensor:
        """(..., C) -> (..., C)."""
        out: Tensor = x + self.ffn(normalise(x))
        return out


class GlobalBlock(nn.Module):
    """Attention over all H x W tokens: the other eye first (if ``cross``), then the picture itself. (B, C, H, W) -> same."""

    def __init__(self, channels: int, heads: int, cross: bool = False, positions: bool = False) -> None:
        super().__init__()
        self.self_attn = SelfAttention(channels, heads, positions)
        if cross:
            self.cross_attn = CrossAttention(channels, heads)
            self.ffn_c = FeedForward(channels)
        self.ffn = FeedForward(channels)
        self.cross = cross

    def attend(self, x: Tensor, position: RelativePosition | None = None) -> Tensor:
        """Return the block's output before its last perceptron."""
        tokens: Tensor = x.flatten(2).transpose(1, 2)
        if self.cross:
            tokens = self.ffn_c(self.cross_attn(tokens))
        tokens = self.self_attn(tokens, position)
        return tokens.transpose(1, 2).reshape(x.shape)

    def forward(self, x: Tensor, position: RelativePosition | None = None, ffn: TokenLayer | None = None) -> Tensor:
        """Return the block's output; ``ffn`` takes the place of its last perceptron."""
        return per_pixel(ffn or self.ffn, self.attend(x, position))


class RowBlock(nn.Module):
    """Attention along epipolar lines, that is rows: the other eye's row, then the own one. (2B, C, H, W) -> same."""

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.cross_attn = CrossAttention(channels, heads)
        self.self_attn = SelfAttention(channels, heads)
        self.ffn_c = FeedForward(channels)
        self.ffn = FeedForward(channels)

    def attend(self, x: Tensor) -> Tensor:
        """Return the block's output before its last perceptron."""
        rows: Tensor = x.permute(0, 2, 3, 1).flatten(0, 1)
        rows = self.self_attn(self.ffn_c(self.cross_attn(rows)))
        return rows.reshape(x.shape[0], *x.shape[2:], x.shape[1]).permute(0, 3, 1, 2)

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's output."""
        return per_pixel(self.ffn, self.attend(x))


def per_pixel(layer: TokenLayer, x: Tensor) -> Tensor:
    """Apply a layer that works on the last axis to the channels of a map (B, C, H, W)."""
    return layer(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
