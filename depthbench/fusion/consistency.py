# SPDX-License-Identifier: Apache-2.0
"""Geometric consistency of depth maps: a pixel is carried into a source view by its depth, and back by the depth found there.

How far from itself it lands (pixels), and how much deeper or less deep (relative to its depth), says whether the source agrees. The
depth found is bilinear between four pixels. No answer, instead of a wrong one, where published loops give one: at the border
(the four pixels must lie in the picture), beside unknown depth (those of the four that have a weight must be known), and
behind either camera.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from depthbench.benchmarks.metrics.kernels import kernels
from depthbench.fusion.rules import FusionRules

FloatMap = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class DepthView:
    """A depth map with its camera.

    Attributes
    ----------
    depth : float32 (H, W)
        Planar depth; what is not positive, or NaN, is unknown.
    intrinsics : float64 (3, 3)
        K in pixels of this map; integer coordinate = pixel centre.
    world_to_cam : float64 (4, 4)
    """

    depth: FloatMap
    intrinsics: Floats
    world_to_cam: Floats

    def points(self, mask: Mask, depth: FloatMap) -> npt.NDArray[np.float32]:
        """Return the points in the world (n, 3) that pixels have at ``depth``."""
        y, x = np.nonzero(mask)
        rays = np.linalg.inv(self.intrinsics) @ np.stack([x, y, np.ones(len(x))])
        points_cam = rays * depth[y, x]
        points = self.world_to_cam[:3, :3].T @ (points_cam - self.world_to_cam[:3, 3:])
        return np.ascontiguousarray(points.T, dtype=np.float32)


class Posed(Protocol):
    """A camera with its place: K (3, 3) and world to camera (4, 4)."""

    @property
    def intrinsics(self) -> Floats:
        """K in pixels; integer coordinate = pixel centre."""

    @property
    def world_to_cam(self) -> Floats:
        """Pose."""


def carry(view: Posed, other: Posed) -> Floats:
    """Return the 3x4 matrix that takes (x d, y d, d, 1) of a pixel with depth d in one view to (u z, v z, z) in the other."""
    relative = other.world_to_cam @ np.linalg.inv(view.world_to_cam)
    matrix = np.empty((3, 4))
    matrix[:, :3] = other.intrinsics @ relative[:3, :3] @ np.linalg.inv(view.intrinsics)
    matrix[:, 3] = other.intrinsics @ relative[:3, 3]
    return matrix


def consistent(view: DepthView, sources: Sequence[DepthView], rules: FusionRules) -> tuple[Mask, FloatMap]:
    """Return which pixels enough sources agree with (bool (H, W)), and the mean of their depth and of what those sources give.

    Depth outside the mask means nothing.
    """
    levels = np.array([[level.distance_px, level.relative_depth] for level in rules.levels])
    counts = np.zeros((len(levels), *view.depth.shape), dtype=np.uint8)
    total = np.zeros(view.depth.shape)
    for source in sources:
        compare = getattr(_machine_code(source), "compare", _compare)
        compare(
            view.depth,
            np.ascontiguousarray(source.depth),
            carry(view, source),
            carry(source, view),
            levels,
            counts,
            total,
        )
    mask = np.zeros(view.depth.shape, dtype=bool)
    for count, level in zip(counts, rules.levels, strict=True):
        mask |= count >= level.views
    with np.errstate(invalid="ignore"):
        mean = ((total + view.depth) / (counts[-1].astype(np.float64) + 1)).astype(np.float32)
    return mask & (view.depth > 0), mean


def mark_used(view: DepthView, source: DepthView, rules: FusionRules, kept: Mask, used: Mask) -> None:
    """Set ``used`` at the pixels of a source that show the same as kept pixels of the view."""
    loosest = np.array([rules.levels[-1].distance_px, rules.levels[-1].relative_depth])
    mark = getattr(_machine_code(source), "mark", _mark)
    mark(view.depth, np.ascontiguousarray(source.depth), carry(view, source), carry(source, view), loosest, kept, used)


def _machine_code(source: DepthView) -> Any:
    """Return the compiled module, which takes squares of four pixels for granted, or None."""
    return kernels("depthbench.fusion.compiled") if min(source.depth.shape) > 1 else None


def _look(depth: FloatMap, source: FloatMap, there: Floats, back: Floats) -> tuple[Floats, ...]:
    """Where each pixel lies in the source, how far from itself it comes back (squared), and at what depth: NaN where it does not."""
    height, width = source.shape
    y, x = np.indices(depth.shape, dtype=np.float64)
    z = np.where(depth > 0, depth, np.nan).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        u, v = _moved(x, y, z, there)[:2]
        inside = (u >= 0) & (v >= 0) & (u <= width - 1) & (v <= height - 1)
        left, top = (np.where(inside, axis, 0).astype(np.intp) for axis in (u, v))
        fu, fv = u - left, v - top
        known = np.where(source > 0, source, np.nan)
        sampled: Any = 0.0
        for row, weight_y in ((top, 1 - fv), (np.minimum(top + 1, height - 1), fv)):
            for column, weight_x in ((left, 1 - fu), (np.minimum(left + 1, width - 1), fu)):
                weight = weight_x * weight_y
                sampled = sampled + np.where(weight == 0, 0, weight * known[row, column])
        p, q, given = _moved(u, v, np.where(inside, sampled, np.nan), back)
        return u, v, (p - x) ** 2 + (q - y) ** 2, given


def _moved(x: Floats, y: Floats, depth: Floats, matrix: Floats) -> tuple[Floats, ...]:
    u, v, z = (depth * (row[0] * x + row[1] * y + row[2]) + row[3] for row in matrix)
    z = np.where(z > 0, z, np.nan)
    return u / z, v / z, z


def _compare(
    depth: FloatMap, source: FloatMap, there: Floats, back: Floats, levels: Floats, counts: Any, total: Floats
) -> None:
    _, _, square, given = _look(depth, source, there, back)
    with np.errstate(invalid="ignore", divide="ignore"):
        relative = np.abs(given - depth) / depth
        for count, (distance, share) in zip(counts, levels, strict=True):
            agrees = (square < distance * distance) & (relative < share)
            count += agrees
    total[agrees] += given[agrees]


def _mark(
    depth: FloatMap, source: FloatMap, there: Floats, back: Floats, loosest: Floats, kept: Mask, used: Mask
) -> None:
    u, v, square, given = _look(depth, source, there, back)
    with np.errstate(invalid="ignore", divide="ignore"):
        agrees = kept & (square < loosest[0] ** 2) & (np.abs(given - depth) / depth < loosest[1])
    used[np.rint(v[agrees]).astype(np.intp), np.rint(u[agrees]).astype(np.intp)] = True
