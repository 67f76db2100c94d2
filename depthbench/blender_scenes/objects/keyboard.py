# SPDX-License-Identifier: Apache-2.0
"""A keyboard, with or without a number block; its user sits at -y."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import join, rounded_box
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part


def design(rng: np.random.Generator, body: Any = None, caps: Any = None) -> Kit:
    """Make the parts: base and keys, of the given materials or drawn."""
    pitch, columns = 0.019, 15 if rng.random() < 0.4 else 21
    width = columns * pitch + 0.016
    base = rounded_box(width, 0.135, 0.012, 0.003)
    keys = []
    for row in range(6):
        y = -0.05 + row * 0.0198
        left = -width / 2 + 0.008
        for column in range(columns):
            space_bar, gap = row == 0 and 3 < column < 9, row == 5 and column % 5 == 1
            if space_bar or gap:
                continue
            keys.append(
                rounded_box(0.0165, 0.0165, 0.006, 0.0018).moved(left + (column + 0.5) * pitch, y, 0.012 + GAP_M)
            )
        if row == 0:
            keys.append(rounded_box(4.9 * pitch, 0.0165, 0.006, 0.0018).moved(left + 6.5 * pitch, y, 0.012 + GAP_M))
    dark = ((0.02, 0.02, 0.021), (0.55, 0.54, 0.52))[int(rng.random() < 0.3)]
    body = body or make("paint", rng, colour=dark)
    caps = caps or make("paint", rng, colour=(dark[0] * 1.6 + 0.01, dark[1] * 1.6 + 0.01, dark[2] * 1.6 + 0.01))
    return Kit((part("keyboard", base.moved(z=GAP_M), body), part("keys", join(keys).moved(z=GAP_M), caps)))


def add(rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0) -> list[bpy.types.Object]:
    """Put one keyboard at ``location``."""
    return design(rng).place(location, turn_deg)
