# SPDX-License-Identifier: Apache-2.0
"""Cycles: the settings of a preset put into the current scene, and one picture out of it as linear float32 RGB."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt
import OpenEXR

from depthbench.errors import DepthbenchError
from depthbench.generators.presets import RenderSettings

GPU_BACKENDS = ("OPTIX", "CUDA", "HIP", "ONEAPI", "METAL")
ROOM_FOR_A_PICTURE = 1 << 30
"""Free bytes below which an unreadable picture is laid to a full disk."""


@dataclass(frozen=True)
class Picture:
    """A traced picture.

    Attributes
    ----------
    linear : float32 (H, W, 3)
        Scene-linear RGB (Rec. 709 primaries).
    tracer_s : float
        Seconds that Cycles spent tracing and denoising, as it states them (to 0.01 s), without synchronising the scene.
    """

    linear: npt.NDArray[np.float32]
    tracer_s: float


def gpu_devices() -> list[str]:
    """List the GPUs that Cycles can use, as ``OPTIX:0``; of one backend only, the fastest that finds any."""
    preferences = bpy.context.preferences.addons["cycles"].preferences
    for backend in GPU_BACKENDS:
        try:
            found = [device for device in preferences.get_devices_for_type(backend) if device.type == backend]
        except (TypeError, ValueError):  # a backend that this build of Blender does not have
            continue
        if found:
            return [f"{backend}:{number}" for number in range(len(found))]
    return []


def use_device(device: str, threads: int) -> None:
    """Have the current scene rendered by ``CPU`` or a GPU such as ``OPTIX:0``.

    Raises
    ------
    DepthbenchError
        If there is no such device.
    """
    scene = bpy.context.scene
    scene.render.threads_mode, scene.render.threads = ("FIXED", threads) if threads else ("AUTO", 0)
    if device == "CPU":
        scene.cycles.device = "CPU"
        return
    backend, _, number = device.partition(":")
    preferences = bpy.context.preferences.addons["cycles"].preferences
    try:
        preferences.compute_device_type = backend
        preferences.refresh_devices()
        found = [item for item in preferences.devices if item.type == backend]
        chosen = found[int(number or 0)]
    except (TypeError, ValueError, IndexError) as error:
        raise DepthbenchError(
            f"--device {device}: Cycles finds no such device (`depthbench doctor` lists them)"
        ) from error
    for item in preferences.devices:
        item.use = item == chosen
    scene.cycles.device = "GPU"


def configure(settings: RenderSettings, pulse: Callable[[], None]) -> None:
    """Put a preset into the current scene, with everything else that could change a picture fixed.

    Parameters
    ----------
    settings : RenderSettings
    pulse : callable
        Called while Cycles is at work, a sign of life.
    """
    scene = bpy.context.scene
    render, cycles = scene.render, scene.cycles
    render.engine = "CYCLES"
    render.use_persistent_data = True
    render.use_compositing = render.use_sequencer = render.use_motion_blur = render.film_transparent = False
    image = render.image_settings
    image.file_format, image.color_depth, image.color_mode, image.exr_codec = "OPEN_EXR", "32", "RGB", "NONE"
    for layer in scene.view_layers:
        layer.use_pass_z = False
    cycles.samples = settings.samples
    cycles.use_adaptive_sampling = settings.adaptive_threshold > 0
    cycles.adaptive_threshold = settings.adaptive_threshold
    cycles.adaptive_min_samples = settings.adaptive_min_samples
    cycles.use_denoising = settings.denoiser_quality != "OFF"
    if cycles.use_denoising:
        cycles.denoiser, cycles.denoising_input_passes = "OPENIMAGEDENOISE", "RGB_ALBEDO_NORMAL"
        cycles.denoising_quality = settings.denoiser_quality
        cycles.denoising_prefilter = settings.denoiser_prefilter
        cycles.denoising_use_gpu = cycles.device == "GPU"
    cycles.max_bounces = settings.max_bounces
    cycles.diffuse_bounces = settings.diffuse_bounces
    cycles.glossy_bounces = settings.glossy_bounces
    cycles.transmission_bounces = settings.transmission_bounces
    cycles.transparent_max_bounces = settings.transparent_bounces
    cycles.volume_bounces = 0
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.use_light_tree = settings.light_tree
    cycles.light_sampling_threshold = settings.light_threshold
    cycles.sample_clamp_direct, cycles.sample_clamp_indirect = settings.clamp_direct, settings.clamp_indirect
    cycles.blur_glossy = settings.blur_glossy
    cycles.use_animated_seed = cycles.use_guiding = cycles.use_fast_gi = False

    def alive(*_: Any) -> None:
        pulse()

    bpy.app.handlers.render_stats.append(alive)


def render_linear(seed: int) -> Picture:
    """Trace the current scene from its camera; the same scene, settings and seed give the same picture on a processor."""
    scene = bpy.context.scene
    scene.cycles.seed = seed
    with tempfile.TemporaryDirectory(prefix="depthbench-") as folder:
        scene.render.filepath = str(Path(folder) / "picture.exr")
        bpy.ops.render.render(write_still=True)
        try:
            return read_picture(Path(scene.render.filepath))
        except Exception as error:
            if shutil.disk_usage(folder).free < ROOM_FOR_A_PICTURE:
                raise DepthbenchError(
                    f"{folder}: no space left for Blender's pictures; free some, or name another folder in TMPDIR"
                ) from error
            raise


def read_picture(path: Path) -> Picture:
    """Read what Blender has written: RGB float32 and the times in the header."""
    with OpenEXR.File(str(path)) as file:
        # closing the file empties the header
        times = [str(value) for key, value in file.header().items() if key.endswith(".render_time")]
        linear = np.array(file.channels()["RGB"].pixels, dtype=np.float32)
    return Picture(linear, sum(map(_seconds, times)))


def _seconds(clock: str) -> float:
    """Read Blender's ``[hh:]mm:ss.cc``."""
    total = 0.0
    for part in clock.split(":"):
        total = total * 60 + float(part)
    return total
