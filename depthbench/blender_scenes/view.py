# SPDX-License-Identifier: Apache-2.0
"""One view of a built scene: draw a pose, compute and check its truth, render both eyes; again until an attempt is good."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench import __version__
from depthbench.blender_scenes.built_scene import BuiltScene, Clock, ViewResult, blender_version
from depthbench.blender_scenes.pose import Pose, Rejected, ViewLimits, draw_pose
from depthbench.blender_scenes.render import render_linear
from depthbench.blender_scenes.rig_camera import set_camera
from depthbench.blender_scenes.tone import exposure, exposure_problems, tone_map
from depthbench.camera import right_from_left
from depthbench.formats.shard import EyeRecord, LayeredRecord
from depthbench.generators.draws import attempt_rng, view_rng
from depthbench.generators.layered_config import GENERATOR_VERSION
from depthbench.truth.checks import check_pair
from depthbench.truth.pair import EyeTruth, PairTruth, pair_truth

MAX_ATTEMPTS = 40
MAX_CUT_SHARE = 0.01
"""A view in which more of the pixels have more surfaces than are kept is not taken."""


def make_view(built: BuiltScene, view: int) -> ViewResult:
    """Make a view; a pure function of the configuration, the scene's number and the view's number."""
    config = built.config
    wanted = bool(view_rng(config.seed, built.scene, view, config.domain).random() < config.see_through_share)
    see_through = wanted and len(built.info.see_through_targets) > 0
    result = ViewResult()
    for attempt in range(MAX_ATTEMPTS):
        rng = attempt_rng(config.seed, built.scene, view, attempt, config.domain)
        try:
            pose, truth = _draw(built, see_through, rng, result.clock)
            images, tone = _render(pose, rng, result.clock)
        except Rejected as rejected:
            result.rejected.append((rejected.kind, str(rejected)))
            continue
        meta = {
            "environment": config.environment(built.scene),
            "scene": built.scene,
            "view": view,
            "sample": config.first_sample(built.scene) + view,
            "seed": config.seed,
            "attempt": attempt,
            "rejected": [kind for kind, _ in result.rejected],
            "see_through_wanted": wanted,
            "hfov_deg": pose.hfov_deg,
            "exposure": tone,
            "preset": config.preset,
            "samples_per_pixel": config.render.samples,
            "device": built.device.partition(":")[0],
            "versions": {"depthbench": __version__, "generator": GENERATOR_VERSION, "blender": blender_version()},
        }
        poses = (pose.left_cam_to_world, right_from_left(pose.left_cam_to_world, pose.rig.baseline_m))
        left, right = (
            _eye(image, eye, cam_to_world)
            for image, eye, cam_to_world in zip(images, (truth.left, truth.right), poses, strict=True)
        )
        result.record = LayeredRecord(config.sample_id(built.scene, view), pose.rig, left, right, meta)
        break
    return result


def _draw(built: BuiltScene, see_through: bool, rng: np.random.Generator, clock: Clock) -> tuple[Pose, PairTruth]:
    """Return a pose whose truth has passed every check, or raise Rejected."""
    config = built.config
    limits = ViewLimits(config.width, config.height, config.min_disparity_share, config.max_disparity_share)
    with clock.time("pose"):
        pose = draw_pose(built.info, built.caster, limits, see_through, rng)
    with clock.time("truth"):
        truth = pair_truth(built.caster, pose.rig, pose.left_cam_to_world)
    with clock.time("check"):
        check_view(truth, limits, see_through)
        problems = check_pair(truth, built.caster, pose.rig, pose.left_cam_to_world, rng)
    if problems:
        raise Rejected("truth check", "; ".join(problems))
    return pose, truth


def check_view(truth: PairTruth, limits: ViewLimits, see_through: bool) -> None:
    """Hold the whole truth against what was asked.

    Raises
    ------
    Rejected
        ``see-through area``, ``disparity range`` or ``too many layers``.
    """
    pixels = limits.width * limits.height
    largest_share = max(float(np.nanmax(eye.layers.first(), initial=0.0)) for eye in (truth.left, truth.right))
    largest_share /= limits.width
    if not limits.min_disparity_share <= largest_share <= limits.max_disparity_share:
        raise Rejected("disparity range", f"largest disparity is {largest_share:.1%} of the width")
    area = float(truth.left.layers.see_through.mean())
    if see_through and area < limits.min_see_through_share:
        raise Rejected("see-through area", f"{area:.1%} of the pixels")
    if truth.n_cut > MAX_CUT_SHARE * 2 * pixels:
        raise Rejected("too many layers", f"{truth.n_cut} pixels have more surfaces than are kept")


def _render(pose: Pose, rng: np.random.Generator, clock: Clock) -> tuple[list[npt.NDArray[np.uint8]], float]:
    """Trace both eyes with one moved camera; return both pictures, toned alike, and the exposure."""
    linear = []
    poses = (pose.left_cam_to_world, right_from_left(pose.left_cam_to_world, pose.rig.baseline_m))
    for cam_to_world, seed in zip(poses, rng.integers(2**31 - 1, size=2), strict=True):
        with clock.time("render"):
            set_camera(pose.rig.intrinsics, cam_to_world)
            picture = render_linear(int(seed))
        clock.add("tracer", picture.tracer_s)
        linear.append(picture.linear)
    with clock.time("tone"):
        gain = exposure(linear[0])
        images = [tone_map(picture, gain) for picture in linear]
        problems: list[Any] = [text for image in images for text in exposure_problems(image)]
    if problems:
        raise Rejected("exposure", "; ".join(map(str, problems)))
    return images, float(gain)


def _eye(image: npt.NDArray[np.uint8], truth: EyeTruth, cam_to_world: npt.NDArray[np.float64]) -> EyeRecord:
    return EyeRecord(image, truth.layers, truth.reflective, truth.refraction_px, cam_to_world)
