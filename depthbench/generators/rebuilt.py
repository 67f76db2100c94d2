# SPDX-License-Identifier: Apache-2.0
"""Scenes that are built again to look at stored truth once more: nothing is rendered."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from depthbench.generators.engines.units import Event, Unit
from depthbench.generators.engines.worker_pool import EngineOptions, run_units
from depthbench.generators.progress import ProgressReport
from depthbench.generators.verify import RECAST_SHARE


def differing(units: Sequence[Unit], folder: Path, samples: int) -> list[str]:
    """Run tasks that build scenes again, and say what of their samples is not what was stored.

    Parameters
    ----------
    units : sequence of Unit
        Their tasks tell ``checked`` of each sample: ``id``, and ``unlike``: what of it -> the share that differs. More than
        :data:`.verify.RECAST_SHARE` is told; on the same kind of processor nothing differs.
    folder : Path
        Receives logs.
    samples : int
        How many there are.
    """
    problems: list[str] = []
    with ProgressReport(0, samples, what="samples looked at again") as report:

        def listen(unit: str, event: Event) -> None:
            if event["event"] == "checked":
                report.advance()
                problems.extend(
                    f"{event['id']}: {what} is not what the scene built again gives ({share:.3%} differs)"
                    for what, share in event["unlike"].items()
                    if share > RECAST_SHARE
                )

        failures = run_units(units, EngineOptions(worker_arguments=(("--device", "CPU"),)), folder / "logs", listen)
    return problems + [f"{one.unit} cannot be built again: {one.reason}; the log is {one.log}" for one in failures]
