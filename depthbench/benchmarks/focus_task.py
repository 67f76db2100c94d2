# SPDX-License-Identifier: Apache-2.0
"""What the harness needs of the task ``focus``: stacks without truth, depth maps in files, scores, pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from depthbench.benchmarks.depth_protocol import DepthProtocol
from depthbench.benchmarks.depth_task import DepthFiles, check_depth, score_saved
from depthbench.benchmarks.score import SampleResult
from depthbench.benchmarks.sets.focus_set import FocusSet
from depthbench.benchmarks.task import Values
from depthbench.tasks import DepthPrediction, FocusSample


class FocusTask:
    """See :class:`.task.BenchTask`."""

    saved = DepthFiles

    def sample(self, opened: FocusSet, sample_id: str) -> FocusSample:
        """Return pictures and focus distances."""
        return opened.stack(sample_id)

    def check(self, prediction: DepthPrediction, sample: FocusSample) -> None:
        """Refuse a map that is not of the pictures' size."""
        _, height, width, _ = sample.stack.shape
        check_depth(prediction, (height, width))

    def score(self, protocol: DepthProtocol, opened: FocusSet, sample_id: str, saved: DepthFiles) -> Values:
        """Read one sample's truth and its saved prediction, and score it."""
        return score_saved(protocol, opened, sample_id, saved)

    def preview(self, path: Path, opened: FocusSet, ids: Sequence[str], saved: DepthFiles) -> bool:
        """Draw the first stacks with their estimates."""
        from depthbench.benchmarks.focus_pictures import draw_estimates

        return draw_estimates(path, opened, ids, saved)

    def draw(
        self, path: Path, protocol: DepthProtocol, opened: FocusSet, results: Sequence[SampleResult], saved: DepthFiles
    ) -> bool:
        """Draw the stacks that tell most."""
        from depthbench.benchmarks.focus_pictures import draw_stacks

        return draw_stacks(path, protocol, opened, results, saved)
