# SPDX-License-Identifier: Apache-2.0
"""Cross-attention between a few clusters and many pixels, in both directions; the softmax is over the clusters in both.

Equation 1: ``C' = A1 F_v + C``, A1 (N, P) how much each pixel belongs to each cluster. Equation 2: ``F' = A2 C_v + F``, A2 (P, N).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

EPSILON = 1e-6
"""Added to memberships before they are divided by their sum over pixels: a cluster to which nothing belongs gathers the mean."""


def membership(queries: Tensor, keys: Tensor) -> Tensor:
    """Return how much each pixel belongs to each cluster: softmax over clusters of ``queries keys^T / sqrt(d)``.

    Parameters
    ----------
    queries : (B, N, d)
        Of the clusters.
    keys : (B, P, d)
        Of the pixels.

    Returns
    -------
    (B, N, P)
        In [0, 1]; each pixel's sum to 1. float32 at least.
    """
    scores = queries @ keys.transpose(1, 2) / math.sqrt(queries.shape[-1])
    # half precision loses small memberships, of which the loss takes logarithms
    return scores.float().softmax(dim=1) if scores.dtype != torch.float64 else scores.softmax(dim=1)


def gathered(belongs: Tensor, values: Tensor, renormalise: bool = True) -> Tensor:
    """Return what each cluster gathers (B, N, d) of pixels' values (B, P, d) by memberships (B, N, P).

    ``renormalise``: the weighted mean of the values; otherwise their weighted sum.
    """
    if renormalise:
        belongs = belongs + EPSILON
        belongs = belongs / belongs.sum(dim=2, keepdim=True)
    return belongs.to(values.dtype) @ values


class ClusterUpdate(nn.Module):
    """One update of the clusters by the pixels of one stride.

    Parameters
    ----------
    channels : int
    renormalise : bool
        See :func:`gathered`.
    """

    def __init__(self, channels: int, renormalise: bool = True) -> None:
        super().__init__()
        self.renormalise = renormalise
        self.cluster_norm, self.pixel_norm = nn.LayerNorm(channels), nn.LayerNorm(channels)
        self.query, self.key, self.value = (nn.Linear(channels, channels, bias=False) for _ in range(3))

    def forward(self, clusters: Tensor, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Return the clusters (B, N, C) after the pixels (B, P, C), and the memberships (B, N, P)."""
        seen = self.pixel_norm(pixels)
        belongs = membership(self.query(self.cluster_norm(clusters)), self.key(seen))
        return clusters + gathered(belongs, self.value(seen), self.renormalise), belongs


class PixelUpdate(nn.Module):
    """Clusters give back to pixels what their members have in common."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.cluster_norm, self.pixel_norm = nn.LayerNorm(channels), nn.LayerNorm(channels)
        self.query, self.key, self.value = (nn.Linear(channels, channels, bias=False) for _ in range(3))

    def forward(self, pixels: Tensor, clusters: Tensor) -> tuple[Tensor, Tensor]:
        """Return the pixels (B, P, C) after the clusters (B, N, C), and the memberships (B, N, P) that they were given by."""
        known = self.cluster_norm(clusters)
        belongs = membership(self.key(known), self.query(self.pixel_norm(pixels)))
        values = self.value(known)
        return pixels + belongs.transpose(1, 2).to(values.dtype) @ values, belongs
