# SPDX-License-Identifier: Apache-2.0
"""Fill the holes of a disparity map from its row: for each hole the smaller of the nearest values left and right."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def _nearest_left(disp_px: npt.NDArray[np.float32], known: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    """Return at each pixel the value of the nearest known pixel at or left of it, NaN where there is none."""
    column = np.where(known, np.arange(disp_px.shape[1]), -1)
    nearest = np.maximum.accumulate(column, axis=1)
    value = np.take_along_axis(disp_px, np.maximum(nearest, 0), axis=1)
    return np.where(nearest >= 0, value, np.float32(np.nan))


def fill_rows(disp_px: npt.NDArray[np.float32], known: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    """Give each hole the smaller of the nearest known values in its row; at a row's ends, the one there is.

    The smaller disparity is the farther surface: holes are mostly occlusions, where the background is what is hidden.

    Parameters
    ----------
    disp_px : float32 (H, W)
    known : bool (H, W)
        False = hole.

    Returns
    -------
    float32 (H, W)
        NaN remains in rows without any known pixel.
    """
    left = _nearest_left(disp_px, known)
    right = _nearest_left(disp_px[:, ::-1], known[:, ::-1])[:, ::-1]
    return np.where(known, disp_px, np.fmin(left, right))


def interpolate_background(disp_px: npt.NDArray[np.float32], known: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    """Fill holes as KITTI's devkit does (``interpolateBackground``): rows as :func:`fill_rows`, then top and bottom.

    Empty rows above the first and below the last row with a value take that row. Empty rows between two others stay NaN;
    the devkit leaves its mark for invalid, -1, there.
    """
    filled = fill_rows(disp_px, known)
    rows = np.flatnonzero(known.any(axis=1))
    if rows.size:
        filled[: rows[0]] = filled[rows[0]]
        filled[rows[-1] + 1 :] = filled[rows[-1]]
    return filled
