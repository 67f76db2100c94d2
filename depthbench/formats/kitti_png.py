# SPDX-License-Identifier: Apache-2.0
"""KITTI's disparity PNG: 16 bits, value = disparity * 256, 0 = no value (KITTI 2012 and 2015 devkits)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.formats.grey_png import read_grey
from depthbench.formats.image import write_png

SCALE = 256.0
LARGEST_PX = 65535 / SCALE


def read_kitti_disparity(path: str | Path) -> npt.NDArray[np.float32]:
    """Read a 16-bit disparity PNG as float32 pixels (H, W); 0 becomes NaN.

    Raises
    ------
    DepthbenchError
        If the file is absent, damaged or not a one-channel 16-bit PNG; the message names it.
    """
    raw = read_grey(path, 16)
    disp_px = raw.astype(np.float32) / np.float32(SCALE)
    disp_px[raw == 0] = np.nan
    return disp_px


def kitti_values(disp_px: npt.NDArray[Any]) -> npt.NDArray[np.uint16]:
    """Return disparity (H, W) as the devkit writes it: max(d * 256, 1), cut off; non-finite values become 0.

    Disparities above 65535 / 256 are held at that value.
    """
    finite = np.isfinite(disp_px)
    raw = np.clip(np.where(finite, disp_px, 0) * SCALE, 1, 65535).astype(np.uint16)
    return np.where(finite, raw, np.uint16(0))


def write_kitti_disparity(path: str | Path, disp_px: npt.NDArray[Any]) -> None:
    """Write disparity (H, W) as a 16-bit PNG, see :func:`kitti_values`."""
    write_png(path, kitti_values(disp_px))
