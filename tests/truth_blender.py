# SPDX-License-Identifier: Apache-2.0
"""Run a piece of Python with Blender in a process of its own, for tests of what touches ``bpy``."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np

# Blender may crash at exit, so the process leaves before that
_FRAME = """
import os, sys, traceback
import bpy
import numpy as np
out = {{}}
try:
{body}
    np.savez({path!r}, **out)
except BaseException:
    traceback.print_exc()
    sys.stderr.flush()
    os._exit(1)
sys.stdout.flush()
os._exit(0)
"""


def run_blender(body: str, folder: Path) -> dict[str, Any]:
    """Run ``body``, which fills the dict ``out`` with arrays, and return these."""
    path = folder / "out.npz"
    script = folder / "script.py"
    script.write_text(_FRAME.format(body=textwrap.indent(textwrap.dedent(body), "    "), path=str(path)))
    root = Path(__file__).resolve().parents[1]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), str(root / "tests")])}
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=300, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    with np.load(path, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}
