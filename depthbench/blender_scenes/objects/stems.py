# SPDX-License-Identifier: Apache-2.0
"""Cut stems for a vase: tulips, blossoming twigs, eucalyptus, dry grasses. They never touch the vase's wall."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, join, sphere
from depthbench.blender_scenes.objects.forms import smooth
from depthbench.blender_scenes.objects.kit import Kit, part
from depthbench.blender_scenes.objects.solids import horn

Vectors = npt.NDArray[np.float64]
STYLES = ("tulip", "twig", "eucalyptus", "grass")
_STEM_M = 0.0022


def _blades(at: Vectors, along: Vectors, length_m: Vectors, width_m: Vectors, droop: float) -> Mesh:
    """Leaves of 6 x 3 points from their feet ``at`` (n, 3) in the directions ``along`` (n, 3), tips sinking."""
    along = along / np.linalg.norm(along, axis=1, keepdims=True)
    beside = np.cross(along, [0.12, 0.07, 1.0])
    beside /= np.linalg.norm(beside, axis=1, keepdims=True)
    rise = np.cross(beside, along)
    t = np.linspace(0.0, 1.0, 6)
    half = np.sin(np.pi * (0.04 + 0.94 * t)) ** 0.7 / 2
    spine = at[:, None] + along[:, None] * (t[None, :, None] * length_m[:, None, None])
    spine = spine - np.array([0.0, 0.0, 1.0]) * (droop * t[None, :, None] ** 2 * length_m[:, None, None])
    across = np.array([-1.0, 0.0, 1.0])
    reach = (half[None, :, None] * across[None, None, :] * width_m[:, None, None])[..., None]
    points = spine[:, :, None] + reach * beside[:, None, None] + 0.3 * np.abs(reach) * rise[:, None, None]
    number = np.arange(len(at) * 18).reshape(len(at), 6, 3)
    quads = np.stack([number[:, :-1, :-1], number[:, :-1, 1:], number[:, 1:, 1:], number[:, 1:, :-1]], axis=-1)
    return Mesh(points.reshape(-1, 3), (quads.reshape(-1, 4),))


def _directions(rng: np.random.Generator, count: int, low: float, high: float) -> Vectors:
    turn, rise = rng.uniform(0, 2 * np.pi, count), rng.uniform(low, high, count)
    return np.stack([np.cos(turn) * np.cos(rise), np.sin(turn) * np.cos(rise), np.sin(rise)], axis=1)


def _tulip(rng: np.random.Generator, tip: Vectors, way: Vectors) -> Mesh:
    """A closed cup of six petals on a stem's tip."""
    count = 6
    turn = np.arange(count) * 2 * np.pi / count
    out = np.stack([np.cos(turn), np.sin(turn), np.zeros(count)], axis=1)
    along = 0.35 * out + way
    size = rng.uniform(0.045, 0.06)
    return _blades(tip + 0.006 * out, along, np.full(count, size), np.full(count, 0.62 * size), -0.12)


