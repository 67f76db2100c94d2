# SPDX-License-Identifier: Apache-2.0
"""The whole network at one level of the pyramid (BS-MVSNet): pictures and cameras to depth and confidence."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from depthbench.baselines.pbs_mvsnet.aggregation import Aggregation
from depthbench.baselines.pbs_mvsnet.bisenet3d import BiSeNet3d
from depthbench.baselines.pbs_mvsnet.features import FeatureNet
from depthbench.baselines.pbs_mvsnet.regression import confidence, depth_planes, expected_depth
from depthbench.baselines.pbs_mvsnet.settings import PbsSettings
from depthbench.baselines.pbs_mvsnet.warping import warp

STRIDE = 4
"""Pixels of a picture for one of its depth map."""


class Answer(NamedTuple):
    """Depth, confidence (B, H/4, W/4), and the depths of the planes (B, D)."""

    depth: Tensor
    confidence: Tensor
    planes: Tensor


class PbsNet(nn.Module):
    """See the module."""

    def __init__(self, settings: PbsSettings) -> None:
        super().__init__()
        self.settings = settings
        self.features = FeatureNet(settings.channels)
        self.aggregation = Aggregation(settings)
        self.regulariser = BiSeNet3d(settings)

    def forward(self, pictures: Tensor, carried: Tensor, limits: Tensor) -> Answer:
        """Return depth and confidence of the reference.

        Parameters
        ----------
        pictures : float32 (B, N, 3, H, W)
            Normalised, reference first; H and W multiples of 4.
        carried : float32 (B, N - 1, 3, 4)
            Of each source: takes (x d, y d, d, 1) of the reference's depth map to (u z, v z, z) of the source's, both at a quarter of the pictures.
        limits : float32 (B, 2)
            Nearest and farthest plane.
        """
        batch, views, _, height, width = pictures.shape
        found = self.features(pictures.flatten(0, 1)).unflatten(0, (batch, views))
        planes = depth_planes(limits[:, 0], limits[:, 1], self.settings.planes, self.settings.spacing)
        size = height // STRIDE, width // STRIDE
        warped = (warp(found[:, i], carried[:, i - 1], planes, *size) for i in range(1, views))
        logits = self.regulariser(self.aggregation(found[:, 0], warped))
        probability = torch.softmax(logits.float(), dim=1)
        depth = expected_depth(probability, planes, self.settings.spacing)
        return Answer(depth, confidence(probability), planes)
