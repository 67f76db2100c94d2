# SPDX-License-Identifier: Apache-2.0
"""What hangs in the air where a scene asks for it: simple solids and plates in any material, and small things of the house."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, box, lathe, rounded_box, sphere
from depthbench.blender_scenes.objects import book, bottle, chair, cup, drinking_glass, jar, sculpture, shell, vase
from depthbench.blender_scenes.objects.forms import ring, solid
from depthbench.blender_scenes.objects.kit import Kit, part

_OPAQUE = (
    "wood", "marble", "tiles", "brick", "concrete", "plaster", "fabric", "leather", "metal", "ceramic", "print", "paint", "paper"
)  # fmt: skip
_SHARES = {"solid": 0.35, "plate": 0.3, "thing": 0.35}
_CLEAR_SOLID, _CLEAR_PLATE = 0.35, 0.7
LARGEST_M = 0.55
"""Radius of the ball about a thing's middle that it fits in."""


def _brick(rng: np.random.Generator, size_m: float) -> Mesh:
    x, y, z = size_m * rng.uniform(0.35, 1.0, 3)
    return rounded_box(x, y, z, float(0.04 * min(x, y, z)))


def _egg(rng: np.random.Generator, size_m: float) -> Mesh:
    return sphere(size_m / 2, 40, 20).scaled(*rng.uniform(0.5, 1.0, 3).tolist())


def _ring(rng: np.random.Generator, size_m: float) -> Mesh:
    return ring(0.36 * size_m, float(rng.uniform(0.05, 0.13)) * size_m, 40, 14)


def _turned(rng: np.random.Generator, size_m: float) -> Mesh:
    """A cylinder, a cone, a spool or what lies between."""
    radii = np.concatenate([[0.0], size_m * rng.uniform(0.15, 0.5, 4), [0.0]])
    heights = size_m * np.array([0.0, 0.0, 0.3, 0.7, 1.0, 1.0])
    return lathe(solid(np.stack([radii, heights], axis=1), 0.02 * size_m), 48)


_FORMS: tuple[Callable[[np.random.Generator, float], Mesh], ...] = (_brick, _egg, _ring, _turned)


def _solid(rng: np.random.Generator) -> Kit:
    form = _FORMS[int(rng.integers(len(_FORMS)))]
    mesh = form(rng, float(np.exp(rng.uniform(np.log(0.1), np.log(0.45)))))
    clear = bool(rng.random() < _CLEAR_SOLID)
    return Kit((part("floating solid", mesh, _matter(rng, "glass" if clear else None)),))


def _plate(rng: np.random.Generator) -> Kit:
    """A board of glass, acrylic or mesh, or of anything opaque."""
    wide, high = rng.uniform(0.15, 0.7, 2).tolist()
    clear = bool(rng.random() < _CLEAR_PLATE)
    kind = str(rng.choice(["architectural_glass", "acrylic", "glass"])) if clear else None
    board = box(wide, float(rng.uniform(0.003, 0.012)), high)
    return Kit((part("floating plate", board, _matter(rng, kind), None),))


def _matter(rng: np.random.Generator, name: str | None) -> Any:
    return make(name or str(rng.choice(_OPAQUE)), rng)


def _thing(rng: np.random.Generator) -> Kit:
    """A small thing of the house; see-through ones as often as others."""
    kind = int(rng.integers(9))
    if kind == 0:
        return vase.any_design(rng, float(rng.uniform(0.15, 0.4)), glass=True, fine=False)
    if kind == 1:
        return drinking_glass.design(rng, str(rng.choice(drinking_glass.STYLES)))
    if kind == 2:
        return jar.design(rng, str(rng.choice(jar.STYLES)))
    if kind == 3:
        return bottle.design(rng, str(rng.choice(bottle.STYLES)))
    if kind == 4:
        return vase.any_design(rng, float(rng.uniform(0.15, 0.4)), glass=False, fine=False)
    if kind == 5:
        return cup.design(rng, str(rng.choice(cup.STYLES)), saucer=False, full=False)
    if kind == 6:
        style, size_m = str(rng.choice(sculpture.STYLES)), float(rng.uniform(0.15, 0.45))
        glass = bool(rng.random() < 0.4)
        return sculpture.design(rng, style, size_m, glass)
    if kind == 7:
        return shell.design(rng, str(rng.choice(shell.STYLES)), float(rng.uniform(0.08, 0.25)))
    if rng.random() < 0.5:
        return book.design(rng)
    return chair.design(rng, str(rng.choice(chair.STYLES)))


def design(rng: np.random.Generator) -> Kit:
    """Make one thing that fits in a ball of :data:`LARGEST_M`."""
    kinds = {"solid": _solid, "plate": _plate, "thing": _thing}
    while True:
        name = str(rng.choice(list(_SHARES), p=list(_SHARES.values())))
        kit = kinds[name](rng)
        if np.linalg.norm(kit.high - kit.low) <= 2 * LARGEST_M:
            return kit
