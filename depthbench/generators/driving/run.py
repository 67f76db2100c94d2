# SPDX-License-Identifier: Apache-2.0
"""Makes a folder of driven sequences; whatever interrupts it, the same call continues."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from depthbench.formats.atomic import sweep
from depthbench.generators.blender_check import require_blender
from depthbench.generators.config_file import open_config
from depthbench.generators.driving.config import DrivingConfig, missing_frames
from depthbench.generators.engines.share import WHOLE
from depthbench.generators.engines.stored import stored_items
from depthbench.generators.engines.units import Event, Failure, Need, Unit
from depthbench.generators.layered import QUIET_EVENTS, RunOptions
from depthbench.generators.progress import ProgressReport
from depthbench.generators.run_files import RunLog
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
    share = options.choice.share
    if options.choice.engine == "local":
        require_blender()
    folder.mkdir(parents=True, exist_ok=True)
    with only_run(folder, share):
        open_config(config.to_json(), folder)
        if share == WHOLE:  # where other runs work on other shares, half a file may be theirs
            for part in ("video_sequence", "frames"):
                for split in ("train", "val"):
                    sweep(folder / part / split)
        mine = [sequence for sequence in range(sequences) if share.takes(sequence)]
        left = {sequence: _left(folder, config, sequence) for sequence in mine}
        asked = _limited(left, options.limit)
        made, failures = _run(config, asked, folder, options, mine, sequences)
        missing = sum(len(_left(folder, config, sequence)) for sequence in mine)
        return DrivingResult(made, missing, failures)


def _name(sequence: int) -> str:
    return f"sequence-{sequence:06d}"


def _left(folder: Path, config: DrivingConfig, sequence: int) -> tuple[int, ...]:
    """Return the frames of a sequence that are neither in the folder nor in the storage."""
    away = stored_items(folder, _name(sequence))
    return tuple(frame for frame in missing_frames(folder, config, sequence) if frame not in away)


def _limited(left: dict[int, tuple[int, ...]], limit: int | None) -> dict[int, tuple[int, ...]]:
    """Keep the first ``limit`` frames, and the sequences that then have any."""
    kept, room = {}, sum(map(len, left.values())) if limit is None else limit
    for sequence, frames in left.items():
        if frames[:room]:
            kept[sequence] = frames[:room]
        room -= len(frames[:room])
    return kept


def _run(
    config: DrivingConfig,
    asked: dict[int, tuple[int, ...]],
    folder: Path,
    options: RunOptions,
    mine: list[int],
    sequences: int,
) -> tuple[int, list[Failure]]:
    if not asked:
        return 0, []
    choice, need = options.choice, Need(options.device, workers=options.workers)
    units = [
        Unit(
            _name(sequence),
            TASK,
            {"config": config.to_json(), "folder": str(folder.resolve()), "sequence": sequence},
            frames,
        )
        for sequence, frames in asked.items()
    ]
    made, log = 0, RunLog(folder, choice.share)
    total = sum(len(frames) for frames in asked.values())
    there = sum(config.frames - len(_left(folder, config, sequence)) for sequence in mine)
    with (
        choice.recorded(folder, need, sequences * config.frames) as told,
        ProgressReport(there, there + total, what="frames") as report,
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
            elif event["event"] == "crash":
                report.say(f"{unit or 'start'}: the worker was lost ({event['reason']})")
            elif event["event"] == "given-up":
                report.say(f"{unit}: left out ({event['reason']})")

        failures = choice.run(units, need, folder, listen, options.silence_s)
        if failures:
            told["status"] = "finished with failures"
    return made, failures
