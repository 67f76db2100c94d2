# SPDX-License-Identifier: Apache-2.0
"""One worker process as its parent sees it: two private pipes of JSON lines, and a log file for whatever it prints."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

WORKER_MODULE = "depthbench.blender_scenes.worker"


class WorkerProcess:
    """A started worker. It ends when its job pipe closes, that is also when this process dies.

    It runs in a session of its own, so that Ctrl-C reaches the parent alone, which then ends it.
    """

    def __init__(self, arguments: Sequence[str], log: Path) -> None:
        self.log = log
        jobs_read, self._jobs_fd = os.pipe()
        self.events_fd, events_write = os.pipe()
        pipes = ["--jobs-fd", str(jobs_read), "--events-fd", str(events_write), "--parent", str(os.getpid())]
        try:
            with open(log, "ab") as sink:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", WORKER_MODULE, *pipes, *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=sink,
                    stderr=sink,
                    pass_fds=(jobs_read, events_write),
                    start_new_session=True,
                    # layouts may iterate over sets of names: their order must not change from run to run
                    env=os.environ | {"PYTHONHASHSEED": "0"},
                )
        finally:
            os.close(jobs_read)
            os.close(events_write)
        os.set_blocking(self.events_fd, False)
        self._unread = b""

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def send(self, job: Mapping[str, Any]) -> None:
        """Hand over a job; a dead worker is noticed by its silent pipe, not here."""
        with contextlib.suppress(BrokenPipeError):
            data = (json.dumps(job) + "\n").encode()
            while data:
                data = data[os.write(self._jobs_fd, data) :]

    def receive(self) -> tuple[list[dict[str, Any]], bool]:
        """Return the events that have come whole, and whether the worker still holds its end of the pipe."""
        alive = True
        while True:
            try:
                data = os.read(self.events_fd, 1 << 16)
            except BlockingIOError:
                break
            if not data:
                alive = False
                break
            self._unread += data
        *lines, self._unread = self._unread.split(b"\n")
        return [json.loads(line) for line in lines], alive

    def memory_mb(self) -> float:
        """Resident memory of the worker in MB; 0 where it cannot be told."""
        try:
            import psutil
        except ImportError:
            return 0.0
        try:
            return float(psutil.Process(self.pid).memory_info().rss) / 1e6
        except psutil.Error:
            return 0.0

    def wait_reason(self) -> str:
        """Wait for the worker, whose pipe has closed, to end; say how it did."""
        try:
            code = self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            return "closed its pipe without ending, killed"
        if code < 0:
            name = signal.Signals(-code).name
            return f"killed by {name}" + (" (out of memory?)" if name == "SIGKILL" else "")
        return f"ended with exit code {code}"

    def kill(self) -> None:
        """End the worker at once and release the pipes."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()
        os.close(self._jobs_fd)
        os.close(self.events_fd)
