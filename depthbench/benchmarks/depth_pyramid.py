# SPDX-License-Identifier: Apache-2.0
"""Depth maps of several sizes into one per view: sure and confirmed coarse depth takes the place of unsure fine depth.

PBS-MVSNet's multi-metric pyramid (its eq. 1 and 2), from the coarsest level to the finest. A coarse pixel is taken where its confidence is high
(the photometric measure) and its depth is confirmed by other views at its own level (the geometric one); depth and confidence both are.
Depth between coarse pixels is bilinear where the four are of one surface, else the nearest: edges are not blended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from depthbench.benchmarks.mvs_files import MvsFiles
from depthbench.benchmarks.sets.mvs_set import MvsScene, ScenesSet, sample_id_of
from depthbench.formats.mvs_pairs import Pairs
from depthbench.fusion.consistency import DepthView, consistent
from depthbench.fusion.fuse import scaled_intrinsics
from depthbench.fusion.rules import PRESETS

FloatMap = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Maps = Mapping[int, tuple[FloatMap, FloatMap]]
"""View -> depth (NaN = hole), confidence."""
ONE_SURFACE = 0.01
"""Depths whose largest exceeds the smallest by no more than this share of it are of one surface."""


@dataclass(frozen=True)
class PyramidRules:
    """Coarse depth surer than ``sure`` replaces fine depth less sure than ``unsure``."""

    sure: float = 0.9
    unsure: float = 0.5


def enlarged(depth: FloatMap, shape: tuple[int, int]) -> FloatMap:
    """Return depth (h, w) at a larger size (H, W); NaN = hole."""
    y, x = _places(depth.shape, shape)
    nearest: FloatMap = depth[np.floor(y + 0.5).astype(np.intp)[:, None], np.floor(x + 0.5).astype(np.intp)]
    corners, weights = _corners(depth, y, x)
    between = (corners * weights).sum(axis=0)
    with np.errstate(invalid="ignore"):
        smooth = corners.max(axis=0) <= corners.min(axis=0) * (1 + ONE_SURFACE)
    found: FloatMap = np.where(smooth, between, nearest).astype(np.float32)
    return found


def interpolated(values: FloatMap, shape: tuple[int, int]) -> FloatMap:
    """Return a map (h, w) without holes at another size (H, W), bilinear."""
    corners, weights = _corners(values, *_places(values.shape, shape))
    found: FloatMap = (corners * weights).sum(axis=0).astype(np.float32)
    return found


def _places(shape: tuple[int, ...], wanted: tuple[int, int]) -> tuple[Floats, Floats]:
    """Return rows and columns of a map at which the pixels of a larger one lie."""
    y, x = (np.clip((np.arange(n) + 0.5) * m / n - 0.5, 0, m - 1) for n, m in zip(wanted, shape, strict=True))
    return y, x


def _corners(values: FloatMap, y: Floats, x: Floats) -> tuple[FloatMap, Floats]:
    """Return the four values round every place, (4, H, W), and their bilinear weights."""
    height, width = values.shape
    top, left = (np.minimum(axis.astype(np.intp), max(size - 2, 0)) for axis, size in ((y, height), (x, width)))
    below, right = np.minimum(top + 1, height - 1), np.minimum(left + 1, width - 1)
    fy, fx = (y - top)[:, None], x - left
    corners = np.stack([values[row[:, None], column] for row in (top, below) for column in (left, right)])
    return corners, np.stack([(1 - fy) * (1 - fx), (1 - fy) * fx, fy * (1 - fx), fy * fx])


def replaced(
    fine: tuple[FloatMap, FloatMap], coarse: tuple[FloatMap, FloatMap], unsure: float
) -> tuple[FloatMap, FloatMap]:
    """Return fine depth and confidence with those of ``coarse`` (NaN where it is not to be taken) where the fine is unsure."""
    depth, confidence = fine
    shape = depth.shape[0], depth.shape[1]
    candidate, its_confidence = enlarged(coarse[0], shape), interpolated(coarse[1], shape)
    taken = np.isfinite(candidate) & ((confidence < unsure) | ~np.isfinite(depth))
    return np.where(taken, candidate, depth), np.where(taken, its_confidence, confidence)


def reliable(scene: MvsScene, pairs: Pairs, maps: Maps, sure: float) -> dict[int, tuple[FloatMap, FloatMap]]:
    """Return the maps of a level with NaN where they are not sure, or not confirmed by other views (fusion preset ``pbs``)."""
    rules = replace(PRESETS["pbs"], sources=None)
    views = {}
    for number, (depth, _) in maps.items():
        view = scene.view(number)
        matrix = scaled_intrinsics(view.camera, view.size, depth.shape, f"view {number}")
        views[number] = DepthView(np.where(np.isfinite(depth), depth, np.float32(0)), matrix, view.world_to_cam)
    kept = {}
    for number, (depth, confidence) in maps.items():
        sources = [views[source] for source, _ in pairs[number] if source in views]
        agrees, _ = consistent(views[number], sources, rules)
        kept[number] = (np.where(agrees & (confidence > sure), depth, np.float32(np.nan)), confidence)
    return kept


def merge_levels(scene: MvsScene, pairs: Pairs, levels: Sequence[Maps], rules: PyramidRules) -> Maps:
    """Return the final maps of a scene's views, given those of each level, fine to coarse."""
    *finer, coarse = levels
    for fine in reversed(finer):
        sure = reliable(scene, pairs, coarse, rules.sure)
        coarse = {number: replaced(maps, sure[number], rules.unsure) for number, maps in fine.items()}
    return coarse


def merge_saved(opened: ScenesSet, ids: Sequence[str], saved: MvsFiles, rules: PyramidRules) -> None:
    """Merge the saved levels of every view of ``ids`` into its final depth and confidence; scene by scene."""
    by_scene: dict[str, list[int]] = {}
    for sample_id in ids:
        scene, view = opened.scene_of(sample_id)
        by_scene.setdefault(scene.name, []).append(view)
    for name, views in by_scene.items():
        scene = opened.scenes[name]
        levels = []
        level = 0
        while all(saved.depth_path(sample_id_of(scene, view), level).is_file() for view in views):
            levels.append({view: _read(saved, sample_id_of(scene, view), level) for view in views})
            level += 1
        if len(levels) < 2:
            continue
        for view, (depth, confidence) in merge_levels(scene, scene.pairs, levels, rules).items():
            saved.replace(sample_id_of(scene, view), depth, confidence)


def _read(saved: MvsFiles, sample_id: str, level: int) -> tuple[FloatMap, FloatMap]:
    depth, confidence = saved.read(sample_id, level)
    return depth, np.ones_like(depth) if confidence is None else confidence
