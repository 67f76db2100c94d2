# SPDX-License-Identifier: Apache-2.0
"""Where along the stack sharpness peaks, finer than the planes lie, and how sure that is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
_LEAST = 1e-12


def peak(volume: Floats, dioptre: npt.NDArray[np.float64]) -> tuple[Floats, Floats]:
    """Return the inverse depth of the sharpest point of each pixel, and the confidence in it.

    Through the logarithms of the largest measure and its two neighbours goes a parabola over inverse depth, so that a Gaussian
    profile is met exactly (Nayar and Nakagawa 1994), whatever the planes' spacing; at an end of the stack it goes through the last
    three. The answer never leaves the planes' range. Of two planes the sharper one is taken.

    Parameters
    ----------
    volume : float32 (N, H, W)
        Focus measure, N >= 2, >= 0.
    dioptre : float64 (N,)
        Inverse focus distances, 1/m, strictly monotone.

    Returns
    -------
    dioptre, confidence : float32 (H, W)
        Confidence from 0 to 1: by how much the peak stands out over the mean of all planes, 0 where nothing varies.
    """
    planes = len(volume)
    best = volume.argmax(axis=0)
    inner = np.clip(best, 1, planes - 2) if planes > 2 else best
    top = np.take_along_axis(volume, best[None], 0)[0]
    mean = volume.mean(axis=0)
    confidence = np.where(top > 0, (top - mean) / np.maximum(top + mean, _LEAST), 0).astype(np.float32)
    found = dioptre[best]
    if planes > 2:
        logs = [
            np.log(np.maximum(np.take_along_axis(volume, inner[None] + k, 0)[0], _LEAST)).astype(np.float64)
            for k in (-1, 0, 1)
        ]
        places = [dioptre[inner + k] for k in (-1, 0, 1)]
        vertex, bend = _vertex(places, logs)
        low, high = np.minimum(places[0], places[2]), np.maximum(places[0], places[2])
        found = np.where(np.isfinite(vertex) & (bend < 0), np.clip(vertex, low, high), found)
    return found.astype(np.float32), confidence


def _vertex(
    x: list[npt.NDArray[np.float64]], y: list[npt.NDArray[np.float64]]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Place of the extremum of the parabola through three points (not finite where they lie on a line), and half its curvature."""
    with np.errstate(divide="ignore", invalid="ignore"):
        left, right = (y[1] - y[0]) / (x[1] - x[0]), (y[2] - y[1]) / (x[2] - x[1])
        bend = (right - left) / (x[2] - x[0])
        return (x[0] + x[1]) / 2 - left / (2 * bend), bend
