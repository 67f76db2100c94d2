# SPDX-License-Identifier: Apache-2.0
"""Features of one picture: a convolutional stem to a quarter of the resolution, and a U-Net below it down to 1/32."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from depthbench.baselines.s2m2.attention import GlobalBlock, TokenLayer
from depthbench.baselines.s2m2.blocks import ConvBlock, FeatureFusion, conv, conv_pair, down, up
from depthbench.baselines.s2m2.position import relative_position

GLOBAL_HEADS = 8


class Stem(nn.Module):
    """RGB in -1..1 (B, 3, H, W) -> features at 1/4 and at 1/2, each with C channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv0 = conv_pair(3, 16, 16, 1, 1)
        self.conv1_down = nn.Sequential(conv(16, 64, 5, stride=2), nn.GELU(), conv(64, channels, 3))
        self.norm1 = nn.GroupNorm(8, channels)
        self.conv2 = conv_pair(channels, channels, channels, 3, 3)
        self.conv2_down = nn.Sequential(conv(channels, channels, 3, stride=2))

    def forward(self, rgb: Tensor) -> tuple[Tensor, Tensor]:
        """Return (1/4, 1/2)."""
        half = self.norm1(self.conv1_down(self.conv0(rgb)))
        half = self.conv2(half) + half
        return self.conv2_down(half), half


class UNet(nn.Module):
    """Four levels, each half as fine as the one before; tokens of the coarsest attend globally.

    Parameters
    ----------
    dims : three ints
        Channels of the levels; the fourth has as many as the third.
    blocks : int
        Attention blocks on the way down, and as many on the way up.
    positions : bool
        Whether the former know where tokens lie relative to each other.
    """

    def __init__(self, dims: Sequence[int], blocks: int, positions: bool) -> None:
        super().__init__()
        fine, middle, coarse = dims
        self.down_conv0, self.down_conv1, self.down_conv2 = (
            down(fine, middle),
            down(middle, coarse),
            down(coarse, coarse),
        )
        self.up_conv0, self.up_conv1, self.up_conv2 = up(middle, fine), up(coarse, middle), up(coarse, coarse)
        self.concat_conv0, self.concat_conv1, self.concat_conv2 = (FeatureFusion(dim) for dim in dims)
        self.enc0, self.enc1, self.enc2 = (ConvBlock(dim) for dim in dims)
        self.enc3s = nn.ModuleList(GlobalBlock(coarse, GLOBAL_HEADS, positions=positions) for _ in range(blocks))
        self.dec0, self.dec1, self.dec2 = (ConvBlock(dim) for dim in dims)
        self.dec3s = nn.ModuleList(GlobalBlock(coarse, GLOBAL_HEADS) for _ in range(blocks))
        self.positions = positions

    def forward(self, x: Tensor, ffns: Sequence[TokenLayer] = ()) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return the four levels, fine to coarse; height and width of ``x`` are multiples of 8.

        ``ffns``, if given, take the places of the attention blocks' perceptrons, in the order in which those run.
        """
        z0 = self.enc0(x)
        z1 = self.enc1(self.down_conv0(z0))
        z2 = self.enc2(self.down_conv1(z1))
        z3 = self.coarsest(self.down_conv2(z2), ffns)
        z2 = self.dec2(self.concat_conv2(z2, self.up_conv2(z3)))
        z1 = self.dec1(self.concat_conv1(z1, self.up_conv1(z2)))
        z0 = self.dec0(self.concat_conv0(z0, self.up_conv0(z1)))
        return z0, z1, z2, z3

    def coarsest(self, z3: Tensor, ffns: Sequence[TokenLayer] = ()) -> Tensor:
        """Let the coarsest level's tokens attend to each other."""
        position = relative_position(z3.shape[2], z3.shape[3], z3.device) if self.positions else None
        blocks = [*self.enc3s, *self.dec3s]
        known = [position] * len(self.enc3s) + [None] * len(self.dec3s)
        own = [block.ffn for block in blocks]
        for block, where, ffn in zip(blocks, known, ffns or own, strict=True):
            z3 = block(z3, where, ffn)
        return z3
