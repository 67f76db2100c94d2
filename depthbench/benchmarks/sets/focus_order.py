# SPDX-License-Identifier: Apache-2.0
"""Whether the pictures of a stack are sharp in the order that their focus distances say, where the true depth is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from depthbench.baselines.focus_measure.measures import modified_laplacian
from depthbench.benchmarks.resizing import resize_map
from depthbench.errors import DepthbenchError
from depthbench.tasks import FocusSample

REVERSED = -0.3
"""Rank correlation of depth and sharpest plane from which on a stack is taken for reversed."""
TEXTURED = 6.0
"""Modified Laplacian, in eight-bit codes, from which on a pixel has texture: three times that of rounding to codes."""
_FEWEST = 100


def check_order(sample: FocusSample, depth_m: npt.NDArray[np.float32], where: str | Path, remedy: str) -> None:
    """Refuse a stack whose pictures are sharp far away where they say near, and near where they say far.

    Over the pixels that have texture, the number of the sharpest plane must not fall with depth. A scene of one depth, or
    without texture, passes.

    Raises
    ------
    DepthbenchError
        Naming ``where`` and how to turn the stack round.
    """
    sharpness = np.stack(
        [
            ndimage.gaussian_filter(modified_laplacian(picture.mean(axis=2, dtype=np.float32)), 3.0)
            for picture in sample.stack
        ]
    )
    height, width = sharpness.shape[1:]
    depth = resize_map(depth_m.astype(np.float64), (height, width), "nearest")
    chosen = np.isfinite(depth) & (sharpness.max(axis=0) > TEXTURED)
    planes, depths = sharpness.argmax(axis=0)[chosen], depth[chosen]
    if chosen.sum() < _FEWEST or np.ptp(planes) == 0 or np.ptp(depths) == 0:
        return
    from scipy import stats  # half a second that only stacks with depth need

    correlation = float(stats.spearmanr(planes, depths).statistic)
    if correlation < REVERSED:
        raise DepthbenchError(
            f"{where}: the order of the pictures disagrees with their focus distances: those focused near are sharp where the "
            f"true depth is far (rank correlation {correlation:.2f}); {remedy}"
        )
