# SPDX-License-Identifier: Apache-2.0
"""Track lights: a rail under the ceiling with spotlight heads, each turned to what it lights, and the light itself."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes import assembly, lights
from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, box, join, lathe, tube
from depthbench.blender_scenes.objects.forms import solid
from depthbench.blender_scenes.objects.kit import GAP_M

RAIL_M = 0.034
_PIVOT_M = 0.15
"""Depth of a head's pivot under the rail's upper face: a head of 0.15 m turns freely."""
_RADIUS_M, _LENGTH_M = 0.04, 0.15


def _aimed(mesh: Mesh, along: npt.NDArray[np.float64], at: npt.NDArray[np.float64]) -> Mesh:
    """Turn a mesh that looks along -z to look along a unit vector, and move it."""
    side = np.cross(along, [0.0, 0.0, 1.0])
    side /= max(float(np.linalg.norm(side)), 1e-9)
    frame = np.stack([side, np.cross(-along, side), -along])
    return Mesh(mesh.vertices @ frame + at, mesh.polygons)


def add(
    rng: np.random.Generator,
    start: npt.ArrayLike,
    end: npt.ArrayLike,
    targets: npt.NDArray[np.float64],
    watts: float = 300.0,
    colour_k: float = 3000.0,
    metal: Any = None,
) -> list[bpy.types.Object]:
    """Hang a rail from ``start`` to ``end`` (points of the ceiling's lower face) with one head for every target (n, 3).

    ``watts`` is that of a head 2.5 m from its target; it grows with the square of the distance.
    """
    a, b = np.asarray(start, dtype=np.float64), np.asarray(end, dtype=np.float64)
    length = float(np.linalg.norm(b - a))
    way = (b - a) / length
    rail = box(length, 0.036, RAIL_M).rotated("z", float(np.rad2deg(np.arctan2(way[1], way[0]))))
    bodies = [rail.moved(*(a + b) / 2 - [0, 0, RAIL_M + GAP_M])]
    glows = []
    shell = [[0, 0.09], [_RADIUS_M * 0.6, 0.09], [_RADIUS_M, 0.07], [_RADIUS_M, -0.06], [_RADIUS_M - 0.003, -0.06]]
    body = lathe(solid([*shell, [_RADIUS_M - 0.004, -0.03], [0, -0.03]]), 24)
    disc = lathe(solid([[0, -0.0345], [0.03, -0.0345], [0.03, -0.031], [0, -0.031]]), 20)
    placed: list[float] = []
    for target in targets:
        along_rail = float(np.clip((target - a) @ way + rng.normal(0, 0.25), 0.12, length - 0.12))
        if any(abs(along_rail - other) < 0.24 for other in placed):
            continue
        placed.append(along_rail)
        top = a + way * along_rail - np.array([0.0, 0.0, RAIL_M + GAP_M])
        pivot = top - np.array([0.0, 0.0, _PIVOT_M - RAIL_M])
        aim = (target - pivot) / np.linalg.norm(target - pivot)
        bodies.append(_aimed(body, aim, pivot))
        bodies.append(tube(np.stack([top + np.array([0.0, 0.0, 0.001]), pivot]), 0.007, 8))
        glows.append(_aimed(disc, aim, pivot))
        reach = float(np.linalg.norm(target - pivot))
        lamp = watts * (reach / 2.5) ** 2 * float(rng.uniform(0.75, 1.25))
        cone = float(np.clip(np.rad2deg(2 * np.arctan(rng.uniform(0.6, 0.95) / reach)), 16, 60))
        lights.spot((pivot + 0.07 * aim).tolist(), target.tolist(), lamp, colour_k, cone)
    things = [assembly.add("track heads", join(bodies), metal or make("metal", rng, finish="painted"))]
    if glows:
        glow = make("emitter", rng, strength=25.0, colour_temperature_k=colour_k)
        things.append(assembly.add("track lamps", join(glows), glow))
    return things
