# SPDX-License-Identifier: Apache-2.0
"""Large pictures a strip at a time: strips have the whole width, so every match stays inside its strip.

Rows near a strip's cut edge lack their surroundings: the outer quarter of every overlap is not used, and over the middle half
one strip fades into the next. What a network computes from less than that quarter above and below comes out as from the
whole picture; S2M2 also looks at the whole picture (at 1/32), so its numbers change with the strips.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from depthbench.baselines.s2m2.network import STRIDE
from depthbench.errors import DepthbenchError

OVERLAP_ROWS = 128
LEAST_ROWS = 2 * OVERLAP_ROWS

FULL_BYTES, PER_CHANNEL_BYTES, PER_COLUMN_BYTES = 720.0, 7.2, 0.19
"""Per pixel: full-resolution features, features that grow with the channels, the volume that grows with the width."""

KEPT_BYTES, KEPT_PER_CHANNEL_BYTES = 400.0, 0.75
"""Per pixel, of what a sweep over c keeps from one value to the next."""


def peak_bytes(rows: int, width: int, channels: int, kept: bool = False) -> float:
    """Estimate what a pass in float32 holds at its peak beside the weights; ``kept``: with what a sweep keeps.

    Fitted to the live tensors of fourteen passes (16 to 384 channels, 384 to 2464 columns): 1.0 to 1.3 times each of them.
    """
    pixel_bytes = FULL_BYTES + PER_CHANNEL_BYTES * channels + PER_COLUMN_BYTES * width
    return rows * width * (pixel_bytes + kept * (KEPT_BYTES + KEPT_PER_CHANNEL_BYTES * channels))


def rows_within(memory_gb: float, height: int, width: int, channels: int, kept: bool = False) -> int:
    """Return how many rows a strip may have, a multiple of 32; ``height`` where everything fits (0 GB: no limit).

    ``kept``: see :func:`peak_bytes`.

    Raises
    ------
    DepthbenchError
        If not even the least strip fits; the message says what would be needed.
    """
    per_row = peak_bytes(1, width, channels, kept)
    if not memory_gb or per_row * height <= memory_gb * 1e9:
        return height
    rows = int(memory_gb * 1e9 / per_row) // STRIDE * STRIDE
    if rows < LEAST_ROWS:
        raise DepthbenchError(
            f"memory_gb={memory_gb:g} is too little for pictures {width} pixels wide: "
            f"a strip of {LEAST_ROWS} rows needs {per_row * LEAST_ROWS / 1e9:.1f} GB"
        )
    return rows


def strip_tops(height: int, rows: int, overlap: int = OVERLAP_ROWS) -> list[int]:
    """Return the first row of each strip; strips of ``rows`` rows cover ``height`` and overlap by ``overlap`` or more.

    All are multiples of 32 where ``height``, ``rows`` and ``overlap`` are, so the network's cells fall on the same pixels.
    """
    if rows >= height:
        return [0]
    tops = list(range(0, height - rows, rows - overlap))
    return [*tops, height - rows]


def weight_of_rows(top: int, rows: int, height: int, overlap: int = OVERLAP_ROWS) -> Tensor:
    """Return the share of each row of a strip, float32 (rows,): 0 at a cut edge, 1 inside, 1 at the picture's own edge."""
    row = torch.arange(rows) + 0.5
    weight = torch.ones(rows)
    for distance, cut in ((row, top > 0), (rows - row, top + rows < height)):
        if cut:
            weight = weight * ((distance - overlap / 4) / (overlap / 2)).clamp(0, 1)
    return weight


def in_strips(
    network: Callable[[Tensor, Tensor], tuple[Tensor, ...]],
    left: Tensor,
    right: Tensor,
    rows: int,
    overlap: int = OVERLAP_ROWS,
) -> tuple[Tensor, ...]:
    """Run a network on strips of a pair (B, 3, H, W) and put its maps (B, 1, H, W) together."""
    height = left.shape[-2]
    if rows >= height:
        return network(left, right)
    sums: list[Any] = []
    total = torch.zeros(height, 1, device=left.device)
    for top in strip_tops(height, rows, overlap):
        part = slice(top, top + rows)
        weight = weight_of_rows(top, rows, height, overlap).to(left.device)[:, None]
        maps = network(left[..., part, :], right[..., part, :])
        sums = sums or [one.new_zeros((*one.shape[:-2], height, one.shape[-1])) for one in maps]
        for whole, one in zip(sums, maps, strict=True):
            whole[..., part, :] += one * weight
        total[part] += weight
    return tuple(whole / total for whole in sums)
