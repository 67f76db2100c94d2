# SPDX-License-Identifier: Apache-2.0
"""Cameras by name, as plain data, and what becomes of them at a picture's size and field of view.

Some published cameras cannot be: the pixels that they claim see a far smaller angle than the pictures they blur. They are here
because papers' data were made with them, and are told to be impossible wherever that is known.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from depthbench.camera import Intrinsics
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.generators.focal.lens import ThinLens

MOST_DISAGREEMENT = 1.2
"""Focal lengths in pixels that differ by more than this factor are not of one camera."""


@dataclass(frozen=True)
class CameraPreset:
    """A camera; what is None follows from the picture.

    Attributes
    ----------
    f_number : float
    focal_m : float or None
        None: of a sensor of ``sensor_width_m`` at the picture's field of view.
    pitch_m : float or None
        Of a pixel whatever the picture's size.
    sensor_width_m : float or None
        Width of the sensor that the picture fills. Without it and ``pitch_m``, the picture's field of view decides.
    source : str
        Where the numbers are from.
    """

    f_number: float
    focal_m: float | None = None
    pitch_m: float | None = None
    sensor_width_m: float | None = None
    source: str = ""


PRESETS = {
    "hybriddepth-nyu": CameraPreset(8, 0.05, 12e-6, source="HybridDepth's stacks of NYU v2"),
    "hybriddepth-arkit": CameraPreset(0.5, 0.0029, 3.1e-3 / 560, source="HybridDepth's stacks of ARKitScenes"),
    "dered": CameraPreset(8, 0.05, 12e-6, source="DEReD's generator; its author names it the right one"),
    "dered-config": CameraPreset(0.5, 0.0029, 5.6e-6, source="DEReD's configuration of NYU v2, which contradicts its generator"),
    "mobile-dfd": CameraPreset(24, 0.05, 5.6e-6, source="DEReD's settings for Mobile Depth"),
    "fod500": CameraPreset(1, 0.0029, sensor_width_m=3.1e-3, source="DefocusNet's FoD500, 256 pixels wide"),
    "d3net-nyu": CameraPreset(2.8, 0.015, 5.6e-6, source="d3net's blurred NYU v2"),
    "d3net-dslr": CameraPreset(2.5, 0.035, 36e-6, source="d3net's photographs"),
    "fossa": CameraPreset(1.4, sensor_width_m=0.036, source="FOSSA: a sensor of 36 mm at the picture's field of view, widest aperture"),
    "phone": CameraPreset(1.9, 0.0068, sensor_width_m=0.0098, source="main camera of a telephone of today"),
    "dslr": CameraPreset(1.8, sensor_width_m=0.036, source="full-frame sensor at the picture's field of view, a fast lens"),
}  # fmt: skip


def camera_preset(name: str) -> CameraPreset:
    """Return a camera by name.

    Raises
    ------
    DepthbenchError
        If it is unknown.
    """
    if name not in PRESETS:
        raise unknown_name("camera", name, PRESETS)
    return PRESETS[name]


def lens_of(preset: CameraPreset, width: int, intrinsics: Intrinsics | None, what: str = "the picture") -> ThinLens:
    """Return the lens of a camera whose picture is ``width`` pixels wide.

    Raises
    ------
    DepthbenchError
        If the camera needs the field of view and ``intrinsics`` is None; ``what`` is told.
    """
    pitch = preset.pitch_m
    if pitch is None and preset.sensor_width_m is not None:
        pitch = preset.sensor_width_m / width
    focal = preset.focal_m
    if pitch is None or focal is None:
        if intrinsics is None:
            raise DepthbenchError(
                f"{what}: this camera follows the field of view of the picture, which is unknown; give --fov-deg, or "
                "--focal-mm and --pitch-um"
            )
        pitch = pitch if pitch is not None else (focal or 0.0) / intrinsics.fx
        focal = focal if focal is not None else pitch * intrinsics.fx
    return ThinLens(focal, preset.f_number, pitch)


def with_numbers(
    preset: CameraPreset, focal_m: float | None, f_number: float | None, pitch_m: float | None
) -> CameraPreset:
    """Return the camera with some of its numbers replaced; a pitch of your own takes the place of the sensor's width."""
    if focal_m is not None:
        preset = replace(preset, focal_m=focal_m)
    if f_number is not None:
        preset = replace(preset, f_number=f_number)
    if pitch_m is not None:
        preset = replace(preset, pitch_m=pitch_m, sensor_width_m=None)
    return preset


def doubts(lens: ThinLens, intrinsics: Intrinsics | None) -> list[str]:
    """Return what is geometrically impossible about a lens for pictures of these intrinsics, a sentence each."""
    if intrinsics is None:
        return []
    ratio = lens.focal_px / intrinsics.fx
    if 1 / MOST_DISAGREEMENT <= ratio <= MOST_DISAGREEMENT:
        return []
    needed_m = lens.px_per_dioptre / intrinsics.fx
    return [
        f"no camera is like this: {1000 * lens.focal_m:g} mm over pixels of {1e6 * lens.pitch_m:.3g} um are "
        f"{lens.focal_px:.0f} px of focal length, the pictures have {intrinsics.fx:.0f}; so much blur at their field of view "
        f"needs an aperture {1000 * needed_m:.3g} mm wide"
    ]
