# SPDX-License-Identifier: Apache-2.0
"""Names, types and rounding of the shard format that :mod:`depthbench.formats.shard` describes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from depthbench.formats.layer_packing import LAYER_ARRAYS

FORMAT = "depthbench layered shard"
SCHEMA_VERSION = 1
SURFACE_FIELDS = ("id", "name", "class", "closed", "ior", "reflective", "planar")
EYE_ARRAYS = ("image", "count", *LAYER_ARRAYS, "see_through", "reflective", "refraction_px")
RIG_INTEGERS = ("width", "height")
RIG_NUMBERS = ("fx", "fy", "cx", "cy", "baseline_m", "doffs_px")

DEFAULT_GT_BITS = 13
LOSSLESS_GT_BITS = 23


def round_px(values_px: npt.NDArray[np.float32], gt_bits: int) -> npt.NDArray[np.float32]:
    """Round to the nearest multiple of 2^-gt_bits px; NaN and infinities stay; 23 bits or more leave every value alone.

    The scaling by a power of two is exact, so the error is at most 2^-(gt_bits + 1) px and the order of values is kept.
    """
    if gt_bits >= LOSSLESS_GT_BITS:
        return values_px
    step = np.float32(2.0**-gt_bits)
    with np.errstate(over="ignore"):
        scaled = values_px / step
    # beyond 2^24 steps float32 itself is coarser than a step (and the scaling may overflow): leave such values alone
    return np.where(np.abs(scaled) < 2.0**24, np.rint(scaled) * step, values_px).astype(np.float32, copy=False)
