# SPDX-License-Identifier: Apache-2.0
"""One run at a time per folder; the kernel releases the lock of a run that died, so none is ever stale."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from depthbench.errors import DepthbenchError

LOCK_FILE = ".lock"


@contextmanager
def only_run(folder: Path) -> Iterator[None]:
    """Hold the folder's lock.

    Raises
    ------
    DepthbenchError
        If another process holds it; its id is told.
    """
    path = folder / LOCK_FILE
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = os.pread(descriptor, 100, 0).decode(errors="replace").strip()
            raise DepthbenchError(
                f"{folder}: another run is at work in it (process {owner}); wait for it, end it, or use another folder"
            ) from error
        except OSError:
            # some cluster file systems know no locks: two runs at once then do work twice, but files still appear whole
            yield
            return
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)
