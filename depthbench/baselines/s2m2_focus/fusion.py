# SPDX-License-Identifier: Apache-2.0
"""Conditional fusion: the transformer's four levels, computed once, are brought together anew for every condition."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from depthbench.baselines.s2m2.attention import SelfAttention
from depthbench.baselines.s2m2.blocks import up
from depthbench.baselines.s2m2.pyramid import GLOBAL_HEADS
from depthbench.baselines.s2m2.transformer import ROW_HEADS, Levels, MultiResolutionTransformer
from depthbench.baselines.s2m2_focus.conditional import ConditionalFeedForward, ConditionEmbedding


class ConditionalBlock(nn.Module):
    """LN, attention, add; LN, experts beside injection, add: (B, C, H, W) -> same.

    Parameters
    ----------
    along_rows : bool
        Attend within rows, or over the whole picture.
    """

    def __init__(self, channels: int, heads: int, width: int, along_rows: bool, experts: int, inject: bool) -> None:
        super().__init__()
        self.attention = SelfAttention(channels, heads)
        nn.init.zeros_(self.attention.attn.proj.weight)
        self.ffn = ConditionalFeedForward(channels, width, heads, experts, inject)
        self.along_rows = along_rows

    def forward(self, x: Tensor, embedding: Tensor, c: Tensor) -> Tensor:
        """Return the block's output for the condition."""
        pixels = x.permute(0, 2, 3, 1)
        tokens = pixels.flatten(0, 1) if self.along_rows else pixels.flatten(1, 2)
        pixels = self.attention(tokens).reshape(pixels.shape)
        out: Tensor = self.ffn(pixels, embedding, c)
        return out.permute(0, 3, 1, 2)


class ConditionalFusion(nn.Module):
    """Coarse to fine through four blocks; each adds to its level what the coarser ones made of the condition.

    The blocks' experts replace the last perceptrons of the last transformer, attention and the ways up start at zero: the
    result is the transformer's own until trained.
    """

    def __init__(self, dims: Sequence[int], width: int, experts: int, inject: bool) -> None:
        super().__init__()
        self.embed = ConditionEmbedding(width)
        fine, middle, coarse = dims
        heads = (*ROW_HEADS, GLOBAL_HEADS)
        self.blocks = nn.ModuleList(
            ConditionalBlock(channels, heads[level], width, level < 3, experts, inject)
            for level, channels in enumerate((*dims, coarse))
        )
        self.ups = nn.ModuleList([up(middle, fine), up(coarse, middle), up(coarse, coarse)])
        for way in self.ups:
            for parameter in way.parameters():
                nn.init.zeros_(parameter)

    def start_from(self, transformer: MultiResolutionTransformer) -> None:
        """Copy the perceptrons that are replaced."""
        blocks: Iterable[Any] = self.blocks
        for block, replaced in zip(blocks, transformer.last_blocks(), strict=True):
            block.ffn.start_from(replaced.ffn)

    def forward(self, levels: Levels, embedding: Tensor, c: Tensor) -> Tensor:
        """Return the finest level, (2B, C, H / 4, W / 4), for ``c`` (B,) and its embedding (B, D); both eyes are asked alike."""
        embedding, c = torch.cat([embedding, embedding]), torch.cat([c, c])
        x: Tensor = self.blocks[3](levels[3], embedding, c)
        for level in (2, 1, 0):
            x = self.blocks[level](levels[level] + self.ups[level](x), embedding, c)
        return x
