# SPDX-License-Identifier: Apache-2.0
"""Depth that looks at no picture: one number, or the median of each row over a prepared training set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError
from depthbench.tasks import DepthPrediction, MonoSample, Task

ROWS = 64


def row_medians(folder: Path) -> npt.NDArray[np.float64]:
    """Return the median depth of each of :data:`ROWS` bands of rows over all frames of a prepared folder: float64 (ROWS,), metres.

    Bands without depth take that of the nearest band that has some.

    Raises
    ------
    DepthbenchError
        If the folder has no prepared frame, or none with depth.
    """
    from depthbench.generators.driving_shards.folder import DrivingFolder

    found: list[list[npt.NDArray[np.float32]]] = [[] for _ in range(ROWS)]
    frames = DrivingFolder(folder)
    for index in range(len(frames)):
        depth_m = frames.depth(index)
        band_of = np.arange(len(depth_m)) * ROWS // len(depth_m)
        for band in np.unique(band_of):
            rows = depth_m[band_of == band]
            known = rows[np.isfinite(rows)]
            if known.size:
                found[band].append(np.quantile(known, np.linspace(0.05, 0.95, 10)).astype(np.float32))
    medians = np.array([np.median(np.concatenate(band)) if band else np.nan for band in found])
    there = np.flatnonzero(np.isfinite(medians))
    if not len(there):
        raise DepthbenchError(f"{folder}: no frame of it has depth")
    nearest: npt.NDArray[np.float64] = medians[there[np.abs(np.arange(ROWS)[:, None] - there).argmin(axis=1)]]
    return nearest


class MedianDepth:
    """The depth that is nearest to all others on average.

    Parameters
    ----------
    like : str
        A folder of ``depthbench prepare dvps``: the median of each row over its frames. Empty: ``depth_m`` everywhere.
    depth_m : float
    """

    task: Task = "mono"

    def __init__(self, like: str = "", depth_m: float = 15.0) -> None:
        if depth_m <= 0:
            raise DepthbenchError("median-depth: depth_m is a positive depth")
        self._rows_m = row_medians(Path(like)) if like else np.full(1, depth_m)

    def prepare(self, sample: MonoSample) -> tuple[int, int]:
        """Return the picture's size."""
        height, width, _ = sample.image.shape
        return height, width

    def forward(self, inputs: tuple[int, int]) -> npt.NDArray[np.float32]:
        """Spread the rows over the picture."""
        height, width = inputs
        rows = self._rows_m[np.arange(height) * len(self._rows_m) // height]
        return np.repeat(rows[:, None].astype(np.float32), width, axis=1)

    def finish(self, outputs: npt.NDArray[np.float32], sample: MonoSample) -> DepthPrediction:
        """Return it."""
        return DepthPrediction(outputs)