def design(rng: np.random.Generator, inside: Vectors, floor_m: float, mouth_m: float, style: str | None = None) -> Kit:
    """Make a bunch of stems standing in a vessel.

    Parameters
    ----------
    inside : (n, 2)
        (radius, z) within which everything must stay, rising to the rim.
    floor_m : float
        Height at which the stems stand.
    mouth_m : float
        Radius of the narrowest place.
    style : str
        One of :data:`STYLES`, drawn if None.
    """
    style = style or str(rng.choice(STYLES))
    rim_m = float(inside[-1, 1])
    count = int(
        np.clip(int((mouth_m / _STEM_M) ** 2 * 0.2), 1, {"tulip": 9, "twig": 5, "eucalyptus": 7, "grass": 22}[style])
    )
    neck_z = float(inside[inside[:, 0].argmin(), 1]) if inside[:, 0].argmin() > len(inside) // 3 else rim_m
    stalks, leaves, blooms = [], [], []
    for index in range(count):
        turn = 2.4 * index + rng.normal(0, 0.2)
        out = np.array([np.cos(turn), np.sin(turn), 0.0])
        near = np.sqrt((index + 0.5) / count) * max(mouth_m - _STEM_M, 0.0) * 0.85
        above = rng.uniform(0.7, 1.25) * max(rim_m, 0.16) * (1.3 if style in ("twig", "grass") else 0.9)
        lean = rng.uniform(0.15, 0.5) * above
        foot = -0.5 * out * near + [0, 0, floor_m]
        knots = [foot, out * near + [0, 0, neck_z], out * (near + 0.02 * lean) + [0, 0, rim_m + 0.01]]
        knots += [out * (near + 0.35 * lean) + [0, 0, rim_m + 0.5 * above], out * (near + lean) + [0, 0, rim_m + above]]
        path = smooth(knots, 5)
        within = path[:, 2] < rim_m + 0.012
        radius = np.linalg.norm(path[:, :2], axis=1)
        allowed = np.interp(path[:, 2], inside[:, 1], inside[:, 0]) - _STEM_M
        shrink = np.where(within, np.minimum(1.0, allowed / np.maximum(radius, 1e-9)), 1.0)
        path[:, :2] *= np.maximum(shrink, 0.0)[:, None]
        thin = 0.4 if style == "grass" else 1.0
        stalks.append(horn(path, np.linspace(_STEM_M, 0.45 * _STEM_M, len(path)) * thin, 6))
        upper = path[path[:, 2] > rim_m + 0.03]
        way = (path[-1] - path[-3]) / np.linalg.norm(path[-1] - path[-3])
        if style == "tulip":
            blooms.append(_tulip(rng, path[-1], way))
            feet = upper[rng.integers(0, len(upper) // 2 + 1, 2)]
            leaves.append(
                _blades(feet, _directions(rng, 2, 0.7, 1.2), rng.uniform(0.1, 0.17, 2), np.full(2, 0.028), 0.3)
            )
        elif style == "twig":
            feet = upper[rng.integers(0, len(upper), 14)] + rng.normal(0, 0.008, (14, 3))
            ball = sphere(1.0, 8, 5)
            blooms += [ball.scaled(*[float(rng.uniform(0.004, 0.009))] * 3).moved(*foot) for foot in feet]
        elif style == "eucalyptus":
            feet = np.repeat(upper, 2, axis=0)
            size = rng.uniform(0.025, 0.045, len(feet))
            leaves.append(_blades(feet, _directions(rng, len(feet), -0.1, 0.6), size, 0.85 * size, 0.1))
        else:
            feet = np.repeat(upper[-6:], 7, axis=0)
            size = rng.uniform(0.03, 0.07, len(feet))
            blooms.append(_blades(feet, way + 0.35 * rng.normal(size=(len(feet), 3)), size, 0.08 * size, 0.4))
    parts = [part("vase stems", join(stalks), make("wood" if style == "twig" else "foliage", rng), 80.0)]
    if leaves:
        parts.append(part("vase leaves", join(leaves), make("foliage", rng), 80.0))
    if blooms:
        colours = ((0.75, 0.55, 0.58), (0.6, 0.08, 0.05), (0.8, 0.5, 0.08), (0.8, 0.78, 0.7), (0.35, 0.1, 0.3))
        pick = (0.62, 0.5, 0.32) if style == "grass" else colours[int(rng.integers(len(colours)))]
        parts.append(part("vase blooms", join(blooms), make("paint", rng, colour=pick), 80.0))
    return Kit(tuple(parts))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "tulip"
) -> list[bpy.types.Object]:
    """Stand one bunch at ``location``, as if in a vessel 0.25 m tall with straight walls."""
    inside = np.array([[0.05, 0.0], [0.05, 0.25]])
    return design(rng, inside, 0.0, 0.05, style).place(location, turn_deg)
