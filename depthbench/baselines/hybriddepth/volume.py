# SPDX-License-Identifier: Apache-2.0
"""From features of a stack to a volume, and from scores of its planes to a value: the parts of DFV that have no parameters."""

from __future__ import annotations

import torch
from torch import Tensor


def differential(volume: Tensor) -> Tensor:
    """Return each plane less the next one, and the last as it is; (B, C, N, h, w) both.

    A pixel's features change least from plane to plane where it is in focus: the derivative along the stack is what tells.
    """
    return torch.cat([volume[:, :, :-1] - volume[:, :, 1:], volume[:, :, -1:]], dim=2)


def expectation(scores: Tensor, focus: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and standard deviation (B, 1, H, W) of the planes' values under the softmax of their scores.

    Parameters
    ----------
    scores : (B, N, H, W)
    focus : (B, N)
        Values of the planes in any quantity, finite; the mean never leaves their range.

    Notes
    -----
    The standard deviation carries no gradient, as published.
    """
    share = scores.softmax(dim=1)
    values = focus[:, :, None, None]
    mean = (share * values).sum(1, keepdim=True)
    with torch.no_grad():
        spread = (share * (values - mean).square()).sum(1, keepdim=True).sqrt()
    return mean, spread
