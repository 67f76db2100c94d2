# SPDX-License-Identifier: Apache-2.0
"""Trees, shrubs and hedges: branches, and every leaf a small folded sheet."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.materials.palette import near, pick
from depthbench.blender_scenes.mesh import Mesh, join, rounded_box
from depthbench.blender_scenes.objects.forms import smooth
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, part
from depthbench.blender_scenes.objects.solids import horn

Vectors = npt.NDArray[np.float64]
STYLES = ("street", "fruit", "shrub", "round")
_STEM_M = 0.05
"""Radius about the stem within which branches leave the ground."""
_TWIGS = {"street": (9, 6), "fruit": (7, 5), "shrub": (9, 4), "round": (10, 4)}
_BARKS = ((0.105, 0.085, 0.068), (0.16, 0.14, 0.115), (0.075, 0.06, 0.05))


def leaves(rng: np.random.Generator, at: Vectors, out: Vectors, length_m: float) -> Mesh:
    """Return a leaf of 2 x 3 points at each of the feet ``at`` (n, 3), growing roughly along ``out`` (n, 3)."""
    n = len(at)
    along = out + rng.normal(0, 0.6, (n, 3)) + [0, 0, 0.1]
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    beside = np.cross(along, rng.normal(0, 0.7, (n, 3)) + np.array([0, 0, 1.0]))
    beside /= np.linalg.norm(beside, axis=1, keepdims=True) + 1e-9
    up = np.cross(beside, along)
    long = length_m * rng.uniform(0.65, 1.25, (n, 1))
    wide = 0.28 * long
    tip = at + long * along - 0.15 * long * up
    middle = at + 0.45 * long * along
    corners = np.stack([at, middle - wide * beside + 0.3 * wide * up, tip, middle + wide * beside + 0.3 * wide * up], 1)
    first = 4 * np.arange(n)[:, None]
    faces = np.concatenate([first + np.array([0, 1, 2]), first + np.array([0, 2, 3])])
    return Mesh(corners.reshape(-1, 3), (faces,))


def _grown(
    rng: np.random.Generator, style: str, height_m: float, radius_m: float, trunk_m: float
) -> tuple[list[Mesh], Vectors, Vectors]:
    """Return the trunk, if any, and branches, points on the twigs where leaves grow, and directions away from the twigs."""
    limbs, per_limb = _TWIGS[style]
    wood: list[Mesh] = []
    feet, ways = [], []
    thick = 0.035 * height_m if style in ("street", "fruit") else 0.012
    lean = np.concatenate([[[0.0, 0.0]], np.cumsum(rng.normal(0, 0.05, (3, 2)), axis=0)])
    top = trunk_m + 0.45 * (height_m - trunk_m)
    trunk = smooth(np.column_stack([lean * height_m / 4, [0, 0.4 * top, 0.75 * top, top]]), 5)
    if style in ("street", "fruit"):
        width = np.interp(trunk[:, 2], [0, 0.1 * top, top], [1.25 * thick, thick, 0.45 * thick])
        wood.append(horn(trunk, width, 12))
    for limb in range(limbs):
        turn = 2.4 * limb + rng.normal(0, 0.3)
        rise = rng.uniform(0.25, 1.1) if style != "shrub" else rng.uniform(0.5, 1.3)
        out = np.array([np.cos(turn) * np.cos(rise), np.sin(turn) * np.cos(rise), np.sin(rise)])
        if style in ("street", "fruit"):
            start = trunk[int(np.interp(limb / limbs, [0, 1], [0.62 * len(trunk), len(trunk) - 1]))]
        else:
            start = np.array([0.03 * np.cos(turn), 0.03 * np.sin(turn), 0.0])
        reach = rng.uniform(0.65, 0.9) * np.array([radius_m, radius_m, 0.55 * (height_m - start[2])])
        end = start + out * reach
        path = smooth([start, start + 0.5 * (end - start) + rng.normal(0, 0.06 * radius_m, 3) + [0, 0, 0.05], end], 4)
        wood.append(horn(path, np.linspace(0.42 * thick, 0.12 * thick, len(path)), 7))
        for _ in range(per_limb):
            foot = path[int(rng.integers(len(path) // 3, len(path)))]
            aside = out + rng.normal(0, 0.75, 3)
            aside /= np.linalg.norm(aside)
            twig = smooth(
                [foot, foot + 0.2 * radius_m * aside, foot + 0.4 * radius_m * (aside + np.array([0, 0, 0.2]))], 4
            )
            wood.append(horn(twig, np.linspace(0.14 * thick, 0.05 * thick, len(twig)), 5))
            feet.append(twig)
            ways.append(np.broadcast_to(aside, twig.shape))
        feet.append(path[len(path) // 2 :])
        ways.append(np.broadcast_to(out, path[len(path) // 2 :].shape))
    return wood, np.concatenate(feet), np.concatenate(ways)


def _above(mesh: Mesh, low_m: float, size: float) -> Mesh:
    """Return the mesh enlarged, nothing of it lower than ``low_m``; near the stem it may reach the ground."""
    points = mesh.vertices * size
    away = np.clip((np.hypot(points[:, 0], points[:, 1]) - _STEM_M) / _STEM_M, 0.0, 1.0)
    points[:, 2] = np.maximum(points[:, 2], low_m * away)
    return Mesh(points, mesh.polygons)


def design(
    rng: np.random.Generator, style: str = "street", count: int | None = None, size: float = 1.0, low_m: float = 0.004
) -> Kit:
    """Make the parts of a tree or shrub.

    Parameters
    ----------
    style : str
        One of :data:`STYLES`.
    count : int, optional
        Number of leaves.
    size : float
        Enlarges it.
    low_m : float
        No leaf and no twig hangs lower than this.
    """
    height_m, radius_m, trunk_m, length_m, many = {
        "street": (rng.uniform(5.0, 6.5), rng.uniform(1.4, 1.8), 2.5, 0.115, 5200),
        "fruit": (rng.uniform(2.6, 3.4), rng.uniform(1.0, 1.4), 1.0, 0.08, 3200),
        "shrub": (rng.uniform(0.9, 1.5), rng.uniform(0.45, 0.7), 0.0, 0.085, 2600),
        "round": (rng.uniform(0.6, 0.9), rng.uniform(0.3, 0.42), 0.0, 0.045, 2600),
    }[style]
    wood, feet, ways = _grown(rng, style, float(height_m), float(radius_m), trunk_m)
    total = count or many
    chosen = rng.integers(0, len(feet), total)
    spread = 0.12 * radius_m
    at = feet[chosen] + rng.normal(0, spread, (total, 3))
    at[:, 2] = np.maximum(at[:, 2], 0.05)
    trunk, limbs = (wood[:1], wood[1:]) if style in ("street", "fruit") else ([], wood)
    bark = make("plaster", rng, colour=near(rng, pick(rng, _BARKS)))
    parts = [part("tree wood", _above(join(limbs), low_m, size).moved(z=GAP_M), bark, 70.0)]
    if trunk:
        # A part of its own, for who asks where there is room to walk.
        parts.append(part("tree trunk", _above(join(trunk), 0.0, size).moved(z=GAP_M), bark, 70.0))
    green = _above(leaves(rng, at, ways[chosen] + 0.3, length_m), low_m, size)
    parts.append(part("tree leaves", green.moved(z=GAP_M), make("foliage", rng), None))
    if style in ("fruit", "shrub") and rng.random() < 0.6:
        petals = rng.integers(0, len(feet), 260)
        blossom = leaves(rng, feet[petals] + rng.normal(0, 1.15 * spread, (260, 3)), ways[petals], 0.045)
        colours = ((0.78, 0.55, 0.6), (0.8, 0.78, 0.72), (0.6, 0.1, 0.14), (0.5, 0.3, 0.6), (0.82, 0.6, 0.1))
        petal = make("paint", rng, colour=pick(rng, colours))
        parts.append(part("tree leaves in bloom", _above(blossom, low_m, size), petal, None))
    return Kit(tuple(parts))


def hedge(rng: np.random.Generator, length_m: float, height_m: float = 1.3, depth_m: float = 0.6) -> Kit:
    """Make a clipped hedge along x: a dense dark core with leaves standing out of it."""
    core = rounded_box(length_m - 0.1, depth_m - 0.1, height_m - 0.05, 0.05).moved(z=GAP_M)
    count = int(900 * (2 * (length_m + depth_m) * height_m + length_m * depth_m))
    count = min(count, 16000)
    share = np.array(
        [length_m * height_m, length_m * height_m, length_m * depth_m, depth_m * height_m, depth_m * height_m]
    )
    face = rng.choice(5, count, p=share / share.sum())
    x = rng.uniform(-0.5, 0.5, count) * (length_m - 0.14)
    y = rng.uniform(-0.5, 0.5, count) * (depth_m - 0.14)
    z = rng.uniform(0.06, 1.0, count) * (height_m - 0.1)
    y = np.where(face == 0, -depth_m / 2 + 0.055, np.where(face == 1, depth_m / 2 - 0.055, y))
    z = np.where(face == 2, height_m - 0.055, z)
    x = np.where(face == 3, -length_m / 2 + 0.055, np.where(face == 4, length_m / 2 - 0.055, x))
    ways = np.array([[0, -1.0, 0], [0, 1.0, 0], [0, 0, 1.0], [-1.0, 0, 0], [1.0, 0, 0]])[face]
    ways = ways + 0.25 * rng.normal(size=(count, 3))
    wave = 0.03 * np.sin(3.1 * x + rng.uniform(0, 6)) * np.cos(4.3 * z + rng.uniform(0, 6))
    at = np.stack([x, y, z], 1) + ways * wave[:, None]
    at[:, 2] = np.maximum(at[:, 2], 0.06)
    green = make("foliage", rng)
    blades = leaves(rng, at, ways, 0.055)
    low = np.maximum(blades.vertices, [-np.inf, -np.inf, 0.004])
    return Kit((part("hedge core", core, green, None), part("hedge leaves", Mesh(low, blades.polygons), green, None)))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "street"
) -> list[bpy.types.Object]:
    """Put one tree at ``location``."""
    return design(rng, style).place(location, turn_deg)
