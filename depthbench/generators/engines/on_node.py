# SPDX-License-Identifier: Apache-2.0
"""What a remote engine runs on a machine: some units, one worker process, the same rules as on this one.

The worker process is a child of whatever the engine started, and dies with it.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path

from depthbench.errors import DepthbenchError
from depthbench.generators.engines.choice import Choice
from depthbench.generators.engines.devices import engine_options
from depthbench.generators.engines.sidecar import Ledger
from depthbench.generators.engines.stored import work_folder
from depthbench.generators.engines.units import Event, Failure, Listen, Need, Rules, Unit
from depthbench.generators.engines.worker_pool import run_units
from depthbench.processors import usable_cores

UNTOLD = ("pulse", "begin", "ready", "start", "heartbeat")
"""Events that are of no use once the units are done."""
LIGHT_UNITS_AT_ONCE = 20
"""Units that are done faster than a process starts go out together, at most so many."""
BATCHES_PER_WORKER = 4


@dataclass(frozen=True, eq=False)
class Batch:
    """Units that go to one machine together; all that it needs to know, to be pickled."""

    units: tuple[Unit, ...]
    need: Need
    rules: Rules
    folder: str
    url: str = ""
    scratch: str = ""

    @property
    def place(self) -> Path:
        """The folder for sidecars and logs: the output folder, or one of this machine where the output is object storage."""
        return work_folder(self.scratch) if self.url else Path(self.folder)


@dataclass(frozen=True)
class Answer:
    """What became of a batch: the events in order, what was given up, and a fault that only the user can mend."""

    events: tuple[tuple[str, Event], ...]
    failures: tuple[Failure, ...]
    fatal: str = ""


def work(batch: Batch) -> Answer:
    """Do a batch here."""
    events: list[tuple[str, Event]] = []

    def keep(unit: str, event: Event) -> None:
        if event["event"] not in UNTOLD:
            events.append((unit, event))

    folder, need = batch.place, batch.need
    try:
        options = engine_options(need, batch.rules, min(1.0, (need.cores or usable_cores()) / usable_cores()))
        logs = folder / "logs" / f"{platform.node()}-{os.getpid()}"
        ledger = Ledger(folder, options.worker_arguments[0][1], keep, batch.url)
        failures = run_units(batch.units, options, logs, ledger)
        return Answer(tuple(events), tuple(failures))
    except DepthbenchError as error:
        return Answer(tuple(events), (), f"{platform.node()}: {error}")


def batches(
    units: Sequence[Unit], choice: Choice, need: Need, rules: Rules, folder: Path, room: int, most: int | None = None
) -> list[Batch]:
    """Cut units into batches: single ones, but for light work, of which each of ``room`` workers gets several batches.

    There are no more than ``most`` batches.
    """
    light = min(LIGHT_UNITS_AT_ONCE, ceil(len(units) / (BATCHES_PER_WORKER * room))) if need.light else 1
    size = max(light, ceil(len(units) / most) if most else 1)
    need = replace(need, workers=1)
    place = str(folder.resolve())
    return [
        Batch(tuple(units[k : k + size]), need, rules, place, choice.url, choice.scratch)
        for k in range(0, len(units), size)
    ]


def take(answer: Answer, listen: Listen) -> list[Failure]:
    """Hand on what a batch tells, and return what was given up in it.

    Raises
    ------
    DepthbenchError
        If there was a fault that only the user can mend.
    """
    for unit, event in answer.events:
        listen(unit, event)
    if answer.fatal:
        raise DepthbenchError(answer.fatal)
    return list(answer.failures)


def lost(batch: Batch, reason: str, folder: Path, listen: Listen) -> list[Failure]:
    """Note in the sidecars that the engine gave a batch up, and return its units as failures; what they have made is kept."""
    ledger = Ledger(folder, batch.need.device, listen, batch.url)
    return [Failure(unit.name, None, reason, ledger.abandon(unit.name, reason)) for unit in batch.units]
