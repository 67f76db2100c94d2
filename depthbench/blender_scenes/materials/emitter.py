# SPDX-License-Identifier: Apache-2.0
"""A lamp's shining surface: black-body colour, radiance even over the surface."""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import balanced_k
from depthbench.blender_scenes.nodes import Shader
from depthbench.layers import SurfaceClass


def make(rng: np.random.Generator, strength: float | None = None, colour_temperature_k: float | None = None) -> Any:
    """Make an emitter.

    ``strength`` is the radiance in W/(sr m^2), drawn from 4 to 12 by default; ``colour_temperature_k`` is the
    lamp's in kelvin, which a balanced picture shows less warm.
    """
    shader = Shader("emitter")
    radiance = float(rng.uniform(4, 12)) if strength is None else strength
    kelvin = float(rng.uniform(2500, 4200)) if colour_temperature_k is None else colour_temperature_k
    colour = shader.add("Blackbody", {"Temperature": balanced_k(kelvin)})
    return mark(shader.finish(shader.add("Emission", {"Color": colour, "Strength": radiance})), SurfaceClass.OPAQUE)
