# SPDX-License-Identifier: Apache-2.0
"""Fill the holes of a disparity map from its row: for each hole the smaller of the nearest values left and right."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


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
    filled = np.array(disp_px, dtype=np.float32)
    holes = np.flatnonzero(~known)
    anchors = np.flatnonzero(known)
    if anchors.size == 0:
        filled[:] = np.nan
        return filled
    # Among the known pixels in reading order, a hole lies between number after - 1 and number after.
    after = np.searchsorted(anchors, holes)
    row = holes // disp_px.shape[1]
    values = np.full((2, holes.size), np.nan, dtype=np.float32)
    for value, number in zip(values, (after - 1, after), strict=True):
        anchor = anchors[np.clip(number, 0, anchors.size - 1)]
        near = (number >= 0) & (number < anchors.size) & (anchor // disp_px.shape[1] == row)
        value[near] = disp_px.reshape(-1)[anchor[near]]
    filled.reshape(-1)[holes] = np.fmin(*values)
    return filled


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
