# SPDX-License-Identifier: Apache-2.0
"""Maps brought to another size as PyTorch's ``interpolate`` does, without PyTorch. A value that is not finite spreads to its neighbours."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Resize = Literal["nearest", "bilinear", "bilinear-corners"]


def resize_map(values: Floats, shape: tuple[int, int], how: Resize) -> Floats:
    """Return a map (h, w) at the size ``shape`` = (H, W).

    ``bilinear``: pixel centres, coordinate (x + 0.5) w / W - 0.5, held at the border (``align_corners=False``);
    ``bilinear-corners``: x (w - 1) / (W - 1), first pixel on first and last on last (``align_corners=True``); ``nearest``: the
    pixel that holds the new one's upper left corner, floor(x w / W). Nothing is smoothed before it is made smaller.
    """
    if values.shape == shape:
        return values
    for axis in (0, 1):
        values = _along(values, axis, shape[axis], how)
    return values


def _along(values: Floats, axis: int, size: int, how: Resize) -> Floats:
    old, place = values.shape[axis], np.arange(size)
    if how == "nearest":
        return values.take(place * old // size, axis)
    if how == "bilinear-corners":
        at = place * ((old - 1) / (size - 1)) if size > 1 else np.zeros(1)
    else:
        at = np.clip((place + 0.5) * old / size - 0.5, 0, old - 1)
    low = np.minimum(at.astype(int), old - 1)
    high = np.minimum(low + 1, old - 1)
    weight = (at - low).reshape((-1, 1) if axis == 0 else (1, -1))
    first, second = values.take(low, axis), values.take(high, axis)
    # a weight of 0 must not bring in a neighbour that is NaN
    resized: Floats = np.where(weight == 0, first, first + weight * (second - first))
    return resized
