# SPDX-License-Identifier: Apache-2.0
"""Makes synthetic scans: whatever interrupts it, the same call continues. Files appear whole or not at all; they are the only state.

The folder holds DTU's own folders, ``config.json`` (what decides every byte), ``log.jsonl`` and ``run.json``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from depthbench.generators.blender_check import require_blender
from depthbench.generators.config_file import generator_of, open_config, read_config
from depthbench.generators.dtu_twin.config import GENERATOR, DtuTwinConfig
from depthbench.generators.dtu_twin.files import missing_items, write_cameras
from depthbench.generators.engines.stored import stored_items
from depthbench.generators.engines.units import Event, Failure, Need, Unit
from depthbench.generators.layered import QUIET_EVENTS, RunOptions, tell
from depthbench.generators.progress import ProgressReport
from depthbench.generators.run_files import RunLog
from depthbench.generators.run_lock import only_run

TASK = "depthbench.blender_scenes.dtu_scene:make_scan"


@dataclass(frozen=True)
class TwinResult:
    """Items (views and references) made now; scans that this run was to make, and those that are whole; what was given up."""

    made: int
    asked: list[int]
    whole: list[int]
    failures: list[Failure]


def holds_twin(folder: Path) -> bool:
    """Tell whether ``depthbench generate dtu-twin`` began this folder."""
    return generator_of(folder) == GENERATOR


def load_twin(folder: Path) -> DtuTwinConfig:
    """Read what a generated folder is.

    Raises
    ------
    DepthbenchError
        If it is no folder of synthetic scans, or of another version.
    """
    return read_config(folder, GENERATOR, DtuTwinConfig.from_json)


def fill(config: DtuTwinConfig, scans: Sequence[int], folder: Path, options: RunOptions) -> TwinResult:
    """Make what a folder lacks of these scans.

    Raises
    ------
    DepthbenchError
        If Blender is absent, the folder holds another set or other files, another run is at work in it, or the disk is full.
    """
    choice = options.choice
    folder.mkdir(parents=True, exist_ok=True)
    with only_run(folder, choice.share):
        open_config(config.to_json(), folder)
        write_cameras(config, folder)
        mine = [scan for scan in scans if choice.share.takes(scan)]
        todo = {scan: items for scan in mine if (items := _left(config, folder, scan))}
        made, failures = _run(config, todo, folder, options, len(scans)) if todo else (0, [])
        whole = [scan for scan in mine if not _left(config, folder, scan)]
        return TwinResult(made, mine, whole, failures)


def _name(scan: int) -> str:
    return f"scan{scan:04d}"


def _left(config: DtuTwinConfig, folder: Path, scan: int) -> tuple[int | str, ...]:
    """Return what of a scan is neither in the folder nor in the storage."""
    away = stored_items(folder, _name(scan))
    return tuple(item for item in missing_items(config, folder, scan) if item not in away)


def _run(
    config: DtuTwinConfig, todo: dict[int, tuple[int | str, ...]], folder: Path, options: RunOptions, scans: int
) -> tuple[int, list[Failure]]:
    choice, need = options.choice, Need(options.device, workers=options.workers)
    if choice.engine == "local":
        require_blender()
    job = {"config": config.to_json(), "folder": str(folder.resolve())}
    units = [Unit(_name(scan), TASK, {**job, "scan": scan}, items) for scan, items in todo.items()]
    made, log = 0, RunLog(folder, choice.share)
    with (
        choice.recorded(folder, need, scans * (config.views + config.testing)) as told,
        ProgressReport(0, sum(map(len, todo.values())), what="views") as report,
    ):

        def listen(unit: str, event: Event) -> None:
            nonlocal made
            if event["event"] not in QUIET_EVENTS:
                log.add(unit=unit, **event)
            if event["event"] == "end":
                made += 1
                told["made"] = made
            if event["event"] in ("end", "there"):
                report.advance()
            elif text := tell(unit, event):
                report.say(text)

        failures = choice.run(units, need, folder, listen, options.silence_s)
        if failures:
            told["status"] = "finished with failures"
    return made, failures
