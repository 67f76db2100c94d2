# SPDX-License-Identifier: Apache-2.0
"""Acrylic plates with a given transmissivity: the fraction of light that goes straight through at right angles, reflections included.

The fraction holds per crossing: a closed plate splits it over its two faces, an open sheet (``sheet=True``) has it all in one.
What does not go straight on is reflected as far as the boundary of acrylic (index 1.49) reflects; the rest is absorbed
('clear' grey, 'tinted' in colour, where the luminance has the given fraction) or scattered ('frosted').
"""

from __future__ import annotations

from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import mark
from depthbench.blender_scenes.materials.palette import any_hue, luminance, pick
from depthbench.blender_scenes.nodes import Shader
from depthbench.layers import SurfaceClass

_IOR = 1.49
_R0 = ((_IOR - 1) / (_IOR + 1)) ** 2


def _coloured(rng: np.random.Generator, transmissivity: float) -> list[float]:
    """A colour of luminance ``transmissivity`` with no channel above 1."""
    hue = np.array(any_hue(rng, (0.35, 0.8), (1.0, 1.0)))
    grey = np.full(3, transmissivity)
    colour = hue * (transmissivity / luminance(hue.tolist()))
    # Towards grey of the same luminance, until every channel is possible.
    excess = max(float(colour.max()) - 1.0, 0.0)
    share = 1.0 if excess == 0 else (1.0 - transmissivity) / (float(colour.max()) - transmissivity)
    return [float(part) for part in grey + share * (colour - grey)]


def make(
    rng: np.random.Generator, transmissivity: float | None = None, finish: str | None = None, sheet: bool = False
) -> Any:
    """Make acrylic.

    ``transmissivity`` in (0, 1], drawn from 0.5 to 0.92 by default; ``finish`` 'clear', 'tinted', 'frosted' or drawn; ``sheet``
    for an open sheet without thickness instead of a closed plate.
    """
    share = float(rng.uniform(0.5, 0.92)) if transmissivity is None else transmissivity
    if not 0 < share <= 1:
        raise ValueError(f"transmissivity must be in (0, 1], got {share}")
    finish = finish or pick(rng, ("clear", "tinted", "frosted"), (3, 2, 1))
    shader = Shader(f"acrylic_{finish}")
    colour = _coloured(rng, share) if finish == "tinted" else [share] * 3
    per_face = colour if sheet else [float(np.sqrt(part)) for part in colour]
    reflected = shader.fresnel(_IOR)
    passed = shader.math("DIVIDE", shader.math("SUBTRACT", 1.0, reflected), 1 - _R0)
    straight = shader.vector("MULTIPLY", shader.combine(passed, passed, passed), per_face)
    left = shader.math("SUBTRACT", 1.0, shader.math("MULTIPLY", passed, max(per_face)))
    mirrored = shader.math("MINIMUM", reflected, left)
    seen = shader.math("SUBTRACT", 1.0, shader.add("LightPath", {}, "Is Diffuse Ray"))
    shown = shader.math("MULTIPLY", mirrored, seen)
    gloss = shader.add(
        "BsdfGlossy",
        {"Color": shader.combine(shown, shown, shown), "Roughness": 0.25 if finish == "frosted" else 0.01},
    )
    surface = shader.sum(shader.add("BsdfTransparent", {"Color": straight}), gloss)
    if finish == "frosted":
        rest = shader.math("SUBTRACT", left, mirrored)
        veil = shader.math("MULTIPLY", rest, 0.55)
        haze = shader.math("MULTIPLY", rest, 0.4)
        surface = shader.sum(
            surface,
            shader.add("BsdfTranslucent", {"Color": shader.combine(veil, veil, veil)}),
            shader.add("BsdfDiffuse", {"Color": shader.combine(haze, haze, haze)}),
        )
    return mark(shader.finish(surface), SurfaceClass.TRANSMISSIVE)
