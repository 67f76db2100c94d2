# SPDX-License-Identifier: Apache-2.0
"""An upholstered bench along a wall: plinth, seat and back cushions in sections; its back at y = 0, seat towards -y."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import join, rounded_box
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part

DEPTH_M = 0.6
SEAT_M = 0.46


def design(rng: np.random.Generator, length_m: float) -> Kit:
    """Make the parts of a bench of that length."""
    sections = max(1, round(length_m / float(rng.uniform(0.6, 0.95))))
    each = length_m / sections
    cloth = make("leather" if rng.random() < 0.5 else "fabric", rng)
    plinth = rounded_box(length_m, DEPTH_M - 0.08, SEAT_M - 0.1, 0.004).moved(y=-(DEPTH_M - 0.08) / 2)
    board = rounded_box(length_m, 0.04, 0.42, 0.004).moved(y=-0.02, z=SEAT_M - 0.1 + GAP_M)
    seats, backs = [], []
    for index in range(sections):
        x = -length_m / 2 + (index + 0.5) * each
        seats.append(
            rounded_box(each - 0.004, DEPTH_M - 0.042, 0.1, 0.02).moved(
                x, -0.042 - (DEPTH_M - 0.042) / 2, SEAT_M - 0.1 + 2 * GAP_M
            )
        )
        back = rounded_box(each - 0.004, 0.085, 0.4, 0.025).rotated("x", -6.0)
        backs.append(back.moved(x, -0.045 - 0.0425 - 0.045, SEAT_M + 0.008))
    wood = make("wood", rng)
    return Kit(
        (
            part("banquette plinth", join([plinth, board]).moved(z=GAP_M), wood),
            part("banquette seats", join(seats).moved(z=GAP_M), cloth),
            part("banquette backs", join(backs).moved(z=GAP_M), cloth),
        )
    )


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, length_m: float = 2.4
) -> list[bpy.types.Object]:
    """Put one bench at ``location`` against a wall."""
    return design(rng, length_m).place(location, turn_deg)
