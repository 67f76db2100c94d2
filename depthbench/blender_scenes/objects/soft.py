# SPDX-License-Identifier: Apache-2.0
"""Soft shapes: creased height fields, cushions, cloth that hangs in folds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.mesh import Mesh, grid
from depthbench.blender_scenes.objects.forms import thick_sheet

Floats = npt.NDArray[np.float64]


def creases(rng: np.random.Generator, x: Floats, y: Floats, size_m: float, count: int = 9) -> Floats:
    """Return a field in [0, 1] over points (x, y) like crumpled cloth: ridges ``size_m`` apart, bent, of all directions."""
    bent_x, bent_y = x, y
    for _ in range(3):
        phase = rng.uniform(0, 2 * np.pi, 2)
        reach = 0.9 * size_m
        bent_x, bent_y = (
            bent_x + reach * np.sin(bent_y / (1.3 * size_m) + phase[0]),
            bent_y + reach * np.sin(bent_x / (1.1 * size_m) + phase[1]),
        )
    total: Floats = np.zeros(x.shape)
    weight = 0.0
    for _ in range(count):
        way, start = rng.uniform(0, np.pi), rng.uniform(0, 2 * np.pi)
        fine = float(rng.choice([0.5, 1.0, 1.0, 2.2]))
        wave = np.sin(fine * np.pi * (bent_x * np.cos(way) + bent_y * np.sin(way)) / size_m + start)
        share = fine**-0.9
        total = total + share * (1.0 - np.abs(wave)) ** 1.6
        weight += share
    return total / weight


def cushion(
    rng: np.random.Generator, width_m: float, length_m: float, height_m: float, points: int = 30, creased: float = 0.12
) -> Mesh:
    """Return a closed stuffed cushion about the origin, x by y by z, its seam in the plane z = 0, its corners drawn out.

    ``creased`` is the depth of its creases as a share of the height.
    """
    # Points crowd at the seam, where the surface turns over.
    line = np.sin(np.linspace(-np.pi / 2, np.pi / 2, points))
    u, v = np.meshgrid(line, line)
    fill = np.maximum((1 - u**2) * (1 - v**2), 0.0)
    dent = (
        1.0
        - 0.25 * np.exp(-((u - rng.uniform(-0.3, 0.3)) ** 2 + (v - rng.uniform(-0.3, 0.3)) ** 2) / 0.15) * rng.random()
    )
    half = 0.5 * height_m * fill**0.42 * dent
    x = 0.5 * width_m * u * (1 - 0.07 * (1 - v**2))
    y = 0.5 * length_m * v * (1 - 0.07 * (1 - u**2))
    seam = 0.02 * height_m
    sides = []
    for sign in (1.0, -1.0):
        ruffle = creases(rng, x + 7.0 * sign, y, 0.28 * min(width_m, length_m)) - 0.3
        z = sign * (seam + half * (1 + 2 * creased * ruffle * (1 - 0.5 * fill)))
        sides.append(np.stack([x, y, z], axis=-1))
    sheet = thick_sheet(np.stack([x, y, np.zeros_like(x)], axis=-1), 1.0)
    return Mesh(np.concatenate([side.reshape(-1, 3) for side in sides]), sheet.polygons)


def hanging(
    rng: np.random.Generator,
    left_m: float,
    right_m: float,
    drop_m: float,
    fold_m: float,
    depth_m: float,
    gathered: float = 0.0,
    rows: int = 18,
) -> Mesh:
    """Return an open sheet that hangs in folds from the line y = 0, z = 0 between two x, facing -y.

    Parameters
    ----------
    left_m, right_m, drop_m : float
        Where it hangs, and how far down.
    fold_m, depth_m : float
        Width of a fold, and half its depth (at the hem; half as deep at the top).
    gathered : float
        How far it is drawn in at the height of a tie-back, towards its left end, 0 to 0.8; negative towards its right.
    """
    wide = right_m - left_m
    folds = max(2, round(wide / fold_m))
    s, down = np.meshgrid(np.linspace(0, 1, 12 * folds + 1), np.linspace(0, 1, rows))
    uneven = 0.28 / folds * np.sin(2 * np.pi * (s * folds / 3.3 + rng.random()) + rng.uniform(-1, 1) * down)
    phase = 2 * np.pi * folds * (s + uneven * np.sin(np.pi * s))
    strength = np.interp(s, np.linspace(0, 1, 2 * folds), rng.uniform(0.55, 1.0, 2 * folds))
    # A tie-back draws the sheet in at 55 % of the drop; the folds get narrower there, not shallower.
    pull = abs(gathered) * np.where(
        down < 0.55, (down / 0.55) ** 2.2, 1 - 0.45 * (np.clip(down - 0.55, 0, 1) / 0.45) ** 0.7
    )
    anchor = 0.0 if gathered >= 0 else 1.0
    x = left_m + wide * (anchor + (s - anchor) * (1 - pull))
    y = depth_m * strength * (0.5 + 0.5 * down**0.5) * np.sin(phase + 0.5 * np.sin(2 * down + rng.uniform(0, 6)))
    y += 0.15 * depth_m * np.sin(2.7 * phase + rng.uniform(0, 6)) * down
    flat = grid(np.arange(s.shape[1], dtype=np.float64), np.arange(rows, dtype=np.float64), np.zeros_like(s))
    return Mesh(np.stack([x, y, -drop_m * down], axis=-1).reshape(-1, 3), flat.flipped().polygons)
