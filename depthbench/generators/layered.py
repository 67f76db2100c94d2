# SPDX-License-Identifier: Apache-2.0
"""Makes a layered set: configuration in, shards out; whatever interrupts it, the same call continues.

The folder holds ``config.json`` (what decides the samples), ``plan.jsonl`` (its scenes), ``shards/`` (the samples), ``staging/`` (views of scenes under way),
``log.jsonl``, ``run.json``, ``summary.json`` and ``logs/`` (what the workers print).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from depthbench.blender_scenes.layouts import LAYOUTS
from depthbench.errors import DepthbenchError
from depthbench.formats.json_file import read_json
from depthbench.generators.assets import assets_digest, load_assets
from depthbench.generators.blender_check import require_blender
from depthbench.generators.config_file import CONFIG_FILE, check_config, open_config
from depthbench.generators.engines.choice import Choice
from depthbench.generators.engines.share import WHOLE, Share
from depthbench.generators.engines.units import Event, Failure, Need, Unit
from depthbench.generators.layered_config import (
    DEFAULT_VIEWS_PER_SCENE,
    LayeredConfig,
    check_size,
    resolve_layout,
    scene_digest,
    views_from_json,
)
from depthbench.generators.layered_estimate import estimate
from depthbench.generators.plan import (
    ScenePlan,
    asked_views,
    count_settled,
    plan,
    scene_name,
    shard_path,
    shard_without,
    tidy,
)
from depthbench.generators.plan_file import write_plan
from depthbench.generators.presets import preset as preset_settings
from depthbench.generators.progress import ProgressReport
from depthbench.generators.run_files import RunLog
from depthbench.generators.run_lock import only_run
from depthbench.generators.sensors import sensor as sensor_settings
from depthbench.generators.set_config import SetConfig, config_from_json
from depthbench.generators.store import ObjectStore, is_url

TASK = "depthbench.blender_scenes.layered_scene:make_scene"
QUIET_EVENTS = ("pulse", "begin", "ready", "start", "heartbeat", "settled")


@dataclass(frozen=True)
class RunOptions:
    """How a run goes about it; nothing here changes a sample.

    Attributes
    ----------
    device : str
        auto, CPU, or GPUs of a backend: ``OPTIX`` (all of them), ``CUDA:1``.
    workers : int or None
        Processes; None is one per GPU, or one on the processor.
    limit : int or None
        Stop after so many new samples.
    silence_s : float
        A worker that shows no sign of life for so long is replaced.
    choice : Choice
        The engine, and which scenes this run takes.
    """

    device: str = "auto"
    workers: int | None = None
    limit: int | None = None
    silence_s: float = 900.0
    choice: Choice = field(default_factory=Choice)


@dataclass(frozen=True)
class RunResult:
    """What a run did.

    Attributes
    ----------
    made : int
        Samples made in this run.
    missing : int
        Samples asked for that are not there and can still be made (``limit``, failures).
    impossible : dict
        Sample id -> why no attempt at it was good.
    failures : list of Failure
        Scenes and views that crashed a worker again and again.
    """

    made: int
    missing: int
    impossible: dict[str, dict[str, int]]
    failures: list[Failure]


def make_config(
    n: int,
    folder: str | Path,
    *,
    seed: int,
    width: int,
    height: int,
    preset: str,
    samples: int | None,
    scenes: Sequence[str],
    views_per_scene: int | Fraction | None,
    gt_bits: int,
    see_through_share: float,
    sensor: str = "off",
    floating: int = 0,
    assets: Path | None = None,
) -> LayeredConfig:
    """Resolve what was asked for into a configuration.

    ``views_per_scene`` None takes the one recorded in the folder, or else 139 to 140, or less for a small ``n``, so that
    every environment appears.

    Raises
    ------
    DepthbenchError
        If a name is unknown or a number out of range.
    """
    if not scenes:
        raise DepthbenchError(f"--scenes names none; known: {', '.join(LAYOUTS)}")
    check_size(width, height)
    layouts = tuple(resolve_layout(name) for name in scenes)
    if views_per_scene is None:
        recorded = _recorded(folder)
        default = min(DEFAULT_VIEWS_PER_SCENE, -(-n // len(layouts)))
        views_per_scene = views_from_json(recorded.get("views_per_scene", default))
    return LayeredConfig(
        seed=seed,
        width=width,
        height=height,
        preset=preset,
        render=preset_settings(preset, samples),
        scenes=layouts,
        scene_digests=tuple(scene_digest(layout) for layout in layouts),
        views_per_scene=views_per_scene,
        see_through_share=see_through_share,
        gt_bits=gt_bits,
        sensor=sensor_settings(sensor),
        floating=floating,
        assets=str(assets.resolve()) if assets else "",
        assets_digest=assets_digest(load_assets(assets)) if assets else "",
    )


def _recorded(folder: str | Path) -> dict[str, Any]:
    """Return the configuration of a folder, or of a place in object storage, that is begun; nothing of a new one."""
    if is_url(folder):
        found = ObjectStore(str(folder)).read([CONFIG_FILE])
        return dict(json.loads(found[CONFIG_FILE])) if found else {}
    path = Path(folder) / CONFIG_FILE
    return dict(read_json(path)) if path.is_file() else {}


def open_folder(config: SetConfig, folder: Path) -> None:
    """Begin a folder with a configuration, or hold it against the folder's (:func:`.config_file.check_config`)."""
    open_config(config.to_json(), folder, _renewed)


