# SPDX-License-Identifier: Apache-2.0
"""What the harness needs of the task ``mvs``: views without truth, depth and confidence in files, scores of views, of clouds, pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from depthbench.benchmarks.metrics.mvs_depth import depth_errors, truth_at
from depthbench.benchmarks.mvs_files import MvsFiles
from depthbench.benchmarks.mvs_protocol import MvsProtocol
from depthbench.benchmarks.score import SampleResult
from depthbench.benchmarks.sets.mvs_set import ScenesSet
from depthbench.benchmarks.task import Values
from depthbench.errors import DepthbenchError
from depthbench.fusion.fuse import scaled_intrinsics
from depthbench.tasks import MvsPrediction, MvsSample


class MvsTask:
    """See :class:`.task.BenchTask`."""

    saved = MvsFiles

    def sample(self, opened: ScenesSet, sample_id: str) -> MvsSample:
        """Return the view and its sources."""
        return opened.sample(sample_id)

    def check(self, prediction: MvsPrediction, sample: MvsSample) -> None:
        """Refuse maps that are not of the picture's proportions, confidence of another size, and confidence that is none."""
        height, width = sample.reference.rgb.shape[:2]
        for depth, confidence in ((prediction.depth, prediction.confidence), *prediction.coarser):
            if np.ndim(depth) != 2:
                raise DepthbenchError(f"the model's map has the shape {np.shape(depth)}, not (height, width)")
            scaled_intrinsics(sample.reference.camera, (width, height), depth.shape, "the model's depth map")
            if confidence is None:
                continue
            if confidence.shape != depth.shape:
                raise DepthbenchError(
                    f"the model's confidence has the shape {confidence.shape}, its depth map {depth.shape}"
                )
            if not ((confidence >= 0) & (confidence <= 1)).all():
                raise DepthbenchError("the model's confidence is not between 0 and 1 everywhere")

    def score(self, protocol: MvsProtocol, opened: ScenesSet, sample_id: str, saved: MvsFiles) -> Values:
        """Compare one view's depth with the truth; nothing where there is none."""
        depth, confidence = saved.read(sample_id)
        values = self._run(protocol, sample_id, saved)
        truth = opened.truth(sample_id)
        if truth is None:
            return values
        scene, view = opened.scene_of(sample_id)
        seen = scene.view(view)
        mine = scaled_intrinsics(seen.camera, seen.size, depth.shape, saved.depth_path(sample_id))
        true_depth = truth_at(truth.depth, truth.intrinsics, depth.shape, mine)
        for region in protocol.regions:
            if region.name == "all":
                sure = None
            elif region.name == "sure" and confidence is not None:
                sure = confidence > protocol.confidence
            else:
                continue
            told = depth_errors(depth, true_depth, truth.interval, protocol.metrics, sure)
            values[region.name] = dict.fromkeys(protocol.metrics, np.nan) | told
        return values

    @staticmethod
    def _run(protocol: MvsProtocol, sample_id: str, saved: MvsFiles) -> Values:
        """Return seconds and memory of a view, where they were noted and the protocol has them."""
        entry = saved.times.get(sample_id)
        if not entry or "peak_bytes" not in entry or "run" not in {region.name for region in protocol.regions}:
            return {}
        told = {"run_time_s": entry["forward_s"], "memory_gb": entry["peak_bytes"] / 1e9}
        return {"run": dict.fromkeys(protocol.metrics, np.nan) | told}

    def complete(self, model: Any, opened: ScenesSet, ids: Sequence[str], saved: MvsFiles) -> None:
        """Merge the levels of models with a pyramid, which say by what rules in an attribute ``pyramid``."""
        from depthbench.benchmarks.depth_pyramid import merge_saved

        rules = getattr(model, "pyramid", None)
        if rules is not None:
            merge_saved(opened, ids, saved, rules)

    def score_scenes(
        self, protocol: MvsProtocol, opened: ScenesSet, ids: Sequence[str], saved: MvsFiles, out: Path, track: Any
    ) -> list[SampleResult]:
        """Fuse each scene's depth maps into ``out/clouds``, and compare the cloud where there is a reference."""
        from depthbench.benchmarks.mvs_clouds import score_clouds

        return score_clouds(protocol, opened, ids, saved, out / "clouds", track)

    def preview(self, path: Path, opened: ScenesSet, ids: Sequence[str], saved: MvsFiles) -> bool:
        """Draw some views with depth and confidence."""
        from depthbench.benchmarks.mvs_pictures import draw_views

        return draw_views(path, opened, ids, saved)

    def draw(
        self, path: Path, protocol: MvsProtocol, opened: ScenesSet, results: Sequence[SampleResult], saved: MvsFiles
    ) -> bool:
        """Draw the views that tell most, with truth and error."""
        from depthbench.benchmarks.mvs_pictures import draw_results

        return draw_results(path, protocol, opened, results, saved)
