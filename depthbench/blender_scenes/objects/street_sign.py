# SPDX-License-Identifier: Apache-2.0
"""Signs on a steel post: round traffic signs, a parking sign, one or two to a post."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import lathe, tube
from depthbench.blender_scenes.objects.forms import solid
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part
from depthbench.blender_scenes.slab import slab

STYLES = ("traffic", "parking", "both")
_POST_M = 0.03


def design(rng: np.random.Generator, style: str = "traffic") -> Kit:
    """Make the parts of a sign that faces -y; ``style`` is one of :data:`STYLES`."""
    top = float(rng.uniform(2.5, 2.9))
    steel = make("metal", rng, finish="brushed")
    post = tube(np.linspace([0, 0, 0], [0, 0, top], 20), _POST_M, 16)
    collar = lathe(solid([[0, 0], [0.1, 0], [0.1, 0.012], [0, 0.012]]), 20)
    parts = [part("sign post", post.moved(z=0.013 + GAP_M), steel), part("sign foot", collar.moved(z=GAP_M), steel)]
    back = -_POST_M - GAP_M
    up = top - 0.05
    if style in ("traffic", "both"):
        disc = lathe(solid([[0, 0], [0.3, 0], [0.3, 0.004], [0, 0.004]]), 40).rotated("x", 90.0)
        parts.append(part("sign disc", disc.moved(y=back, z=up - 0.3), make("print", rng, kind="traffic")))
        up -= 0.66
    if style in ("parking", "both"):
        board = slab(0.42, 0.6, 0.004).moved(y=back - 0.004, z=up - 0.6)
        parts.append(part("sign board", board, make("print", rng, kind="parking"), None))
    return Kit(tuple(parts))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "traffic"
) -> list[bpy.types.Object]:
    """Put one sign post at ``location``."""
    return design(rng, style).place(location, turn_deg)
