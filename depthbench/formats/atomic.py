# SPDX-License-Identifier: Apache-2.0
"""Files appear whole or not at all: write aside in the same folder, flush to the disk, then rename."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from depthbench.errors import DepthbenchError

TEMPORARY_MARK = ".tmp-"


@contextmanager
def write_aside(path: str | Path, durable: bool = True) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; on success it is renamed onto ``path``, on failure it is removed.

    Unless ``durable``, it is not waited for the disk: after a power cut the file may be empty.

    A reader never sees half a file, and a killed writer leaves at most a ``.tmp-`` file that :func:`sweep` removes.

    Raises
    ------
    DepthbenchError
        If the disk is full; the message names the file.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{TEMPORARY_MARK}{secrets.token_hex(4)}-{path.name}")
    try:
        yield temporary
        if durable:
            with open(temporary, "rb") as handle:
                os.fsync(handle.fileno())
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DepthbenchError(
                f"{path}: no space left on the disk; free some and run the same command again, it continues"
            ) from error
        raise
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_bytes(path: str | Path, data: bytes, durable: bool = True) -> None:
    """Write ``data`` to ``path`` atomically, see :func:`write_aside`."""
    with write_aside(path, durable) as temporary:
        temporary.write_bytes(data)


def sweep(folder: str | Path) -> int:
    """Remove what killed writers left in ``folder`` (not below it); return how many files went."""
    leftovers = list(Path(folder).glob(f"{TEMPORARY_MARK}*"))
    for leftover in leftovers:
        leftover.unlink(missing_ok=True)
    return len(leftovers)
