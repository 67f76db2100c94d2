# SPDX-License-Identifier: Apache-2.0
"""The network: a small transformer over observations that corrects the median of least-squares depths, one of each measure."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from depthbench.baselines.size_net.measures import NAMES

WIDTH, LAYERS, HEADS = 64, 2, 4
DEPTHS = 0.02, 20.0
"""Depths in units of the camera's way that a fit may say; beyond, noise rules."""


def fitted_depths(log_sizes: Tensor, way: Tensor) -> Tensor:
    """Fit a depth to each measure: VOS-DE's least squares.

    Parameters
    ----------
    log_sizes : Tensor
        (B, n, K).
    way : Tensor
        (B, n), how far the camera stood behind the first pose, in units in which the last is 1.

    Returns
    -------
    Tensor
        (B, K), at the first pose, in the same units, within :data:`DEPTHS`.
    """
    sizes = (log_sizes - log_sizes.mean(1, keepdim=True)).exp()
    centred = sizes - sizes.mean(1, keepdim=True)
    slope = (centred * way[..., None] * sizes).sum(1) / (centred**2).sum(1).clamp(min=1e-9)
    return (-slope).clamp(*DEPTHS)


class SizeNet(nn.Module):
    """Logarithms of sizes and the camera's way to the logarithm of depth; any number of observations from 2 on, in any order but the first.

    Which measures and which masks agree says what to believe; nothing tells it a unit of length or the size of a picture.
    """

    def __init__(self) -> None:
        super().__init__()
        measures = len(NAMES)
        self.whole = nn.Linear(3 * measures, WIDTH)
        self.each = nn.Linear(measures + 2, WIDTH)
        layer = nn.TransformerEncoderLayer(
            WIDTH, HEADS, 2 * WIDTH, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerEncoder(layer, LAYERS, enable_nested_tensor=False)
        self.head = nn.Sequential(nn.LayerNorm(WIDTH), nn.Linear(WIDTH, WIDTH), nn.GELU(), nn.Linear(WIDTH, 1))

    def forward(self, log_sizes: Tensor, behind: Tensor) -> Tensor:
        """Return ln(d / D), (B,): depth at the first pose over the camera's whole way.

        Parameters
        ----------
        log_sizes : Tensor
            float32 (B, n, 17), :func:`~depthbench.baselines.size_net.measures.log_sizes`; the nearest pose first.
        behind : Tensor
            (B, n), how far the camera stood behind it, any unit; 0 first, the farthest last.
        """
        way = behind / behind[:, -1:]
        way = way.to(log_sizes.dtype)
        mean = log_sizes.mean(1)
        changes = log_sizes - mean[:, None]
        fits = fitted_depths(log_sizes, way).log()
        # the numbers bring what goes in to a size of about one
        whole = self.whole(torch.cat([mean - 2, fits, changes.std(1)], -1))[:, None]
        each = self.each(torch.cat([3 * changes, 2 * way[..., None] - 1, (torch.pi * way[..., None]).cos()], -1))
        told = self.layers(torch.cat([whole, each + whole], 1))[:, 0]
        correction: Tensor = self.head(told)[:, 0] / 2
        return correction + fits.median(-1).values
