# SPDX-License-Identifier: Apache-2.0
"""Small things strewn over a top, a rug or a shelf, none touching another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.objects.kit import Kit

_GAP_M = 0.004


Rectangle = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]


def strewn(
    rng: np.random.Generator,
    kits: Sequence[Kit],
    half_x_m: float,
    half_y_m: float,
    air_m: float = np.inf,
    turn_deg: float = 180.0,
    taken: Sequence[Rectangle] = (),
) -> list[Kit]:
    """Return those of ``kits`` that find a place on the rectangle about the origin, on z = 0, in the order given.

    Parameters
    ----------
    air_m : float
        What is higher is left out.
    turn_deg : float
        Things are turned by up to so much to either side; their bounds after the turn are kept apart.
    taken : sequence of (low, high)
        Corners (2,) of rectangles where something stands already.
    """
    full = list(taken)
    placed: list[Kit] = []
    for kit in kits:
        if kit.high[2] > air_m:
            continue
        for _ in range(30):
            turned = kit.moved([0, 0, 0], float(rng.uniform(-turn_deg, turn_deg)))
            low, high = turned.low[:2], turned.high[:2]
            room = np.array([half_x_m, half_y_m]) - (high - low) / 2
            if (room < 0).any():
                continue
            at = rng.uniform(-room, room) - (high + low) / 2
            a, b = at + low - _GAP_M, at + high + _GAP_M
            if all((a >= d).any() or (b <= c).any() for c, d in full):
                full.append((a, b))
                placed.append(turned.moved([*at.tolist(), 0.0]))
                break
    return placed
