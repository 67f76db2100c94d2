# SPDX-License-Identifier: Apache-2.0
"""The pair to sweep over: two picture files with or without calibration, or a sample of a generated folder with its truth."""

from __future__ import annotations

from pathlib import Path

from depthbench.camera import Intrinsics, StereoRig
from depthbench.errors import DepthbenchError
from depthbench.formats.calib import read_calib
from depthbench.formats.image import read_rgb
from depthbench.generators.layered_folder import samples
from depthbench.tasks import StereoSample


def sample_of_folder(reference: str) -> StereoSample:
    """Read ``DIR:ID``, a sample of a folder that ``depthbench generate`` made, with its rig and its layers.

    Raises
    ------
    DepthbenchError
        If there is no such folder or sample.
    """
    folder, _, sample_id = reference.rpartition(":")
    if not folder or not sample_id:
        raise DepthbenchError(f"--sample {reference}: write DIR:ID, as in data/tiny:cafe-000000-0001")
    reader, index = next(samples(folder, ids=(sample_id,)))
    return StereoSample(
        sample_id,
        reader.image(index, "left"),
        reader.image(index, "right"),
        layers=reader.layers(index, "left"),
        rig=reader.rig(index),
        meta=reader.meta(index),
    )


def pair_of_files(
    left: Path,
    right: Path,
    calib: Path | None = None,
    focal_px: float | None = None,
    baseline_m: float | None = None,
) -> StereoSample:
    """Read a rectified pair; the calibration is optional: a ``calib.txt``, or focal length and baseline of a centred camera.

    Raises
    ------
    DepthbenchError
        If a file is absent or no picture, sizes differ, or the calibration is half there or another picture's.
    """
    for path in (left, right):
        if path.is_dir():
            raise DepthbenchError(f"{path}: a folder, not a picture")
    left_rgb, right_rgb = read_rgb(left), read_rgb(right)
    if left_rgb.shape != right_rgb.shape:
        raise DepthbenchError(
            f"{left} is {_size(left_rgb.shape)}, {right} is {_size(right_rgb.shape)}: a rectified pair has one size"
        )
    height, width = left_rgb.shape[:2]
    rig = None
    if calib is not None:
        rig = read_calib(calib).rig
        if (rig.intrinsics.height, rig.intrinsics.width) != (height, width):
            told = f"{rig.intrinsics.width}x{rig.intrinsics.height}"
            raise DepthbenchError(
                f"{calib}: for pictures of {told}, these are {width}x{height}; take that of their size"
            )
    elif focal_px is not None and baseline_m is not None:
        rig = StereoRig(Intrinsics.centred(width, height, focal_px), baseline_m)
    return StereoSample(left.stem, left_rgb, right_rgb, rig=rig)


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]}x{shape[0]}"
