# SPDX-License-Identifier: Apache-2.0
"""How far a folder under way is, told by the sidecars of its units and the records of its runs alone, whoever does the work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

SILENT_S = 90.0
"""A unit whose sidecar says *running* and is older than this is under way no more: its run was stopped, or died."""


@dataclass(frozen=True)
class Survey:
    """What stands in the sidecars, in numbers.

    Attributes
    ----------
    asked : int or None
        Samples that the folder shall hold, as the last run was told; None where no run left a record.
    made : int
        Samples that are made, those of units under way included.
    units : dict of str to int
        Units by state: ``done``, ``running``, ``stopped`` (begun, and nobody is at them), ``quarantined``.
    attempts, crashes : int
        Over all units.
    work_s : float
        Seconds of workers that all of it took.
    per_hour : float or None
        Samples per hour of the workers that are at it now; None where none is.
    left_s : float or None
        Seconds until all asked samples are there at this rate.
    seconds : dict of str to float
        What the work went into, where the units tell it.
    reasons : dict of str to int
        Why attempts failed -> how often, most often first.
    quarantined : tuple of (unit, item or None, reason, log)
    hosts : dict of str to int
        Machine -> units under way there.
    """

    asked: int | None
    made: int
    units: dict[str, int]
    attempts: int
    crashes: int
    work_s: float
    per_hour: float | None
    left_s: float | None
    seconds: dict[str, float]
    reasons: dict[str, int]
    quarantined: tuple[tuple[str, Any, str, str], ...]
    hosts: dict[str, int]

    @property
    def sample_s(self) -> float | None:
        """Seconds of a worker per sample, lost attempts included; None before the first sample."""
        return self.work_s / self.made if self.made else None

    def cost_per_thousand(self, price: float) -> float | None:
        """Return what a thousand samples cost where an hour of one worker costs ``price``."""
        return None if self.sample_s is None else 1000 * self.sample_s / 3600 * price


def survey(sidecars: Sequence[dict[str, Any]], runs: Sequence[dict[str, Any]], now: datetime) -> Survey:
    """Sum up.

    Parameters
    ----------
    sidecars : sequence of dict
        See :mod:`depthbench.generators.engines.sidecar`.
    runs : sequence of dict
        In the order in which they began.
    now : datetime
        With its time zone.
    """
    states: Counter[str] = Counter(dict.fromkeys(("done", "running", "stopped", "quarantined"), 0))
    hosts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    work_s = 0.0
    for told in sidecars:
        age_s = (now - datetime.fromisoformat(told["updated"])).total_seconds()
        state = "stopped" if told["state"] == "running" and age_s > SILENT_S else told["state"]
        states[state] += 1
        work_s += told["work_s"]
        seconds.update(told["seconds"])
        reasons.update(attempt["reason"] for attempt in told["attempts"] if attempt.get("outcome") == "crash")
        latest = told["attempts"][-1]
        if told["state"] == "running" and "ended" not in latest:
            began, seen = (datetime.fromisoformat(text) for text in (latest["begun"], told["updated"]))
            work_s += max((seen - began).total_seconds(), 0.0)
        if state == "running":
            hosts[latest["host"]] += 1
    made = sum(map(_made, sidecars))
    asked = next((run["asked"] for run in reversed(runs) if run.get("asked") is not None), None)
    per_hour = 3600 * states["running"] * made / work_s if states["running"] and made and work_s else None
    left = max(asked - made, 0) if asked is not None else None
    return Survey(
        asked,
        made,
        dict(states),
        sum(len(told["attempts"]) for told in sidecars),
        sum(reasons.values()),
        work_s,
        per_hour,
        3600 * left / per_hour if per_hour and left is not None else None,
        dict(seconds.most_common()),
        dict(reasons.most_common()),
        tuple(
            (told["unit"], given["item"], given["reason"], given["log"])
            for told in sidecars
            if told["state"] == "quarantined"
            for given in told["given_up"]
        ),
        dict(hosts.most_common()),
    )


def _made(told: dict[str, Any]) -> int:
    """Return the samples of a unit: what its shard answers for, where that is known; an attempt may be lost after it has made some."""
    if told["state"] == "done" and told.get("settled") is not None:
        return len(told["settled"]) - len(told.get("without") or ())
    return int(told["made"])


def lines(found: Survey, what: str, price: float | None) -> list[str]:
    """Tell a survey in lines; ``what`` samples are called, ``price`` is that of a worker's hour."""
    from depthbench.generators.progress import duration

    def row(name: str, text: str) -> str:
        return f"{name:13s}{text}"

    of = f" of {found.asked:,} ({found.made / found.asked:.1%})" if found.asked else ""
    states = ", ".join(f"{count:,} {state}" for state, count in found.units.items())
    told = [row("made", f"{found.made:,}{of} {what}"), row("units", states)]
    if found.hosts:
        told.append(row("machines", ", ".join(f"{host} {count}" for host, count in found.hosts.items())))
    if found.per_hour is not None:
        left = "" if found.left_s is None else f", {duration(found.left_s)} left"
        told.append(row("rate", f"{found.per_hour:,.1f} {what}/h by {found.units['running']} workers{left}"))
    elif found.asked is not None and found.made < found.asked:
        told.append(row("rate", "nobody is at work; the same command continues"))
    if found.sample_s is not None:
        told.append(row("work", f"{found.work_s / 3600:,.2f} worker-hours, {found.sample_s:,.3g} s each"))
    cost = None if price is None else found.cost_per_thousand(price)
    if cost is not None:
        told.append(row("cost", f"{cost:,.4g} per thousand {what}, at {price:g} per hour of a worker"))
    if found.crashes:
        told.append(row("attempts", f"{found.attempts:,}, of which {found.crashes:,} failed:"))
        told += [row("", f"{count:,} x {reason}") for reason, count in list(found.reasons.items())[:10]]
    for unit, item, reason, log in found.quarantined[:20]:
        told.append(row("left out", f"{unit}{'' if item is None else f' item {item}'}: {reason}; the log is {log}"))
    if len(found.quarantined) > 20:
        told.append(row("", f"and {len(found.quarantined) - 20} more"))
    return told
