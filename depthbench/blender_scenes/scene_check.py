# SPDX-License-Identifier: Apache-2.0
"""A worker's task: build a scene, draw views without rendering them, and hold their truth against a second route.

Cycles must meet every crossing where ray casting does, and a layer's point that is marked visible must be found by the other
eye's ray on the same surface. No picture is made, so it takes seconds per scene.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import bpy
import numpy as np
import psutil

from depthbench.blender_scenes.built_scene import BuiltScene, Clock, build_scene
from depthbench.blender_scenes.cycles_layers import compare_routes, cycles_crossings
from depthbench.blender_scenes.pose import Pose, Rejected
from depthbench.blender_scenes.view import MAX_ATTEMPTS, draw_view, wants_see_through
from depthbench.blender_scenes.worker import WorkerContext
from depthbench.camera import StereoRig, right_from_left
from depthbench.generators.draws import attempt_rng
from depthbench.generators.layered_config import LayeredConfig
from depthbench.layers import Layers, Visibility
from depthbench.truth.cast import RayCaster
from depthbench.truth.checks import warp_errors
from depthbench.truth.pair import PairTruth, pixel_hits

LEFT_RIGHT_PX = 0.1
"""How far from where a visible point must be in the other eye its surface may be found, in disparity."""


def check_scene(job: dict[str, Any], context: WorkerContext) -> None:
    """Build scene ``scene`` of ``config`` and check views ``items`` of it.

    Tells an event ``built`` (``seconds`` by part, ``objects``, ``triangles``, ``memory_mb``), and ``checked`` per view
    (``rejected``: how often each kind; and unless no attempt was good ``within_1e4``: the least share of an eye's pixels at which
    the routes agree, ``worst``, ``left_right``: the share of visible points that are found, ``points``: how many there are).
    """
    clock = Clock()
    built = build_scene(LayeredConfig.from_json(job["config"]), int(job["scene"]), context, clock)
    context.send(
        "built",
        seconds=clock.seconds,
        objects=len(bpy.data.objects),
        triangles=len(built.caster.geometry.triangles),
        memory_mb=psutil.Process().memory_info().rss / 1e6,
    )
    for view in job["items"]:
        context.send("begin", item=view)
        rejected: Counter[str] = Counter()
        drawn = _draw(built, view, rejected)
        found = {} if drawn is None else _routes(built, drawn[0]) | left_right(built.caster, *drawn)
        context.send("checked", view=view, rejected=dict(rejected), **found)
        context.send("end", item=view)


def _draw(built: BuiltScene, view: int, rejected: Counter[str]) -> tuple[Pose, PairTruth] | None:
    """Return the first good pose of a view with its truth, as if every picture were well exposed; None if there is none."""
    config = built.config
    _, see_through = wants_see_through(built, view)
    for attempt in range(MAX_ATTEMPTS):
        rng = attempt_rng(config.seed, built.scene, view, attempt, config.domain)
        try:
            return draw_view(built, see_through, rng, Clock())
        except Rejected as reason:
            rejected[reason.kind] += 1
    return None


def _routes(built: BuiltScene, pose: Pose) -> dict[str, float]:
    """Hold both eyes' crossings against those of Cycles."""
    poses = [pose.left_cam_to_world, right_from_left(pose.left_cam_to_world, pose.rig.baseline_m)]
    met = cycles_crossings(pose.rig.intrinsics, poses)
    agreements = [
        compare_routes(pixel_hits(built.caster, pose.rig, cam_to_world), crossings.depth_m)
        for cam_to_world, crossings in zip(poses, met, strict=True)
    ]
    return {"within_1e4": min(a.within_1e4 for a in agreements), "worst": max(a.worst for a in agreements)}


def left_right(caster: RayCaster, pose: Pose, truth: PairTruth) -> dict[str, float]:
    """Look for every point marked visible, of every layer of both eyes, from the other eye."""
    poses = [pose.left_cam_to_world, right_from_left(pose.left_cam_to_world, pose.rig.baseline_m)]
    found = points = 0
    for eye, other, layers in ((0, 1, truth.left.layers), (1, 0, truth.right.layers)):
        errors_px = _errors_px(layers, caster, pose.rig, poses[eye], poses[other])
        found += int((errors_px <= LEFT_RIGHT_PX).sum())
        points += len(errors_px)
    return {"left_right": found / max(points, 1), "points": points}


def _errors_px(layers: Layers, caster: RayCaster, rig: StereoRig, here: Any, there: Any) -> Any:
    """Return for each visible point how far off in disparity its surface is met from the other eye, at most, float64 (N,)."""
    at = np.flatnonzero(layers.visibility == Visibility.VISIBLE)
    relative = warp_errors(layers, caster, rig, here, there, at)
    # a depth nearer by the fraction r has a disparity larger by r / (1 - r)
    return layers.disp_px.ravel()[at] * relative / np.maximum(1 - relative, 1e-9)
