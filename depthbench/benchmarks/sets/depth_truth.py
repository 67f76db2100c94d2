# SPDX-License-Identifier: Apache-2.0
"""What protocols of depth may look at, for every task whose predictions are depth maps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class DepthTruth:
    """True depth of one picture. Arrays share one resolution, which may differ from the pictures'.

    Attributes
    ----------
    id : str
    depth_m : float32 (H, W)
        Planar z as measured, NaN = unknown, +inf = sky.
    filled_m : float32 (H, W) or None
        The same with holes filled by the set's authors, where they did.
    disparity_px_m : float or None
        Focal length times baseline, pixels times metres, where the set's authors measure in disparity: disparity = this / depth.
    masks : mapping of str to bool (H, W)
        Areas that regions of a protocol may name.
    """

    id: str
    depth_m: npt.NDArray[np.float32]
    filled_m: npt.NDArray[np.float32] | None = None
    disparity_px_m: float | None = None
    masks: Mapping[str, npt.NDArray[np.bool_]] = field(default_factory=dict)
