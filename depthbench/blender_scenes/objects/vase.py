# SPDX-License-Identifier: Apache-2.0
"""Vases: closed hollow shells of ceramic or glass in many profiles, plain, fluted, twisted, ribbed or faceted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, lathe
from depthbench.blender_scenes.objects import fill, stems
from depthbench.blender_scenes.objects.forms import cavity, fillet, smooth, solid, vessel
from depthbench.blender_scenes.objects.kit import GAP_M, GLASS_GAP_M, Kit, part

# (radius, z) from foot to rim for a height of 1
PROFILES: dict[str, list[list[float]]] = {
    "amphora": [[0.13, 0], [0.14, 0.02], [0.12, 0.06], [0.25, 0.4], [0.29, 0.62], [0.2, 0.78], [0.11, 0.85], [0.12, 0.93], [0.17, 1]],
    "baluster": [[0.17, 0], [0.18, 0.03], [0.17, 0.2], [0.24, 0.5], [0.3, 0.75], [0.24, 0.9], [0.11, 0.955], [0.13, 1]],
    "ovoid": [[0.2, 0], [0.22, 0.03], [0.36, 0.38], [0.4, 0.6], [0.3, 0.88], [0.22, 0.96], [0.24, 1]],
    "globe": [[0.2, 0], [0.22, 0.02], [0.42, 0.22], [0.5, 0.5], [0.42, 0.8], [0.22, 0.94], [0.21, 1]],
    "gourd": [[0.17, 0], [0.19, 0.02], [0.33, 0.22], [0.3, 0.46], [0.14, 0.6], [0.19, 0.75], [0.13, 0.9], [0.1, 1]],
    "bottle": [[0.19, 0], [0.21, 0.02], [0.29, 0.22], [0.22, 0.42], [0.08, 0.58], [0.065, 0.8], [0.07, 0.95], [0.095, 1]],
    "teardrop": [[0.16, 0], [0.18, 0.02], [0.3, 0.18], [0.27, 0.36], [0.13, 0.62], [0.08, 0.85], [0.09, 1]],
    "trumpet": [[0.17, 0], [0.175, 0.03], [0.1, 0.16], [0.1, 0.4], [0.14, 0.68], [0.23, 0.9], [0.31, 1]],
    "beaker": [[0.18, 0], [0.19, 0.02], [0.2, 0.3], [0.24, 0.65], [0.29, 1]],
    "cylinder": [[0.2, 0], [0.215, 0.015], [0.22, 0.08], [0.22, 0.5], [0.22, 0.92], [0.225, 1]],
    "shoulder": [[0.2, 0], [0.21, 0.02], [0.23, 0.3], [0.26, 0.62], [0.25, 0.74], [0.14, 0.82], [0.12, 0.9], [0.15, 1]],
    "tulip": [[0.17, 0], [0.19, 0.02], [0.29, 0.2], [0.32, 0.4], [0.26, 0.72], [0.24, 0.85], [0.29, 1]],
    "bowl": [[0.3, 0], [0.31, 0.05], [0.5, 0.2], [0.78, 0.55], [0.92, 0.85], [0.98, 1]],
    "footed": [[0.26, 0], [0.27, 0.03], [0.13, 0.12], [0.09, 0.24], [0.3, 0.38], [0.5, 0.6], [0.53, 0.85], [0.56, 1]],
}  # fmt: skip
WIDE = ("bowl", "footed")
STYLES = tuple(PROFILES)
RELIEFS = ("plain", "fluted", "twisted", "ribbed", "faceted")


def _relief(rng: np.random.Generator, shell: Mesh, relief: str, height_m: float) -> Mesh:
    """Push a turned shell in and out by its angle, inside and outside alike, so that the wall stays a wall."""
    if relief not in ("fluted", "twisted"):
        return shell
    x, y, z = shell.vertices.T
    lobes = int(rng.integers(6, 17))
    twist = rng.uniform(1.0, 3.0) if relief == "twisted" else 0.0
    depth = rng.uniform(0.25, 0.5) / lobes
    wave = np.abs(np.cos((np.arctan2(y, x) + twist * z / height_m) * lobes / 2))
    fade = np.clip(z / height_m / 0.12, 0, 1) * np.clip((1.0 - z / height_m) / 0.15, 0, 1)
    swell = 1.0 - depth * fade * (1.0 - wave)
    return Mesh(np.stack([x * swell, y * swell, z], axis=1), shell.polygons)


def _outline(rng: np.random.Generator, style: str, height_m: float, fine: bool) -> npt.NDArray[np.float64]:
    knots = np.array(PROFILES[style])
    if style in WIDE:
        knots = knots * [1.0, 0.85]
    knots[:, 0] *= rng.uniform(0.85, 1.15) * rng.normal(1, 0.03, len(knots))
    return smooth(knots * height_m, 5 if fine else 3)


def design(
    rng: np.random.Generator,
    style: str = "ovoid",
    height_m: float = 0.35,
    glass: bool = False,
    relief: str = "plain",
    filled: bool = False,
    material: Any = None,
    fine: bool = True,
    water: bool = False,
) -> Kit:
    """Make the parts of a vase.

    Parameters
    ----------
    style, relief : str
        One of :data:`STYLES`, one of :data:`RELIEFS`.
    height_m : float
        Height of the vessel without lid and stems.
    glass : bool
        Clear or coloured solid glass rather than ceramic; ``material`` overrides either.
    filled : bool
        Put stems into it where the neck is wide enough.
    fine : bool
        False for small things, which need fewer points.
    water : bool
        Water about the stems of a filled vase of glass.
    """
    outside = _outline(rng, style, height_m, fine)
    if relief == "ribbed":
        outside[:, 0] *= 1 + 0.02 * np.sin(np.linspace(0, len(outside) * 1.4, len(outside)))
    neck_m = float(outside[:, 0].min())
    wall_m = min(0.035 * height_m + 0.0008, 0.28 * neck_m, 0.008)
    segments = int(rng.integers(7, 13)) if relief == "faceted" else 64 if fine else 32
    floor_m = max(0.03 * height_m, 1.5 * wall_m)
    if style == "footed":
        floor_m = 0.3 * height_m
    shell = _relief(rng, lathe(vessel(outside, wall_m, floor_m), segments), relief, height_m)
    base = GLASS_GAP_M if glass else GAP_M
    body = material or make("glass" if glass else "ceramic", rng)
    crease = 18.0 if relief == "faceted" else 50.0
    parts = [part(f"{'glass' if glass else 'ceramic'} vase", shell.moved(z=base), body, crease)]
    mouth_m = neck_m - wall_m - 0.003
    if filled and style not in WIDE and relief == "plain" and mouth_m > 0.009:
        inside = np.stack([outside[:, 0] - wall_m - 0.003, outside[:, 1]], axis=1)
        parts += stems.design(rng, inside, floor_m + 0.004, mouth_m).moved([0, 0, base]).parts
        if water and glass and relief == "plain":
            hollow = cavity(outside, wall_m, floor_m)
            body = fill.liquid(hollow, fill.level_m(hollow, float(rng.uniform(0.3, 0.7))), segments)
            parts.append(part("vase water", body.moved(z=base), make("liquid", rng, kind="water")))
    elif not glass and style in ("ovoid", "baluster", "globe") and relief != "faceted" and rng.random() < 0.4:
        rim_m = float(outside[-1, 0])
        over = float(shell.vertices[:, 2].max()) + base + GAP_M
        dome = [
            [0, 0],
            [rim_m + 0.001, 0],
            [rim_m, 0.02 * height_m],
            [0.3 * rim_m, 0.08 * height_m],
            [0.12 * rim_m, 0.1 * height_m],
        ]
        knob = [[0.24 * rim_m, 0.13 * height_m], [0.0, 0.16 * height_m]]
        lid = lathe(solid(fillet([*dome, *knob], 0.01 * height_m)), segments)
        parts.append(part("vase lid", lid.moved(z=over), body, crease))
    return Kit(tuple(parts))


def any_design(
    rng: np.random.Generator,
    height_m: float,
    glass: bool | None = None,
    fine: bool = True,
    filled: bool = False,
    water: bool = False,
) -> Kit:
    """Make a vase of any style and relief (see :func:`design`); bowls are made lower than ``height_m``."""
    style = str(rng.choice(STYLES))
    relief = str(rng.choice(RELIEFS, p=[0.5, 0.15, 0.1, 0.13, 0.12]))
    of_glass = bool(rng.random() < 0.5) if glass is None else glass
    height_m *= 0.45 if style == "bowl" else 0.7 if style == "footed" else 1.0
    return design(rng, style, height_m, of_glass, "plain" if filled else relief, filled, fine=fine, water=water)


def add(
    rng: np.random.Generator,
    location: Sequence[float],
    turn_deg: float = 0.0,
    style: str = "ovoid",
    glass: bool = False,
) -> list[bpy.types.Object]:
    """Put one vase at ``location``."""
    return design(rng, style, glass=glass).place(location, turn_deg)
