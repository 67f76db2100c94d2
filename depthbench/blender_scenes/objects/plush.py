# SPDX-License-Identifier: Apache-2.0
"""Stuffed animals that sit: bear, rabbit, elephant, of lumpy cloth balls, with bead eyes and a nose. They face -y."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.materials.palette import near, pick
from depthbench.blender_scenes.mesh import Mesh, join, sphere
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part
from depthbench.blender_scenes.objects.solids import horn

STYLES = ("bear", "rabbit", "elephant")
_COATS = (
    (0.32, 0.19, 0.10),
    (0.55, 0.42, 0.27),
    (0.60, 0.56, 0.50),
    (0.30, 0.31, 0.33),
    (0.62, 0.40, 0.40),
    (0.25, 0.36, 0.44),
)


def _lump(rng: np.random.Generator, at: npt.ArrayLike, size: npt.ArrayLike) -> Mesh:
    """A ball stretched to half axes ``size`` with shallow lumps, about ``at``."""
    ball = sphere(1.0, 24, 14)
    push = 1 + 0.025 * np.sin(ball.vertices @ rng.normal(0, 4, (3, 3)) + rng.uniform(0, 6, 3)).sum(
        axis=1, keepdims=True
    )
    return Mesh(ball.vertices * push * np.asarray(size) + np.asarray(at), ball.polygons)


def design(rng: np.random.Generator, style: str = "bear", height_m: float = 0.28) -> Kit:
    """Make a sitting animal ``height_m`` high without its ears; ``style`` is one of :data:`STYLES`."""
    fur = make("fabric", rng, pattern="melange", colour=near(rng, pick(rng, _COATS)))
    pale = make("fabric", rng, pattern="plain", colour=(0.62, 0.55, 0.45))
    head = np.array([0.0, -0.03, 0.76])
    lumps = [
        _lump(rng, [0, 0, 0.33], [0.24, 0.21, 0.33]),
        _lump(rng, head, [0.22, 0.2, 0.2]),
        *[_lump(rng, [sx * 0.17, -0.27, 0.105], [0.1, 0.22, 0.1]) for sx in (-1, 1)],
        *[_lump(rng, [sx * 0.27, -0.07, 0.42], [0.085, 0.1, 0.2]) for sx in (-1, 1)],
    ]
    if style == "bear":
        lumps += [_lump(rng, head + np.array([sx * 0.17, 0.02, 0.16]), [0.075, 0.045, 0.075]) for sx in (-1, 1)]
    elif style == "rabbit":
        lumps += [_lump(rng, head + np.array([sx * 0.09, 0.04, 0.33]), [0.055, 0.03, 0.21]) for sx in (-1, 1)]
    else:
        lumps += [_lump(rng, head + np.array([sx * 0.27, 0.04, 0.02]), [0.14, 0.03, 0.16]) for sx in (-1, 1)]
        trunk = np.array([[0, -0.18, 0.72], [0, -0.28, 0.66], [0, -0.35, 0.54], [0, -0.43, 0.5]])
        lumps.append(horn(trunk, [0.075, 0.06, 0.045, 0.035], 14))
    body = join(lumps)
    scale = height_m / 0.96
    low = float(body.vertices[:, 2].min())
    parts = [part("plush", body.moved(z=-low).scaled(scale, scale, scale).moved(z=GAP_M), fur, 80.0)]
    face = lumps[1].vertices

    def before(x: float, z: float) -> float:
        """How far out the head reaches near (x, z)."""
        return float(face[np.hypot(face[:, 0] - x, face[:, 2] - z) < 0.06, 1].min())

    beads = [sphere(0.022, 14, 8).moved(sx * 0.085, before(sx * 0.085, 0.81) - 0.023, 0.81 - low) for sx in (-1, 1)]
    if style != "elephant":
        nose = before(0.0, 0.71)
        muzzle = sphere(1.0, 20, 12).scaled(0.085, 0.05, 0.065).moved(0, nose - 0.052, 0.71 - low)
        parts.append(part("plush muzzle", muzzle.scaled(scale, scale, scale).moved(z=GAP_M), pale))
        beads.append(sphere(0.02, 14, 8).moved(0, nose - 0.125, 0.735 - low))
    parts.append(
        part(
            "plush eyes",
            join(beads).scaled(scale, scale, scale).moved(z=GAP_M),
            make("paint", rng, colour=(0.02, 0.018, 0.016)),
        )
    )
    return Kit(tuple(parts))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "bear"
) -> list[bpy.types.Object]:
    """Put one stuffed animal at ``location``."""
    return design(rng, style).place(location, turn_deg)
