# SPDX-License-Identifier: Apache-2.0
"""Reading the correlation volume around a current disparity, at two resolutions of the right eye."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

RADIUS = 4


def sample_rows(rows: Tensor, places: Tensor, align_corners: bool) -> Tensor:
    """Read rows between their cells: linear, zero outside.

    Parameters
    ----------
    rows : (..., W)
    places : float32 (..., P)
        Where to read, in cells; cell 0 is the first.
    align_corners : bool
        False: the older numerics, where cell x was read at x W / (W - 1) - 1/2, up to half a cell off.

    Returns
    -------
    Tensor
        (..., P), float32.
    """
    width = rows.shape[-1]
    if not align_corners:
        places = places * (width / (width - 1)) - 0.5
    first = torch.floor(places)
    share = places - first
    # one zero cell on either side stands for everything outside
    padded = F.pad(rows, (1, 1))
    index = first.long()
    lower = padded.gather(-1, (index + 1).clamp(0, width + 1))
    upper = padded.gather(-1, (index + 2).clamp(0, width + 1))
    return lower * (1 - share) + upper * share


class CostLookup:
    """The volume (B, H, W, W) and its copy with pairs of right cells averaged.

    Parameters
    ----------
    align_corners : bool
        See :func:`sample_rows`.
    """

    def __init__(self, volume: Tensor, align_corners: bool = True) -> None:
        self._fine = volume
        self._coarse = F.avg_pool2d(volume, (1, 2))
        self._align_corners = align_corners

    def __call__(self, disp: Tensor) -> tuple[Tensor, Tensor]:
        """Return the fine and the coarse samples around the match of ``disp`` (B, 1, H, W, cells), each (B, 9, H, W)."""
        columns = torch.arange(disp.shape[-1], device=disp.device, dtype=torch.float32)
        offsets = torch.arange(-RADIUS, RADIUS + 1, device=disp.device, dtype=torch.float32)
        match = (columns - disp[:, 0].float()).unsqueeze(-1)
        fine = sample_rows(self._fine, match + offsets, self._align_corners)
        coarse = sample_rows(self._coarse, match / 2 + offsets, self._align_corners)
        return fine.permute(0, 3, 1, 2), coarse.permute(0, 3, 1, 2)
