# SPDX-License-Identifier: Apache-2.0
"""Makes a folder of driven sequences; whatever interrupts it, the same call continues."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from depthbench.formats.atomic import sweep
from depthbench.generators.blender_check import require_blender
from depthbench.generators.config_file import open_config
from depthbench.generators.driving.config import DrivingConfig, missing_frames
from depthbench.generators.engine import EngineOptions, Event, Failure, Unit, run_units
from depthbench.generators.layered import QUIET_EVENTS, RunOptions, memory_share_mb, worker_arguments
from depthbench.generators.progress import ProgressReport
from depthbench.generators.run_files import RunLog, recorded_run
from depthbench.generators.run_lock import only_run

TASK = "depthbench.blender_scenes.driving.film:make_sequence"


@dataclass(frozen=True)
class DrivingResult:
    """What a run did: frames made, frames still missing, what crashed the worker again and again."""

    made: int
    missing: int
    failures: list[Failure]


def generate(config: DrivingConfig, sequences: int, folder: Path, options: RunOptions) -> DrivingResult:
    """Make the frames that the folder lacks of the first ``sequences``.

    Raises
    ------
    DepthbenchError
        If Blender is absent, the folder holds another configuration, another run is at work in it, or the disk is full.
    """
    require_blender()
    folder.mkdir(parents=True, exist_ok=True)
    with only_run(folder):
        open_config(config.to_json(), folder)
        for part in ("video_sequence", "frames"):
            for split in ("train", "val"):
                sweep(folder / part / split)
        left = {sequence: missing_frames(folder, config, sequence) for sequence in range(sequences)}
        asked = _limited(left, options.limit)
        made, failures = _run(config, asked, folder, options, sequences)
        missing = sum(len(missing_frames(folder, config, sequence)) for sequence in range(sequences))
        return DrivingResult(made, missing, failures)


def _limited(left: dict[int, tuple[int, ...]], limit: int | None) -> dict[int, tuple[int, ...]]:
    """Keep the first ``limit`` frames, and the sequences that then have any."""
    kept, room = {}, sum(map(len, left.values())) if limit is None else limit
    for sequence, frames in left.items():
        if frames[:room]:
            kept[sequence] = frames[:room]
        room -= len(frames[:room])
    return kept


def _run(
    config: DrivingConfig, asked: dict[int, tuple[int, ...]], folder: Path, options: RunOptions, sequences: int
) -> tuple[int, list[Failure]]:
    if not asked:
        return 0, []
    arguments = worker_arguments(options)
    units = [
        Unit(
            f"sequence-{sequence:06d}",
            TASK,
            {"config": config.to_json(), "folder": str(folder.resolve()), "sequence": sequence},
            frames,
        )
        for sequence, frames in asked.items()
    ]
    made, log = 0, RunLog(folder)
    total = sum(len(frames) for frames in asked.values())
    there = sequences * config.frames - sum(
        len(missing_frames(folder, config, sequence)) for sequence in range(sequences)
    )
    with (
        recorded_run(folder, arguments[0][1], len(arguments)) as told,
        ProgressReport(there, there + total, what="frames") as report,
    ):

        def listen(unit: str, event: Event) -> None:
            nonlocal made
            if event["event"] not in QUIET_EVENTS:
                log.add(unit=unit, **event)
            if event["event"] == "end":
                made += 1
                told["made"] = made
                report.advance()
            elif event["event"] == "crash":
                report.say(f"{unit or 'start'}: the worker was lost ({event['reason']})")
            elif event["event"] == "given-up":
                report.say(f"{unit}: left out ({event['reason']})")

        engine = EngineOptions(arguments, silence_s=options.silence_s, memory_limit_mb=memory_share_mb(len(arguments)))
        failures = run_units(units, engine, folder / "logs", listen)
        if failures:
            told["status"] = "finished with failures"
    return made, failures
