# SPDX-License-Identifier: Apache-2.0
"""From the first match to the disparity: unsure places are filled from the sure ones, then all are corrected step by step."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from depthbench.baselines.s2m2.attention import TokenLayer
from depthbench.baselines.s2m2.blocks import channels_last, conv, conv_pair
from depthbench.baselines.s2m2.cost_lookup import RADIUS, CostLookup
from depthbench.baselines.s2m2.pyramid import UNet

DISP_SCALE = 100.0
CORRELATION_SCALE = 16.0
SURE = 0.2
"""Confidence above which the first match is kept."""


class GlobalRefiner(nn.Module):
    """Fill disparities that matching is not sure of from those around."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.init_feat = conv_pair(2 + channels, channels, channels, 3, 1)
        self.refine_unet = UNet((channels, channels, channels), 1, positions=False)
        self.out_feat = nn.Sequential(conv(channels, 1, 3))

    def forward(self, context: Tensor, disp: Tensor, conf: Tensor) -> Tensor:
        """``context`` (B, C, H, W), ``disp`` in cells and ``conf`` (B, 1, H, W) -> disparity, float32 (B, 1, H, W)."""
        disp, conf = disp.detach(), conf.detach()
        sure = (conf > SURE).to(disp.dtype)
        x = torch.cat([disp / DISP_SCALE * sure, torch.logit(sure * conf, eps=0.1), context], dim=1)
        guess: Tensor = DISP_SCALE * self.out_feat(self.refine_unet(self.init_feat(channels_last(x)))[0])
        return sure * disp + (1 - sure) * guess.float()


class SeparableGRU(nn.Module):
    """A gated recurrent unit on maps, first along columns, then along rows."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convz1, self.convr1, self.convq1 = (self._gate(channels, (3, 1)) for _ in range(3))
        self.convz2, self.convr2, self.convq2 = (self._gate(channels, (1, 3)) for _ in range(3))

    @staticmethod
    def _gate(channels: int, kernel: tuple[int, int]) -> nn.Conv2d:
        return nn.Conv2d(2 * channels, channels, kernel, padding=(kernel[0] // 2, kernel[1] // 2))

    def forward(self, hidden: Tensor, x: Tensor) -> Tensor:
        """(B, C, H, W) twice -> the new hidden state."""
        for z_conv, r_conv, q_conv in (
            (self.convz1, self.convr1, self.convq1),
            (self.convz2, self.convr2, self.convq2),
        ):
            both = torch.cat([hidden, x], dim=1)
            z, r = torch.sigmoid(z_conv(both)), torch.sigmoid(r_conv(both))
            q = torch.tanh(q_conv(torch.cat([r * hidden, x], dim=1)))
            hidden = (1 - z) * hidden + z * q
        return hidden


class LocalRefiner(nn.Module):
    """One step of correction of disparity, confidence and visibility from the volume around the current match."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        samples = 2 * RADIUS + 1
        self.disp_feat = conv_pair(1, 96, 96, 3, 3)
        self.corr_feat1 = conv_pair(samples, 96, 64, 1, 1)
        self.corr_feat2 = conv_pair(samples, 96, 64, 1, 1)
        self.conf_occ_feat = conv_pair(2, 64, 32, 3, 1)
        self.disp_corr_ctx_cat = conv_pair(96 + 64 + 64 + 32 + channels, 2 * channels, channels, 1, 3)
        self.refine_unet = UNet((channels, channels, 2 * channels), 1, positions=False)
        self.disp_update = conv_pair(channels, channels, 1, 3, 3, bias=False)
        self.conf_occ_update = conv_pair(channels, channels, 2, 3, 3, bias=False)
        self.gru = SeparableGRU(channels)

    def features(self, lookup: CostLookup, context: Tensor, disp: Tensor, conf: Tensor, occ: Tensor) -> Tensor:
        """Put what is known now into one map, (B, C, H, W)."""
        fine, coarse = lookup(disp)
        parts = [
            self.disp_feat[2](channels_last(self.disp_feat[:2](disp / DISP_SCALE))),
            self.corr_feat1(fine / CORRELATION_SCALE),
            self.corr_feat2(coarse / CORRELATION_SCALE),
            context,
            self.conf_occ_feat(channels_last(torch.logit(torch.cat([conf, occ], dim=1), eps=0.01))),
        ]
        out: Tensor = self.disp_corr_ctx_cat(channels_last(torch.cat(parts, dim=1)))
        return out

    def forward(
        self,
        hidden: Tensor,
        context: Tensor,
        lookup: CostLookup,
        disp: Tensor,
        conf: Tensor,
        occ: Tensor,
        ffns: Sequence[TokenLayer] = (),
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return the new (hidden, disp, conf, occ), maps of (B, C or 1, H, W); the last three are float32.

        ``ffns``: see :meth:`UNet.forward`.
        """
        disp, conf, occ = disp.detach(), conf.detach(), occ.detach()
        seen = self.features(lookup, context, disp, conf, occ)
        hidden = self.gru(hidden, self.refine_unet(seen, ffns)[0])
        disp = disp + self.disp_update(hidden).float()
        logits = torch.logit(torch.cat([conf, occ], dim=1), eps=0.01) + self.conf_occ_update(hidden).float()
        conf, occ = torch.sigmoid(logits).chunk(2, dim=1)
        return hidden, disp, conf, occ
