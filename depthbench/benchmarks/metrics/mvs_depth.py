# SPDX-License-Identifier: Apache-2.0
"""Errors of a view's depth map in millimetres and in intervals between planes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.benchmarks.mvs_protocol import VIEW_METRIC

FloatMap = npt.NDArray[np.float32]


def truth_at(
    depth: FloatMap, intrinsics: npt.NDArray[Any], shape: tuple[int, ...], other: npt.NDArray[Any]
) -> FloatMap:
    """Return the truth at the pixels of another map of the same camera: the nearest true pixel, NaN outside.

    Parameters
    ----------
    depth : float32 (H, W)
    intrinsics : float64 (3, 3)
        K in pixels of ``depth``.
    shape : (height, width) of the other map
    other : float64 (3, 3)
        K in pixels of the other map.
    """
    places = []
    for axis, (length, size) in enumerate(((shape[1], depth.shape[1]), (shape[0], depth.shape[0]))):
        ray = (np.arange(length) - other[axis, 2]) / other[axis, axis]
        # a hair above the half, so that ties go the same way whatever rounding left of them
        place = np.floor(ray * intrinsics[axis, axis] + intrinsics[axis, 2] + 0.5 + 1e-6).astype(np.intp)
        places.append((np.clip(place, 0, size - 1), (place >= 0) & (place < size)))
    (x, x_inside), (y, y_inside) = places
    found: FloatMap = np.where(y_inside[:, None] & x_inside, depth[y[:, None], x], np.float32(np.nan))
    return found


def depth_errors(
    predicted: FloatMap,
    truth: FloatMap,
    interval: float,
    metrics: Sequence[str],
    among: npt.NDArray[np.bool_] | None = None,
) -> dict[str, float]:
    """Return counts and the metrics that are of views (:class:`..mvs_protocol.MvsProtocol` says what they are).

    Parameters
    ----------
    predicted, truth : float32 (H, W)
        In millimetres (the scene's unit), NaN = hole, NaN = unknown.
    interval : float
    among : bool (H, W) or None
        Pixels that count, beyond that their truth is known.
    """
    counts = np.isfinite(truth) if among is None else np.isfinite(truth) & among
    error = np.abs(predicted[counts].astype(np.float64) - truth[counts])
    known = error[np.isfinite(error)]
    values: dict[str, float] = {"pixels": len(error), "estimated": len(known)}
    for metric in metrics:
        match = VIEW_METRIC.fullmatch(metric)
        if not match:
            continue
        scale = interval if metric.endswith("intervals") else 1.0
        if match["limit"]:
            values[metric] = 100 * np.count_nonzero(known < float(match["limit"]) * scale) / max(len(error), 1)
        elif match["mean"]:
            values[metric] = float(known.mean()) / scale if len(known) else np.nan
        else:
            values[metric] = 100 * len(known) / max(len(error), 1)
    return values
