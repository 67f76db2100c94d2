# SPDX-License-Identifier: Apache-2.0
"""Masks of video object segmentation made clean: of several parts the object is one, and it has no holes.

A camera that comes nearer to an object keeps it in view, so clutter that a segmentation adds lies farther from the middle, while it may
well be larger than a small object: the largest part, which VOS-DE takes, is then the wrong one.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Shares = npt.NDArray[np.uint8]

NEAR = 1 / 8
"""Standard deviation of the weight of the middle, of a mask's side."""
FAR_WEIGHT = 1e-4
"""Least weight, so that of parts far from the middle the larger counts."""
_EIGHT = np.ones((3, 3), dtype=np.int8)


@cache
def _middle(side: int) -> npt.NDArray[np.float64]:
    """Return the weight of each cell, float64 (side, side)."""
    from_middle = (np.arange(side) - (side - 1) / 2) / (NEAR * side)
    near = np.exp(-(from_middle**2) / 2)
    weights: npt.NDArray[np.float64] = near[:, None] * near + FAR_WEIGHT
    return weights


def clean_mask(shares: Shares) -> Shares:
    """Keep the part that has most area, weighted towards the middle, and fill its holes.

    Parameters
    ----------
    shares : uint8 (S, S)
        Covered share of each cell in 255ths, as :func:`depthbench.baselines.odn.reduce.reduce_masks` gives them.

    Returns
    -------
    uint8 (S, S)
        Cells that hang together over sides and corners are one part; a hole is what cells joined over sides alone do not reach from the
        border. The argument itself where nothing changes.
    """
    labels, parts = ndimage.label(shares, structure=_EIGHT)
    if parts > 1:
        weight = np.bincount(labels.ravel(), (shares * _middle(len(shares))).ravel())
        shares = np.where(labels == 1 + np.argmax(weight[1:]), shares, np.uint8(0))
    # the outside is one part of what is empty; every further part is a hole
    if ndimage.label(np.pad(shares == 0, 1, constant_values=True))[1] > 1:
        shares = np.where(ndimage.binary_fill_holes(shares) & (shares == 0), np.uint8(255), shares)
    return shares


def clean_masks(shares: Shares) -> Shares:
    """Clean each mask of (..., S, S)."""
    side = shares.shape[-1]
    cleaned = [clean_mask(mask) for mask in shares.reshape(-1, side, side)]
    return np.stack(cleaned).reshape(shares.shape) if cleaned else shares
