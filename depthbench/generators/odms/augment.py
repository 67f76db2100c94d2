# SPDX-License-Identifier: Apache-2.0
"""Faults of segmentation and of motion beyond the published dilation and erosion: by name, off unless asked for.

Each changes a drawing before any pixel is filled and takes numbers of its own, so the objects and the camera's distances are
those of the stream without it. What each does: :data:`~depthbench.generators.odms.config.AUGMENTATIONS`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from depthbench.generators.odms import config as odms
from depthbench.generators.odms.objects import Contours, Floats, Ints, draw_contours
from depthbench.generators.odms.random_numbers import SampleNumbers
from depthbench.generators.odms.scene import Drawing, centred

PATCH_SHARE, WRONG_SHARE = 0.25, 0.1
"""Of the masks, how many lack or gain a part, and how many show another object."""
PATCH_SIZE = 0.2, 0.5
"""Side of a part's square over that of the object's."""
MOST_JITTER_PX = 12.0
MOST_TURN_RAD = np.deg2rad(15.0)
MOST_ASIDE_PX = 80.0
"""Way of a moving object across the view while the camera comes, in pixels as seen from 0.1 m."""
MOST_ALONG = 0.3
"""Its way along the axis as a share of the camera's."""

_BEYOND = 10_000
"""First number that a purpose has for other things than its contours, which take less than 5,000."""


def augment(
    drawing: Drawing, numbers: SampleNumbers, config: odms.OdmsConfig, distance_m: npt.NDArray[np.float32]
) -> None:
    """Change ``drawing`` in place as ``config.augment`` says; the order in which they are named does not matter."""
    asked = [name for name in odms.AUGMENTATIONS if name in config.augment]
    samples, n = distance_m.shape
    aside_px = np.zeros((samples * n, 2))
    if "moving" in asked:
        drawing.scale, moved_px = _moving(numbers, distance_m)
        aside_px += moved_px
    if "wrong" in asked:
        chosen = numbers.uniform("wrong", n, _BEYOND).ravel() < WRONG_SHARE
        first = _add(drawing, draw_contours(numbers, config.rules, "wrong"))
        drawing.contour = np.where(chosen, first + np.repeat(np.arange(samples), n), drawing.contour)
    if "rotation" in asked:
        turn = MOST_TURN_RAD * (2 * numbers.uniform("rotation", n).ravel() - 1)
        drawing.contours, drawing.contour = _turned(drawing, turn), np.arange(samples * n)
    if "jitter" in asked:
        aside_px += MOST_JITTER_PX * (2 * numbers.uniform("jitter", 2 * n).reshape(-1, 2) - 1)
    drawing.shift_px = centred(drawing.contours, drawing.contour, drawing.scale) + np.rint(aside_px).astype(np.int64)
    for name in ("missing", "background"):
        if name in asked:
            _patch(drawing, numbers, config, name)


def _add(drawing: Drawing, more: Contours) -> int:
    """Append contours to a drawing; return the number of the first."""
    have = drawing.contours
    drawing.contours = Contours(
        np.concatenate([have.control_px, more.control_px]),
        np.concatenate([have.curves, more.curves]),
        np.concatenate([have.size_px, more.size_px]),
    )
    return len(have.curves)


def _moving(numbers: SampleNumbers, distance_m: npt.NDArray[np.float32]) -> tuple[Floats, Floats]:
    """Return scales (M,) and shifts in pixels (M, 2) of objects that go steadily and end where the distances say."""
    samples, n = distance_m.shape
    way = 2 * numbers.uniform("moving", 3) - 1
    before_end = np.arange(n) / (n - 1)
    travel_m = (distance_m[:, -1] - distance_m[:, 0]).astype(np.float64)
    actual_m = distance_m + (MOST_ALONG * way[:, 0] * travel_m)[:, None] * before_end
    scale = (odms.UNIT_DISTANCE_M / actual_m).ravel()
    aside = MOST_ASIDE_PX * way[:, None, 1:] * before_end[:, None]
    return scale, aside.reshape(samples * n, 2) * scale[:, None]


def _turned(drawing: Drawing, turn_rad: Floats) -> Contours:
    """Return a contour per mask, turned about the middle of its square."""
    have, contour = drawing.contours, drawing.contour
    middle = have.size_px[contour, None, None, None] / 2
    from_middle = have.control_px[contour] - middle
    cos, sin = np.cos(turn_rad)[:, None, None], np.sin(turn_rad)[:, None, None]
    row, column = from_middle[..., 0], from_middle[..., 1]
    control = np.stack([cos * row - sin * column, sin * row + cos * column], axis=-1) + middle
    return Contours(control, have.curves[contour], have.size_px[contour])


def _patch(drawing: Drawing, numbers: SampleNumbers, config: odms.OdmsConfig, name: str) -> None:
    """Put a small contour over a corner of the object in some masks that have none yet."""
    samples, n = len(numbers), config.observations
    first = _add(drawing, draw_contours(numbers, config.rules, name))
    uniform = numbers.uniform(name, 3 * n, _BEYOND).reshape(samples * n, 3)
    chosen = (uniform[:, 0] < PATCH_SHARE) & (drawing.patch < 0)
    patch: Ints = first + np.repeat(np.arange(samples), n)
    sizes = drawing.contours.size_px
    wanted = (PATCH_SIZE[0] + uniform[:, 1] * (PATCH_SIZE[1] - PATCH_SIZE[0])) * sizes[drawing.contour]
    scale = drawing.scale * wanted / sizes[patch]
    corner = (uniform[:, 2] * drawing.contours.curves[drawing.contour]).astype(np.int64)
    corner_px = drawing.contours.control_px[drawing.contour, corner, 0] * drawing.scale[:, None] + drawing.shift_px
    shift_px = np.rint(corner_px - (scale * sizes[patch] / 2)[:, None]).astype(np.int64)
    drawing.patch = np.where(chosen, patch, drawing.patch)
    drawing.patch_scale = np.where(chosen, scale, drawing.patch_scale)
    drawing.patch_shift_px = np.where(chosen[:, None], shift_px, drawing.patch_shift_px)
    drawing.patch_adds = np.where(chosen, name == "background", drawing.patch_adds)
