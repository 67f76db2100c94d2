# SPDX-License-Identifier: Apache-2.0
"""Whether scoring's inner loops run as machine code (extra ``[fast]``) or as numpy passes; the numbers are the same."""

from __future__ import annotations

import importlib
import importlib.util
from functools import cache
from typing import Any


@cache
def kernels(name: str = "compiled") -> Any:
    """Return the module of machine code of that name, or None where numba is not installed or does not take this Python or numpy."""
    if importlib.util.find_spec("numba") is None:
        return None
    try:
        return importlib.import_module(f"depthbench.benchmarks.metrics.{name}")
    except ImportError:
        return None
