# SPDX-License-Identifier: Apache-2.0
"""Finds stereo samples whose left and right were exchanged: cameras, truth, or pictures alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.camera import right_from_left
from depthbench.formats.layered_record import EyeRecord, LayeredRecord
from depthbench.generators.stored_checks import least_seen_share, seen_share
from depthbench.layers import SurfaceClass, Visibility

PICTURE_MARGIN = 0.8
"""Exchanged pictures must differ by no more than this share of what they differ by as they stand."""
MOST_REFRACTION_PX = 1.0
"""Colours seen through glass count where it moves them by less."""
LEAST_DIFFERENCE = 0.5
"""Of 255: pictures that differ by less look alike either way."""


def exchanged_eyes(record: LayeredRecord) -> str | None:
    """Say what of left and right is exchanged; None where nothing is.

    Cameras: the left one stands at the baseline of the right one. Truth: points marked visible are found in the other eye only after the
    exchange. Pictures: opaque points marked visible have the colours of the other eye only after the exchange.
    """
    left, right = record.left, record.right
    if np.array_equal(right_from_left(right.cam_to_world, record.rig.baseline_m), left.cam_to_world):
        return "left and right are exchanged"
    least = least_seen_share(record.rig.intrinsics.width)
    if seen_share(left.layers, right.layers, -1) < least <= seen_share(right.layers, left.layers, -1):
        return "the truth of left and right is exchanged"
    as_they_stand = _difference(left, left.image, right.image)
    exchanged = _difference(left, right.image, left.image)
    if as_they_stand > LEAST_DIFFERENCE and exchanged < PICTURE_MARGIN * as_they_stand:
        return "the pictures of left and right are exchanged"
    return None


def _difference(eye: EyeRecord, here: npt.NDArray[np.uint8], there: npt.NDArray[np.uint8]) -> float:
    """Mean difference of the colours of the points that the left eye's truth calls opaque and visible; 0 where there are none."""
    layers = eye.layers
    straight = ~eye.reflective & (eye.refraction_px < MOST_REFRACTION_PX)
    layer, row, column = np.nonzero(
        (layers.surface_class == SurfaceClass.OPAQUE) & (layers.visibility == Visibility.VISIBLE) & straight
    )
    place: npt.NDArray[Any] = np.rint(column - layers.disp_px[layer, row, column]).astype(np.intp)
    inside = (place >= 0) & (place < here.shape[1])
    row, column, place = row[inside], column[inside], place[inside]
    if not len(row):
        return 0.0
    return float(np.abs(here[row, column].astype(np.int16) - there[row, place]).mean())