def _renewed(recorded: dict[str, Any]) -> dict[str, Any]:
    return config_from_json(recorded).to_json()


def plan_only(config: SetConfig, n: int, folder: Path) -> dict[str, Any]:
    """Write the plan of the first ``n`` samples and nothing else; return what it comes to.

    The folder is not bound to this configuration by it.

    Raises
    ------
    DepthbenchError
        If the folder holds another configuration or other files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    check_config(config.to_json(), folder, _renewed)
    write_plan(config, n, folder)
    return estimate(config, n, folder)


def generate(config: SetConfig, n: int, folder: Path, options: RunOptions) -> RunResult:
    """Make the samples that the folder lacks of the first ``n``.

    Raises
    ------
    DepthbenchError
        If Blender is absent, the folder holds another configuration, another run is at work in it, or the disk is full.
    """
    if not (folder / CONFIG_FILE).is_file() and options.choice.engine == "local":
        require_blender()
    folder.mkdir(parents=True, exist_ok=True)
    share = options.choice.share
    with only_run(folder, share):
        open_folder(config, folder)
        write_plan(config, n, folder)
        tidy(folder, share)
        plans = plan(config, n, folder, options.limit, share)
        made, failures = run_plans(config, plans, folder, options, count_settled(config, n, folder, share), n)
        return _result(config, n, folder, share, made, failures)


def run_plans(
    config: SetConfig, plans: Sequence[ScenePlan], folder: Path, options: RunOptions, settled: int, asked: int
) -> tuple[int, list[Failure]]:
    """Make views of scenes in a folder that is opened and locked.

    Parameters
    ----------
    config : SetConfig
    plans : sequence of ScenePlan
    folder : Path
    options : RunOptions
    settled : int
        Views of the scenes that are looked at and that are there already.
    asked : int
        Views that the folder shall hold in the end.

    Returns
    -------
    made : int
    failures : list of Failure
    """
    if not plans:
        return 0, []
    choice, need = options.choice, Need(options.device, None, options.workers)
    if choice.engine == "local":
        require_blender()
    units = [
        Unit(
            scene_name(item.scene),
            TASK,
            {"config": config.to_json(), "folder": str(folder.resolve()), "scene": item.scene},
            item.views,
            str(shard_path(Path(), item.scene)),
        )
        for item in plans
    ]
    made = 0
    log = RunLog(folder, choice.share)
    with (
        choice.recorded(folder, need, asked) as told,
        ProgressReport(settled, settled + sum(len(item.views) for item in plans)) as report,
    ):

        def listen(unit: str, event: Event) -> None:
            nonlocal made
            kind = event["event"]
            if kind not in QUIET_EVENTS:
                log.add(unit=unit, **event)
            if kind == "end":
                made += event["made"]
                told["made"] = made
            if kind in ("end", "there"):
                report.advance()
            if text := tell(unit, event):
                report.say(text)

        told["made"] = made
        failures = choice.run(units, need, folder, listen, options.silence_s)
        if failures:
            told["status"] = "finished with failures"
    return made, failures


def tell(unit: str, event: Event) -> str:
    """Return the line for people about an event; "" for what is in order."""
    where = unit + (f" view {event['item']}" if event.get("item") is not None else "")
    if event["event"] == "crash":
        return f"{where or 'start'}: the worker was lost ({event['reason']})"
    if event["event"] == "given-up":
        return f"{where}: left out ({event['reason']})"
    if event["event"] == "end" and not event["made"]:
        return f"{event['id']}: none of {len(event['rejected'])} attempts was good"
    return ""


def impossible_samples(config: SetConfig, n: int, folder: Path, share: Share = WHOLE) -> dict[str, dict[str, int]]:
    """Return the samples, of a share, of which no attempt was good, with how often each reason came up."""
    found: dict[str, dict[str, int]] = {}
    for scene, views in asked_views(config, n, share):
        if without := shard_without(folder, scene):
            found |= {config.sample_id(scene, view): without[str(view)] for view in views if str(view) in without}
    return found


def _result(config: SetConfig, n: int, folder: Path, share: Share, made: int, failures: list[Failure]) -> RunResult:
    asked = sum(len(views) for _, views in asked_views(config, n, share))
    missing = asked - count_settled(config, n, folder, share)
    return RunResult(made, missing, impossible_samples(config, n, folder, share), failures)
