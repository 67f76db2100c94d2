# SPDX-License-Identifier: Apache-2.0
"""A cake under a glass bell: ceramic or wooden stand, cake, and a closed shell of clear glass over it."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, lathe
from depthbench.blender_scenes.objects import pastry
from depthbench.blender_scenes.objects.forms import smooth, solid
from depthbench.blender_scenes.objects.kit import GAP_M, GLASS_GAP_M, Kit, merge, part

_TOP_M = 0.11


def _bell(radius_m: float, height_m: float) -> Mesh:
    side = smooth([[radius_m, 0], [radius_m, height_m * 0.45], [radius_m * 0.8, height_m * 0.85], [0.02, height_m]], 5)
    along = np.gradient(side, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    inner = side - 0.0035 * np.stack([along[:, 1], -along[:, 0]], axis=1)
    knob = np.array(
        [[0.009, height_m + 0.004], [0.012, height_m + 0.014], [0.016, height_m + 0.024], [0.011, height_m + 0.034]]
    )
    inside = [[0.0, inner[-1, 1]], *inner[::-1][1:].tolist()]
    return lathe(solid([*inside, *side[:-1].tolist(), *knob.tolist(), [0.0, height_m + 0.036]]), 44)


def design(rng: np.random.Generator) -> Kit:
    """Make the parts: stand, cake, bell."""
    radius = float(rng.uniform(0.13, 0.15))
    stand = [[0, 0], [0.07, 0], [0.065, 0.008], [0.018, 0.02], [0.015, 0.07], [0.03, _TOP_M - 0.014]]
    plate = [[radius + 0.02, _TOP_M - 0.01], [radius + 0.02, _TOP_M], [0, _TOP_M]]
    body = lathe(solid([*stand, *plate], 0.004), 56)
    under = (
        part("cake stand", body.moved(z=GAP_M), make("wood" if rng.random() < 0.3 else "ceramic", rng)),
        part("glass bell", _bell(radius, 0.17).moved(z=_TOP_M + GAP_M + GLASS_GAP_M), make("glass", rng)),
    )
    return merge([Kit(under), pastry.design(rng, "cake").moved([0.0, 0.0, _TOP_M + GAP_M])])


def add(rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0) -> list[bpy.types.Object]:
    """Put one cake stand at ``location``."""
    return design(rng).place(location, turn_deg)
