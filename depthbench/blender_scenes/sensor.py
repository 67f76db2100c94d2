# SPDX-License-Identifier: Apache-2.0
"""What two cameras make of the light that reaches them, on linear light before it is toned. Pure numpy.

In the order in which it happens: each lens distorts its picture radially and darkens it towards the rim; the sensor weighs
exposure and channels a little otherwise than its neighbour; electrons and electronics add noise; the picture is rectified by
the inverse of its lens. So the delivered pair is that of pinhole cameras, as the truth says, and what is left of the lens is
what rectified pictures show: interpolated, hence softer and with correlated noise, more so away from the middle.

A point at radius r (1 at the corners) appears at r (1 - b r^2). Noise is Gaussian of variance s / N + (read / N)^2 for light s
and N electrons at light 1 (the signal-dependent model of Foi et al., "Practical Poissonian-Gaussian noise modeling and
fitting for single-image raw-data", IEEE TIP 2008). The lens, which blurs nothing by itself, is applied by cubic interpolation
kept within the four values around, so that lamps do not ring; rectification is linear, as calibration tools do it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.ndimage import map_coordinates

from depthbench.camera import Intrinsics
from depthbench.generators.sensors import SensorSettings

Light = npt.NDArray[np.float32]
Float = npt.NDArray[np.floating[Any]]
NEWTON_STEPS = 8


@dataclass(frozen=True)
class CameraFaults:
    """One eye's own values.

    Attributes
    ----------
    gains : tuple of float
        Factors of red, green and blue.
    barrel : float
        Share by which the lens draws the corners inwards.
    """

    gains: tuple[float, float, float]
    barrel: float


def draw_pair(settings: SensorSettings, rng: np.random.Generator) -> tuple[CameraFaults, CameraFaults]:
    """Draw the left and the right eye's values; what differs between them is shared out evenly, so that the mean stays."""
    stops = settings.exposure_stops * rng.uniform(-1, 1)
    colour = rng.uniform(-1, 1, size=3)
    colour = settings.colour_stops * (colour - colour.mean()) / 2
    barrel = settings.barrel * rng.uniform(0, 1) * rng.uniform(0.8, 1.0, size=2)
    left, right = (
        CameraFaults((float(gain[0]), float(gain[1]), float(gain[2])), float(own))
        for gain, own in zip((2 ** ((stops + colour) / 2), 2 ** (-(stops + colour) / 2)), barrel, strict=True)
    )
    return left, right


def expose(
    light: Light, intrinsics: Intrinsics, settings: SensorSettings, faults: CameraFaults, rng: np.random.Generator
) -> Light:
    """Return the rectified picture that a camera takes.

    Parameters
    ----------
    light : float32 (H, W, 3)
        Linear, exposure included: 0.17 is middle grey. NaN and negative values count as 0, infinite ones as 1e6.
    intrinsics : Intrinsics
        Of the pinhole camera that the picture belongs to.
    settings : SensorSettings
    faults : CameraFaults
        This eye's own.
    rng : numpy.random.Generator
        Of the noise.

    Returns
    -------
    float32 (H, W, 3)
        Values under 0 are possible where it is dark.
    """
    clean = np.maximum(np.nan_to_num(light, posinf=1e6, neginf=0.0), 0).astype(np.float32)
    raw = sample(clean, undistorted_places(intrinsics, faults.barrel), sharp=True)
    raw *= vignette(intrinsics, settings.vignette, faults.barrel)[..., None] * np.array(faults.gains, np.float32)
    raw += noise_deviation(raw, settings) * rng.standard_normal(raw.shape, dtype=np.float32)
    return sample(raw, distorted_places(intrinsics, faults.barrel))


def noise_deviation(light: Light, settings: SensorSettings) -> Light:
    """Return the standard deviation of the noise on light of these values."""
    deviation: Light = np.sqrt(light / settings.electrons + (settings.read_electrons / settings.electrons) ** 2)
    return deviation.astype(np.float32)


def vignette(intrinsics: Intrinsics, strength: float, barrel: float = 0.0) -> Light:
    """Return by what the light at each pixel of the distorted picture is multiplied, float32 (H, W)."""
    row, column = undistorted_places(intrinsics, barrel)
    x, y = (column - intrinsics.cx) / intrinsics.fx, (row - intrinsics.cy) / intrinsics.fy
    fall = 1.0 - strength * (1.0 - (1.0 + x**2 + y**2) ** -2.0)
    return fall.astype(np.float32)


def distorted_places(intrinsics: Intrinsics, barrel: float) -> tuple[Float, Float]:
    """Return (row, column), each (H, W), where in the distorted picture each pixel of the rectified one is found."""
    row, column, radius = _from_middle(intrinsics)
    scale = 1.0 - barrel * radius**2
    return intrinsics.cy + row * scale, intrinsics.cx + column * scale


def undistorted_places(intrinsics: Intrinsics, barrel: float) -> tuple[Float, Float]:
    """Return (row, column), each (H, W), where in the rectified picture each pixel of the distorted one is found.

    Places outside the rectified picture belong to pixels that the rectified picture does not use.
    """
    row, column, radius = _from_middle(intrinsics)
    straight = radius.copy()
    for _ in range(NEWTON_STEPS):
        straight -= (straight * (1 - barrel * straight**2) - radius) / (1 - 3 * barrel * straight**2)
    scale = straight / np.maximum(radius, 1e-12)
    scale[radius == 0] = 1.0
    return intrinsics.cy + row * scale, intrinsics.cx + column * scale


def _from_middle(intrinsics: Intrinsics) -> tuple[Float, Float, Float]:
    """Return row and column from the principal point in pixels, and the radius, 1 at the corners of a centred picture."""
    row, column = np.mgrid[: intrinsics.height, : intrinsics.width].astype(np.float64)
    row, column = row - intrinsics.cy, column - intrinsics.cx
    corner = np.hypot(max(intrinsics.width - 1, 1) / 2, (intrinsics.height - 1) / 2)
    return row, column, np.hypot(row, column) / corner


def sample(picture: Light, places: tuple[Float, Float], sharp: bool = False) -> Light:
    """Interpolate a picture (H, W, 3) at (row, column), linearly; places outside take the value of the rim.

    ``sharp`` interpolates by cubic splines, within the least and the largest of the four pixels around.
    """
    height, width = picture.shape[:2]
    places = np.clip(places[0], 0, height - 1), np.clip(places[1], 0, width - 1)
    order = 3 if sharp else 1
    channels = [map_coordinates(picture[..., c], places, order=order, mode="nearest") for c in range(3)]
    found: Light = np.stack(channels, axis=-1)
    if sharp:
        row, column = (np.floor(part).astype(np.intp) for part in places)
        below, right = np.minimum(row + 1, height - 1), np.minimum(column + 1, width - 1)
        around = [picture[r, c] for r in (row, below) for c in (column, right)]
        np.clip(found, np.minimum.reduce(around), np.maximum.reduce(around), out=found)
    return found
