# SPDX-License-Identifier: Apache-2.0
"""Computer monitors on a foot, and large screens on a wall; what they show is a faint glow. They face -y."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from depthbench.blender_scenes.materials import make, office_pictures
from depthbench.blender_scenes.mesh import box, join, lathe, rounded_box
from depthbench.blender_scenes.objects.forms import solid
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part
from depthbench.blender_scenes.slab import slab

STYLES = ("foot", "disc", "wall")
_ASPECT = 1.78


def picture(rng: np.random.Generator, on_share: float = 0.85) -> Any:
    """Make what a screen shows: code, a table, a slide; or nothing, for a screen that is off."""
    if rng.random() > on_share:
        return make("paint", rng, colour=(0.008, 0.008, 0.009))
    kind = str(rng.choice(office_pictures.ON_SCREENS))
    return make("print", rng, kind=kind, glow=float(rng.uniform(0.9, 2.0)))


def design(
    rng: np.random.Generator, style: str = "foot", width_m: float | None = None, shown: Any = None, body: Any = None
) -> Kit:
    """Make the parts of a monitor.

    Parameters
    ----------
    style : str
        One of :data:`STYLES`; 'wall' hangs with its back at y = 0, its lower edge on z = 0.
    width_m : float
        Of the panel; 0.53 to 0.62 by default, 1.2 to 1.6 on a wall.
    shown, body : material
        Of the picture (:func:`picture`) and of the case.
    """
    on_wall = style == "wall"
    wide = width_m or float(rng.uniform(1.2, 1.6) if on_wall else rng.uniform(0.53, 0.62))
    edge, chin = 0.009, 0.02
    high = (wide - 2 * edge) / _ASPECT + edge + chin
    body = body or make("paint", rng, colour=((0.015, 0.015, 0.016), (0.3, 0.3, 0.31))[int(rng.random() < 0.3)])
    face = box(wide - 2 * edge - 2 * GAP_M, 0.0015, high - edge - chin - 2 * GAP_M).moved(
        y=-0.0005 - GAP_M, z=chin + GAP_M
    )
    bezel = slab(wide, high, 0.003, [(-wide / 2 + edge, wide / 2 - edge, chin, high - edge)]).moved(y=-0.0025)
    case = [
        bezel,
        slab(wide, high, 0.014).moved(y=0.0005),
        rounded_box(0.55 * wide, 0.03, 0.6 * high, 0.008).moved(y=0.028, z=0.16 * high),
    ]
    if on_wall:
        case.append(box(0.4, 0.02, 0.3).moved(y=0.05, z=0.3 * high))
        kit = Kit((part("screen case", join(case), body, None), part("screen", face, shown or picture(rng), None)))
        return kit.moved([0, -0.06 - GAP_M, 0])
    up = float(rng.uniform(0.09, 0.17))
    neck = rounded_box(0.055, 0.022, up + 0.3 * high - 0.006, 0.004).moved(y=0.05, z=0.006)
    joint = box(0.08, 0.03, 0.08).moved(y=0.035, z=up + 0.26 * high)
    if style == "disc":
        foot = lathe(solid([(0, 0), (0.11, 0), (0.11, 0.008), (0, 0.011)], 0.003), 40).moved(y=0.03)
    else:
        foot = rounded_box(0.25, 0.19, 0.01, 0.003).moved(y=0.02)
    moved = [mesh.moved(z=up) for mesh in case]
    return Kit(
        (
            part("monitor", join([*moved, neck, joint, foot]).moved(z=GAP_M), body),
            part("monitor screen", face.moved(z=up + GAP_M), shown or picture(rng), None),
        )
    )


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "foot"
) -> list[bpy.types.Object]:
    """Put one monitor at ``location``."""
    return design(rng, style).place(location, turn_deg)
