# SPDX-License-Identifier: Apache-2.0
"""One run at a time per folder, or one per share; the kernel releases the lock of a run that died, so none is ever stale."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from depthbench.errors import DepthbenchError
from depthbench.generators.engines.share import WHOLE, Share

LOCK_FILE = ".lock"


@contextmanager
def only_run(folder: Path, share: Share = WHOLE) -> Iterator[None]:
    """Hold the folder's lock, or the lock of a share of it; runs of other shares may go on beside this one.

    Raises
    ------
    DepthbenchError
        If another process holds it; its id is told.
    """
    if share == WHOLE:
        with _held(folder, LOCK_FILE, fcntl.LOCK_EX):
            yield
    else:
        with _held(folder, LOCK_FILE, fcntl.LOCK_SH), _held(folder, LOCK_FILE + share.mark, fcntl.LOCK_EX):
            yield


@contextmanager
def _held(folder: Path, name: str, kind: int) -> Iterator[None]:
    descriptor = os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = os.pread(descriptor, 100, 0).decode(errors="replace").strip() or "with another share"
            raise DepthbenchError(
                f"{folder}: another run is at work in it (process {owner}); wait for it, end it, or use another folder"
            ) from error
        except OSError:
            # some cluster file systems know no locks: two runs at once then do work twice, but files still appear whole
            yield
            return
        os.ftruncate(descriptor, 0)
        if kind == fcntl.LOCK_EX:
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)
