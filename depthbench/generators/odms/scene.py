# SPDX-License-Identifier: Apache-2.0
"""What is drawn where: the masks of some samples as contours, scales and places, before any pixel is filled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import erf

from depthbench.generators.odms import config as odms
from depthbench.generators.odms.objects import Contours, Floats, Ints, draw_contours, draw_distances
from depthbench.generators.odms.random_numbers import SampleNumbers

GROWTH_STEPS = erf((np.arange(9) + 0.5) / np.sqrt(2))
"""P(|N(0, 1)| < i + 0.5): a uniform number lies above as many of these as the rounded magnitude says."""


@dataclass
class Drawing:
    """M masks to draw, each one scaled contour and perhaps a second one that is added or taken away.

    Attributes
    ----------
    contours : Contours
    contour : int64 (M,)
        Which contour a mask shows.
    scale : float64 (M,)
    shift_px : int64 (M, 2)
        Added to the scaled, truncated (row, column).
    patch : int64 (M,)
        Contour of what is added or taken away, -1 for none.
    patch_scale : float64 (M,)
    patch_shift_px : int64 (M, 2)
    patch_adds : bool (M,)
    growth : int64 (M,)
        Dilations, or with a minus erosions, by a cross, at last.
    """

    contours: Contours
    contour: Ints
    scale: Floats
    shift_px: Ints
    patch: Ints
    patch_scale: Floats
    patch_shift_px: Ints
    patch_adds: npt.NDArray[np.bool_]
    growth: Ints

    def __len__(self) -> int:
        return len(self.contour)


def centred(contours: Contours, contour: Ints, scale: Floats) -> Ints:
    """Return the shift (M, 2) that brings the middle of each scaled square to the middle of the image."""
    half = (scale * contours.size_px[contour] / 2).astype(np.int64)
    return np.stack([odms.ROWS // 2 - half, odms.COLUMNS // 2 - half], axis=1)


def draw_growth(numbers: SampleNumbers, observations: int) -> Ints:
    """Draw dilations (+) or erosions (-) of each mask, (B, n): a rounded normal magnitude and a coin (equation 20)."""
    uniform = numbers.uniform("perturb", 2 * observations)
    size = np.searchsorted(GROWTH_STEPS, uniform[:, :observations], side="right")
    return np.where(uniform[:, observations:] < 0.5, size, -size)


def draw_scene(config: odms.OdmsConfig, indices: npt.ArrayLike) -> tuple[npt.NDArray[np.float32], Drawing]:
    """Draw samples.

    Parameters
    ----------
    config : OdmsConfig
    indices : array of int (B,)
        Numbers of the samples.

    Returns
    -------
    distance_m : float32 (B, n)
        Distances of the camera, the nearest first.
    drawing : Drawing
        B * n masks, those of a sample one after the other in the order of the distances.
    """
    numbers = SampleNumbers(config.seed, config.split, indices)
    n = config.observations
    distance_m = draw_distances(numbers, n)
    contours = draw_contours(numbers, config.rules)
    contour = np.repeat(np.arange(len(numbers)), n)
    scale = odms.UNIT_DISTANCE_M / distance_m.astype(np.float64).ravel()
    masks = len(contour)
    drawing = Drawing(
        contours,
        contour,
        scale,
        centred(contours, contour, scale),
        patch=np.full(masks, -1),
        patch_scale=np.ones(masks),
        patch_shift_px=np.zeros((masks, 2), dtype=np.int64),
        patch_adds=np.zeros(masks, dtype=bool),
        growth=draw_growth(numbers, n).ravel() if config.perturb else np.zeros(masks, dtype=np.int64),
    )
    if config.augment:
        from depthbench.generators.odms.augment import augment

        augment(drawing, numbers, config, distance_m)
    return distance_m, drawing
