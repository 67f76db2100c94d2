# SPDX-License-Identifier: Apache-2.0
"""What this machine can do with depthbench, what is missing, and how to get it.

Blender is asked in a process of its own: importing bpy can fail on a missing system library and can crash at exit.
"""

from __future__ import annotations

import ctypes
import importlib.metadata
import importlib.util
import json
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from depthbench.processors import usable_cores

Status = Literal["ok", "missing", "warning"]

BPY_LIBRARIES = {
    "libX11.so.6": "libx11-6",
    "libXrender.so.1": "libxrender1",
    "libXfixes.so.3": "libxfixes3",
    "libXi.so.6": "libxi6",
    "libXext.so.6": "libxext6",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libSM.so.6": "libsm6",
    "libICE.so.6": "libice6",
    "libGL.so.1": "libgl1",
}
"""System libraries that Blender's wheel loads on Linux, and the Debian/Ubuntu package of each."""

_ASK_BLENDER = """
import json, os, bpy
preferences = bpy.context.preferences.addons["cycles"].preferences
devices = ["CPU"]
for backend in ("OPTIX", "CUDA", "HIP", "ONEAPI", "METAL"):
    try:
        devices += [f"{backend}: {d.name}" for d in preferences.get_devices_for_type(backend) if d.type != "CPU"]
    except (TypeError, ValueError):
        pass
print("ANSWER" + json.dumps({"version": bpy.app.version_string, "devices": devices}), flush=True)
os._exit(0)
"""


@dataclass(frozen=True)
class Check:
    """One thing looked at: its name, how it stands, what was found, and what to do if it is not there."""

    name: str
    status: Status
    found: str
    remedy: str = ""


def missing_libraries() -> list[str]:
    """Return the Debian/Ubuntu packages of the system libraries that Blender needs and that do not load here."""
    if not sys.platform.startswith("linux"):
        return []
    missing = []
    for library, package in BPY_LIBRARIES.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    return missing


def install_line(packages: list[str]) -> str:
    """Return the command that installs Debian/Ubuntu packages."""
    return f"sudo apt-get install -y {' '.join(packages)}"


def _check_blender() -> list[Check]:
    if importlib.util.find_spec("bpy") is None:
        remedy = 'pip install "depthbench[render]"'
        if sys.version_info[:2] != (3, 11):
            remedy = f"bpy 4.5 exists for Python 3.11 only (this is {platform.python_version()}): " + remedy + " there"
        return [Check("Blender (bpy)", "missing", "not installed: nothing can be rendered", remedy)]
    libraries = missing_libraries()
    if libraries:
        return [
            Check(
                "Blender (bpy)", "missing", f"system libraries absent: {', '.join(libraries)}", install_line(libraries)
            )
        ]
    try:
        answer = subprocess.run([sys.executable, "-c", _ASK_BLENDER], capture_output=True, text=True, timeout=120)
    except subprocess.TimeoutExpired:
        return [
            Check("Blender (bpy)", "missing", "import bpy did not come back within 120 s", "python -c 'import bpy'")
        ]
    lines = [line for line in answer.stdout.splitlines() if line.startswith("ANSWER")]
    if not lines:
        reason = (answer.stderr.strip().splitlines() or ["no message"])[-1]
        return [
            Check("Blender (bpy)", "missing", f"import fails: {reason}", "python -c 'import bpy' shows the whole error")
        ]
    told = json.loads(lines[0].removeprefix("ANSWER"))
    gpus = told["devices"][1:]
    return [
        Check("Blender (bpy)", "ok", told["version"]),
        Check(
            "Cycles devices",
            "ok" if gpus else "warning",
            ", ".join(told["devices"]),
            "" if gpus else "rendering works, on the processor; a GPU makes it many times faster",
        ),
    ]


def _check_package(name: str, module: str, distribution: str, remedy: str, purpose: str) -> Check:
    if importlib.util.find_spec(module) is None:
        return Check(name, "missing", f"not installed: {purpose}", remedy)
    return Check(name, "ok", importlib.metadata.version(distribution))


def _check_gpu() -> Check:
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return Check("GPU", "warning", "no NVIDIA driver found", "everything works without one, slower")
    asked = [tool, "--query-gpu=name,memory.total", "--format=csv,noheader"]
    answer = subprocess.run(asked, capture_output=True, text=True, timeout=30)
    found = "; ".join(line.strip() for line in answer.stdout.splitlines() if line.strip())
    return Check("GPU", "ok" if found else "warning", found or "nvidia-smi reports none")


def _check_memory_and_disk(folder: Path) -> list[Check]:
    free_gb = shutil.disk_usage(folder).free / 1e9
    cores = usable_cores()
    return [
        Check("Processor", "ok", f"{cores} cores, {platform.machine()}, Python {platform.python_version()}"),
        Check(
            "Free disk",
            "ok" if free_gb > 10 else "warning",
            f"{free_gb:.0f} GB at {folder.resolve()}",
            "" if free_gb > 10 else "a thousand 768x512 pairs with their layers take a few GB",
        ),
    ]


def _check_data() -> list[Check]:
    from depthbench.benchmarks.sets import SETS, default_root, set_problems

    checks = []
    for name in SETS:
        root = default_root(name)
        if root is None:
            continue
        if root.is_dir():
            problems = set_problems(name, root)
            told = "; ".join([str(root), *problems])
            checks.append(Check(f"Set {name}", "warning" if problems else "ok", told))
        else:
            remedy = f"depthbench eval --set {name} says where it comes from; or pass --root"
            checks.append(Check(f"Set {name}", "warning", f"no data at {root}", remedy))
    return checks


def examine(folder: Path) -> list[Check]:
    """Look at everything depthbench can use; ``folder`` is where output would go (for the free disk)."""
    cpu_torch = 'uv pip install "depthbench[torch]" --torch-backend cpu (pip alone would fetch gigabytes of CUDA)'
    return [
        *_check_memory_and_disk(folder),
        *_check_blender(),
        _check_package(
            "Ray casting (embreex)", "embreex", "embreex", 'pip install "depthbench[render]"', "no layered truth"
        ),
        _check_gpu(),
        _check_package("SGBM (OpenCV)", "cv2", "opencv-python-headless", 'pip install "depthbench[sgbm]"', "no sgbm"),
        _check_package("PyTorch", "torch", "torch", cpu_torch, "no torch Dataset, no s2m2, no odn"),
        _check_package(
            "timm",
            "timm",
            "timm",
            'uv pip install "depthbench[torch,timm]" --torch-backend cpu',
            "icm-depth has its small encoder alone",
        ),
        _check_package(
            "numba",
            "numba",
            "numba",
            'pip install "depthbench[fast]"',
            "scoring and masks are slower, with the same results",
        ),
        _check_package("Ray", "ray", "ray", 'pip install "depthbench[ray]"', "no --engine ray"),
        _check_package("submitit", "submitit", "submitit", 'pip install "depthbench[slurm]"', "no --engine slurm"),
        _check_package("s3fs", "s3fs", "s3fs", 'pip install "depthbench[s3]"', "no --out s3://..."),
        *_check_data(),
    ]
