# SPDX-License-Identifier: Apache-2.0
"""Materials: each file makes one family, different from draw to draw.

To add one: a file with ``make(rng: numpy.random.Generator, **choices) -> bpy.types.Material`` that ends in :func:`mark`,
and one line in :data:`MATERIALS`. Textures are procedural, in object coordinates, in metres.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.layers import SurfaceClass
from depthbench.registry import lookup

_HERE = "depthbench.blender_scenes.materials"

MATERIALS: dict[str, str] = {
    "wood": f"{_HERE}.wood:make",
    "plaster": f"{_HERE}.plaster:make",
    "brick": f"{_HERE}.brick:make",
    "tiles": f"{_HERE}.tiles:make",
    "marble": f"{_HERE}.marble:make",
    "concrete": f"{_HERE}.concrete:make",
    "fabric": f"{_HERE}.fabric:make",
    "leather": f"{_HERE}.leather:make",
    "metal": f"{_HERE}.metal:make",
    "ceramic": f"{_HERE}.ceramic:make",
    "print": f"{_HERE}.printed:make",
    "paint": f"{_HERE}.paint:make",
    "foliage": f"{_HERE}.foliage:make",
    "food": f"{_HERE}.food:make",
    "fruit": f"{_HERE}.fruit:make",
    "ground": f"{_HERE}.ground:make",
    "emitter": f"{_HERE}.emitter:make",
    "paper": f"{_HERE}.paper:make",
    "wallpaper": f"{_HERE}.wallpaper:make",
    "architectural_glass": f"{_HERE}.architectural_glass:make",
    "tinted_glass": f"{_HERE}.tinted_glass:make",
    "dirty_glass": f"{_HERE}.dirty_glass:make",
    "frosted_glass": f"{_HERE}.frosted_glass:make",
    "patterned_glass": f"{_HERE}.patterned_glass:make",
    "glass": f"{_HERE}.glass:make",
    "liquid": f"{_HERE}.liquid:make",
    "acrylic": f"{_HERE}.acrylic:make",
    "screen": f"{_HERE}.screen:make",
    "mirror": f"{_HERE}.mirror:make",
    "thin_fabric": f"{_HERE}.thin_fabric:make",
}


def make(name: str, rng: np.random.Generator, **choices: Any) -> Any:
    """Make a new material of the named family (a ``bpy.types.Material``)."""
    return lookup("material", name, MATERIALS)(rng, **choices)


def mark(material: Any, surface_class: SurfaceClass, ior: float = 1.0, reflective: bool = False) -> Any:
    """Write on a material what the truth must know of it (see :class:`depthbench.truth.geometry.Surface`); return it.

    ``ior`` is 1.0 for everything that light crosses straight (sheets, screens, architectural glass) and for opaque matter.
    """
    material["depthbench_class"] = int(surface_class)
    material["depthbench_ior"] = float(ior)
    material["depthbench_reflective"] = bool(reflective)
    return material
