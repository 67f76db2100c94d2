# SPDX-License-Identifier: Apache-2.0
"""Relative position as a mixture of shifted sinc functions, finer near zero offset than far away; nothing is learned here."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

CENTRES = 16
REACH = 3.0
WIDTH = 5 / 32
PI = 3.1415
"""Cut short as in the published network: its weights were trained with this number."""


@dataclass(frozen=True)
class RelativePosition:
    """Encodings of the offsets between h x w tokens in reading order.

    Attributes
    ----------
    rows : float32 (h, h, 16)
        Vertical part for rows (i, j).
    columns : float32 (w, w, 16)
        Horizontal part for columns (i, j). The encoding of a pair of tokens is (columns, rows), 32 long, times 0.5.
    """

    rows: Tensor
    columns: Tensor


def axis_encoding(length: int, device: torch.device | None = None) -> Tensor:
    """Return the unit vectors for every pair of positions on an axis, float32 (length, length, 16)."""
    samples = torch.tanh(torch.linspace(-REACH, REACH, 2 * length + 1, device=device))
    centres = torch.linspace(-1, 1, CENTRES, device=device)
    angle = PI * (centres - samples[:, None]) / WIDTH
    values: Tensor = torch.where(angle == 0, 1.0, torch.sin(angle) / torch.where(angle == 0, 1.0, angle))
    values /= torch.linalg.vector_norm(values, dim=1, keepdim=True)
    place = torch.arange(length, device=device)
    return values[place[:, None] - place + length - 1]


def relative_position(height: int, width: int, device: torch.device | None = None) -> RelativePosition:
    """Return the encodings for ``height`` x ``width`` tokens."""
    return RelativePosition(axis_encoding(height, device), axis_encoding(width, device))
