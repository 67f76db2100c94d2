# SPDX-License-Identifier: Apache-2.0
"""Chooses the inner loops of the renderers: machine code where numba is installed, numpy elsewhere."""

from __future__ import annotations

import importlib
import importlib.util
from functools import cache
from typing import Any


@cache
def kernels() -> Any:
    """Return the module :mod:`.compiled`, or :mod:`.plain` where numba is not installed or does not take this Python or numpy."""
    if importlib.util.find_spec("numba") is not None:
        try:
            return importlib.import_module("depthbench.generators.focal.compiled")
        except ImportError:
            pass
    return importlib.import_module("depthbench.generators.focal.plain")
