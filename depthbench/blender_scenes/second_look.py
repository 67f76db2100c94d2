# SPDX-License-Identifier: Apache-2.0
"""Worker's tasks that look again at samples which are already there: compute their truth anew, or make one once more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from depthbench.blender_scenes.built_scene import Clock
from depthbench.blender_scenes.cycles_layers import compare_routes, cycles_crossings
from depthbench.blender_scenes.layered_scene import open_scene, shard_attrs
from depthbench.blender_scenes.recast import recast
from depthbench.blender_scenes.worker import WorkerContext
from depthbench.formats.shard import LayeredRecord, ShardReader, write_shard
from depthbench.generators.plan import shard_path
from depthbench.generators.set_config import config_from_json
from depthbench.truth.cast import RayCaster
from depthbench.truth.pair import pixel_hits


def check_scene(job: dict[str, Any], context: WorkerContext) -> None:
    """Rebuild a scene and hold the stored truth of its views ``items`` against both routes.

    Tells an event ``checked`` per view: ``recast`` (per array the share of pixels that differ from ray casting anew),
    ``cycles`` (per eye the share of pixels whose crossings all agree with Cycles to 1e-4).
    """
    config = config_from_json(job["config"])
    scene = int(job["scene"])
    built = open_scene(config, scene, context, Clock())
    with ShardReader(shard_path(Path(job["folder"]), scene)) as reader:
        for view in job["items"]:
            context.send("begin", item=view)
            sample_id = config.sample_id(scene, view)
            record = reader.read(reader.ids.index(sample_id))
            caster = built.show(view)
            again = recast(caster, record, config.gt_bits)
            context.send("checked", id=sample_id, recast=again, cycles=_cycles(caster, record))
            context.send("end", item=view)


def _cycles(caster: RayCaster, record: LayeredRecord) -> dict[str, dict[str, float]]:
    """Return per eye how ray casting and Cycles agree on every crossing."""
    poses = {"left": record.left.cam_to_world, "right": record.right.cam_to_world}
    met = cycles_crossings(record.rig.intrinsics, list(poses.values()))
    agreement = {}
    for (eye, pose), crossings in zip(poses.items(), met, strict=True):
        routes = compare_routes(pixel_hits(caster, record.rig, pose), crossings.depth_m)
        agreement[eye] = {"within_1e4": routes.within_1e4, "same_count": routes.same_count, "worst": routes.worst}
    return agreement


def make_again(job: dict[str, Any], context: WorkerContext) -> None:
    """Make one view of a scene and write it to the shard ``out``, of which it is the only sample."""
    config = config_from_json(job["config"])
    scene, view = int(job["scene"]), int(job["view"])
    built = open_scene(config, scene, context, Clock())
    result = built.make(view)
    if result.record is None:
        raise RuntimeError(f"none of {len(result.rejected)} attempts was good")
    write_shard(
        job["out"],
        [result.record],
        surfaces=built.surfaces,
        attrs=shard_attrs(config, scene, {}),
        gt_bits=config.gt_bits,
    )
