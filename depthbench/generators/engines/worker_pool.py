# SPDX-License-Identifier: Apache-2.0
"""Worker processes on this machine, which may crash or hang without stopping the run.

A worker is a process that reads one JSON job per line from a private pipe and answers with one JSON event per line on
another; its stdout and stderr go to a log file. Finished items lie on the disk before they are told, so a unit can be sent
again at any time and goes on where it stopped.

Events: ``ready`` (started), ``begin`` and ``end`` (of an ``item``), ``there`` (an ``item`` that need not be made),
``pulse`` (alive), ``done`` (the unit is finished), ``error`` (an exception, with its ``reason``: treated as a crash), ``fatal``
(a fault only the user can mend: ends the run). Others are handed to the listener, and the engine's own: ``start`` (a unit is
handed out), ``heartbeat``, ``crash``, ``recycle``, ``given-up``. A worker that stays silent for too long is killed. After ``tries``
crashes at the same item, that item is left out and named; after ``tries`` crashes outside any item, the unit is. The log of
what is given up is kept.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from depthbench.errors import DepthbenchError
from depthbench.formats.atomic import write_bytes
from depthbench.generators.engines.units import Event, Failure, Item, Listen, Rules, Unit
from depthbench.generators.worker_process import WorkerProcess

MOST_ITEMS_GIVEN_UP = 5
"""A unit in which more items than this crash the worker is left out whole."""
HEARTBEAT_S = 15.0
KEPT_LOG = 1 << 20
"""Bytes of a worker's log that are kept of what is given up."""


@dataclass(frozen=True)
class EngineOptions(Rules):
    """The rules, and the workers of this machine.

    Attributes
    ----------
    worker_arguments : tuple of tuple of str
        One worker is started per entry, with these arguments (its device and threads).
    memory_limit_mb : float
        A worker that holds more is replaced after the item it is at.
    """

    worker_arguments: tuple[tuple[str, ...], ...] = ((),)
    memory_limit_mb: float = 12_000.0


@dataclass
class _Progress:
    """How far a unit has come in this run."""

    unit: Unit
    left: list[Item]
    given_up: list[Item] = field(default_factory=list)
    crashes: Counter[Item | None] = field(default_factory=Counter)


@dataclass
class _Slot:
    """One place for a worker and what it is doing."""

    number: int
    arguments: tuple[str, ...]
    worker: WorkerProcess | None = None
    progress: _Progress | None = None
    item: Item | None = None
    ready: bool = False
    heard: float = 0.0
    began: float = 0.0
    told: float = 0.0
    units: int = 0
    failed_starts: int = 0


def run_units(
    units: Sequence[Unit],
    options: EngineOptions,
    log_folder: Path,
    listen: Listen,
) -> list[Failure]:
    """Do all units and return what was given up; the run goes on whatever one worker does.

    Parameters
    ----------
    units : sequence of Unit
    options : EngineOptions
    log_folder : Path
        Receives ``worker-N.log``, and ``UNIT.log`` of what is given up.
    listen : callable
        Called with the unit's name ("" outside one) and every event, the engine's own (``crash``, ``recycle``, ``given-up``)
        included.

    Raises
    ------
    DepthbenchError
        If a worker reports a fault that only the user can mend, or workers do not start.
    """
    return _Engine(units, options, log_folder, listen).run()


