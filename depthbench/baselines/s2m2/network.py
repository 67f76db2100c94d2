# SPDX-License-Identifier: Apache-2.0
"""The whole network, and its published sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from depthbench.baselines.s2m2.attention import TokenLayer
from depthbench.baselines.s2m2.blocks import FeatureFusion, channels_last, conv_pair
from depthbench.baselines.s2m2.cost_lookup import CostLookup
from depthbench.baselines.s2m2.matching import GlobalMatching, Match
from depthbench.baselines.s2m2.pyramid import Stem, UNet
from depthbench.baselines.s2m2.refine import GlobalRefiner, LocalRefiner
from depthbench.baselines.s2m2.transformer import Levels, StackedTransformer
from depthbench.baselines.s2m2.upsample import Sharpen, Upsample4x

SIZES = {"S": (128, 1), "M": (192, 2), "L": (256, 3), "XL": (384, 3)}
"""Published sizes: (channels, transformers)."""

STRIDE = 32
"""Height and width of the input are multiples of this."""


class Scene(NamedTuple):
    """Features of a pair: the left picture in -1..1, the left eye's map at 1/2, and both eyes' pyramid."""

    rgb: Tensor
    half: Tensor
    pyramid: Levels


class Estimate(NamedTuple):
    """What the network says of the left eye, float32.

    Attributes
    ----------
    disp : (B, 1, H, W)
        Disparity in px, positive.
    occ : (B, 1, H, W)
        Visibility in the right eye: 1 = has a match, 0 = hidden there. (The network's authors call it occlusion.)
    conf : (B, 1, H, W)
        Probability that the disparity is wrong by less than 4 px.
    match : Match
        The first match, at 1/4.
    steps : list of (disp, occ, conf)
        At 1/4, disparity in px: after filling, then after each correction.
    """

    disp: Tensor
    occ: Tensor
    conf: Tensor
    match: Match
    steps: list[tuple[Tensor, Tensor, Tensor]]


def centred(rgb: Tensor) -> Tensor:
    """Bring RGB in 0..255, (B, 3, H, W), to -1..1."""
    return channels_last((rgb / 255 - 0.5) * 2)


class S2M2(nn.Module):
    """Stereo matching with a multi-resolution transformer.

    Parameters
    ----------
    channels : int
        Width at the finest level, a multiple of 8.
    transformers : int
        Number of multi-resolution transformers.
    positivity : bool
        Forbid negative disparities.
    refine_steps : int
        Corrections after the first match; 0 is allowed.
    lookup_align_corners : bool
        False reads the volume as the code did before April 2026, see :func:`~.cost_lookup.sample_rows`.

    Raises
    ------
    ValueError
        If ``channels`` is no multiple of 8.
    """

    def __init__(
        self,
        channels: int,
        transformers: int,
        positivity: bool = True,
        refine_steps: int = 3,
        lookup_align_corners: bool = True,
    ) -> None:
        super().__init__()
        if channels < 8 or channels % 8:
            raise ValueError(f"channels is {channels}, not a multiple of 8")
        dims = (channels, channels, 2 * channels)
        self.cnn_backbone = Stem(channels)
        self.feat_pyramid = UNet(dims, 2 * transformers, positions=True)
        self.transformer = StackedTransformer(dims, transformers)
        self.disp_init = GlobalMatching(channels, positivity)
        self.upsample_mask_1x = Sharpen(channels)
        self.upsample_mask_4x_refine = Upsample4x(channels)
        self.global_refiner = GlobalRefiner(channels)
        self.feat_fusion_layer = FeatureFusion(channels, kernel=3)
        self.refiner = LocalRefiner(channels)
        self.ctx_feat = conv_pair(channels, channels, channels, 1, 1)
        self.positivity = positivity
        self.refine_steps = refine_steps
        self.lookup_align_corners = lookup_align_corners

    def forward(self, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """RGB in 0..255, (B, 3, H, W) each -> (disp, occ, conf), see :class:`Estimate`."""
        estimate = self.estimate(left, right)
        return estimate.disp, estimate.occ, estimate.conf

    def estimate(self, left: Tensor, right: Tensor) -> Estimate:
        """Return everything that training and tests look at."""
        scene = self.look(left, right)
        return self.settle(scene, self.transformer(scene.pyramid))

    def look(self, left: Tensor, right: Tensor) -> Scene:
        """Compute the features of each picture for itself."""
        rgb = centred(torch.cat([left, right]))
        quarter, half = self.cnn_backbone(rgb)
        return Scene(rgb.chunk(2)[0], half.chunk(2)[0], self.feat_pyramid(quarter))

    def guides(self, scene: Scene) -> tuple[Tensor, Tensor]:
        """Compute what picture and stem contribute to bringing maps to full resolution."""
        return self.upsample_mask_4x_refine.guide(scene.half), self.upsample_mask_1x.guide(scene.rgb, scene.half)

    def settle(
        self,
        scene: Scene,
        features: Tensor,
        ffns: Sequence[TokenLayer] = (),
        guides: tuple[Tensor, Tensor] | None = None,
        weigh: Callable[[Tensor], Tensor] | None = None,
    ) -> Estimate:
        """Match both eyes' features (2B, C, H / 4, W / 4), refine, and bring the result to full resolution.

        ``ffns`` take the places of perceptrons of the local refiner, see :meth:`UNet.forward`; ``guides`` are computed when
        they are needed, if not given: they are large; ``weigh`` changes the transport plan before it is read.
        """
        match = self.disp_init(features, weigh)
        lookup = CostLookup(match.volume, self.lookup_align_corners)
        left = features.chunk(2)[0]
        disp, conf, occ = self._bounded(self.global_refiner(left, match.disp, match.conf)), match.conf, match.occ
        context = self.ctx_feat(self.feat_fusion_layer(left, scene.pyramid[0].chunk(2)[0]))
        hidden = torch.tanh(context)
        steps = [(4 * disp, occ, conf)]
        for _ in range(self.refine_steps):
            hidden, disp, conf, occ = self.refiner(hidden, context, lookup, disp, conf, occ, ffns)
            disp = self._bounded(disp)
            occ = occ * self._lands_inside(disp)
            steps.append((4 * disp, occ, conf))
        coarse, fine = guides or self.guides(scene)
        disp, occ, conf = self.upsample_mask_4x_refine(hidden, coarse, 4 * disp, occ, conf)
        disp, occ, conf = self.upsample_mask_1x(disp, fine, disp, occ, conf)
        return Estimate(disp, occ, conf, match, steps)

    def _bounded(self, disp: Tensor) -> Tensor:
        return disp.clamp(min=0) if self.positivity else disp

    def _lands_inside(self, disp: Tensor) -> Tensor:
        """1 where the match lies in the right picture, 0 where it is left of it."""
        columns = torch.arange(disp.shape[-1], device=disp.device)
        return (columns - disp >= 0).to(disp.dtype)
