# SPDX-License-Identifier: Apache-2.0
"""Leather: pebbled grain of cells two to four millimetres wide, creases, and polish where it is rubbed."""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import RGB, matt, near, pick, shade
from depthbench.blender_scenes.nodes import Shader
from depthbench.layers import SurfaceClass

_HIDES: tuple[RGB, ...] = (
    (0.13, 0.055, 0.028),
    (0.025, 0.022, 0.02),
    (0.32, 0.16, 0.065),
    (0.14, 0.025, 0.022),
    (0.50, 0.42, 0.32),
    (0.05, 0.075, 0.06),
)


def make(rng: np.random.Generator) -> Any:
    """Make leather: brown, black, tan, oxblood, cream or bottle green."""
    shader = Shader("leather")
    hide = near(rng, pick(rng, _HIDES))
    here = shader.position()
    bent = shader.warped(here, 60.0, 0.002)
    per_m = 1.0 / rng.uniform(0.0022, 0.0042)
    pebble = shader.remap(shader.cells(bent, per_m, "DISTANCE_TO_EDGE"), 0.0, 0.22)
    crease = shader.math(
        "ABSOLUTE", shader.math("SUBTRACT", shader.noise(shader.warped(here, 6.0, 0.04), 14.0, 4.0, 0.6), 0.5)
    )
    crease = shader.remap(crease, 0.0, 0.035)
    worn = shader.noise(here, 5.0, 6.0, 0.62)
    colour = shader.mix(shader.remap(worn, 0.35, 0.72), shade(hide, 0.6), shade(near(rng, hide, 0.02), 1.45))
    colour = shader.mix(pebble, shade(hide, 0.4), colour)
    colour = shader.mix(crease, shade(hide, 0.8), colour)
    gloss = rng.uniform(0.3, 0.5)
    roughness = shader.blend(pebble, 0.75, shader.remap(worn, 0.3, 0.7, gloss + 0.12, gloss))
    normal = shader.bump(pebble, 0.0005, shader.bump(crease, 0.0004, shader.bump(worn, 0.003)))
    return mark(shader.finish(shader.principled(colour, roughness, normal), matt(hide, 0.62)), SurfaceClass.OPAQUE)
