# SPDX-License-Identifier: Apache-2.0
"""What real stacks have and rendered ones do not: breathing, pictures that are not aligned, noise. All on linear light.

Breathing: a lens that moves forward to focus near magnifies: by 1 / (1 - f / S) against focus at infinity, which is what the
all-in-focus picture and the depth keep to. So every picture is magnified about the principal point, and nothing is missing at the rim.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from depthbench.camera import Intrinsics
from depthbench.generators.focal.lens import ThinLens
from depthbench.generators.sensors import SensorSettings

Light = npt.NDArray[np.float32]


def magnification(lens: ThinLens, focus_m: float, breathing: float) -> float:
    """Return how much larger the picture is than with the lens focused at infinity."""
    return 1 + breathing * (1 / (1 - lens.focal_m / focus_m) - 1)


def moved(
    light: Light, scale: float, turn_rad: float, shift_px: tuple[float, float], centre: tuple[float, float]
) -> Light:
    """Magnify and turn a picture (H, W, 3) about ``centre`` and shift it, (row, column); the border goes on outside. Cubic."""
    cosine, sine = math.cos(turn_rad) / scale, math.sin(turn_rad) / scale
    matrix = np.array([[cosine, sine], [-sine, cosine]])
    middle = np.array(centre)
    offset = middle - matrix @ (middle + shift_px)
    channels = [ndimage.affine_transform(light[..., c], matrix, offset, order=3, mode="nearest") for c in range(3)]
    picture: Light = np.stack(channels, axis=-1).astype(np.float32)
    return picture


def breathe_and_misalign(
    stack: Light,
    lens: ThinLens,
    focus_m: npt.NDArray[np.float64],
    intrinsics: Intrinsics | None,
    breathing: float,
    misalign_px: float,
    rng: np.random.Generator,
) -> list[dict[str, float]]:
    """Move every picture of ``stack`` (N, H, W, 3), in place; return how, a record for each picture."""
    height, width = stack.shape[1:3]
    centre = (intrinsics.cy, intrinsics.cx) if intrinsics else ((height - 1) / 2, (width - 1) / 2)
    told = []
    for picture, metres in zip(stack, focus_m, strict=True):
        row, column, corner = (float(value) for value in misalign_px * rng.standard_normal(3))
        scale, turn = magnification(lens, float(metres), breathing), corner / math.hypot(height / 2, width / 2)
        picture[:] = moved(picture, scale, turn, (row, column), centre)
        told.append({"scale": scale, "turn_rad": turn, "shift_row_px": row, "shift_column_px": column})
    return told


def add_noise(stack: Light, camera: SensorSettings, rng: np.random.Generator) -> None:
    """Add shot and read noise to linear light (N, H, W, 3), in place, each picture its own."""
    for picture in stack:
        variance = np.maximum(picture, 0) / camera.electrons + (camera.read_electrons / camera.electrons) ** 2
        picture += np.sqrt(variance) * rng.standard_normal(picture.shape, dtype=np.float32)
