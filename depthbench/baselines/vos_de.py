# SPDX-License-Identifier: Apache-2.0
"""Depth of an object from the growth of its mask while the camera approaches: VOS-DE of Griffin and Corso (ECCV 2020).

The side s = sqrt(area) of a mask is inversely proportional to depth: s_i (d + m_i) = c, where m_i is how far the camera
stood behind the pose at which the depth d is wanted. Over all observations, m_i s_i = c - d s_i is a line whose slope is -d:
one least squares fit, in closed form, d = -cov(s, m s) / var(s). With two observations it goes through both.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from depthbench.tasks import MotionPrediction, MotionSample, Task

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_EIGHT = np.ones((3, 3), dtype=np.int8)


def largest_component(mask: Mask) -> Mask:
    """Return the largest part of a mask (H, W) that hangs together over sides and corners, cut to its surroundings.

    Returns
    -------
    bool (h, w)
        (0, 0) where the mask is empty; of parts that are equally large, the first in reading order.
    """
    rows = np.flatnonzero(mask.any(axis=1))
    if not len(rows):
        return mask[:0, :0]
    mask = mask[rows[0] : rows[-1] + 1]
    columns = np.flatnonzero(mask.any(axis=0))
    mask = mask[:, columns[0] : columns[-1] + 1]
    labels, count = ndimage.label(mask, structure=_EIGHT)
    if count == 1:
        return mask
    sizes = np.bincount(labels.reshape(-1))
    largest: Mask = labels == 1 + np.argmax(sizes[1:])
    return largest


def side_px(mask: Mask) -> float:
    """Return the square root of the largest component's number of pixels; 0 for an empty mask."""
    return float(np.sqrt(np.count_nonzero(largest_component(mask))))


def enclosed_side_px(mask: Mask) -> float:
    """Return the square root of the area within the outline that made a mask by touching pixels, of the largest component.

    A convex shape of area A, w wide and h high, that lies anywhere on a grid touches A + w + h + 1 pixels on average (a
    closed form of integral geometry), and what it touches has 2 (w + 1) + 2 (h + 1) sides of pixels around it: so A is the
    pixels less half of those sides, plus 1. Where that is below a pixel, a pixel.
    """
    part = largest_component(mask)
    pixels = np.count_nonzero(part)
    if not pixels:
        return 0.0
    around = np.pad(part, 1)
    sides = np.count_nonzero(around[1:] != around[:-1]) + np.count_nonzero(around[:, 1:] != around[:, :-1])
    return float(np.sqrt(max(pixels - sides / 2 + 1, 1.0)))


def fit_depth(sides_px: Floats, behind_m: Floats) -> Floats:
    """Fit a depth to each row of observations, all rows at once.

    Parameters
    ----------
    sides_px : float64 (..., n)
    behind_m : float64 (..., n)
        How far the camera stood behind the pose where the depth is wanted; any unit, the depth comes out in it.

    Returns
    -------
    float64 (...)
        NaN where the sides or the positions are all equal: without growth or movement nothing is known. It can be negative
        where noise rules.
    """
    centred = sides_px - sides_px.mean(axis=-1, keepdims=True)
    products = behind_m * sides_px
    variance = (centred**2).sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        depth: Floats = -(centred * products).sum(axis=-1) / variance
    return np.where(_all_equal(sides_px) | _all_equal(behind_m), np.nan, depth)


def _all_equal(values: Floats) -> npt.NDArray[np.bool_]:
    same: npt.NDArray[np.bool_] = (values == values[..., :1]).all(axis=-1)
    return same


class VosDe:
    """Least squares over all observations.

    An empty mask enters with a side of 0, as in the public code. Without growth or movement there is no answer (NaN), where
    the public code answers 0 m.
    """

    task: Task = "motion"

    def observe(self, mask: Mask) -> float:
        """Return what is kept of a mask."""
        return side_px(mask)

    def estimate(self, observed: npt.NDArray[np.float64], behind_m: Floats) -> Floats:
        """Return depths (S,) of rows of observations (S, n), each row near to far, at the row's first pose."""
        return fit_depth(observed, behind_m)

    def prepare(self, sample: MotionSample) -> tuple[Floats, Floats]:
        """Observe every mask."""
        return np.array([[self.observe(mask) for mask in sample.masks]]), -sample.camera_z_m[None]

    def forward(self, inputs: tuple[Floats, Floats]) -> Floats:
        """Estimate."""
        return self.estimate(*inputs)

    def finish(self, outputs: Floats, sample: MotionSample) -> MotionPrediction:
        """Return the one depth."""
        return MotionPrediction(float(outputs[0]))


class TwoView(VosDe):
    """The closed form for two views (eq. 8), of the nearest and the farthest: d = m / (s_near / s_far - 1)."""

    def estimate(self, observed: npt.NDArray[np.float64], behind_m: Floats) -> Floats:
        """Return depths (S,) from the first and the last observation of each row."""
        near, far = observed[..., 0], observed[..., -1]
        travel = behind_m[..., -1] - behind_m[..., 0]
        with np.errstate(invalid="ignore", divide="ignore"):
            depth: Floats = travel * far / (near - far)
        return np.where((near == far) | (travel == 0), np.nan, depth)


class UnbiasedVosDe(VosDe):
    """VOS-DE on the area that outlines enclose, for masks that hold every pixel which the outline touches."""

    def observe(self, mask: Mask) -> float:
        """Return the side of the enclosed area."""
        return enclosed_side_px(mask)
