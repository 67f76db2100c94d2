# SPDX-License-Identifier: Apache-2.0
"""Predictions of the task ``mvs`` in files: ``<id>.pfm`` (scene's unit, NaN = hole), and beside it ``confidence/``, ``levels/``.

::

    scan1/00000007.pfm, scan1/confidence/00000007.pfm      what `depthbench fuse --depths scan1 --confidences scan1/confidence` reads
    scan1/levels/0/00000007.pfm, .../0/confidence/...       of models with a pyramid: each level as it was predicted
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError
from depthbench.formats.depth_files import SUFFIXES, read_depth
from depthbench.formats.pfm import write_pfm
from depthbench.tasks import MvsPrediction

FloatMap = npt.NDArray[np.float32]
LEVELS = "levels"


class MvsFiles:
    """See :class:`.task.SavedPredictions`; depth and confidence that anyone made may be ``.npy`` as well, depth a 16-bit ``.png`` in whole units."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def times(self) -> dict[str, dict[str, float]]:
        """What ``eval`` noted of each view's run; nothing of files from elsewhere."""
        from depthbench.benchmarks.predict import read_times

        return read_times(self.folder)

    def depth_path(self, sample_id: str, level: int | None = None) -> Path:
        """Return where a view's depth lies; of a level of the pyramid as it was predicted, where one is asked for."""
        path = self.folder / f"{sample_id}.pfm"
        return path if level is None else path.parent / LEVELS / str(level) / path.name

    def confidence_path(self, sample_id: str, level: int | None = None) -> Path:
        """Return where its confidence lies."""
        path = self.depth_path(sample_id, level)
        return path.parent / "confidence" / path.name

    def has(self, sample_id: str) -> bool:
        """Tell whether there is a file that ``eval`` wrote."""
        return self.depth_path(sample_id).exists()

    def write(self, sample_id: str, prediction: MvsPrediction) -> None:
        """Save depth, confidence and levels; the depth comes last, so that it stands for all."""
        levels = [(prediction.depth, prediction.confidence), *prediction.coarser] if prediction.coarser else []
        for level, (depth, confidence) in enumerate(levels):
            if confidence is not None:
                write_pfm(self.confidence_path(sample_id, level), confidence)
            write_pfm(self.depth_path(sample_id, level), depth)
        self.replace(sample_id, prediction.depth, prediction.confidence)

    def replace(self, sample_id: str, depth: FloatMap, confidence: FloatMap | None) -> None:
        """Save a view's final depth and confidence."""
        if confidence is not None:
            write_pfm(self.confidence_path(sample_id), confidence)
        write_pfm(self.depth_path(sample_id), depth)

    def read(self, sample_id: str, level: int | None = None) -> tuple[FloatMap, FloatMap | None]:
        """Read depth (NaN = hole) and confidence (None where there is none).

        Raises
        ------
        DepthbenchError
            If there is no depth, or the two differ in size.
        """
        path, told = _there(self.depth_path(sample_id, level)), _there(self.confidence_path(sample_id, level))
        if path is None:
            raise DepthbenchError(f"{self.depth_path(sample_id, level)}: no prediction (nor {', '.join(SUFFIXES[1:])})")
        depth = read_depth(path, unit_m=1.0)
        if told is None:
            return depth, None
        confidence = np.nan_to_num(read_depth(told, unit_m=1.0))
        if confidence.shape != depth.shape:
            raise DepthbenchError(
                f"{told}: {confidence.shape[::-1]} pixels where the depth map has {depth.shape[::-1]}"
            )
        return depth, confidence


def _there(path: Path) -> Path | None:
    """Return the file, or one of the same name and another kind; None where there is none."""
    return next((found for suffix in SUFFIXES if (found := path.with_suffix(suffix)).is_file()), None)
