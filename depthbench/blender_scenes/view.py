# SPDX-License-Identifier: Apache-2.0
"""One view of a built scene: draw a pose, compute and check its truth, render both eyes; again until an attempt is good."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench import __version__
from depthbench.blender_scenes.built_scene import BuiltScene, Clock, ViewResult, blender_version
from depthbench.blender_scenes.pose import Pose, Rejected, ViewLimits, draw_pose
from depthbench.blender_scenes.render import render_linear
from depthbench.blender_scenes.rig_camera import set_camera
from depthbench.blender_scenes.sensor import draw_pair, expose
from depthbench.blender_scenes.tone import exposure, exposure_problems, tone_map
from depthbench.camera import StereoRig, right_from_left
from depthbench.formats.shard import EyeRecord, LayeredRecord
from depthbench.generators.draws import attempt_rng, sensor_rngs, view_rng
from depthbench.generators.layered_config import GENERATOR_VERSION, LayeredConfig
from depthbench.truth.checks import check_pair
from depthbench.truth.pair import PairTruth, pair_truth

Float = npt.NDArray[np.floating[Any]]
Light = npt.NDArray[np.float32]

MAX_ATTEMPTS = 40
MAX_CUT_SHARE = 0.01
"""A view in which more of the pixels have more surfaces than are kept is not taken."""


def make_view(built: BuiltScene, view: int) -> ViewResult:
    """Make a view; a pure function of the configuration, the scene's number and the view's number."""
    config = built.config
    wanted, see_through = wants_see_through(built, view)
    result = ViewResult()
    for attempt in range(MAX_ATTEMPTS):
        rng = attempt_rng(config.seed, built.scene, view, attempt, config.domain)
        try:
            pose, truth = draw_view(built, see_through, rng, result.clock)
            seeds = rng.integers(2**31 - 1, size=2).tolist()
            linear = trace_pair(pose.rig, pose.left_cam_to_world, seeds, result.clock)
            with result.clock.time("tone"):
                gain = well_exposed(linear, exposure_offset_ev(rng))
                images, sensor = develop(config, linear, gain, pose.rig, (built.scene, view, attempt))
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
            "exposure": gain,
            "render_seeds": seeds,
            "sensor": sensor,
            **built.notes,
            "preset": config.preset,
            "samples_per_pixel": config.render.samples,
            "device": built.device.partition(":")[0],
            "versions": {"depthbench": __version__, "generator": GENERATOR_VERSION, "blender": blender_version()},
        }
        left, right = eye_records(images, truth, eye_poses(pose.rig, pose.left_cam_to_world))
        result.record = LayeredRecord(config.sample_id(built.scene, view), pose.rig, left, right, meta)
        break
    return result


def wants_see_through(built: BuiltScene, view: int) -> tuple[bool, bool]:
    """Return whether a view is meant to show something see-through, and whether it shall, since the scene has some."""
    config = built.config
    wanted = bool(view_rng(config.seed, built.scene, view, config.domain).random() < config.see_through_share)
    return wanted, wanted and len(built.info.see_through_targets) > 0


def draw_view(built: BuiltScene, see_through: bool, rng: np.random.Generator, clock: Clock) -> tuple[Pose, PairTruth]:
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


def trace_pair(rig: StereoRig, left_cam_to_world: Float, seeds: list[int], clock: Clock) -> list[Light]:
    """Trace both eyes with one moved camera; return linear float32 (H, W, 3), the left one first."""
    linear = []
    for cam_to_world, seed in zip(eye_poses(rig, left_cam_to_world), seeds, strict=True):
        with clock.time("render"):
            set_camera(rig.intrinsics, cam_to_world)
            picture = render_linear(seed)
        clock.add("tracer", picture.tracer_s)
        linear.append(picture.linear)
    return linear


def exposure_offset_ev(rng: np.random.Generator) -> float:
    """Draw by how much a photographer misses the middle: stops, most within half a one, none beyond 0.9."""
    return float(np.clip(rng.normal(0.0, 0.35), -0.9, 0.9))


def well_exposed(linear: list[Light], offset_ev: float = 0.0) -> float:
    """Return the factor that exposes both pictures, ``offset_ev`` stops off the middle where they bear it, or raise Rejected.

    Decided on the light itself, before any camera's faults, so that these change no truth.
    """
    middle = exposure(linear[0])
    for gain in (middle * 2.0**offset_ev, middle):
        problems = [text for picture in linear for text in exposure_problems(tone_map(picture, gain))]
        if not problems:
            return float(gain)
    raise Rejected("exposure", "; ".join(problems))


def develop(
    config: LayeredConfig, linear: list[Light], gain: float, rig: StereoRig, place: tuple[int, int, int]
) -> tuple[list[npt.NDArray[np.uint8]], dict[str, Any] | None]:
    """Turn light into pictures, both eyes alike but for what the configuration's cameras do.

    Parameters
    ----------
    config : LayeredConfig
    linear : list of float32 (H, W, 3)
        Left and right.
    gain : float
        Exposure.
    rig : StereoRig
    place : (scene, view, attempt)
        Names the cameras' random streams.

    Returns
    -------
    images : list of uint8 (H, W, 3)
    sensor : dict or None
        What each camera was, for the sample's record; None where cameras have no faults.
    """
    if config.sensor is None:
        return [tone_map(picture, gain) for picture in linear], None
    rng, *noise = sensor_rngs(config.seed, *place, config.domain)
    faults = draw_pair(config.sensor, rng)
    images = [
        tone_map(expose(picture * np.float32(gain), rig.intrinsics, config.sensor, own, stream), 1.0)
        for picture, own, stream in zip(linear, faults, noise, strict=True)
    ]
    return images, {**asdict(config.sensor), "left": asdict(faults[0]), "right": asdict(faults[1])}


def eye_poses(rig: StereoRig, left_cam_to_world: Float) -> tuple[Float, Float]:
    """Return ``cam_to_world`` of the left and the right camera."""
    return left_cam_to_world, right_from_left(left_cam_to_world, rig.baseline_m)


def eye_records(images: list[npt.NDArray[np.uint8]], truth: PairTruth, poses: tuple[Float, Float]) -> list[EyeRecord]:
    """Put pictures, truth and poses of both eyes together."""
    return [
        EyeRecord(image, eye.layers, eye.reflective, eye.refraction_px, cam_to_world)
        for image, eye, cam_to_world in zip(images, (truth.left, truth.right), poses, strict=True)
    ]
