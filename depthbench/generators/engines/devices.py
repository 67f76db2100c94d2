# SPDX-License-Identifier: Apache-2.0
"""Which workers a machine gets: their devices, threads and memory."""

from __future__ import annotations

from dataclasses import asdict

from depthbench.errors import DepthbenchError
from depthbench.generators.blender_check import gpus
from depthbench.generators.engines.units import Need, Rules
from depthbench.generators.engines.worker_pool import EngineOptions
from depthbench.processors import usable_cores

MEMORY_SHARE = 0.7
"""Of the machine's memory, what all workers together may hold."""


def worker_arguments(need: Need) -> tuple[tuple[str, ...], ...]:
    """Return the arguments of each worker: its device and how many threads it may use (0: all).

    Raises
    ------
    DepthbenchError
        If Blender finds no such device.
    """
    wanted = need.device.upper()
    if wanted == "CPU":
        devices = ["CPU"]
    elif ":" in wanted:
        devices = [wanted]
    else:
        devices = [name for name in gpus() if wanted in ("AUTO", name.partition(":")[0])]
        if not devices and wanted != "AUTO":
            raise DepthbenchError(f"--device {need.device}: Cycles finds none (`depthbench doctor` lists them)")
        devices = devices or ["CPU"]
    workers = need.workers or len(devices)
    threads = need.cores or (max(1, usable_cores() // workers) if workers > 1 else 0)
    return tuple(("--device", devices[number % len(devices)], "--threads", str(threads)) for number in range(workers))


def engine_options(need: Need, rules: Rules, share: float = 1.0) -> EngineOptions:
    """Return what the workers of this machine are and keep to; together they may have so large a share of it."""
    arguments = worker_arguments(need)
    limit_mb = share * MEMORY_SHARE * memory_mb() / len(arguments)
    return EngineOptions(**asdict(rules), worker_arguments=arguments, memory_limit_mb=limit_mb)


def memory_mb() -> float:
    """Return the memory of this machine; infinite where it cannot be told."""
    try:
        import psutil
    except ImportError:
        return float("inf")
    return float(psutil.virtual_memory().total) / 1e6
