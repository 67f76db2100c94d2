# SPDX-License-Identifier: Apache-2.0
"""What the harness needs of the task ``motion``: masks without truth, a table of depths, scores, pictures."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from depthbench.benchmarks.motion_protocol import MotionProtocol
from depthbench.benchmarks.score import SampleResult
from depthbench.benchmarks.sets.evaluation_set import group_of
from depthbench.benchmarks.sets.motion_set import MotionSet
from depthbench.benchmarks.task import Values
from depthbench.errors import DepthbenchError
from depthbench.tasks import MotionPrediction, MotionSample

TABLE = "depths.csv"
_HEADING = "id,depth_m"


class DepthTable:
    """``depths.csv``: a heading ``id,depth_m``, then a line per sample; what is not finite (``nan``, ``inf``) is no answer."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / TABLE

    @cached_property
    def depths_m(self) -> dict[str, float]:
        """Sample -> depth, the latest line of each; a last line cut short by a kill is passed over.

        Raises
        ------
        DepthbenchError
            If the file cannot be read, or a line is not an id and a number.
        """
        try:
            text = self.path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise DepthbenchError(f"{self.path}: no readable table of predictions, '{_HEADING}' per line") from error
        lines = text[: text.rfind("\n") + 1].splitlines()
        if not lines or lines[0] != _HEADING:
            raise DepthbenchError(f"{self.path}: the first line must be '{_HEADING}'")
        depths = {}
        for number, row in enumerate(csv.reader(lines[1:]), start=2):
            try:
                sample_id, depth = row
                depths[sample_id] = float(depth)
            except ValueError as error:
                raise DepthbenchError(f"{self.path}, line {number}: not '{_HEADING}'") from error
        return depths

    def has(self, sample_id: str) -> bool:
        """Tell whether the table has the sample."""
        return self.path.exists() and sample_id in self.depths_m

    def write(self, sample_id: str, prediction: MotionPrediction) -> None:
        """Add a line, after cutting off one that a kill left unfinished."""
        if not self.path.exists():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(_HEADING + "\n", encoding="utf-8")
        with open(self.path, "r+b") as file:
            file.truncate(file.read().rfind(b"\n") + 1)
            file.seek(0, 2)
            file.write(f"{sample_id},{prediction.depth_m!r}\n".encode())
        self.depths_m[sample_id] = prediction.depth_m

    def read(self, sample_id: str) -> float:
        """Return a sample's predicted depth in metres.

        Raises
        ------
        DepthbenchError
            If the table does not have it.
        """
        if sample_id not in self.depths_m:
            raise DepthbenchError(f"{self.path}: no prediction for {sample_id}")
        return self.depths_m[sample_id]


class MotionTask:
    """See :class:`.task.BenchTask`."""

    saved = DepthTable

    def sample(self, opened: MotionSet, sample_id: str) -> MotionSample:
        """Return masks and positions."""
        return opened.observations(sample_id)

    def check(self, prediction: MotionPrediction, sample: MotionSample) -> None:
        """Refuse what is not one number."""
        if not isinstance(prediction.depth_m, float):
            raise DepthbenchError(
                f"the model's depth is of the type {type(prediction.depth_m).__name__}, not one float"
            )

    def score(self, protocol: MotionProtocol, opened: MotionSet, sample_id: str, saved: DepthTable) -> Values:
        """Compare one sample's saved depth with the truth."""
        predicted_m, truth_m = saved.read(sample_id), opened.truth(sample_id).depth_m
        failed = not math.isfinite(predicted_m)
        error = protocol.failure_percent_error if failed else 100 * abs(predicted_m - truth_m) / truth_m
        values = {"percent_error": error, "median_percent_error": error, "failures": 100.0 * failed}
        told = {metric: values[metric] for metric in protocol.metrics}
        group = group_of(opened, sample_id)
        return {region.name: dict(told) for region in protocol.regions if region.group in ("", group)}

    def preview(self, path: Path, opened: MotionSet, ids: Sequence[str], saved: DepthTable) -> bool:
        """Write nothing."""
        return False

    def draw(
        self,
        path: Path,
        protocol: MotionProtocol,
        opened: MotionSet,
        results: Sequence[SampleResult],
        saved: DepthTable,
    ) -> bool:
        """Draw the examples that tell most, and beside the picture ``errors.png``: error against depth and travel."""
        from depthbench.benchmarks.motion_pictures import draw_errors, draw_examples

        draw_errors(path.with_name("errors.png"), protocol, opened, results, saved.depths_m)
        return draw_examples(path, protocol, opened, results, saved.depths_m)
