# SPDX-License-Identifier: Apache-2.0
"""What keeping freed memory is for: maps made again and again take no fresh pages from the system."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

COUNT_FAULTS = """
import resource
import numpy as np
from depthbench.benchmarks.allocator import keep_freed_memory
assert keep_freed_memory()
def maps():
    return [np.zeros((540, 960), np.float32) + 1 for _ in range(3)]
for _ in range(3):
    maps()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    maps()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries take no such hint")
def test_maps_made_again_and_again_take_no_fresh_pages() -> None:
    """One map is 506 pages; thirty are made."""
    told = subprocess.run([sys.executable, "-c", COUNT_FAULTS], capture_output=True, text=True, check=True)
    assert int(told.stdout) < 506
