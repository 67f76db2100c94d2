# SPDX-License-Identifier: Apache-2.0
"""Drinks and other liquids: clear ones refract and absorb along the way inside, cloudy ones are opaque.

Absorption is a volume: a way through liquid is cut by the glass around it, so no face alone knows how long it was. Give clear
liquids closed meshes with outward normals that reach a little into the wall of their glass (see ``objects/fill.py``).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import RGB, matt, near, pick, shade
from depthbench.blender_scenes.materials.panes import refracting
from depthbench.blender_scenes.nodes import Shader
from depthbench.layers import SurfaceClass

# index of refraction, what is left of white light after 30 mm
CLEAR: dict[str, tuple[float, RGB]] = {
    "water": (1.333, (0.985, 0.995, 0.998)),
    "tea": (1.335, (0.74, 0.36, 0.09)),
    "herb_tea": (1.335, (0.86, 0.80, 0.36)),
    "red_wine": (1.344, (0.42, 0.012, 0.03)),
    "rose_wine": (1.344, (0.93, 0.60, 0.52)),
    "white_wine": (1.344, (0.95, 0.90, 0.62)),
    "apple_juice": (1.347, (0.90, 0.62, 0.16)),
    "cola": (1.345, (0.20, 0.055, 0.015)),
    "beer": (1.340, (0.88, 0.58, 0.10)),
    "oil": (1.470, (0.86, 0.76, 0.16)),
}
# body, and what swims on it or swirls in it
CLOUDY: dict[str, tuple[RGB, RGB]] = {
    "coffee": ((0.016, 0.007, 0.004), (0.30, 0.15, 0.06)),
    "latte": ((0.42, 0.25, 0.13), (0.74, 0.66, 0.54)),
    "milk": ((0.80, 0.78, 0.73), (0.84, 0.83, 0.80)),
    "orange_juice": ((0.74, 0.32, 0.03), (0.82, 0.48, 0.12)),
    "smoothie": ((0.46, 0.05, 0.09), (0.60, 0.16, 0.20)),
    "chocolate": ((0.11, 0.045, 0.022), (0.22, 0.11, 0.06)),
}
KINDS: tuple[str, ...] = (*CLEAR, *CLOUDY)
_DEPTH_M = 0.03


def make(rng: np.random.Generator, kind: str | None = None) -> Any:
    """Make a liquid; ``kind`` is one of :data:`KINDS` or drawn. Kinds of ``CLEAR`` are see-through, those of ``CLOUDY`` opaque."""
    kind = kind or pick(rng, KINDS)
    shader = Shader(f"liquid_{kind}")
    if kind in CLOUDY:
        return _cloudy(rng, shader, kind)
    ior, left = CLEAR[kind]
    strength = float(rng.uniform(0.75, 1.3))
    per_m = -strength * np.log(np.array(left)) / _DEPTH_M
    densest = float(per_m.max())
    volume = shader.add("VolumeAbsorption", {"Color": (1.0 - per_m / densest).tolist(), "Density": densest})
    surface = refracting(shader, ior, (1.0, 1.0, 1.0), [0.98] * 3)
    return mark(shader.finish(surface, volume=volume), SurfaceClass.TRANSMISSIVE, ior=ior)


def _cloudy(rng: np.random.Generator, shader: Shader, kind: str) -> Any:
    """An opaque liquid; its top shows foam: swirls, and bubbles of half a millimetre to two."""
    body, foam = (near(rng, colour, 0.01) for colour in CLOUDY[kind])
    here = shader.position()
    _, _, up = shader.split(shader.add("NewGeometry", {}, "Normal"))
    swirl = shader.noise(shader.warped(here, 22.0, 0.018), float(rng.uniform(30, 60)), 4.0, 0.55, 1.2)
    cover = float(rng.uniform(0.42, 0.62))
    foamy = shader.math("MULTIPLY", shader.remap(swirl, cover - 0.06, cover + 0.06), shader.remap(up, 0.5, 0.9))
    bubbles = shader.cells(here, float(rng.uniform(600, 1200)))
    froth = shader.mix(shader.remap(bubbles, 0.15, 0.6), shade(foam, 0.75), foam)
    colour = shader.mix(foamy, body, froth)
    normal = shader.bump(shader.math("MULTIPLY", bubbles, foamy), 0.0004)
    surface = shader.principled(colour, shader.blend(foamy, 0.06, 0.4), normal)
    return mark(shader.finish(surface, matt(body, 1.0, foam, 0.1)), SurfaceClass.OPAQUE)
