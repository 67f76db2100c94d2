# SPDX-License-Identifier: Apache-2.0
"""Glass coloured in the mass: grey, bronze, blue and green solar glass, dark smoked glass. Light goes straight on."""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import RGB, luminance, near, pick
from depthbench.blender_scenes.materials.panes import straight
from depthbench.blender_scenes.nodes import Shader
from depthbench.layers import SurfaceClass

_HUES: tuple[RGB, ...] = ((0.86, 0.88, 0.90), (0.90, 0.83, 0.74), (0.76, 0.84, 0.90), (0.78, 0.90, 0.83))


def make(rng: np.random.Generator, transmissivity: float | None = None) -> Any:
    """Make tinted glass; ``transmissivity`` is the luminance a closed pane lets through at right angles, besides what its
    faces reflect: 0.25 to 0.75 by default.
    """
    share = float(rng.uniform(0.25, 0.75)) if transmissivity is None else transmissivity
    if not 0 < share <= 1:
        raise ValueError(f"transmissivity must be in (0, 1], got {share}")
    shader = Shader("tinted_glass")
    hue = near(rng, pick(rng, _HUES, (3, 2, 1.5, 1.5)), 0.02, 0.15, 0.0)
    # A power of the hue has the luminance asked for: thicker glass of one make (Beer and Lambert's law).
    low, high = 0.0, 60.0
    for _ in range(40):
        middle = (low + high) / 2
        dense = luminance([part**middle for part in hue]) > share
        low, high = (middle, high) if dense else (low, middle)
    per_face = [float(part ** (low / 2)) for part in hue]
    return mark(shader.finish(straight(shader, per_face, 0.0)), SurfaceClass.TRANSMISSIVE)