class _Engine:
    def __init__(self, units: Sequence[Unit], options: EngineOptions, log_folder: Path, listen: Listen) -> None:
        self.waiting = deque(_Progress(unit, list(unit.items)) for unit in units)
        self.options = options
        self.log_folder = log_folder
        self.listen = listen
        self.failures: list[Failure] = []
        self.slots = [_Slot(number, arguments) for number, arguments in enumerate(options.worker_arguments)]
        self.selector = selectors.DefaultSelector()

    def run(self) -> list[Failure]:
        self.log_folder.mkdir(parents=True, exist_ok=True)
        try:
            while self.waiting or any(slot.progress for slot in self.slots):
                for slot in self.slots:
                    self._feed(slot)
                for key, _ in self.selector.select(timeout=1.0):
                    self._hear(key.data)
                for slot in self.slots:
                    self._watch(slot)
        finally:
            for slot in self.slots:
                self._stop(slot)
            self.selector.close()
        return self.failures

    def _feed(self, slot: _Slot) -> None:
        """Give an idle worker its next unit; start the worker first if there is none."""
        if slot.progress is not None or not self.waiting:
            return
        if slot.worker is None:
            slot.worker = WorkerProcess(slot.arguments, self.log_folder / f"worker-{slot.number}.log")
            slot.ready, slot.units, slot.heard = False, 0, time.monotonic()
            self.selector.register(slot.worker.events_fd, selectors.EVENT_READ, slot)
        if not slot.ready:
            return
        progress = self.waiting.popleft()
        slot.progress, slot.item = progress, None
        slot.heard = slot.began = slot.told = time.monotonic()
        unit = progress.unit
        self.listen(unit.name, {"event": "start", "worker": slot.number, "pid": slot.worker.pid})
        slot.worker.send({**unit.job, "name": unit.name, "task": unit.task, "items": progress.left})

    def _watch(self, slot: _Slot) -> None:
        """End a worker that hangs; tell now and then of one that does not."""
        now = time.monotonic()
        if slot.worker is None or (slot.ready and slot.progress is None):
            return
        if now - slot.heard > self.options.silence_s:
            self._lost(slot, f"no sign of life for {self.options.silence_s:.0f} s, killed")
        elif slot.progress is not None and now - slot.began > self.options.unit_timeout_s:
            slot.item = None  # whatever it was at: the unit is what takes too long
            self._lost(slot, f"not done within {self.options.unit_timeout_s:.0f} s, killed")
        elif slot.progress is not None and now - slot.told > HEARTBEAT_S:
            slot.told = now
            self.listen(slot.progress.unit.name, {"event": "heartbeat", "worker": slot.number})

    def _hear(self, slot: _Slot) -> None:
        """Read what a worker tells; end of file means that it died."""
        if slot.worker is None:
            return
        events, alive = slot.worker.receive()
        for event in events:
            slot.heard = time.monotonic()
            self._handle(slot, event)
            if slot.worker is None:
                return
        if not alive:
            self._lost(slot, slot.worker.wait_reason())

    def _handle(self, slot: _Slot, event: Event) -> None:
        kind, progress = event.get("event"), slot.progress
        if kind == "fatal":
            raise DepthbenchError(str(event["reason"]))
        if kind == "error":
            self._lost(slot, str(event["reason"]))
            return
        if kind == "ready":
            slot.ready, slot.failed_starts = True, 0
        self.listen(progress.unit.name if progress else "", event | {"worker": slot.number})
        if progress is None:
            return
        if kind == "begin":
            slot.item = event["item"]
        elif kind == "end":
            progress.left.remove(event["item"])
            slot.item = None
            self._recycle_if_large(slot)
        elif kind == "there":
            progress.left.remove(event["item"])
        elif kind == "done":
            slot.progress = None
            slot.units += 1
            if slot.units >= self.options.units_per_worker:
                self._recycle(slot, f"{slot.units} units done")
            else:
                self._recycle_if_large(slot)

    def _recycle_if_large(self, slot: _Slot) -> None:
        """Replace a worker whose memory has grown; the unit that it is at goes on in the next one."""
        assert slot.worker is not None
        memory_mb = slot.worker.memory_mb()
        if memory_mb > self.options.memory_limit_mb:
            if slot.progress is not None:
                self.waiting.appendleft(slot.progress)
            self._recycle(slot, f"holds {memory_mb:.0f} MB")

    def _recycle(self, slot: _Slot, reason: str) -> None:
        self.listen("", {"event": "recycle", "worker": slot.number, "reason": reason})
        self._stop(slot)

    def _stop(self, slot: _Slot) -> None:
        """End a worker at once; nothing is lost, for finished items lie on the disk."""
        if slot.worker is not None:
            with contextlib.suppress(KeyError):
                self.selector.unregister(slot.worker.events_fd)
            slot.worker.kill()
        slot.worker, slot.progress, slot.item = None, None, None

    def _lost(self, slot: _Slot, reason: str) -> None:
        """Note a crash or a hang, and decide whether to try again."""
        assert slot.worker is not None
        log = str(slot.worker.log)
        progress, item = slot.progress, slot.item
        self._stop(slot)
        self.listen(
            progress.unit.name if progress else "",
            {"event": "crash", "item": item, "reason": reason, "worker": slot.number},
        )
        if progress is None:
            slot.failed_starts += 1
            if slot.failed_starts >= self.options.tries:
                raise DepthbenchError(f"{log}: the worker does not start ({reason}); this log tells why")
            return
        progress.crashes[item] += 1
        if progress.crashes[item] >= self.options.tries:
            self._give_up(progress, item, reason, log)
            if item is None:
                return
            progress.left.remove(item)
            progress.given_up.append(item)
            if len(progress.given_up) > MOST_ITEMS_GIVEN_UP:
                self._give_up(progress, None, f"{len(progress.given_up)} of its items crash the worker", log)
                return
        self.waiting.appendleft(progress)

    def _give_up(self, progress: _Progress, item: Item | None, reason: str, log: str) -> None:
        name = progress.unit.name
        kept = self.log_folder / f"{name.replace('/', '-')}.log"
        with open(log, "rb") as whole:
            whole.seek(max(0, os.fstat(whole.fileno()).st_size - KEPT_LOG))
            write_bytes(kept, whole.read())
        self.failures.append(Failure(name, item, reason, str(kept)))
        self.listen(name, {"event": "given-up", "item": item, "reason": reason, "log": str(kept)})
