# SPDX-License-Identifier: Apache-2.0
"""How far apparent stereo through refracting glass lies from geometric stereo, per pixel.

The layers are geometric: straight rays. What is *seen* at a pixel behind solid glass is another point X
(:mod:`depthbench.truth.snell`), and the other eye sees X at another place than a straight ray says. The map gives the
distance, in pixels, between that place and the geometric correspondence of the pixel's first opaque surface. Through a
fronto-parallel plate of thickness t and index n before a wall at depth z it is (f B / z^2) t (1 - 1 / n) to first order.

Where X is seen by the other eye comes from that eye's own field of shifts: shift(q) = project(X(q)) - q, sampled at pixel
centres, so q + shift(q) = project(X), solved by fixed-point iteration. Unknown (NaN): the ray ends in the sky, or no place
is found, because it leaves the frame or lies where the glass folds or tears the image.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.camera import StereoRig
from depthbench.truth.cast import Hits, RayCaster
from depthbench.truth.snell import trace

Float = npt.NDArray[np.floating[Any]]
Bools = npt.NDArray[np.bool_]

ITERATIONS = 20
CONVERGED_PX = 1e-3


@dataclass(frozen=True)
class SeenField:
    """What one eye sees through glass.

    Attributes
    ----------
    pixels : int32 (N,)
        Pixel numbers (row by row) behind refracting faces.
    through : bool (H, W)
        The same as a mask.
    points : float64 (N, 3)
        What is seen there, world frame; NaN where unknown.
    shift_px : float64 (H, W, 2)
        Straight projection of what is seen at a pixel minus the pixel; 0 where nothing refracts, NaN where unknown.
    """

    pixels: npt.NDArray[np.int32]
    through: npt.NDArray[np.bool_]
    points: npt.NDArray[np.float64]
    shift_px: npt.NDArray[np.float64]


def seen_field(caster: RayCaster, hits: Hits, rig: StereoRig, cam_to_world: Float) -> SeenField:
    """Trace the pixels of one eye that look through refracting glass; ``hits`` are its straight crossings."""
    intrinsics = rig.intrinsics
    pixels = np.unique(hits.ray[caster.refracts[hits.surface]])
    row, column = np.divmod(pixels, intrinsics.width)
    rotation, centre = cam_to_world[:3, :3], cam_to_world[:3, 3]
    directions = intrinsics.pixel_directions()[row, column] @ rotation.T
    points = trace(caster, centre, directions)
    shift_px = np.zeros((intrinsics.height, intrinsics.width, 2))
    shift_px[row, column] = intrinsics.project((points - centre) @ rotation) - np.stack([column, row], axis=1)
    through = np.zeros((intrinsics.height, intrinsics.width), dtype=np.bool_)
    through[row, column] = True
    return SeenField(pixels, through, points, shift_px)


def refraction_px(
    rig: StereoRig, last_disp_px: Float, field: SeenField, other_field: SeenField, other_cam_to_world: Float, sign: int
) -> npt.NDArray[np.float32]:
    """Distance in the other image between the seen point's place and the geometric match of the last layer.

    Parameters
    ----------
    rig : StereoRig
    last_disp_px : float32 (H, W)
        Disparity of each pixel's first opaque surface; NaN where there is none.
    field, other_field : SeenField
        Of this eye and of the other one.
    other_cam_to_world : float64 (4, 4)
    sign : int
        +1 where this eye is the left one, -1 for the right one: the match of column x is x - sign * disparity.

    Returns
    -------
    float32 (H, W)
        Pixels; 0 where nothing refracts on either side, NaN where unknown (see the module's text).
    """
    intrinsics = rig.intrinsics
    width = intrinsics.width
    result = np.zeros(last_disp_px.size, dtype=np.float32)
    columns = np.arange(width)
    match_column = columns[None, :] - sign * last_disp_px.astype(np.float64)
    # elsewhere this eye sees its last layer directly; only what the other eye sees through glass may move
    with np.errstate(invalid="ignore"):
        near = np.clip(np.nan_to_num(np.floor(match_column + 0.5), nan=-1), -1, width).astype(np.int64) + 1
    padded = np.pad(other_field.through, ((0, 0), (2, 2)))
    rows = np.arange(intrinsics.height)[:, None]
    reaches = padded[rows, near] | padded[rows, near + 1] | padded[rows, near + 2]
    direct = np.flatnonzero(reaches.ravel() & ~field.through.ravel() & np.isfinite(last_disp_px.ravel()))

    geometric = np.stack(
        [match_column.ravel(), np.repeat(np.arange(intrinsics.height, dtype=np.float64), width)], axis=1
    )
    other_centre, other_rotation = other_cam_to_world[:3, 3], other_cam_to_world[:3, :3]
    straight = intrinsics.project((field.points - other_centre) @ other_rotation)
    pixels = np.concatenate([field.pixels, direct])
    target = np.concatenate([straight, geometric[direct]])
    apparent = find_apparent(target, other_field.shift_px, other_field.through)
    result[pixels] = np.linalg.norm(apparent - geometric[pixels], axis=1)
    return result.reshape(last_disp_px.shape)


def find_apparent(target: Float, shift_px: Float, through: Bools) -> npt.NDArray[np.float64]:
    """Solve q + shift(q) = target by fixed-point iteration; q float64 (N, 2), NaN where it does not settle in the frame."""
    found = np.full(target.shape, np.nan)
    rows = np.flatnonzero(np.isfinite(target).all(axis=1))
    place = np.array(target[rows], dtype=np.float64)
    for _ in range(ITERATIONS):
        off = target[rows] - (place + _look_up(shift_px, through, place))
        residual = np.abs(off).max(axis=1)
        settled = residual <= CONVERGED_PX
        found[rows[settled]] = place[settled] + off[settled]
        # a place off the frame has no shift: its residual is NaN
        going = residual > CONVERGED_PX
        rows, place = rows[going], place[going] + off[going]
        if not len(rows):
            break
    return found


def _look_up(field: Float, through: Bools, place: Float) -> Float:
    """Bilinear look-up of an (H, W, 2) field, nearest where the four neighbours mix glass and no glass; NaN off the frame."""
    height, width = field.shape[:2]
    inside = (np.abs(place - (width / 2 - 0.5, height / 2 - 0.5)) <= (width / 2, height / 2)).all(axis=1)
    clipped = np.clip(np.where(inside[:, None], place, 0.0), 0.0, (width - 1, height - 1))
    x0 = np.minimum(clipped[:, 0].astype(np.int64), max(width - 2, 0))
    y0 = np.minimum(clipped[:, 1].astype(np.int64), max(height - 2, 0))
    x1, y1 = np.minimum(x0 + 1, width - 1), np.minimum(y0 + 1, height - 1)
    fx, fy = (clipped[:, 0] - x0)[:, None], (clipped[:, 1] - y0)[:, None]
    around = ((y0, x0), (y0, x1), (y1, x0), (y1, x1))
    corners = [field[y, x] for y, x in around]
    smooth = (corners[0] * (1 - fx) + corners[1] * fx) * (1 - fy) + (corners[2] * (1 - fx) + corners[3] * fx) * fy
    glassy = np.array([through[y, x] for y, x in around])
    uniform = glassy.all(axis=0) | ~glassy.any(axis=0)
    nearest = field[(clipped[:, 1] + 0.5).astype(np.int64), (clipped[:, 0] + 0.5).astype(np.int64)]
    found = np.where((uniform & np.isfinite(smooth).all(axis=1))[:, None], smooth, nearest)
    found[~inside] = np.nan
    return found
