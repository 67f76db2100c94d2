# SPDX-License-Identifier: Apache-2.0
"""The whole network: picture to depth, with the memberships that the loss of clusters is about."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from depthbench.baselines.icm_depth.attention import ClusterUpdate, PixelUpdate
from depthbench.baselines.icm_depth.encoder import Pyramid, make_encoder, standardised
from depthbench.baselines.icm_depth.settings import Settings

STRIDES = (16, 8, 4)
"""In the order of the updates."""


class Stages(NamedTuple):
    """What a network finds.

    Attributes
    ----------
    depth_m : (B, 1, H, W)
        Positive, at the size of the picture.
    memberships : dict of int -> (B, N, h, w)
        How much each pixel of a stride belongs to each cluster.
    """

    depth_m: Tensor
    memberships: dict[int, Tensor]


def to_rows(maps: Tensor) -> Tensor:
    """Return (B, C, h, w) as (B, h w, C), row by row."""
    return maps.flatten(2).transpose(1, 2)


class IcmDepth(nn.Module):
    """Encoder, pyramid, clusters, depth.

    Parameters
    ----------
    settings : Settings
    encoder_weights : str
        File for an encoder of timm; what is made to be filled from a checkpoint needs none.
    """

    def __init__(self, settings: Settings, encoder_weights: str = "") -> None:
        super().__init__()
        self.settings = settings
        channels = settings.channels
        self.encoder = make_encoder(settings.encoder, settings.encoder_width, encoder_weights)
        self.pyramid = Pyramid(self.encoder.channels, channels)
        separate = settings.matrix == "separate"
        matrices, heads = (len(STRIDES), len(STRIDES)) if separate else (1, 1)
        self.clusters = nn.ParameterList(
            nn.Parameter(torch.randn(settings.clusters, channels) / channels**0.5) for _ in range(matrices)
        )
        self.updates = nn.ModuleList(ClusterUpdate(channels, settings.renormalise) for _ in STRIDES)
        self.returns = nn.ModuleList(PixelUpdate(channels) for _ in range(heads))
        self.heads = nn.ModuleList(nn.Linear(channels, 1) for _ in range(heads))
        for head in self.heads:
            assert isinstance(head, nn.Linear)
            # depth begins near the usual one
            nn.init.normal_(head.weight, std=0.01)
            nn.init.zeros_(head.bias)

    def forward(self, picture: Tensor) -> Stages:
        """Return depth and memberships of pictures (B, 3, H, W), 0 to 255, sides multiples of 32."""
        maps = self.pyramid(self.encoder(standardised(picture)))
        found = dict(zip((4, 8, 16), maps, strict=True))
        if self.settings.matrix == "separate":
            depth, memberships = self._separate(found)
        else:
            depth, memberships = self._one(found)
        # the grid's corners are those of the picture, as in iDisc
        whole = F.interpolate(depth, picture.shape[-2:], mode="bilinear", align_corners=True)
        return Stages(whole, memberships)

    def _one(self, maps: dict[int, Tensor]) -> tuple[Tensor, dict[int, Tensor]]:
        """One matrix, updated at each stride in turn; depth at the finest."""
        clusters = self.clusters[0].expand(len(maps[4]), -1, -1)
        memberships = {}
        for stride, update in zip(STRIDES, self.updates, strict=True):
            clusters, belongs = update(clusters, to_rows(maps[stride]))
            memberships[stride] = belongs.unflatten(2, maps[stride].shape[-2:])
        return self._depth(0, clusters, maps[4]), memberships

    def _separate(self, maps: dict[int, Tensor]) -> tuple[Tensor, dict[int, Tensor]]:
        """A matrix and a depth for each stride; their mean at the finest."""
        memberships, depths = {}, []
        for place, (stride, update) in enumerate(zip(STRIDES, self.updates, strict=True)):
            clusters, belongs = update(self.clusters[place].expand(len(maps[4]), -1, -1), to_rows(maps[stride]))
            memberships[stride] = belongs.unflatten(2, maps[stride].shape[-2:])
            coarse = self._depth(place, clusters, maps[stride])
            depths.append(F.interpolate(coarse, maps[4].shape[-2:], mode="bilinear", align_corners=True))
        return torch.stack(depths).mean(dim=0), memberships

    def _depth(self, place: int, clusters: Tensor, maps: Tensor) -> Tensor:
        """Equations 2 and 3: the clusters given back to the pixels, and one linear layer."""
        rows, _ = self.returns[place](to_rows(maps), clusters)
        number = self.heads[place](rows).float().transpose(1, 2).unflatten(2, maps.shape[-2:])
        return self.settings.usual_depth_m * activated(number, self.settings.activation)


def activated(number: Tensor, activation: str) -> Tensor:
    """Return a positive number that is 1 at 0."""
    if activation == "softplus":
        return F.softplus(number) / F.softplus(number.new_zeros(()))
    return number.clamp(-8, 8).exp()
