# SPDX-License-Identifier: Apache-2.0
"""A dry run of 500,000 pairs: real worker processes, real events, sidecars and logs, but scenes that only sleep and now and then crash.

    python benches/scheduling.py --workers 8 --seconds 60

Prints, for an eighth, a quarter, a half and all of the scenes: what the engine itself takes per scene, in processor seconds and in wall
time beyond the sleep, and what share that is of a scene's true time at ``--pair-s`` seconds a pair. A cost per scene that does not grow with
the number of scenes is no quadratic cost.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])


def scene(job: dict[str, Any], context: Any) -> None:
    """A worker's task: sleep for each view; crash where the draw says so, at the first attempt."""
    crash = Path(job["folder"]) / f"crashed-{job['name']}"
    for view in job["items"]:
        context.send("begin", item=view)
        if view == job["crash_at"] and not crash.exists():
            crash.touch()
            os._exit(9)
        time.sleep(job["view_s"])
        context.send(
            "end", item=view, made=True, id=f"{job['name']}-{view}", rejected=[], seconds={"render": job["view_s"]}
        )


def dry_run(scenes: int, workers: int, view_s: float, failing: float) -> dict[str, float]:
    """Return wall and processor seconds of a run of so many scenes."""
    from depthbench.generators.engines.sidecar import Ledger
    from depthbench.generators.engines.units import Unit
    from depthbench.generators.engines.worker_pool import EngineOptions, run_units
    from depthbench.generators.run_files import RunLog

    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        units = [
            Unit(
                f"scene-{k:06d}",
                "scheduling:scene",
                {
                    "folder": name,
                    "view_s": view_s,
                    "crash_at": int(rng.integers(VIEWS)) if rng.random() < failing else -1,
                },
                tuple(range(VIEWS)),
            )
            for k in range(scenes)
        ]
        log, made, crashes = RunLog(folder), 0, 0

        def listen(unit: str, event: dict[str, Any]) -> None:
            nonlocal made, crashes
            made += event["event"] == "end"
            crashes += event["event"] == "crash"
            if event["event"] in ("end", "crash"):
                log.add(unit=unit, **event)

        before = resource.getrusage(resource.RUSAGE_SELF)
        began = time.perf_counter()
        options = EngineOptions(worker_arguments=((),) * workers, units_per_worker=10**9)
        failures = run_units(units, options, folder / "logs", Ledger(folder, "CPU", listen))
        wall_s = time.perf_counter() - began
        after = resource.getrusage(resource.RUSAGE_SELF)
        assert not failures
        assert made == scenes * VIEWS
        assert len(list((folder / "units").iterdir())) == scenes
    used_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall_s": wall_s, "engine_s": used_s, "asleep_s": scenes * VIEWS * view_s / workers, "crashes": crashes}


VIEWS = 140


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=500_000)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=60.0, help="what the sleep of the whole run takes")
    parser.add_argument("--failing", type=float, default=0.01, help="share of the scenes that crash their worker once")
    parser.add_argument(
        "--pair-s", type=float, default=5.0, help="true seconds of a pair, to hold the engine's against"
    )
    arguments = parser.parse_args()
    scenes = -(-arguments.pairs // VIEWS)
    view_s = arguments.seconds * arguments.workers / (scenes * VIEWS)
    print(f"{arguments.workers} workers, {VIEWS} views a scene, one second stands for {arguments.pair_s / view_s:,.0f}")
    print(
        f"{'scenes':>8s}{'crashes':>9s}{'wall, s':>9s}{'asleep, s':>11s}{'engine ms/scene':>17s}{'of a true scene':>17s}"
    )
    for part in (8, 4, 2, 1):
        count = scenes // part
        found = dry_run(count, arguments.workers, view_s, arguments.failing)
        each_s = found["engine_s"] / count
        # the engine is one process: while it works, all its workers may wait
        share = each_s * arguments.workers / (VIEWS * arguments.pair_s)
        print(
            f"{count:8d}{found['crashes']:9.0f}{found['wall_s']:9.1f}{found['asleep_s']:11.1f}{1000 * each_s:17.2f}{share:17.4%}"
        )


if __name__ == "__main__":
    main()
