# SPDX-License-Identifier: Apache-2.0
"""Tasks for the worker process that misbehave on demand; they write ``<folder>/<unit>-<item>`` for each finished item."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from depthbench.errors import DepthbenchError


def _once(job: dict[str, Any], mark: str) -> bool:
    """Whether this is the first time that the mark is asked for in the job's folder."""
    flag = Path(job["folder"]) / f"once-{job['name']}-{mark}"
    if flag.exists():
        return False
    flag.touch()
    return True


def work(job: dict[str, Any], context: Any) -> None:
    """Do the items; ``faults`` maps an item (or "start") to what goes wrong there."""
    faults = job.get("faults", {})
    _go_wrong(faults.get("start"), job, "start")
    for item in job["items"]:
        context.send("begin", item=item)
        _go_wrong(faults.get(str(item)), job, str(item))
        with open(Path(job["folder"]) / f"{job['name']}-{item}", "a") as file:
            file.write(f"{os.getpid()}\n")
        context.send("end", item=item)


def _go_wrong(fault: str | None, job: dict[str, Any], mark: str) -> None:
    if fault is None:
        return
    fault, _, when = fault.partition(" ")
    if when == "once" and not _once(job, mark):
        return
    if fault == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif fault == "raise":
        raise RuntimeError("two lines\nof reason")
    elif fault == "hang":
        time.sleep(1000)
    elif fault == "fatal":
        raise DepthbenchError("the disk is full of it")
    elif fault == "leave":
        os._exit(7)
    elif fault == "swell":
        globals()["ballast"] = bytearray(os.urandom(1) * 300_000_000)


def pulse_slowly(job: dict[str, Any], context: Any) -> None:
    """Take longer than the silence limit but show signs of life."""
    for item in job["items"]:
        context.send("begin", item=item)
        for _ in range(8):
            time.sleep(0.25)
            context.send("pulse")
        context.send("end", item=item)


def outlive(job: dict[str, Any], context: Any) -> None:
    """Tell the process id and stay."""
    context.send("pid", pid=os.getpid())
    time.sleep(1000)


def chatter(job: dict[str, Any], context: Any) -> None:
    """Print nine megabytes."""
    print("Fra:1 Mem:8.15M | Updating " * 350_000)
