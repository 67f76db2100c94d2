# SPDX-License-Identifier: Apache-2.0
"""The few materials that a gallery's house style repeats: trim, case bodies, plinth paint, cloths, glass, wall paints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from depthbench.blender_scenes.layouts.glazing import case_glass, window_glass
from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.materials.palette import near

_WHITES = ((0.78, 0.775, 0.765), (0.74, 0.735, 0.72), (0.7, 0.69, 0.665))
_ACCENTS = (
    (0.05, 0.09, 0.15), (0.2, 0.035, 0.04), (0.13, 0.2, 0.16), (0.3, 0.33, 0.34), (0.42, 0.24, 0.1), (0.07, 0.07, 0.075),
    (0.32, 0.16, 0.13), (0.1, 0.16, 0.22),
)  # fmt: skip
_BOARDS = ((0.1, 0.11, 0.13), (0.3, 0.29, 0.27), (0.05, 0.07, 0.12), (0.45, 0.42, 0.36))
_TRIMS = ((0.02, 0.02, 0.021), (0.72, 0.715, 0.7), (0.085, 0.066, 0.05), (0.24, 0.245, 0.25))


@dataclass(frozen=True)
class Scheme:
    """Materials that recur in one gallery.

    Attributes
    ----------
    trim : window frames, case edges, partitions, tracks.
    bodies : of cases and platforms, the first the commonest.
    plinth, foot : of plinths.
    cloths : on which things lie in cases.
    glass, window, shelf : of cases; of windows; of shelves in cases.
    card : of labels.
    white, accent : paints of the walls.
    frames : of pictures.
    """

    trim: Any
    bodies: tuple[Any, ...]
    plinth: Any
    foot: Any
    cloths: tuple[Any, ...]
    glass: Any
    window: Any
    shelf: Any
    card: Any
    white: Any
    accent: Any
    frames: tuple[Any, ...]


def draw(rng: np.random.Generator) -> Scheme:
    """Draw a house style."""
    white = near(rng, _WHITES[int(rng.integers(len(_WHITES)))], 0.02, 0.1, 0.04)
    accent = near(rng, _ACCENTS[int(rng.integers(len(_ACCENTS)))], 0.02)
    brushed = rng.random() < 0.4
    trim_colour = _TRIMS[int(rng.integers(len(_TRIMS)))]
    trim = make("metal", rng, finish="brushed") if brushed else make("paint", rng, colour=near(rng, trim_colour))
    bodies = [
        make("paint", rng, colour=white),
        make("wood", rng),
        make("paint", rng, colour=trim_colour),
        make("paint", rng, colour=accent),
        make("concrete", rng),
    ]
    order = rng.permutation(5)
    return Scheme(
        trim=trim,
        bodies=tuple(bodies[index] for index in order[:3]),
        plinth=make("paint", rng, colour=white),
        foot=make("paint", rng, colour=(0.03, 0.03, 0.032)),
        cloths=(
            make("plaster", rng, colour=white),
            make("plaster", rng, colour=near(rng, _BOARDS[int(rng.integers(len(_BOARDS)))])),
            make("fabric", rng, pattern="plain"),
        ),
        glass=case_glass(rng),
        window=window_glass(rng),
        shelf=make("architectural_glass", rng, tint=0.3),
        card=make("paper", rng, colour=(0.76, 0.755, 0.74)),
        white=make("plaster", rng, colour=white),
        accent=make("plaster", rng, colour=accent),
        frames=(
            make("paint", rng, colour=(0.018, 0.018, 0.019)),
            make("wood", rng, tone="dark"),
            make("wood", rng, tone="light"),
            make("metal", rng, finish="brushed"),
            make("paint", rng, colour=(0.74, 0.73, 0.71)),
        ),
    )
