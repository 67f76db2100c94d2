# SPDX-License-Identifier: Apache-2.0
"""Pictures of a stack brought onto each other: focusing changes the magnification (breathing), and a hand moves the camera.

Neighbours in the stack, which are blurred nearly alike, are registered by a similarity (shift, scale, rotation) by Gauss-Newton on
smoothed grey, coarse to fine, with a gain and an offset of brightness; the neighbours' movements are chained. Parallax is
not corrected: the camera must stand still but for that.
"""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
from scipy import ndimage

FloatMap = npt.NDArray[np.float32]
Matrix = npt.NDArray[np.float64]

_COARSEST_PX, _FINEST_PX = 48, 640
_STEPS = 12
_BLUR_PX = 1.5
_ENOUGH_PX = 0.01


def movements(stack: npt.NDArray[np.uint8]) -> list[Matrix]:
    """Return for each picture of a stack (N, H, W, 3) the movement to it from the picture of the narrowest view.

    That view is the one into which all others reach. A movement (3, 3) takes a place (x, y, 1) in it to that in the other picture.
    """
    grey = [picture.mean(axis=2, dtype=np.float32) / 255 for picture in stack]
    from_first = [np.eye(3)]
    for before, after in itertools.pairwise(grey):
        from_first.append(register(before, after) @ from_first[-1])
    # what is magnified most has the largest determinant
    reference = int(np.argmax([np.linalg.det(movement) for movement in from_first]))
    back = np.linalg.inv(from_first[reference])
    return [movement @ back for movement in from_first]


def warp(values: FloatMap, movement: Matrix, mode: str = "nearest") -> FloatMap:
    """Return a map (H, W) read at ``movement`` @ (x, y, 1) for every pixel (x, y), bilinearly; its border goes on outside."""
    if np.array_equal(movement, np.eye(3)):
        return values
    rows = movement[[1, 0]][:, [1, 0]]
    warped: FloatMap = ndimage.affine_transform(values, rows, movement[[1, 0], 2], order=1, mode=mode)
    return warped


def register(fixed: FloatMap, moving: FloatMap) -> Matrix:
    """Return the similarity (3, 3) that takes pixel (x, y, 1) of ``fixed`` to its place in ``moving``; both (H, W), 0 to 1."""
    width = max(fixed.shape)
    levels = [side for k in range(8) if (side := min(width, _FINEST_PX) >> k) >= _COARSEST_PX] or [width]
    movement = np.eye(3)
    for side in reversed(levels):
        scale = side / width
        small = [_shrink(picture, scale) for picture in (fixed, moving)]
        shrink = np.diag([scale, scale, 1.0])
        movement = (
            np.linalg.inv(shrink) @ _refine(small[0], small[1], shrink @ movement @ np.linalg.inv(shrink)) @ shrink
        )
    return movement


def _shrink(grey: FloatMap, scale: float) -> FloatMap:
    """Return a smoothed picture whose pixel (x, y) lies at (x, y) / scale."""
    smoothed = ndimage.gaussian_filter(grey, _BLUR_PX / scale)
    height, width = (int((side - 1) * scale) + 1 for side in grey.shape)
    shrunk: FloatMap = ndimage.affine_transform(
        smoothed, np.full(2, 1 / scale), output_shape=(height, width), order=1, mode="nearest"
    )
    return shrunk


def _refine(fixed: FloatMap, moving: FloatMap, movement: Matrix) -> Matrix:
    """Improve a movement at one size by Gauss-Newton."""
    height, width = fixed.shape
    y, x = np.mgrid[:height, :width].astype(np.float64)
    x, y = x - (width - 1) / 2, y - (height - 1) / 2
    centre = np.array([[1, 0, (width - 1) / 2], [0, 1, (height - 1) / 2], [0, 0, 1.0]])
    for _ in range(_STEPS):
        seen = warp(moving, movement)
        inside = warp(np.ones_like(moving), movement, "constant") > 0.999
        dy, dx = np.gradient(seen)
        # unknowns: growth, rotation, shift along x and y (about the picture's middle), gain, offset
        columns = [dx * x + dy * y, dy * x - dx * y, dx, dy, seen, np.ones_like(seen)]
        system = np.stack([column[inside] for column in columns], axis=1)
        growth, turn, right, down, *_ = np.linalg.lstsq(system, fixed[inside] - seen[inside], rcond=None)[0]
        step = np.array([[1 + growth, -turn, right], [turn, 1 + growth, down], [0, 0, 1]])
        movement = movement @ centre @ step @ np.linalg.inv(centre)
        if max(abs(growth) * width, abs(turn) * width, abs(right), abs(down)) < _ENOUGH_PX:
            break
    return movement
