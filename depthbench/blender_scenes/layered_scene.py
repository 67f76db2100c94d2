# SPDX-License-Identifier: Apache-2.0
"""A worker's task: make the missing views of one scene of a layered set, then put all its views into one shard."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from depthbench.blender_scenes.built_scene import Clock, SceneOfSet, ViewResult
from depthbench.blender_scenes.worker import WorkerContext
from depthbench.formats.json_file import read_json, write_json
from depthbench.formats.shard import ShardReader, StoredRecord, write_shard
from depthbench.generators.plan import shard_path, shard_views, staged_path, staged_views, staging_folder
from depthbench.generators.set_config import SetConfig, config_from_json
from depthbench.registry import load_object
from depthbench.truth.geometry import Surface


def make_scene(job: dict[str, Any], context: WorkerContext) -> None:
    """Make views ``items`` of a scene and assemble its shard.

    The job has ``config``, ``folder`` and ``scene``. Each view lies in the staging folder before its ``end`` is told. A view that lies
    there already, because the unit was handed out before and its worker was lost with the engine's own process, is not made again.
    """
    config = config_from_json(job["config"])
    folder, scene = Path(job["folder"]), int(job["scene"])
    there = staged_views(folder, scene) | shard_views(shard_path(folder, scene))
    for view in there.intersection(job["items"]):
        context.send("there", item=view)
    missing = [view for view in job["items"] if view not in there]
    if missing:
        clock = Clock()
        built = open_scene(config, scene, context, clock)
        context.send("built", seconds=clock.seconds, surfaces=len(built.surfaces))
        for view in missing:
            context.send("begin", item=view)
            result = built.make(view)
            with result.clock.time("write"):
                _stage(config, scene, view, result, built.surfaces, folder)
            context.send(
                "end",
                item=view,
                id=config.sample_id(scene, view),
                made=result.record is not None,
                rejected=result.rejected,
                seconds=result.clock.seconds,
            )
    clock = Clock()
    with clock.time("assemble"):
        assemble(config, scene, folder)
    context.send("assembled", seconds=clock.seconds)
    path = shard_path(folder, scene)
    with ShardReader(path) as reader:
        context.send("settled", items=sorted(shard_views(path)), without=reader.attrs["without"])


def open_scene(config: SetConfig, scene: int, context: WorkerContext, clock: Clock) -> SceneOfSet:
    """Build a scene of whatever kind of set."""
    built: SceneOfSet = load_object(config.builder)(config, scene, context, clock)
    return built


def shard_attrs(config: SetConfig, scene: int, without: dict[int, Any]) -> dict[str, Any]:
    """Return what a shard says of its whole scene; ``without`` names the views that cannot be made, and why."""
    return {
        "generator": config.generator,
        "environment": config.environment(scene),
        "scene": scene,
        "seed": config.seed,
        "without": {str(view): without[view] for view in sorted(without)},
    }


def _stage(
    config: SetConfig, scene: int, view: int, result: ViewResult, surfaces: tuple[Surface, ...], folder: Path
) -> None:
    """Write a finished view, or the note that there is none, aside until the shard is assembled."""
    path = staged_path(folder, scene, view)
    if result.record is None:
        kinds = [kind for kind, _ in result.rejected]
        write_json(path.with_suffix(".json"), {kind: kinds.count(kind) for kind in sorted(set(kinds))})
        return
    write_shard(path, [result.record], surfaces=surfaces, attrs=shard_attrs(config, scene, {}), gt_bits=config.gt_bits)


def assemble(config: SetConfig, scene: int, folder: Path) -> None:
    """Write a scene's shard from the shard it has, if any, and its staged views, which then go."""
    target = shard_path(folder, scene)
    sources: dict[int, tuple[ShardReader, int]] = {}
    without: dict[int, Any] = {}
    readers = [ShardReader(target)] if target.is_file() else []
    if readers:
        without |= {int(view): reasons for view, reasons in readers[0].attrs["without"].items()}
    for view in staged_views(folder, scene):
        path = staged_path(folder, scene, view)
        if path.is_file():
            readers.append(ShardReader(path))
        else:
            without[view] = read_json(path.with_suffix(".json"))
    for reader in readers:
        with reader:
            sources |= {int(name.rpartition("-")[2]): (reader, index) for index, name in enumerate(reader.ids)}

    def records() -> Iterator[StoredRecord]:
        for view in sorted(sources):
            reader, index = sources[view]
            with reader:
                yield reader.stored(index)

    surfaces: tuple[Surface, ...] = next((reader.surfaces for reader in readers if len(reader)), ())
    write_shard(
        target,
        records(),
        surfaces=surfaces,
        attrs=shard_attrs(config, scene, without),
        gt_bits=config.gt_bits,
    )
    shutil.rmtree(staging_folder(folder, scene), ignore_errors=True)
