# SPDX-License-Identifier: Apache-2.0
"""Seventeen measures of an object's size in a mask; each grows as one over depth, and each fails in its own way.

Dilation changes area more than spread, a missing part changes the extent more than the interquartile range, an object that turns about
the vertical changes widths and no height. All are of a mask's covered shares and are in cells.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from depthbench.baselines.clean_masks import clean_masks

QUANTILES = (0.02, 0.1, 0.25)
LEAST = 0.05
"""Cells: what is smaller, as in an empty mask, counts as this."""

_ALONG = ["deviation", "fourth moment", *(f"quantiles {q:g}" for q in QUANTILES), "most", "extent"]
NAMES = (
    "side",
    *(f"rows: {name}" for name in _ALONG),
    *(f"columns: {name}" for name in _ALONG),
    "upright edges",
    "level edges",
)
WIDTH_SHARE = torch.tensor([0.5, *(0.0,) * 5, 1.0, 0.0, *(1.0,) * 5, 0.0, 1.0, 0.0, 1.0])
"""Power of a horizontal stretch with which each measure grows, float32 (17,). The most that a row holds is a width."""


def log_sizes(shares: npt.NDArray[np.uint8]) -> Tensor:
    """Clean masks and measure them.

    Parameters
    ----------
    shares : uint8 (..., S, S)
        Covered shares in 255ths.

    Returns
    -------
    Tensor
        float32 (..., 17), natural logarithms of sizes in cells, in the order of :data:`NAMES`.
    """
    masks = clean_masks(shares)
    rows, columns = (torch.from_numpy(masks.sum(axis, dtype=np.int32)).float() / 255 for axis in (-1, -2))
    area = rows.sum(-1)
    upright = _difference(masks[..., 1:], masks[..., :-1])
    level = _difference(masks[..., 1:, :], masks[..., :-1, :])
    sizes = [area.sqrt(), *_along(rows, area), *_along(columns, area), upright, level]
    return torch.stack(sizes, -1).clamp(min=LEAST).log()


def _difference(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> Tensor:
    """Return the sum of absolute differences of shares (..., H, W): float32 (...)."""
    apart = np.maximum(one, other) - np.minimum(one, other)
    return torch.as_tensor(apart.sum((-1, -2), dtype=np.int32)).float() / 255


def _along(profile: Tensor, area: Tensor) -> list[Tensor]:
    """Return seven sizes of a profile (..., S): how much of the object lies in each row, or column."""
    area = area.clamp(min=1e-6)
    place = torch.arange(profile.shape[-1]) + 0.5
    from_mean = place - ((profile * place).sum(-1) / area)[..., None]
    share = profile / area[..., None]
    squared = from_mean**2
    # the object is spread evenly over each cell, which has moments of 1/12 and 1/80 of its own
    deviation = ((share * squared).sum(-1) + 1 / 12).sqrt()
    fourth = ((share * (squared**2 + squared / 2)).sum(-1) + 1 / 80) ** 0.25
    reached = share.cumsum(-1)
    spans = [_place_of(reached, 1 - q) - _place_of(reached, q) for q in QUANTILES]
    most = profile.max(-1).values
    extent = (3 * profile / most.clamp(min=1e-6)[..., None]).clamp(max=1).sum(-1)
    return [deviation, fourth, *spans, most, extent]


def _place_of(reached: Tensor, share: float) -> Tensor:
    """Return where a cumulated profile (..., S) reaches a share, linear within cells: (...)."""
    cell = (reached < share).sum(-1, keepdim=True).clamp(max=reached.shape[-1] - 1)
    before = torch.where(cell > 0, reached.gather(-1, (cell - 1).clamp(min=0)), 0.0)
    within = (share - before) / (reached.gather(-1, cell) - before).clamp(min=1e-9)
    return (cell + within.clamp(0, 1))[..., 0]
