# SPDX-License-Identifier: Apache-2.0
"""What a layout hands over when it has built a scene: where cameras may stand and what is worth looking at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Range = tuple[float, float]
Float = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True)
class SceneInfo:
    """A built scene, as the pose sampler sees it. World frame: metres, z up, the floor at z = 0.

    Attributes
    ----------
    camera_boxes : float64 (N, 2, 3)
        Boxes (low corner, high corner) of free air in which an optical centre may stand; chosen in proportion to volume.
    see_through_targets : float64 (M, 3)
        Points on or behind see-through things that a camera should look at, where most views have one.
    targets : float64 (P, 3)
        Points on other things worth looking at.
    hfov_deg_range, pitch_deg_range, roll_deg_range : (low, high)
        Horizontal field of view; jitter of pitch about the direction to the target; roll. Degrees.
    baseline_m_range : (low, high)
        Baselines, drawn log-uniformly, within 0.03-0.4 m.
    view_distance_m_range : (low, high)
        Distance from the camera to the target.
    clearance_m : float
        No surface may be nearer to either camera than this, along any ray of its image.
    max_one_surface_share : float
        Of the picture, what a single surface may fill where rays end: more is a bare wall or a drawn curtain.
    """

    camera_boxes: npt.NDArray[np.float64]
    see_through_targets: npt.NDArray[np.float64]
    targets: npt.NDArray[np.float64]
    hfov_deg_range: Range = (50.0, 80.0)
    pitch_deg_range: Range = (-6.0, 6.0)
    roll_deg_range: Range = (-2.0, 2.0)
    baseline_m_range: Range = (0.03, 0.4)
    view_distance_m_range: Range = (0.7, 4.0)
    clearance_m: float = 0.35
    max_one_surface_share: float = 1.0


def cut_boxes(boxes: Float, low: Float, high: Float) -> Float:
    """Return boxes (M, 2, 3) that fill what of ``boxes`` (N, 2, 3) lies outside the box from ``low`` to ``high``."""
    left: list[Float] = []
    for box in boxes:
        if (box[1] <= low).any() or (box[0] >= high).any():
            left.append(box)
            continue
        rest = np.array(box, dtype=np.float64)
        for axis in range(3):
            if rest[0, axis] < low[axis]:
                piece = rest.copy()
                piece[1, axis] = rest[0, axis] = low[axis]
                left.append(piece)
            if rest[1, axis] > high[axis]:
                piece = rest.copy()
                piece[0, axis] = rest[1, axis] = high[axis]
                left.append(piece)
    return np.reshape(left, (-1, 2, 3))
