# SPDX-License-Identifier: Apache-2.0
"""How much of the machine this process may use."""

from __future__ import annotations

import os


def usable_cores() -> int:
    """Return the number of processor cores that this process may run on; where the system does not tell, of all there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
