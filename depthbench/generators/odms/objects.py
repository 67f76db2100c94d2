# SPDX-License-Identifier: Apache-2.0
"""Distances of the camera and contours of the objects (equations 15 to 18), for many samples at once.

Coordinates are (row, column) in pixels of an object seen from 0.1 m, in a square of its size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from depthbench.generators.odms import config as odms
from depthbench.generators.odms.random_numbers import SampleNumbers

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_TRIES = 201
_LEAST_GAP = 0.7
_AT_ONCE = 4
"""Draws of points that are tried together; the first good one counts, so the number changes nothing."""


@dataclass(frozen=True)
class Contours:
    """Closed contours of cubic Bezier curves.

    Attributes
    ----------
    control_px : float64 (C, 10, 4, 2)
        Start, two control points and end of each curve; a curve begins where the one before it ends.
    curves : int64 (C,)
        How many of the ten there are; the others are 0.
    size_px : int64 (C,)
        Side of the square in which the points were drawn.
    """

    control_px: Floats
    curves: Ints
    size_px: Ints


def draw_distances(numbers: SampleNumbers, observations: int) -> npt.NDArray[np.float32]:
    """Draw the camera's distances from the object, float32 (B, n) metres, the nearest first (equations 15 to 17)."""
    uniform = numbers.uniform("distance", observations)
    nearest = odms.NEAREST_M + uniform[:, :1] * (odms.FARTHEST_M - odms.LEAST_MOVE_M - odms.NEAREST_M)
    least = nearest + odms.LEAST_MOVE_M
    farthest = least + uniform[:, 1:2] * (odms.FARTHEST_M - least)
    between = nearest + uniform[:, 2:] * (farthest - nearest)
    distance_m = np.concatenate([nearest, np.sort(between, axis=1), farthest], axis=1)
    return np.asarray(distance_m, dtype=np.float32)


def draw_contours(numbers: SampleNumbers, rules: str, purpose: str = "object") -> Contours:
    """Draw a contour per sample (equation 18).

    Parameters
    ----------
    numbers : SampleNumbers
    rules : str
        ``reference`` or ``paper``, see :data:`~depthbench.generators.odms.config.DIFFERENCES`.
    purpose : str
        ``object``, or the augmentation that needs a contour of its own.
    """
    radius, rotation, count, size = (
        np.asarray(choices)[(numbers.uniform(purpose, 1, first)[:, 0] * len(choices)).astype(np.int64)]
        for first, choices in enumerate(
            (
                odms.RADII,
                odms.ROTATIONS,
                np.arange(odms.FEWEST_POINTS, odms.MOST_POINTS + 1),
                odms.SIZES_PX,
            )
        )
    )
    apart = rules == "reference"
    points = _draw_points(numbers, count, "points" if purpose == "object" else purpose, apart) * size[:, None, None]
    place = np.arange(odms.MOST_POINTS)
    after = np.where(place + 1 < count[:, None], place + 1, 0)
    before = np.where(place > 0, place - 1, count[:, None] - 1)
    ends = np.take_along_axis(points, after[..., None], axis=1)
    chord = ends - points
    direction = np.arctan2(chord[..., 1], chord[..., 0])
    turn = np.arctan(rotation)[:, None]
    if rules == "reference":
        direction = np.where(direction < 0, direction + 2 * np.pi, direction)
        arriving = np.take_along_axis(direction, before, axis=1)
        share = turn / np.pi + 0.5
        tangent = share * direction + (1 - share) * arriving + np.pi * (np.abs(arriving - direction) > np.pi)
        start_angle, end_angle = tangent, np.take_along_axis(tangent, after, axis=1)
    else:
        start_angle = end_angle = direction + turn
    reach = radius[:, None] * np.sqrt((chord**2).sum(axis=-1))
    control = np.stack([points, points + _polar(reach, start_angle), ends - _polar(reach, end_angle), ends], axis=2)
    control[place >= count[:, None]] = 0
    return Contours(control, count, size)


def _polar(length: Floats, angle: Floats) -> Floats:
    return np.stack([length * np.cos(angle), length * np.sin(angle)], axis=-1)


def _draw_points(numbers: SampleNumbers, count: Ints, purpose: str, apart: bool) -> Floats:
    """Return points of the unit square in the order of their angle about their mean, float64 (B, 10, 2).

    ``apart``: neighbours differ by at least 0.7 / count in the sum of their coordinates, or 200 further draws were no better.
    Only the first ``count`` are meant.
    """
    points = np.empty((len(count), odms.MOST_POINTS, 2))
    open_rows = np.arange(len(count))
    tries = _TRIES if apart else 1
    for first in range(0, tries, _AT_ONCE):
        draws = min(_AT_ONCE, tries - first)
        drawn = numbers.uniform(purpose, draws * 2 * odms.MOST_POINTS, 8 + first * 2 * odms.MOST_POINTS, open_rows)
        ordered = _by_angle(drawn.reshape(-1, odms.MOST_POINTS, 2), np.repeat(count[open_rows], draws))
        ordered = ordered.reshape(len(open_rows), draws, odms.MOST_POINTS, 2)
        pairs = np.arange(1, odms.MOST_POINTS) < count[open_rows, None, None]
        gaps = np.abs(np.diff(ordered, axis=2).sum(axis=-1))
        good = np.all((gaps >= (_LEAST_GAP / count[open_rows])[:, None, None]) | ~pairs, axis=2)
        if first + draws == tries:
            good[:, -1] = True
        chosen = ordered[np.arange(len(open_rows)), good.argmax(axis=1)]
        done = good.any(axis=1)
        points[open_rows[done]] = chosen[done]
        open_rows = open_rows[~done]
        if not len(open_rows):
            break
    return points


def _by_angle(points: Floats, count: Ints) -> Floats:
    """Sort the first ``count`` points of each row by their angle about their mean."""
    meant = np.arange(points.shape[1]) < count[:, None]
    mean = (points * meant[..., None]).sum(axis=1, keepdims=True) / count[:, None, None]
    away = points - mean
    angle = np.where(meant, np.arctan2(away[..., 0], away[..., 1]), np.inf)
    order = np.argsort(angle, axis=1, kind="stable")
    return np.take_along_axis(points, order[..., None], axis=1)
