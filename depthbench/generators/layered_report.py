# SPDX-License-Identifier: Apache-2.0
"""What is told at the end of a run, and kept in ``summary.json``: the samples in numbers, rejections, where time went."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from rich.console import Console

from depthbench.errors import DepthbenchError
from depthbench.formats.json_file import read_json, write_json
from depthbench.generators.engines.share import WHOLE, Share
from depthbench.generators.layered import RunResult
from depthbench.generators.layered_folder import samples, shard_paths
from depthbench.generators.layered_stats import stats
from depthbench.generators.layered_stats_table import render_stats
from depthbench.generators.run_files import read_log

SUMMARY_FILE = "summary.json"
SUMMARY_SAMPLES = 400
"""How many samples, taken evenly, are read for it: a run must not end with hours of reading. ``depthbench stats`` reads all."""

TIMES = ("build", "export", "caster", "pose", "truth", "check", "render", "tone", "write", "assemble")
"""What a worker's time is split into; ``tracer`` is the part of ``render`` that Cycles itself spends."""


def report(result: RunResult, folder: Path, console: Console, share: Share = WHOLE) -> int:
    """Write ``summary.json``, print it and what is missing; return the exit code (0 all there, 1 some could not be made).

    The run of a share writes no summary: the folder may be far from whole, and others are at work in it.
    """
    if share != WHOLE:
        console.print(f"share {share.index} of {share.count}: {result.made} samples made", highlight=False)
    elif shard_paths_or_none(folder):
        path = folder / SUMMARY_FILE
        there = sum(1 for _ in samples(folder))
        if not there:
            write_json(path, {"samples": 0, "work": work(folder)})
        elif result.made or not path.is_file() or read_json(path)["samples"] != there:
            write_json(path, summary(folder))
        numbers = read_json(path)
        if there:
            console.print(render_stats(numbers))
        console.print(work_line(numbers["work"]), highlight=False)
    else:  # in object storage, if anywhere
        console.print(f"{result.made} samples made", highlight=False)
    if result.missing and not result.failures:
        console.print(f"still to be made: {result.missing} of the samples; run the same command again", highlight=False)
    for sample_id, reasons in result.impossible.items():
        told = ", ".join(f"{kind} {count}" for kind, count in reasons.items())
        console.print(f"not made: {sample_id}: no attempt was good ({told})", highlight=False)
    for failure in result.failures:
        what = failure.unit if failure.item is None else f"{failure.unit} view {failure.item}"
        console.print(f"not made: {what}: {failure.reason}; the log is {failure.log}", highlight=False, soft_wrap=True)
    return 1 if result.failures or result.impossible else 0


def shard_paths_or_none(folder: Path) -> list[Path]:
    """Return the shards of a folder that may have none."""
    try:
        return shard_paths(folder)
    except DepthbenchError:
        return []


def summary(folder: Path) -> dict[str, Any]:
    """Return :func:`depthbench.generators.layered_stats.stats` of some samples, with ``work`` on how all came about."""
    return {**stats(folder, SUMMARY_SAMPLES, Console(quiet=True)), "work": work(folder)}


def work(folder: Path) -> dict[str, Any]:
    """Sum up attempts, rejections and seconds from the log of all runs.

    Returns
    -------
    dict
        ``attempts``; ``rejected`` (kind -> count); ``seconds`` (see TIMES, and ``tracer``); ``outside_tracer_share``: of the
        workers' time, what was not spent in the path tracer and the denoiser.
    """
    rejected: Counter[str] = Counter()
    attempts = 0
    seconds: Counter[str] = Counter()
    for entry in read_log(folder):
        if entry.get("event") == "end":
            rejected.update(kind for kind, _ in entry["rejected"])
            attempts += len(entry["rejected"]) + bool(entry["made"])
        for name, value in entry.get("seconds", {}).items():
            seconds[name] += value
    total = sum(seconds[name] for name in TIMES)
    return {
        "attempts": attempts,
        "rejected": dict(rejected.most_common()),
        "seconds": {name: round(seconds[name], 2) for name in (*TIMES, "tracer")},
        "outside_tracer_share": 1 - seconds["tracer"] / total if total else None,
    }


def work_line(work: dict[str, Any]) -> str:
    """Return rejections and the split of time in two lines."""
    seconds = work["seconds"]
    total = sum(seconds[name] for name in TIMES)
    rejected = ", ".join(f"{kind} {count}" for kind, count in work["rejected"].items()) or "none"
    groups = {
        "build": seconds["build"] + seconds["export"] + seconds["caster"],
        "render": seconds["render"],
        "truth": seconds["pose"] + seconds["truth"] + seconds["check"],
        "write": seconds["tone"] + seconds["write"] + seconds["assemble"],
    }
    split = ", ".join(f"{name} {value / total:.1%}" for name, value in groups.items()) if total else "not recorded"
    outside = work["outside_tracer_share"]
    tail = f"; {outside:.1%} outside the path tracer and denoiser" if outside is not None else ""
    return f"attempts        {work['attempts']}; rejected: {rejected}\ntime            {split}{tail}"
