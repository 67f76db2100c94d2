# SPDX-License-Identifier: Apache-2.0
"""The small place, built by a function that goes wrong as the file named by DEPTHBENCH_TEST_FAULT says, once per line of it."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import numpy as np

from depthbench.blender_scenes.scene import SceneInfo
from depthbench.errors import DepthbenchError

sys.path.insert(0, str(Path(__file__).parent))
import small


def _next_fault() -> str:
    """Take the first line out of the file of faults."""
    path = Path(os.environ.get("DEPTHBENCH_TEST_FAULT", "/nonexistent"))
    if not path.is_file():
        return ""
    fault, *rest = [*path.read_text().splitlines(), ""]
    path.write_text("\n".join(line for line in rest if line))
    return fault


def build(rng: np.random.Generator) -> SceneInfo:
    """Build, unless there is a fault to show."""
    fault = _next_fault()
    if fault == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif fault == "hang":
        time.sleep(1000)
    elif fault == "error":
        raise DepthbenchError("the teapot is missing")
    return small.build(rng)


def nowhere(rng: np.random.Generator) -> SceneInfo:
    """Build a place whose only camera box is inside the block."""
    info = small.build(rng)
    box = np.array([[[0.1, 1.4, 0.75], [0.3, 1.6, 0.8]]])
    return SceneInfo(box, info.see_through_targets, info.targets)
