# SPDX-License-Identifier: Apache-2.0
"""Checks a generated layered folder: every shard by itself, and some samples by rebuilding their scene.

A rebuilt sample's truth is computed anew by ray casting, which must give the stored arrays, and by a render of Cycles, which
must meet every crossing at the same depth (see :mod:`depthbench.blender_scenes.cycles_layers`).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from depthbench.formats.json_file import write_json
from depthbench.generators.blender_check import require_blender
from depthbench.generators.engines.units import Event, Unit
from depthbench.generators.engines.worker_pool import EngineOptions, run_units
from depthbench.generators.layered_folder import shard_paths
from depthbench.generators.plan import scene_name
from depthbench.generators.progress import ProgressReport
from depthbench.generators.run_files import now
from depthbench.generators.set_config import SetConfig, load_config
from depthbench.generators.stored_checks import check_shard

VERIFY_FILE = "verify.json"
TASK = "depthbench.blender_scenes.second_look:check_scene"

CYCLES_SHARE = 0.999
"""Least share of pixels whose crossings all agree with Cycles to 1e-4 of their depth: its rays are float32."""

RECAST_SHARE = 1e-4
"""Largest share of pixels that may differ from ray casting anew; none do on the same kind of processor."""


@dataclass
class Verification:
    """What was checked and what was wrong.

    Attributes
    ----------
    shards, samples : int
        How many were read.
    problems : list of str
        One line each, naming the shard or sample.
    rebuilt : dict
        Sample id -> ``recast`` and ``cycles`` of :func:`depthbench.blender_scenes.second_look.check_scene`.
    """

    shards: int = 0
    samples: int = 0
    problems: list[str] = field(default_factory=list)
    rebuilt: dict[str, dict[str, Any]] = field(default_factory=dict)


def verify(folder: Path, rebuild: int | None, seed: int = 0) -> Verification:
    """Check a folder and write ``verify.json`` into it.

    Parameters
    ----------
    folder : Path
    rebuild : int or None
        How many samples, chosen at random by ``seed``, are checked against their rebuilt scene; None is all.
    seed : int

    Raises
    ------
    DepthbenchError
        If the folder holds no samples, or Blender is needed and absent.
    """
    config = load_config(folder)
    paths = shard_paths(folder)
    result = Verification(shards=len(paths))
    ids: list[str] = []
    with ProgressReport(0, len(paths), what="shards") as report:
        for path in paths:
            found, problems = check_shard(path, config)
            ids += found
            result.problems += problems
            report.advance()
    result.samples = len(ids)
    if len(set(ids)) < len(ids):
        result.problems.append(f"{len(ids) - len(set(ids))} sample ids stand more than once in the folder")
    chosen = ids
    if rebuild is not None:
        rng = np.random.default_rng(seed)
        chosen = sorted(rng.choice(ids, min(rebuild, len(ids)), replace=False).tolist()) if ids else []
    if chosen:
        check_rebuilt(folder, config, chosen, result)
    write_json(
        folder / VERIFY_FILE,
        {
            "time": now(),
            "ok": not result.problems,
            "shards": result.shards,
            "samples": result.samples,
            "problems": result.problems,
            "rebuilt": result.rebuilt,
            "limits": {"cycles_share": CYCLES_SHARE, "recast_share": RECAST_SHARE},
        },
    )
    return result


def check_rebuilt(folder: Path, config: SetConfig, ids: list[str], result: Verification) -> None:
    """Rebuild the scenes of these samples, whose shards lie in ``folder``, and add what is found to the result."""
    require_blender()
    views: dict[int, list[int]] = defaultdict(list)
    for sample_id in ids:
        scene, view = sample_id.split("-")[-2:]
        views[int(scene)].append(int(view))
    units = [
        Unit(
            scene_name(scene),
            TASK,
            {"config": config.to_json(), "folder": str(folder.resolve()), "scene": scene},
            tuple(some),
        )
        for scene, some in views.items()
    ]
    with ProgressReport(0, len(ids), what="rebuilt samples") as report:

        def listen(unit: str, event: Event) -> None:
            if event["event"] == "checked":
                result.rebuilt[event["id"]] = {"recast": event["recast"], "cycles": event["cycles"]}
                report.advance()

        failures = run_units(units, EngineOptions(worker_arguments=(("--device", "CPU"),)), folder / "logs", listen)
    result.problems += [f"{f.unit} cannot be rebuilt: {f.reason}; the log is {f.log}" for f in failures]
    for sample_id, found in result.rebuilt.items():
        result.problems += [f"{sample_id}: {text}" for text in judge(found)]


def judge(found: dict[str, Any]) -> list[str]:
    """Say what is wrong with the answers of the two routes about one sample."""
    problems = [
        f"{name} of {share:.3%} of the pixels differs from ray casting anew"
        for name, share in found["recast"].items()
        if share > RECAST_SHARE
    ]
    problems += [
        f"{eye} eye: Cycles meets other depths at {1 - agreement['within_1e4']:.3%} of the pixels"
        for eye, agreement in found["cycles"].items()
        if agreement["within_1e4"] < CYCLES_SHARE
    ]
    return problems
