# SPDX-License-Identifier: Apache-2.0
"""``units/NAME.json``: beside every shard, what became of its unit: state, attempts, machine, timings.

Shards alone decide what is made; sidecars tell (``depthbench status``). A running unit's is written anew now and then: that is its
heartbeat. Keys: ``unit``; ``state`` (running, done, quarantined); ``begun``, ``updated``; ``made`` (samples, over all runs); ``work_s``
(seconds of all attempts); ``seconds`` (what they went into); ``settled`` (what the shard answers for, where the task tells it),
``without`` (what of that cannot be made, and why); ``stored`` (where in object storage the shard is) and ``files`` (all that the unit has there);
``attempts`` (each with ``begun``, ``ended``, ``host``, ``pid``, ``device``, ``outcome``, and of a crash ``item`` and ``reason``); ``given_up``
(``item``, ``reason``, ``log``).
"""

from __future__ import annotations

import platform
import time
from collections import Counter
from pathlib import Path
from typing import Any

from depthbench.errors import DepthbenchError
from depthbench.formats.atomic import write_bytes
from depthbench.formats.json_file import read_json, to_json
from depthbench.generators.engines.units import Event, Listen
from depthbench.generators.run_files import now
from depthbench.generators.store import ObjectStore

UNITS = "units"
SECONDS_BETWEEN_WRITES = 5.0
ENDS = ("done", "crash", "given-up")


def sidecar_path(folder: Path, unit: str) -> Path:
    """Return where a unit's sidecar lies."""
    return folder / UNITS / f"{unit.replace('/', '-')}.json"


class Ledger:
    """Keeps the sidecars of the units that an engine tells of; to be put between engine and listener.

    They lie in ``folder``, and in the object storage ``url`` if there is one.
    """

    def __init__(self, folder: Path, device: str, listen: Listen, url: str = "") -> None:
        self._folder, self._device, self._listen = folder, device, listen
        self._store = ObjectStore(url) if url else None
        self._open: dict[str, dict[str, Any]] = {}
        self._written: dict[str, float] = {}
        self._since: dict[str, float] = {}

    def __call__(self, unit: str, event: Event) -> None:
        """Take an event and hand it on."""
        if unit:
            self._note(unit, event)
        self._listen(unit, event)

    def abandon(self, unit: str, reason: str) -> str:
        """Note that an engine gave a unit up from outside; return where its sidecar lies, which is what there is of a log."""
        path = sidecar_path(self._folder, unit)
        self._since.setdefault(unit, time.monotonic())
        told = _recorded(path) or _blank(unit)
        if not told["attempts"] or "outcome" in told["attempts"][-1]:
            told["attempts"].append({"begun": now(), "host": platform.node(), "pid": None, "device": self._device})
        self._open[unit], self._written[unit] = told, 0.0
        self(unit, {"event": "crash", "item": None, "reason": reason})
        self(unit, {"event": "given-up", "item": None, "reason": reason, "log": str(path)})
        return str(path)

    def _note(self, unit: str, event: Event) -> None:
        kind = event["event"]
        if kind == "start":
            self._start(unit, event)
        told = self._open.get(unit)
        if told is None:
            return
        if kind in ("end", "made"):
            told["made"] += int(event["made"]) if "made" in event else 1
        elif kind == "settled":
            told["settled"], told["without"] = event["items"], event.get("without")
        elif kind == "stored":
            told["stored"], told["files"] = event["at"], event["files"]
        elif kind == "done":
            told["state"] = "quarantined" if told["given_up"] else "done"
            self._end_attempt(told, unit, outcome="done")
        elif kind == "crash":
            self._end_attempt(told, unit, outcome="crash", item=event["item"], reason=event["reason"])
        elif kind == "given-up":
            told["given_up"].append({name: event[name] for name in ("item", "reason", "log")})
            told["state"] = "quarantined" if event["item"] is None else told["state"]
        told["seconds"] = dict(Counter(told["seconds"]) + Counter(event.get("seconds", {})))
        if kind in ENDS or time.monotonic() - self._written[unit] > SECONDS_BETWEEN_WRITES:
            told["updated"] = now()
            self._written[unit] = time.monotonic()
            # not waited for: sidecars tell, they decide nothing
            write_bytes(sidecar_path(self._folder, unit), (to_json(told) + "\n").encode(), durable=False)
            if self._store is not None:
                self._store.put(sidecar_path(self._folder, unit), f"{UNITS}/{sidecar_path(self._folder, unit).name}")
        if told["state"] != "running":
            del self._open[unit]

    def _start(self, unit: str, event: Event) -> None:
        path = sidecar_path(self._folder, unit)
        if self._store is not None and unit not in self._open:
            self._store.get(f"{UNITS}/{path.name}", path)
        told = self._open.get(unit) or _recorded(path) or _blank(unit)
        if told["attempts"] and "outcome" not in told["attempts"][-1]:
            told["attempts"][-1] |= {"outcome": "lost"}
        attempt = {"begun": now(), "host": platform.node(), "pid": event.get("pid"), "device": self._device}
        told |= {"state": "running", "given_up": [], "attempts": [*told["attempts"], attempt]}
        self._open[unit] = told
        self._since[unit] = time.monotonic()
        self._written[unit] = 0.0

    def _end_attempt(self, told: dict[str, Any], unit: str, **outcome: Any) -> None:
        told["work_s"] = round(told["work_s"] + time.monotonic() - self._since[unit], 3)
        told["attempts"][-1] |= {"ended": now(), **outcome}


def _blank(unit: str) -> dict[str, Any]:
    return {
        "unit": unit,
        "state": "running",
        "begun": now(),
        "updated": now(),
        "made": 0,
        "work_s": 0.0,
        "seconds": {},
        "settled": None,
        "attempts": [],
        "given_up": [],
    }


def _recorded(path: Path) -> dict[str, Any] | None:
    """Return a sidecar that is there and whole."""
    try:
        told = read_json(path) if path.is_file() else None
    except DepthbenchError:
        return None
    return told if isinstance(told, dict) and told.keys() >= _blank("").keys() else None
