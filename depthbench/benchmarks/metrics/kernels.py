# SPDX-License-Identifier: Apache-2.0
"""Whether inner loops of scoring (and of fusion) run as machine code (extra ``[fast]``) or as numpy passes; the numbers are the same."""

from __future__ import annotations

import importlib
import importlib.util
from functools import cache
from typing import Any


@cache
def kernels(module: str = "depthbench.benchmarks.metrics.compiled") -> Any:
    """Return that module of machine code, or None where numba is not installed or does not take this Python or numpy."""
    if importlib.util.find_spec("numba") is None:
        return None
    try:
        return importlib.import_module(module)
    except ImportError:
        return None
