# SPDX-License-Identifier: Apache-2.0
"""Depth in the steps that files hold: what is so can be counted and looked up instead of sorted and computed."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

STEPS_PER_M = 256
LARGEST = 65535


def steps_of(depth_m: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.int32] | None:
    """Return depths in steps of 1/256 m, int32 (n,), if all are such steps, from 0 to 65535; else None.

    Depths are finite and positive.
    """
    if not depth_m.size or depth_m.max() * STEPS_PER_M > LARGEST:
        return None
    scaled = depth_m * depth_m.dtype.type(STEPS_PER_M)
    step = scaled.astype(np.int32)
    return step if np.array_equal(step, scaled) else None
