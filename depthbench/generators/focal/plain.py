# SPDX-License-Identifier: Apache-2.0
"""The inner loops of the renderers in numpy; :mod:`.compiled` does the same thirty times as fast."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np


def spread_points(
    row: Any,
    column: Any,
    dioptre: Any,
    light: Any,
    start: Any,
    pad: Any,
    lookup: Any,
    half: Any,
    first_row: Any,
    row_start: Any,
    dx: Any,
    weight: Any,
    steps_per_dioptre: Any,
    focus_dioptre: Any,
    out: Any,
) -> None:
    """Write the picture focused at one distance to ``out`` float32 (H, W, 3), linear light."""
    height, width = out.shape[:2]
    margin = pad + int(half.max()) + 1
    rows, columns = height + 2 * margin, width + 2 * margin
    steps = (np.abs(dioptre - focus_dioptre) * steps_per_dioptre + np.float32(0.5)).astype(np.int64)
    kernels = lookup[np.minimum(steps, len(lookup) - 1)]
    places = (row.astype(np.int64) - pad + margin) * columns + column - pad + margin
    budget = np.ones((height, width))
    total = np.zeros((height, width, 3))
    for first, end in pairwise(start):
        change = np.zeros((rows * columns, 4))
        for kernel in np.unique(kernels[first:end]):
            chosen = first + np.flatnonzero(kernels[first:end] == kernel)
            n, entry_row = int(half[kernel]), int(first_row[kernel])
            for dy in range(-n, n + 1):
                for entry in range(row_start[entry_row + dy + n], row_start[entry_row + dy + n + 1]):
                    # points of one sheet never share a place, but those of two may
                    np.add.at(
                        change, places[chosen] + dy * columns + dx[entry], np.float64(weight[entry]) * light[chosen]
                    )
        blurred = np.cumsum(change.reshape(rows, columns, 4), axis=1)[margin:-margin, margin:-margin]
        cover = blurred[..., 3]
        share = np.where(cover > 1e-5, np.minimum(1, budget / np.maximum(cover, 1e-5)), 0)
        budget -= share * cover
        total += share[..., None] * blurred[..., :3]
    out[:] = total / np.maximum(1 - budget, 1e-6)[..., None]


def gather(image: Any, radius: Any, out: Any) -> None:
    """Write to ``out`` float32 (H, W, 3) the published 7x7 kernel's picture of ``image`` float32 (H, W, 3), ``radius`` (H, W)."""
    height, width = radius.shape
    blurred = radius > 1
    square = np.where(blurred, np.square(radius, dtype=np.float64), 1)
    weight = np.pad(np.where(blurred, 1 / square, 0), 3)
    exponent = np.pad(-2 / square, 3)
    colour = np.pad(image, ((3, 3), (3, 3), (0, 0)))
    total, sum_ = np.zeros((height, width, 3)), np.zeros((height, width))
    for dy in range(7):
        for dx in range(7):
            part = slice(dy, dy + height), slice(dx, dx + width)
            share = weight[part] * np.exp(exponent[part] * ((dy - 3) ** 2 + (dx - 3) ** 2))
            total += share[..., None] * colour[part]
            sum_ += share
    out[:] = np.where(blurred[..., None], total / np.where(blurred, sum_, 1)[..., None], image)
