# SPDX-License-Identifier: Apache-2.0
"""DFV: depth from focus by a differential focus volume (Yang, Huang and Zhou, CVPR 2022)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from depthbench.baselines.hybriddepth.decoder import DecoderBlock
from depthbench.baselines.hybriddepth.features import FeatureExtraction
from depthbench.baselines.hybriddepth.volume import differential, expectation
from depthbench.errors import DepthbenchError

LEVELS = (1, 2, 3, 4)
MULTIPLE = 32
"""Sides of pictures must be multiples of it."""
LOSS_WEIGHTS = (8 / 15, 4 / 15, 2 / 15, 1 / 15)
"""Of the predictions in training, finest first."""


class DFV(nn.Module):
    """A stack to the value at which each pixel is in focus.

    Parameters
    ----------
    level : int
        How many sizes the volume has: 1 (a quarter of the picture's) to 4 (down to 1/32).
    diff : bool
        Differential volumes; False: the features themselves. It changes no parameter, so a checkpoint does not tell it: the
        public evaluation chose it by the name of the file.
    width : int
        64 is the published network; a multiple of 8.

    Raises
    ------
    DepthbenchError
        If a value is none of these.
    """

    def __init__(self, level: int = 4, diff: bool = True, width: int = 64) -> None:
        super().__init__()
        if level not in LEVELS or width < 8 or width % 8:
            raise DepthbenchError(f"level={level}, width={width}: levels are 1 to 4, the width is a multiple of 8")
        self.level, self.diff = level, diff
        self.feature_extraction = FeatureExtraction(width)
        for number in range(3 + level, 7):
            # finer volumes alone: the coarser projections are in checkpoints, but never used
            getattr(self.feature_extraction, f"proj{number}").requires_grad_(False)
        own = [width // 4, width // 2, width, 2 * width]
        for place in range(level):
            coarser = place + 1 < level
            # the coarser size hands up as many channels as this one has of its own, so its channels are doubled
            channels = own[place] * (2 if coarser else 1)
            out = max(own[place], width // 2) if level > 1 else own[0]
            setattr(self, f"decoder{place + 3}", DecoderBlock(channels, out, up=place > 0, pool=place > 1))

    def forward(self, stack: Tensor, focus: Tensor) -> tuple[list[Tensor], Tensor]:
        """Return predictions (B, 1, H, W), finest first (one in evaluation, ``level`` in training), and the finest one's deviation.

        Parameters
        ----------
        stack : (B, N, 3, H, W)
            Normalised as ImageNet's pictures; N at least 2, H and W multiples of 32.
        focus : (B, N)
            The planes' values, ascending or descending, in the quantity that is wanted: metres, 1 / m, pixels of disparity.

        Raises
        ------
        ValueError
            If the sizes are not such.
        """
        batch, planes, _, height, width = stack.shape
        if planes < 2 or height % MULTIPLE or width % MULTIPLE or focus.shape != (batch, planes):
            raise ValueError(f"stack {tuple(stack.shape)}, focus {tuple(focus.shape)}: see the docstring")
        volumes = []
        for features in self.feature_extraction(stack.flatten(0, 1))[: self.level]:
            volume = features.unflatten(0, (batch, planes)).transpose(1, 2)
            volumes.append(differential(volume) if self.diff else volume)
        handed: Tensor | None = None
        found: list[Tensor] = []
        for place in reversed(range(self.level)):
            volume = volumes[place] if handed is None else torch.cat([handed, volumes[place]], 1)
            handed, scores = getattr(self, f"decoder{place + 3}")(volume, self.training or place == 0)
            if scores is not None:
                found.append(F.interpolate(scores, size=(height, width), mode="bilinear"))
        # softmax and mean in full precision: in half of it a plane's share is one of a few hundred
        with torch.autocast(stack.device.type, enabled=False):
            answers = [expectation(scores.float(), focus.float()) for scores in reversed(found)]
        return [mean for mean, _ in answers], answers[0][1]
