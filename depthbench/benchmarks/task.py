# SPDX-License-Identifier: Apache-2.0
"""The seam between the harness, which is one for all tasks, and what differs from task to task.

To add a task: a file with a class like :class:`BenchTask` and one line in :data:`TASKS`; a protocol class in
:data:`.protocol.KINDS`; its sample and prediction in :mod:`depthbench.tasks`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from depthbench.registry import lookup

if TYPE_CHECKING:
    from depthbench.benchmarks.score import SampleResult

TASKS = {
    "stereo": "depthbench.benchmarks.stereo_task:StereoTask",
    "motion": "depthbench.benchmarks.motion_task:MotionTask",
    "focus": "depthbench.benchmarks.focus_task:FocusTask",
    "mvs": "depthbench.benchmarks.mvs_task:MvsTask",
    "mono": "depthbench.benchmarks.mono_task:MonoTask",
}

Values = dict[str, dict[str, float]]
"""Region -> metric -> value (NaN = has none), and counts that the task's protocols weigh by."""


class SavedPredictions(Protocol):
    """Predictions in a folder; one that is there stays, and each appears whole or not at all."""

    def __init__(self, folder: Path) -> None:
        """Look into ``folder``, which need not exist yet."""

    def has(self, sample_id: str) -> bool:
        """Tell whether ``eval`` has saved this sample's prediction already."""

    def write(self, sample_id: str, prediction: Any) -> None:
        """Save a prediction."""


class BenchTask(Protocol):
    """What the harness asks of a task.

    A task whose samples belong together (views of a scene) has two methods more: ``complete(model, opened, ids, saved)``, called once all of
    ``ids`` are predicted, before anything is scored; and ``score_scenes(protocol, opened, ids, saved, out, track)``, which returns
    further results, of whole scenes, in groups of their own.
    """

    saved: type[SavedPredictions]

    def sample(self, opened: Any, sample_id: str) -> Any:
        """Return what a model is shown of a sample: no truth.

        Raises
        ------
        DepthbenchError
            If a file is absent or damaged; the message names it.
        """

    def check(self, prediction: Any, sample: Any) -> None:
        """Refuse a prediction that does not fit its sample.

        Raises
        ------
        DepthbenchError
            Saying how it differs.
        """

    def score(self, protocol: Any, opened: Any, sample_id: str, saved: Any) -> Values:
        """Read one sample's truth and its saved prediction, and score it.

        Raises
        ------
        DepthbenchError
            If either cannot be read, or they do not fit together; the message names the file.
        """

    def preview(self, path: Path, opened: Any, ids: Sequence[str], saved: Any) -> bool:
        """Write the picture of predictions of a set without truth to ``path``; return False where the task has none."""

    def draw(self, path: Path, protocol: Any, opened: Any, results: Sequence[SampleResult], saved: Any) -> bool:
        """Write the picture of an evaluation to ``path``; return False, and write nothing, where there is nothing to show."""


def bench_task(name: str) -> BenchTask:
    """Return what the harness needs of a task, by its name.

    Raises
    ------
    DepthbenchError
        If the harness knows no such task.
    """
    task: BenchTask = lookup("task", name, TASKS)()
    return task
