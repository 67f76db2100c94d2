# SPDX-License-Identifier: Apache-2.0
"""The process in which Blender lives: jobs come as JSON lines on one pipe, events go out as JSON lines on another.

Started by :mod:`depthbench.generators.engines.worker_pool`, never by hand. It dies with its parent, and leaves by ``os._exit`` because
Blender can crash while it is taken down.
"""

from __future__ import annotations

import argparse
import ctypes
import errno
import json
import os
import queue
import signal
import stat
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from depthbench.errors import DepthbenchError
from depthbench.registry import load_object

Send = Callable[..., None]
PR_SET_PDEATHSIG = 1
LOG_LIMIT = 8 << 20
"""Bytes of log that are kept from unit to unit."""
FAULTS_OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EACCES, errno.EROFS)


@dataclass(frozen=True)
class WorkerContext:
    """What a task may use.

    Attributes
    ----------
    send : callable
        ``send("kind", key=value, ...)`` tells an event to the parent.
    device : str
        CPU, or a Cycles backend and the number of the device: ``OPTIX:1``.
    threads : int
        Processor threads to render with; 0 = all.
    """

    send: Send
    device: str
    threads: int


def _die_with(parent: int) -> None:
    """Have the kernel kill this process when the parent dies; Linux only, elsewhere the closed pipe tells."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def _read_jobs(fd: int, jobs: queue.Queue[dict[str, Any]]) -> None:
    """Pass jobs on; when the parent is gone, leave, whatever the main thread is doing."""
    with os.fdopen(fd, encoding="utf-8") as lines:
        for line in lines:
            jobs.put(json.loads(line))
    os._exit(0)


def _sender(fd: int) -> Send:
    lock = threading.Lock()

    def send(kind: str, **values: Any) -> None:
        data = (json.dumps({"event": kind, **values}) + "\n").encode()
        with lock:
            while data:
                data = data[os.write(fd, data) :]

    return send


def _work(jobs: queue.Queue[dict[str, Any]], context: WorkerContext) -> None:
    """Do jobs for ever; the first exception ends the process, for Blender's state is then unknown."""
    job: dict[str, Any] = {}
    try:
        context.send("ready")
        while True:
            job = jobs.get()
            _trim_log()
            load_object(job["task"])(job, context)
            context.send("done")
    except DepthbenchError as error:
        context.send("fatal", reason=str(error))
    except OSError as error:
        if error.errno in FAULTS_OF_THE_DISK:
            context.send("fatal", reason=f"{error.filename or job.get('folder', 'disk')}: {error.strerror}")
        else:
            context.send("error", reason=_one_line(error))
        traceback.print_exc()
    except Exception as error:
        context.send("error", reason=_one_line(error))
        traceback.print_exc()


def _trim_log() -> None:
    """Empty the log when it is large: Blender tells of every picture at length, and what counts is the end."""
    sys.stdout.flush()
    if stat.S_ISREG(os.fstat(1).st_mode) and os.fstat(1).st_size > LOG_LIMIT:
        os.ftruncate(1, 0)


def _one_line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:400]


def main() -> None:
    """Run the worker; see the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs-fd", type=int, required=True)
    parser.add_argument("--events-fd", type=int, required=True)
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--device", default="CPU")
    parser.add_argument("--threads", type=int, default=0)
    arguments = parser.parse_args()
    _die_with(arguments.parent)
    jobs: queue.Queue[dict[str, Any]] = queue.Queue()
    threading.Thread(target=_read_jobs, args=(arguments.jobs_fd, jobs), daemon=True).start()
    try:
        _work(jobs, WorkerContext(_sender(arguments.events_fd), arguments.device, arguments.threads))
        sys.stdout.flush()
    finally:
        # also when the log cannot be written: Blender's own way out can hang
        os._exit(1)


if __name__ == "__main__":
    main()
