# SPDX-License-Identifier: Apache-2.0
"""Makes counterfactual twins: samples of a layered folder rendered again after a change, one folder per change.

A twin has its original's id, pose, random numbers and exposure, so that nothing but the change tells the two apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from depthbench.errors import DepthbenchError
from depthbench.generators.layered import RunOptions, RunResult, open_folder, run_plans
from depthbench.generators.layered_config import LayeredConfig
from depthbench.generators.layered_folder import samples
from depthbench.generators.plan import ScenePlan, shard_path, shard_views, shard_without, staged_views, tidy
from depthbench.generators.run_lock import only_run
from depthbench.generators.set_config import load_config
from depthbench.generators.twin_config import TwinConfig, parse_change, twin_config


def originals(folder: Path) -> LayeredConfig:
    """Return the configuration of a folder whose samples can have twins.

    Raises
    ------
    DepthbenchError
        If the folder is not of layered samples, or is itself one of twins.
    """
    config = load_config(folder)
    if isinstance(config, TwinConfig):
        raise DepthbenchError(f"{folder}: holds twins; name the folder of their originals, {config.source}")
    if not isinstance(config, LayeredConfig):
        raise DepthbenchError(f"{folder}: holds samples of `generate {config.generator}`, twins are of layered ones")
    return config


def make_twins(folder: Path, ids: Sequence[str], change: str, out: Path, options: RunOptions) -> RunResult:
    """Make the twins that ``out`` lacks.

    Parameters
    ----------
    folder : Path
        Holds the originals; all machines that make twins must see it.
    ids : sequence of str
        Which; none means all.
    change : str
        See :data:`depthbench.generators.twin_config.CHANGES`.
    out : Path
        Made if absent; may hold twins of the same change.
    options : RunOptions

    Raises
    ------
    DepthbenchError
        If a name is unknown, ``out`` holds something else, or the originals cannot be built as they were.
    """
    parse_change(change)
    config = twin_config(originals(folder), change, str(folder.resolve()))
    wanted: Mapping[int, set[int]] = defaultdict(set)
    for reader, index in samples(folder, ids=tuple(ids)):
        number, view = reader.ids[index].split("-")[-2:]
        wanted[int(number)].add(int(view))
    asked, share = sum(map(len, wanted.values())), options.choice.share
    wanted = {scene: views for scene, views in wanted.items() if share.takes(scene)}
    out.mkdir(parents=True, exist_ok=True)
    with only_run(out, share):
        open_folder(config, out)
        tidy(out, share)
        plans = []
        for scene, views in sorted(wanted.items()):
            settled, staged = shard_views(shard_path(out, scene)), staged_views(out, scene)
            missing = tuple(sorted(views - settled - staged))
            if missing or not staged <= settled:
                plans.append(ScenePlan(scene, missing))
        total = sum(map(len, wanted.values()))
        settled_already = total - sum(len(plan.views) for plan in plans)
        made, failures = run_plans(config, plans, out, options, settled_already, asked)
        impossible = _impossible(config, out, wanted)
        there = sum(len(views & shard_views(shard_path(out, scene))) for scene, views in wanted.items())
        return RunResult(made, total - there, impossible, failures)


def _impossible(config: TwinConfig, out: Path, wanted: Mapping[int, set[int]]) -> dict[str, dict[str, int]]:
    """Return the twins that there cannot be, with the reason."""
    found: dict[str, dict[str, int]] = {}
    for scene, views in sorted(wanted.items()):
        without = shard_without(out, scene)
        found |= {config.sample_id(scene, view): without[str(view)] for view in sorted(views) if str(view) in without}
    return found
