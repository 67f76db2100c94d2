# SPDX-License-Identifier: Apache-2.0
"""Semi-global block matching (Hirschmueller, PAMI 2008) as OpenCV has it: ``StereoSGBM`` in its 3-way mode, on colour."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.benchmarks.holes import fill_rows
from depthbench.errors import MissingExtraError
from depthbench.tasks import StereoPrediction, StereoSample, Task

BLOCK_SIZE = 5
P1 = 8 * 3 * BLOCK_SIZE**2
P2 = 32 * 3 * BLOCK_SIZE**2
STEP_PX = 16
"""OpenCV's search range is a multiple of 16, and its fixed-point disparities are sixteenths of a pixel."""


class SGBM:
    """OpenCV StereoSGBM; pixels that fail its checks (uniqueness, left-right, speckle) are holes.

    Parameters
    ----------
    fill : bool
        Give each hole the smaller of the nearest values left and right in its row.
    max_disp : int
        Search range in pixels. 0: the set's own (Middlebury's ndisp), and a quarter of the image width where the set
        states none; rounded up to a multiple of 16.
    """

    task: Task = "stereo"

    def __init__(self, fill: bool = False, max_disp: int = 0) -> None:
        try:
            import cv2
        except ImportError as error:
            raise MissingExtraError("opencv-python-headless", "sgbm", "the model sgbm") from error
        self._cv2: Any = cv2
        self._fill = fill
        self._max_disp = max_disp

    def _search_range(self, sample: StereoSample) -> int:
        wanted = self._max_disp or sample.max_disp_px or sample.left.shape[1] / 4
        return STEP_PX * max(1, int(np.ceil(wanted / STEP_PX)))

    def prepare(self, sample: StereoSample) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8], int]:
        """Pad both images on the left by the search range, so that the left band is searched too."""
        search = self._search_range(sample)
        pad = ((0, 0), (search, 0), (0, 0))
        return np.pad(sample.left, pad), np.pad(sample.right, pad), search

    def forward(self, inputs: tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8], int]) -> npt.NDArray[np.int16]:
        """Match; the disparity comes back in sixteenths of a pixel, padding cut off, negative where a check failed."""
        left, right, search = inputs
        matcher = self._cv2.StereoSGBM_create(
            minDisparity=0,
            numDisparities=search,
            blockSize=BLOCK_SIZE,
            P1=P1,
            P2=P2,
            disp12MaxDiff=1,
            preFilterCap=63,
            uniquenessRatio=10,
            speckleWindowSize=100,
            speckleRange=2,
            mode=self._cv2.StereoSGBM_MODE_SGBM_3WAY,
        )
        sixteenths: npt.NDArray[np.int16] = matcher.compute(left, right)[:, search:]
        return sixteenths

    def finish(self, outputs: npt.NDArray[np.int16], sample: StereoSample) -> StereoPrediction:
        """Turn sixteenths into pixels, failed checks into NaN, and fill them if asked."""
        known = outputs >= 0
        disp_px = np.where(known, outputs.astype(np.float32) / STEP_PX, np.float32(np.nan))
        return StereoPrediction(fill_rows(disp_px, known) if self._fill else disp_px)
