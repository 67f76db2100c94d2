# SPDX-License-Identifier: Apache-2.0
"""Pictures of COLMAP's cameras as pinhole cameras see them, of any size."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy.ndimage import map_coordinates

from depthbench.camera import Intrinsics
from depthbench.errors import DepthbenchError
from depthbench.formats.colmap import ColmapCamera

Floats = npt.NDArray[np.float64]
_ONE_FOCAL = ("SIMPLE_PINHOLE", "SIMPLE_RADIAL", "RADIAL")
_KNOWN = (*_ONE_FOCAL, "PINHOLE", "OPENCV", "FULL_OPENCV")


def pinhole(camera: ColmapCamera) -> Intrinsics:
    """Return the camera without its distortion, of the same size; integer coordinate = pixel centre.

    Raises
    ------
    DepthbenchError
        If the model is one of those whose picture no pinhole camera of that size can take (fish-eyes).
    """
    if camera.model not in _KNOWN:
        raise DepthbenchError(
            f"camera model {camera.model}: run `colmap image_undistorter` first, and give its output folder"
        )
    fx, *rest = camera.params
    fy, cx, cy = (fx, *rest[:2]) if camera.model in _ONE_FOCAL else rest[:3]
    return Intrinsics(camera.width, camera.height, fx, fy, cx - 0.5, cy - 0.5)


def is_distorted(camera: ColmapCamera) -> bool:
    """Whether any coefficient of distortion differs from 0."""
    return any(_coefficients(camera))


def undistorted(
    rgb: npt.NDArray[np.uint8], camera: ColmapCamera, size: tuple[int, int] | None = None
) -> npt.NDArray[np.uint8]:
    """Return the picture without distortion (bilinear; black where it shows what the lens did not), at (width, height).

    A smaller size averages over the pixels that each of its pixels covers.
    """
    if is_distorted(camera):
        straight = pinhole(camera)
        bent = distort(straight.pixel_directions()[..., :2], camera)
        x = bent[..., 0] * straight.fx + straight.cx
        y = bent[..., 1] * straight.fy + straight.cy
        planes = [map_coordinates(rgb[..., channel], (y, x), order=1, output=np.float32) for channel in range(3)]
        rgb = np.stack([np.rint(plane).astype(np.uint8) for plane in planes], axis=-1)
    if size is None or size == (camera.width, camera.height):
        return rgb
    return np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.BOX))


def distort(directions: Floats, camera: ColmapCamera) -> Floats:
    """Bend normalised image coordinates (..., 2) as the lens does: radial polynomial (rational in FULL_OPENCV) and tangential part."""
    k1, k2, p1, p2, k3, k4, k5, k6 = _coefficients(camera)
    x, y = directions[..., 0], directions[..., 1]
    r2 = x * x + y * y
    radial = (1 + r2 * (k1 + r2 * (k2 + r2 * k3))) / (1 + r2 * (k4 + r2 * (k5 + r2 * k6)))
    return np.stack(
        [
            x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x),
            y * radial + 2 * p2 * x * y + p1 * (r2 + 2 * y * y),
        ],
        axis=-1,
    )


def _coefficients(camera: ColmapCamera) -> tuple[float, ...]:
    """k1, k2, p1, p2, k3, k4, k5, k6."""
    rest = camera.params[3:] if camera.model in _ONE_FOCAL else camera.params[4:]
    return (*rest, *[0.0] * (8 - len(rest)))
