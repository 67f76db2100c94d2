# SPDX-License-Identifier: Apache-2.0
"""What the harness needs of the task ``mono``: single pictures, depth maps in files, scores, pictures of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from depthbench.benchmarks.depth_protocol import DepthProtocol
from depthbench.benchmarks.depth_task import DepthFiles, check_depth, score_saved
from depthbench.benchmarks.score import SampleResult
from depthbench.benchmarks.sets.mono_set import MonoSet
from depthbench.benchmarks.task import Values
from depthbench.tasks import DepthPrediction, MonoSample


class MonoTask:
    """See :class:`.task.BenchTask`."""

    saved = DepthFiles

    def sample(self, opened: MonoSet, sample_id: str) -> MonoSample:
        """Return the picture and what is known of its camera."""
        return opened.view(sample_id)

    def check(self, prediction: DepthPrediction, sample: MonoSample) -> None:
        """Refuse a map that is not of the picture's size."""
        height, width, _ = sample.image.shape
        check_depth(prediction, (height, width))

    def score(self, protocol: DepthProtocol, opened: MonoSet, sample_id: str, saved: DepthFiles) -> Values:
        """Read one sample's truth and its saved prediction, and score it."""
        return score_saved(protocol, opened, sample_id, saved)

    def preview(self, path: Path, opened: MonoSet, ids: Sequence[str], saved: DepthFiles) -> bool:
        """Draw nothing: every set of single pictures has truth."""
        return False

    def draw(
        self, path: Path, protocol: DepthProtocol, opened: MonoSet, results: Sequence[SampleResult], saved: DepthFiles
    ) -> bool:
        """Draw the pictures that tell most."""
        from depthbench.benchmarks.mono_pictures import draw_views

        return draw_views(path, protocol, opened, results, saved)
