# SPDX-License-Identifier: Apache-2.0
"""Calibration matrices of pictures that were cropped and scaled, in the two conventions that stand in programs.

========  ==================  ==================================================================================
plain     x' = x s            what MVSNet and its descendants compute; exact where each s-th pixel is taken (cv2's INTER_NEAREST)
centres   x' = (x + 0.5) s    exact where pixels are averaged or interpolated (INTER_AREA, INTER_LINEAR); depthbench's own
          - 0.5
========  ==================  ==================================================================================

Both have integer coordinates at pixel centres. They differ by (1 - s) / 2 of a new pixel.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]
Convention = Literal["plain", "centres"]


def scaled(matrix: npt.NDArray[Any], sx: float, sy: float | None = None, convention: Convention = "plain") -> Matrix:
    """Return K (3, 3) of a picture whose width is ``sx`` and height ``sy`` (None: ``sx``) times what it was."""
    sy = sx if sy is None else sy
    move = [0.5 * (sx - 1), 0.5 * (sy - 1)] if convention == "centres" else [0.0, 0.0]
    change = np.array([[sx, 0, move[0]], [0, sy, move[1]], [0, 0, 1]], dtype=np.float64)
    out: Matrix = change @ np.asarray(matrix, dtype=np.float64)
    return out


def cropped(matrix: npt.NDArray[Any], left: float, top: float) -> Matrix:
    """Return K (3, 3) of a picture whose pixel (left, top) became pixel (0, 0)."""
    out = np.array(matrix, dtype=np.float64)
    out[0] -= left * out[2]
    out[1] -= top * out[2]
    return out


def dtu_training(matrix: npt.NDArray[Any], scale: float = 1.0, convention: Convention = "plain") -> Matrix:
    """Return K of DTU's training depth maps (160 x 128) from that of the rectified pictures (1600 x 1200).

    Halved to 800 x 600, the middle 640 x 512 cut out, a quarter of that; in ``Cameras/train`` the convention is ``plain``. ``scale``: of a set
    whose pictures have so many times DTU's pixels per side.
    """
    half = scaled(matrix, 0.5, convention=convention)
    return scaled(cropped(half, 80 * scale, 44 * scale), 0.25, convention=convention)
