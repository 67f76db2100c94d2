# SPDX-License-Identifier: Apache-2.0
"""``--engine local``: this machine, one worker process per device; what needs no Blender, in this process."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from depthbench.blender_scenes.worker import WorkerContext
from depthbench.generators.engines.choice import Choice
from depthbench.generators.engines.devices import engine_options
from depthbench.generators.engines.sidecar import Ledger
from depthbench.generators.engines.units import Failure, Listen, Need, Rules, Unit
from depthbench.generators.engines.worker_pool import run_units
from depthbench.registry import load_object


def run(units: Sequence[Unit], choice: Choice, need: Need, rules: Rules, folder: Path, listen: Listen) -> list[Failure]:
    """Do all units; see :func:`.worker_pool.run_units`."""
    if need.light and (need.workers or 1) == 1 and not math.isfinite(rules.unit_timeout_s):
        return run_in_this_process(units, folder, listen, choice.url)
    options = engine_options(need, rules)
    device = options.worker_arguments[0][1]
    return run_units(units, options, folder / "logs", Ledger(folder, device, listen, choice.url))


def run_in_this_process(units: Sequence[Unit], folder: Path, listen: Listen, url: str = "") -> list[Failure]:
    """Do all units one after the other without a worker process: for work that cannot crash. Exceptions come out as they are."""
    ledger = Ledger(folder, "CPU", listen, url)
    for unit in units:
        ledger(unit.name, {"event": "start"})
        context = WorkerContext(lambda kind, unit=unit, **told: ledger(unit.name, {"event": kind, **told}), "CPU", 0)
        job = {**unit.job, "name": unit.name, "task": unit.task, "items": list(unit.items)}
        load_object(unit.task)(job, context)
        ledger(unit.name, {"event": "done"})
    return []
