# SPDX-License-Identifier: Apache-2.0
"""Clouds from files, and what is wrong with them before they are compared."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError
from depthbench.formats.ply import read_ply

_UNITS = {0.001: "metres against millimetres", 1000.0: "millimetres against metres"}
_MISMATCH = 30.0
"""Clouds of one scene whose sizes differ by more than this factor are in different units."""


def read_points(path: str | Path) -> npt.NDArray[np.float64]:
    """Read x, y, z of a PLY file: float64 (N, 3).

    Raises
    ------
    DepthbenchError
        If the file is absent or no PLY file, holds no points, or some that are not finite.
    """
    vertices = read_ply(path, ["vertex"])["vertex"]
    for name in "xyz":
        if name not in (vertices.dtype.names or ()):
            raise DepthbenchError(f"{path}: its points have no '{name}'")
    points = np.empty((len(vertices), 3))
    for axis, name in enumerate("xyz"):
        points[:, axis] = vertices[name]
    if not len(points):
        raise DepthbenchError(f"{path}: holds no points; did the fusion keep any?")
    # a sum is finite where all its terms are, but for those that overflow
    bad = np.flatnonzero(~np.isfinite(points[:, 0] + points[:, 1] + points[:, 2]))
    if len(bad):
        raise DepthbenchError(
            f"{path}: {len(bad)} of {len(points)} points are not finite, the first is number {bad[0]}: {points[bad[0]]}; leave them out"
        )
    return points


def check_units(
    predicted: npt.NDArray[np.float64], reference: npt.NDArray[np.float64], predicted_name: str, reference_name: str
) -> None:
    """Compare the sizes of two clouds of one scene.

    Raises
    ------
    DepthbenchError
        If one is as good as a point, or they are of different units; the message says which, and what to do.
    """
    sizes = [_size(predicted), _size(reference)]
    for size, name in zip(sizes, (predicted_name, reference_name), strict=True):
        if size == 0:
            raise DepthbenchError(f"{name}: all its points lie in one place")
    ratio = sizes[0] / sizes[1]
    if 1 / _MISMATCH < ratio < _MISMATCH:
        return
    told = f"{predicted_name}: {sizes[0]:.4g} across where {reference_name} is {sizes[1]:.4g}"
    for factor, words in _UNITS.items():
        if abs(math.log10(ratio / factor)) < 0.8:
            raise DepthbenchError(f"{told}: that is {words}; give --scale {1 / factor:g}")
    raise DepthbenchError(f"{told}: not one scene in one unit; bring them to the same scale (--scale FACTOR)")


def _size(points: npt.NDArray[np.float64]) -> float:
    """Diagonal of the box that holds the middle 90 % of the points by every coordinate."""
    some = points[:: max(1, len(points) // 100_000)]
    low, high = np.quantile(some, [0.05, 0.95], axis=0)
    return float(np.linalg.norm(high - low)) or float(np.linalg.norm(np.ptp(some, axis=0)))
