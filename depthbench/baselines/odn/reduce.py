# SPDX-License-Identifier: Apache-2.0
"""Masks of any size to the 112x112 that the network sees: the covered share of each cell, the aspect not kept."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

SIDE = 112
Floats = npt.NDArray[np.float32]


@cache
def _shares(pixels: int, cells: int) -> Floats:
    """Return the length that each pixel has in each cell, over a cell's length: float32 (cells, pixels)."""
    edge = np.arange(cells + 1)[:, None] * (pixels / cells)
    pixel = np.arange(pixels)
    length = np.minimum(edge[1:], pixel + 1) - np.maximum(edge[:-1], pixel)
    shares: Floats = (np.maximum(length, 0) * (cells / pixels)).astype(np.float32)
    return shares


def reduce_mask(mask: npt.NDArray[np.bool_], side: int = SIDE) -> Floats:
    """Return the covered shares of a mask (H, W), float32 (side, side) in 0..1, as OpenCV's ``INTER_AREA`` where H, W >= side.

    Smaller masks are enlarged by the same rule, pixels being squares.
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return np.zeros((side, side), dtype=np.float32)
    high, wide = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    down, across = (_shares(pixels, side) for pixels in mask.shape)
    covered: Floats = down[:, high] @ mask[high, wide].astype(np.float32) @ across[:, wide].T
    return np.minimum(covered, 1)


def reduce_masks(masks: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint8]:
    """Reduce each of (n, H, W) to shares in 255ths, uint8 (n, 112, 112), as the stream of training masks has them."""
    return np.stack([np.floor(255 * reduce_mask(mask) + 0.5).astype(np.uint8) for mask in masks])
