# SPDX-License-Identifier: Apache-2.0
"""Worker's tasks that look again at samples which are already there: compute their truth anew, or make one once more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from depthbench.blender_scenes.built_scene import Clock
from depthbench.blender_scenes.cycles_layers import compare_routes, cycles_crossings
from depthbench.blender_scenes.layered_scene import open_scene, shard_attrs
from depthbench.blender_scenes.worker import WorkerContext
from depthbench.formats.shard import LayeredRecord, ShardReader, round_px, write_shard
from depthbench.generators.plan import shard_path
from depthbench.generators.set_config import config_from_json
from depthbench.truth.cast import RayCaster
from depthbench.truth.pair import EyeTruth, pair_truth, pixel_hits


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
            recast = _recast(caster, record, config.gt_bits)
            context.send("checked", id=sample_id, recast=recast, cycles=_cycles(caster, record))
            context.send("end", item=view)


def _recast(caster: RayCaster, record: LayeredRecord, gt_bits: int) -> dict[str, float]:
    """Return per array the largest share of an eye's pixels that differ from the truth computed anew."""
    truth = pair_truth(caster, record.rig, record.left.cam_to_world)
    differing: dict[str, float] = {}
    for stored, fresh in ((record.left, truth.left), (record.right, truth.right)):
        for name, wrong in _differing(stored, fresh, gt_bits).items():
            differing[name] = max(differing.get(name, 0.0), wrong)
    return differing


def _differing(stored: Any, fresh: EyeTruth, gt_bits: int) -> dict[str, float]:
    """Compare one eye; arrays are padded to the same number of layers."""
    shares = {}
    for name, empty in (("disp_px", np.nan), ("surface_id", 0), ("surface_class", 0), ("visibility", 0)):
        old, new = getattr(stored.layers, name), getattr(fresh.layers, name)
        padding = np.full((len(new) - len(old), *new.shape[1:]), empty, dtype=new.dtype)
        old = np.concatenate([old, padding])
        if name == "disp_px":
            new = round_px(new, gt_bits)
        shares[name] = _share(old, new).any(axis=0).mean()
    shares["refraction_px"] = _share(stored.refraction_px, round_px(fresh.refraction_px, gt_bits)).mean()
    shares["reflective"] = (stored.reflective != fresh.reflective).mean()
    return {name: float(share) for name, share in shares.items()}


def _share(old: Any, new: Any) -> Any:
    """Return where two arrays differ; NaN equals NaN."""
    if old.dtype.kind == "f":
        return ~((old == new) | (np.isnan(old) & np.isnan(new)))
    return old != new


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
