# SPDX-License-Identifier: Apache-2.0
"""Between pictures and metres, and what the network takes and gives."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from depthbench.baselines.hybriddepth.dfv import MULTIPLE
from depthbench.baselines.hybriddepth.settings import Settings
from depthbench.errors import DepthbenchError


class Inputs(NamedTuple):
    """What :class:`.network.HybridDepth` takes, a batch of one."""

    picture: Tensor
    stack: Tensor
    focus: Tensor
    valid: Tensor


def network_inputs(
    picture: npt.NDArray[np.float32], stack: npt.NDArray[np.float32], focus: npt.NDArray[np.float64]
) -> Inputs:
    """Pad pictures at the right and the bottom to the network's multiple; what is padding does not count as valid.

    Parameters
    ----------
    picture : (H, W, 3), 0 to 1
    stack : (N, H, W, 3), 0 to 1
    focus : (N,)
        In the network's quantity.
    """
    valid = np.ones((*picture.shape[:2], 1), np.float32)
    below, right = (-side % MULTIPLE for side in picture.shape[:2])
    sides = ((0, below), (0, right), (0, 0))
    # reflection as published; it goes on for pictures that are smaller than the border
    padded = [np.pad(picture, sides, "reflect"), np.pad(stack, ((0, 0), *sides), "reflect"), np.pad(valid, sides)]
    shown, stacked, inside = (torch.from_numpy(np.moveaxis(part, -1, -3).copy())[None] for part in padded)
    return Inputs(shown, stacked, torch.from_numpy(focus.astype(np.float32))[None], inside > 0)


def focus_values(focus_m: npt.NDArray[np.float64], settings: Settings, what: str = "") -> npt.NDArray[np.float64]:
    """Return distances in a network's quantity.

    Raises
    ------
    DepthbenchError
        If one is infinite and the quantity is depth.
    """
    if settings.quantity == "disparity":
        return settings.per / focus_m
    if not np.isfinite(focus_m).all():
        raise DepthbenchError(
            f"{what}focused at infinity, which has no mean in metres: this network answers in depth; train one with "
            "--option quantity=disparity, or leave that picture out"
        )
    return focus_m


def depth_m(values: npt.NDArray[np.float32], settings: Settings) -> npt.NDArray[np.float32]:
    """Return depth in metres of values in a network's quantity; not above 0 is no answer (NaN)."""
    known = np.where(values > 0, values, np.float32(np.nan))
    metres: npt.NDArray[np.float32] = np.float32(settings.per) / known if settings.quantity == "disparity" else known
    return metres
