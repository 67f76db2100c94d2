# SPDX-License-Identifier: Apache-2.0
"""``--engine ray``: units as tasks of a Ray cluster, or of one that is started on this machine for the run.

A task asks for a GPU, or for cores. Ray hands it out again when its process or its machine is lost, and ends all tasks when this
process ends. At any time only a few tasks per worker are with Ray, so that the cost of a unit does not grow with their number.
"""

from __future__ import annotations

import os
import socket
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from depthbench.errors import DepthbenchError, MissingExtraError
from depthbench.generators.engines.choice import Choice
from depthbench.generators.engines.on_node import Batch, batches, lost, take, work
from depthbench.generators.engines.units import Failure, Listen, Need, Rules, Unit

TASKS_AHEAD = 3
"""Tasks that Ray knows, per task that can run at once."""
FEWEST_AHEAD = 16


def run(units: Sequence[Unit], choice: Choice, need: Need, rules: Rules, folder: Path, listen: Listen) -> list[Failure]:
    """Do all units.

    Raises
    ------
    DepthbenchError
        If Ray is absent or does not answer, has not what a unit needs, or there is a fault that only the user can mend.
    """
    try:
        import ray
    except ImportError as error:
        raise MissingExtraError("ray", "ray", "--engine ray") from error
    if ":" in need.device:
        raise DepthbenchError(
            f"--device {need.device} names one GPU; Ray chooses which: give {need.device.split(':')[0]}"
        )
    address = choice.address or os.environ.get("RAY_ADDRESS") or "local"
    settings: dict[str, Any] = {"address": address, "log_to_driver": False, "logging_level": "WARNING"}
    if address == "local":
        settings |= {"include_dashboard": False}
        if need.workers:
            settings |= {"num_cpus": need.workers * (need.cores or 1)}
    _knock(address)
    try:
        ray.init(**settings)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise DepthbenchError(
            f"--address {address}: no Ray cluster answers there ({str(error).splitlines()[0]})"
        ) from error
    try:
        need, asked = _resources(ray, need)
        room = _room(ray, asked)
        if need.workers:
            room = min(room, need.workers)
        task = ray.remote(work).options(**asked, max_retries=rules.tries - 1, retry_exceptions=False)
        ahead = room if need.workers else max(TASKS_AHEAD * room, FEWEST_AHEAD)
        return _all(ray, task, batches(units, choice, need, rules, folder, room), ahead, folder, listen)
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    """Refuse an address at which nobody listens: Ray itself would try for ever."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not (host and port.isdecimal()):
        return
    try:
        socket.create_connection((host, int(port)), timeout=20).close()
    except OSError as error:
        raise DepthbenchError(f"--address {address}: no Ray cluster answers there ({error})") from error


def _resources(ray: Any, need: Need) -> tuple[Need, dict[str, float]]:
    """Return what is needed where the cluster decides it, and the same in Ray's words."""
    alive = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    if need.device.upper() != "CPU" and any(node.get("GPU", 0) >= 1 for node in alive):
        return need, {"num_gpus": 1, "num_cpus": need.cores or 1}
    if need.device.upper() not in ("CPU", "AUTO"):
        raise DepthbenchError(
            f"--device {need.device}: no machine of the Ray cluster has a GPU; start Ray there with --num-gpus"
        )
    # without GPUs a worker of Blender has a machine to itself, as on one's own
    cores = need.cores or (1 if need.light else int(min(node["CPU"] for node in alive if node.get("CPU", 0) >= 1)))
    return replace(need, device="CPU", cores=cores), {"num_cpus": cores}


def _room(ray: Any, asked: dict[str, float]) -> int:
    """Return how many such tasks the cluster can do at once."""
    names = {"num_gpus": "GPU", "num_cpus": "CPU"}
    each = [
        min(int(node["Resources"].get(names[key], 0) // count) for key, count in asked.items())
        for node in ray.nodes()
        if node["Alive"]
    ]
    if not sum(each):
        told = ", ".join(f"{count:g} {names[key]}" for key, count in asked.items())
        raise DepthbenchError(f"--engine ray: no machine of the cluster has {told} for one worker; give --cores")
    return sum(each)


def _all(ray: Any, task: Any, todo: list[Batch], ahead: int, folder: Path, listen: Listen) -> list[Failure]:
    waiting = deque(todo)
    under_way: dict[Any, Batch] = {}
    failures: list[Failure] = []
    while waiting or under_way:
        while waiting and len(under_way) < ahead:
            batch = waiting.popleft()
            under_way[task.remote(batch)] = batch
        finished, _ = ray.wait(list(under_way), num_returns=1)
        for reference in finished:
            batch = under_way.pop(reference)
            try:
                answer = ray.get(reference)
            except ray.exceptions.RayError as error:
                reason = f"lost with its machine or process: {' '.join(str(error).split())[:300]}"
                failures += lost(batch, reason, folder, listen)
            else:
                failures += take(answer, listen)
    return failures
