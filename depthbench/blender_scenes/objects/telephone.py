# SPDX-License-Identifier: Apache-2.0
"""A desk telephone: sloped body, keys, small display, handset in its cradle; its user sits at -y."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, box, join, rounded_box
from depthbench.blender_scenes.objects.forms import prism, smooth
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part
from depthbench.blender_scenes.objects.solids import horn

_SLOPE_DEG = 15.0


def _on_slope(mesh: Mesh) -> Mesh:
    """Lay what stands on z = 0 on the sloped face."""
    return mesh.rotated("x", _SLOPE_DEG).moved(z=0.048 + GAP_M)


def design(rng: np.random.Generator, body: Any = None) -> Kit:
    """Make the parts; ``body`` is the material of the case."""
    rise = 0.1 * np.tan(np.deg2rad(_SLOPE_DEG))
    case = prism([[-0.1, 0], [0.1, 0], [0.1, 0.048 + rise], [-0.1, 0.048 - rise]], 0.19)
    keys = [
        _on_slope(rounded_box(0.016, 0.013, 0.004, 0.001).moved(0.0 + column * 0.022, -0.07 + row * 0.02))
        for column in range(4)
        for row in range(5)
    ]
    display = _on_slope(box(0.09, 0.045, 0.003).moved(0.035, 0.06))
    grip = smooth([[0, -0.085, 0.03], [0, -0.06, 0.038], [0, 0.06, 0.038], [0, 0.085, 0.03]], 4)
    handset = join(
        [
            horn(grip, np.full(len(grip), 0.014), 12),
            *(rounded_box(0.05, 0.05, 0.026, 0.009).moved(0, y, 0.001) for y in (-0.075, 0.075)),
        ]
    )
    dark = ((0.022, 0.022, 0.023), (0.45, 0.44, 0.42))[int(rng.random() < 0.3)]
    body = body or make("paint", rng, colour=dark)
    return Kit(
        (
            part("telephone", case.moved(z=GAP_M), body),
            part("telephone keys", join(keys).moved(z=GAP_M), make("paint", rng, colour=(0.3, 0.3, 0.31))),
            part("telephone display", display.moved(z=GAP_M), make("paint", rng, colour=(0.16, 0.2, 0.17)), None),
            part("handset", _on_slope(handset.moved(x=-0.058)).moved(z=GAP_M), body),
        )
    )


def add(rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0) -> list[bpy.types.Object]:
    """Put one telephone at ``location``."""
    return design(rng).place(location, turn_deg)
