# SPDX-License-Identifier: Apache-2.0
"""The most memory that a piece of work takes: of the GPU where a model uses one through PyTorch, else of this process."""

from __future__ import annotations

import re
import sys
from pathlib import Path

_RESET, _STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")


def _cuda() -> object | None:
    torch = sys.modules.get("torch")
    return torch.cuda if torch is not None and torch.cuda.is_available() else None


def start_peak() -> None:
    """Begin to watch; where the system cannot begin anew (no Linux), the peak is that of the process so far."""
    cuda = _cuda()
    if cuda is not None:
        cuda.reset_peak_memory_stats()  # type: ignore[attr-defined]
        return
    try:
        _RESET.write_text("5")
    except OSError:
        return


def peak_bytes() -> int:
    """Return the peak since :func:`start_peak`: of the GPU's allocations, or of the process' resident memory, the program's own included."""
    cuda = _cuda()
    if cuda is not None:
        return int(cuda.max_memory_allocated())  # type: ignore[attr-defined]
    try:
        found = re.search(r"^VmHWM:\s+(\d+) kB", _STATUS.read_text(), re.MULTILINE)
    except OSError:
        found = None
    if found:
        return 1024 * int(found[1])
    import resource

    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return largest if sys.platform == "darwin" else 1024 * largest
