# SPDX-License-Identifier: Apache-2.0
"""From saved depth maps to a scene's cloud, its score, and its picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from depthbench.benchmarks.cloud_picture import draw_cloud, read_coloured, turned
from depthbench.benchmarks.cloud_scans import score_case
from depthbench.benchmarks.mvs_files import MvsFiles
from depthbench.benchmarks.mvs_protocol import CLOUD_METRICS, MvsProtocol
from depthbench.benchmarks.score import SampleResult
from depthbench.benchmarks.sets.mvs_set import CLOUDS, MvsScene, ScenesSet, sample_id_of
from depthbench.errors import DepthbenchError
from depthbench.formats.image import write_png
from depthbench.formats.mvs_pairs import Pairs
from depthbench.fusion.consistency import DepthView, FloatMap
from depthbench.fusion.fuse import fuse_views, scaled_intrinsics
from depthbench.viz import Panel, grid

Track = Callable[[Sequence[str], str], Iterable[str]]
TURNS = (0.0, 25.0)
"""Degrees to the side from which a cloud is drawn: as a view sees it, and otherwise, where a flat picture would betray itself."""


class SavedViews:
    """A scene's views with their saved depth; see :class:`depthbench.fusion.fuse.FusionViews`."""

    def __init__(self, scene: MvsScene, saved: MvsFiles, level: int | None = None) -> None:
        self._scene, self._saved, self._level = scene, saved, level
        self.depth_view = lru_cache(64)(self._depth_view)

    def rgb(self, view_id: int) -> npt.NDArray[np.uint8]:
        """Read the picture."""
        return self._scene.view(view_id).rgb

    def confidence(self, view_id: int, like: FloatMap) -> FloatMap | None:
        """Read the confidence."""
        return self._saved.read(sample_id_of(self._scene, view_id), self._level)[1]

    def _depth_view(self, view_id: int) -> DepthView:
        name = sample_id_of(self._scene, view_id)
        depth = self._saved.read(name, self._level)[0]
        view = self._scene.view(view_id)
        path = self._saved.depth_path(name, self._level)
        matrix = scaled_intrinsics(view.camera, view.size, depth.shape, path)
        return DepthView(np.where(np.isfinite(depth), depth, np.float32(0)), matrix, view.world_to_cam)


def predicted_pairs(scene: MvsScene, ids: Sequence[str]) -> Pairs:
    """Return the pairs among the views of ``ids`` alone."""
    chosen = set(ids)
    there = [view for view in scene.pairs if sample_id_of(scene, view) in chosen]
    return {view: [pair for pair in scene.pairs[view] if pair[0] in there] for view in there}


def score_clouds(
    protocol: MvsProtocol, opened: ScenesSet, ids: Sequence[str], saved: MvsFiles, out: Path, track: Track
) -> list[SampleResult]:
    """Write ``<scene>.ply`` and ``<scene>.png`` of each scene of ``ids``; score where there is a reference.

    Returns
    -------
    list of SampleResult
        One per scene, in the group of clouds; without values where there is nothing to compare to.
    """
    results = []
    scenes = {opened.scene_of(sample_id)[0].name: opened.scene_of(sample_id)[0] for sample_id in ids}
    for name in track(list(scenes), "clouds"):
        scene, path = scenes[name], out / f"{name or 'cloud'}.ply"
        told = f"{name or 'scene'}, cloud"
        try:
            pairs = predicted_pairs(scene, ids)
            fuse_views(SavedViews(scene, saved), pairs, protocol.fusion_rules, path, name or str(saved.folder))
            draw_scene(path.with_suffix(".png"), path, scene, pairs)
            case = scene.cloud_case(path)
            values = {}
            if case is not None:
                score = score_case(case, protocol.cloud_rules)
                known = {key: score.values[key] for key in CLOUD_METRICS if key in protocol.metrics}
                values = {"cloud": dict.fromkeys(protocol.metrics, np.nan) | known}
            results.append(SampleResult(told, values=values, group=CLOUDS))
        except DepthbenchError as error:
            results.append(SampleResult(told, str(error), group=CLOUDS))
    return results


def draw_scene(path: Path, cloud: Path, scene: MvsScene, pairs: Pairs) -> None:
    """Draw a cloud beside the picture of the view that is a source most often, as that view sees it and from aside."""
    named = [source for sources in pairs.values() for source, _ in sources]
    middle = max(pairs, key=named.count)
    view = scene.view(middle)
    height, width = view.rgb.shape[:2]
    points, colours = read_coloured(cloud)
    seen = points[:: max(1, len(points) // 100_000)] @ view.world_to_cam[:3, :3].T + view.world_to_cam[:3, 3]
    before = seen[seen[:, 2] > 0]
    deep = float(np.median(before[:, 2])) if len(before) else 1.0
    pivot = view.world_to_cam[:3, :3].T @ (np.array([0, 0, deep]) - view.world_to_cam[:3, 3])
    panels = [Panel(view.rgb, f"view {middle}")]
    for turn in TURNS:
        camera = turned(view.world_to_cam, pivot, turn, turn / 3)
        drawn = draw_cloud(points, colours, view.intrinsics, camera, (width, height))
        panels.append(Panel(drawn, f"{len(points)} points" if not turn else f"from {turn:g} degrees aside"))
    write_png(path, grid([panels], panel_width=min(width, 480)))
