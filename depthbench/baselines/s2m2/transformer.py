# SPDX-License-Identifier: Apache-2.0
"""The multi-resolution transformer: both eyes exchange what they see at four resolutions, down and up again, N times."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from depthbench.baselines.s2m2.attention import GlobalBlock, RowBlock, per_pixel
from depthbench.baselines.s2m2.blocks import FeatureFusion, down, up
from depthbench.baselines.s2m2.pyramid import GLOBAL_HEADS

Levels = tuple[Tensor, Tensor, Tensor, Tensor]
"""Maps at 1/4, 1/8, 1/16 and 1/32 of both eyes, (2B, C, H, W) with C, C, 2C, 2C channels."""

ROW_HEADS = (1, 2, 4)


class MultiResolutionTransformer(nn.Module):
    """One way down and up. Rows attend at the three finer levels, all tokens at the coarsest."""

    def __init__(self, dims: Sequence[int]) -> None:
        super().__init__()
        fine, middle, coarse = dims
        self.down_conv0, self.down_conv1, self.down_conv2 = (
            down(fine, middle),
            down(middle, coarse),
            down(coarse, coarse),
        )
        self.up_conv0, self.up_conv1, self.up_conv2 = up(middle, fine), up(coarse, middle), up(coarse, coarse)
        self.down_concat1, self.down_concat2, self.down_concat3 = map(FeatureFusion, (middle, coarse, coarse))
        self.up_concat0, self.up_concat1, self.up_concat2 = map(FeatureFusion, dims)
        self.enc_attn0, self.enc_attn1, self.enc_attn2 = map(RowBlock, dims, ROW_HEADS)
        self.enc_attn3s = nn.ModuleList(GlobalBlock(coarse, GLOBAL_HEADS, cross=True) for _ in range(2))
        self.dec_attn0, self.dec_attn1, self.dec_attn2 = map(RowBlock, dims, ROW_HEADS)
        self.dec_attn3s = nn.ModuleList(GlobalBlock(coarse, GLOBAL_HEADS, cross=True) for _ in range(2))

    def forward(self, levels: Levels) -> Levels:
        """Return the four levels after the way down and up."""
        (y0, _, _, _), (z1, z2, z3) = self._decode(levels)
        return per_pixel(self.dec_attn0.ffn, y0), z1, z2, z3

    def attended(self, levels: Levels) -> Levels:
        """Return the four levels on the way up, each before the last perceptron of its last block (:meth:`last_blocks`)."""
        return self._decode(levels)[0]

    def last_blocks(self) -> tuple[RowBlock, RowBlock, RowBlock, GlobalBlock]:
        """Return the block that each level leaves by."""
        last: GlobalBlock = self.dec_attn3s[-1]  # type: ignore[assignment]
        return self.dec_attn0, self.dec_attn1, self.dec_attn2, last

    def _decode(self, levels: Levels) -> tuple[Levels, tuple[Tensor, Tensor, Tensor]]:
        """Return the levels before their last perceptrons, and the coarser three after them."""
        z0, z1, z2, z3 = self.encode(levels)
        for block in self.dec_attn3s[:-1]:
            z3 = block(z3)
        last0, last1, last2, last3 = self.last_blocks()
        y3 = last3.attend(z3)
        z3 = per_pixel(last3.ffn, y3)
        y2 = last2.attend(self.up_concat2(z2, self.up_conv2(z3)))
        z2 = per_pixel(last2.ffn, y2)
        y1 = last1.attend(self.up_concat1(z1, self.up_conv1(z2)))
        z1 = per_pixel(last1.ffn, y1)
        y0 = last0.attend(self.up_concat0(z0, self.up_conv0(z1)))
        return (y0, y1, y2, y3), (z1, z2, z3)

    def encode(self, levels: Levels) -> Levels:
        """Return the four levels after the way down."""
        z0, z1, z2, z3 = levels
        z0 = self.enc_attn0(z0)
        z1 = self.enc_attn1(self.down_concat1(z1, self.down_conv0(z0)))
        z2 = self.enc_attn2(self.down_concat2(z2, self.down_conv1(z1)))
        z3 = self.down_concat3(z3, self.down_conv2(z2))
        for block in self.enc_attn3s:
            z3 = block(z3)
        return z0, z1, z2, z3


class StackedTransformer(nn.Module):
    """N transformers in a row, each on all four levels of the one before."""

    def __init__(self, dims: Sequence[int], number: int) -> None:
        super().__init__()
        self.uformer_list = nn.ModuleList(MultiResolutionTransformer(dims) for _ in range(number))

    def forward(self, levels: Levels) -> Tensor:
        """Return the finest level, (2B, C, H / 4, W / 4)."""
        for one in self.uformer_list:
            levels = one(levels)
        return levels[0]

    def attended(self, levels: Levels) -> Levels:
        """Return what the last transformer gives before its last perceptrons, on all four levels."""
        for one in self.uformer_list[:-1]:
            levels = one(levels)
        return self.last.attended(levels)

    @property
    def last(self) -> MultiResolutionTransformer:
        """The last transformer."""
        last: MultiResolutionTransformer = self.uformer_list[-1]  # type: ignore[assignment]
        return last
