# SPDX-License-Identifier: Apache-2.0
"""Is Blender here? Asked before work is handed to it, so that the answer is one line and not a crashed worker."""

from __future__ import annotations

import importlib.util
import json
import platform
import subprocess
import sys
from functools import cache

from depthbench.doctor import install_line, missing_libraries
from depthbench.errors import DepthbenchError, MissingExtraError

_ASK = """
import json, os
from depthbench.blender_scenes.render import gpu_devices
print("ANSWER" + json.dumps(gpu_devices()), flush=True)
os._exit(0)
"""


def require_blender() -> None:
    """Raise the line that says what to install if this interpreter cannot render.

    Raises
    ------
    DepthbenchError
        If bpy, another package of the [render] extra, or a system library of Blender's is absent.
    """
    if importlib.util.find_spec("bpy") is None and sys.version_info[:2] != (3, 11):
        raise DepthbenchError(
            f"rendering needs Blender's package bpy 4.5, which exists for Python 3.11 only (this is {platform.python_version()}): "
            'in a Python 3.11 environment, pip install "depthbench[render]"'
        )
    for package in ("bpy", "trimesh", "embreex", "OpenEXR", "psutil"):
        if importlib.util.find_spec(package) is None:
            raise MissingExtraError(package, "render", "rendering")
    missing = missing_libraries()
    if missing:
        raise DepthbenchError(f"Blender needs system libraries that are not here: {install_line(missing)}")


@cache
def gpus() -> tuple[str, ...]:
    """Ask Blender, in a process of its own, for the GPUs that Cycles can use (``OPTIX:0``).

    Raises
    ------
    DepthbenchError
        If Blender cannot be imported.
    """
    answer = subprocess.run([sys.executable, "-c", _ASK], capture_output=True, text=True, timeout=600)
    lines = [line for line in answer.stdout.splitlines() if line.startswith("ANSWER")]
    if not lines:
        reason = (answer.stderr.strip().splitlines() or [f"exit code {answer.returncode}"])[-1]
        raise DepthbenchError(f"Blender does not start: {reason} (`depthbench doctor` looks closer)")
    return tuple(json.loads(lines[-1].removeprefix("ANSWER")))
