# SPDX-License-Identifier: Apache-2.0
"""People as one sees them across a street: limbs bent at their joints, clothes, hair; walking, standing, or on a bicycle.

A person looks towards +x and has the sole of the lower foot on z = 0; one who cycles sits as :mod:`.bicycle` stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import bpy
import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.materials.palette import RGB, any_hue, near, pick
from depthbench.blender_scenes.mesh import Mesh, join, rounded_box, sphere
from depthbench.blender_scenes.objects.forms import smooth
from depthbench.blender_scenes.objects.kit import GAP_M, Kit, Part, part
from depthbench.blender_scenes.objects.solids import horn

Point = npt.NDArray[np.float64]
STYLES = ("walking", "standing", "cycling")
_THIGH_M, _SHIN_M, _UPPER_ARM_M, _FOREARM_M = 0.44, 0.43, 0.30, 0.27
_ANKLE_M = 0.09
_SKINS: tuple[RGB, ...] = ((0.62, 0.38, 0.27), (0.48, 0.27, 0.17), (0.3, 0.16, 0.1), (0.13, 0.07, 0.045))
_HAIRS: tuple[RGB, ...] = ((0.02, 0.016, 0.014), (0.07, 0.04, 0.02), (0.25, 0.15, 0.06), (0.35, 0.34, 0.33))
_CLOTHES: tuple[RGB, ...] = (
    (0.03, 0.035, 0.05), (0.02, 0.02, 0.021), (0.05, 0.08, 0.16), (0.2, 0.19, 0.17), (0.14, 0.11, 0.08), (0.4, 0.38, 0.34)
)  # fmt: skip


@dataclass(frozen=True)
class _Pose:
    """Where the joints are; two of each limb, right (-y) first."""

    hips: Point
    chest: Point
    neck: Point
    ankles: tuple[Point, Point]
    wrists: tuple[Point, Point]
    toes_deg: tuple[float, float]


def _at(x: float, y: float, z: float) -> Point:
    return np.array([x, y, z])


def bend(start: Point, end: Point, upper_m: float, lower_m: float, towards: Point) -> Point:
    """Return the joint between two bones that lead from ``start`` to ``end``, bent ``towards`` a direction.

    Bones that are too short for the way meet on the straight line.
    """
    way = end - start
    reach = min(float(np.linalg.norm(way)), upper_m + lower_m)
    along = way / np.linalg.norm(way)
    share = (upper_m**2 - lower_m**2 + reach**2) / (2 * reach)
    aside = towards - along * (towards @ along)
    aside /= np.linalg.norm(aside)
    return np.asarray(start + share * along + np.sqrt(max(upper_m**2 - share**2, 0.0)) * aside)


def _walking(rng: np.random.Generator) -> _Pose:
    """Mid-stride: one foot ahead, the other with its heel up, arms the other way round."""
    lead = 1.0 if rng.random() < 0.5 else -1.0
    step, swing = float(rng.uniform(0.18, 0.33)), float(rng.uniform(0.1, 0.28))
    hips = _at(0, 0, 0.955 - 0.35 * step**2)
    feet = [_at(lead * side * step, 0.085 * side, _ANKLE_M) for side in (-1, 1)]
    behind = 1 if lead < 0 else 0
    feet[behind] = feet[behind] + _at(0.04, 0, 0.07)
    toes = [-8.0, -8.0]
    toes[behind] = 35.0
    wrists = [_at(-lead * side * swing + 0.08, 0.27 * side, 0.86) for side in (-1, 1)]
    lean = float(rng.uniform(0.0, 0.04))
    return _Pose(
        hips,
        _at(lean, 0, 1.3),
        _at(1.6 * lean, 0, 1.49),
        (feet[0], feet[1]),
        (wrists[0], wrists[1]),
        (toes[0], toes[1]),
    )


def _standing(rng: np.random.Generator) -> _Pose:
    feet = [_at(float(rng.uniform(-0.06, 0.06)), 0.11 * side, _ANKLE_M) for side in (-1, 1)]
    wrists = [_at(0.03, 0.26 * side, 0.84) for side in (-1, 1)]
    if rng.random() < 0.5:
        wrists[int(rng.integers(2))][:] = _at(0.28, 0.0, 1.15)
        wrists[0][1], wrists[1][1] = min(wrists[0][1], -0.1), max(wrists[1][1], 0.1)
    return _Pose(
        _at(0, 0, 0.945), _at(0, 0, 1.3), _at(0.02, 0, 1.49), (feet[0], feet[1]), (wrists[0], wrists[1]), (0, 0)
    )


def _cycling(rng: np.random.Generator) -> _Pose:
    """On the saddle, feet on the pedals, hands on the grips."""
    feet = [_at(0.15 * side - 0.1, 0.13 * side, 0.31 + 0.06 * side + _ANKLE_M) for side in (-1, 1)]
    wrists = [_at(0.24, 0.27 * side, 1.05) for side in (-1, 1)]
    upright = float(rng.uniform(0.0, 0.12))
    chest, neck = _at(-0.05 - 0.5 * upright, 0, 1.42), _at(0.08 - upright, 0, 1.59)
    return _Pose(_at(-0.27, 0, 1.075), chest, neck, (feet[0], feet[1]), (wrists[0], wrists[1]), (0, 0))


def _limbs(pose: _Pose) -> tuple[list[Mesh], list[Mesh], list[Mesh], list[Mesh]]:
    """Return legs, arms, hands and shoes."""
    legs, arms, hands, shoes = [], [], [], []
    forward, back = _at(1, 0, 0.25), _at(-1, 0, -0.6)
    across = pose.neck - pose.chest
    across /= np.linalg.norm(across)
    for index, side in enumerate((-1.0, 1.0)):
        hip, ankle = pose.hips + _at(0, 0.085 * side, -0.03), pose.ankles[index]
        knee = bend(hip, ankle, _THIGH_M, _SHIN_M, forward)
        path = smooth([hip + _at(0, 0, 0.06), hip, knee, ankle + _at(0, 0, 0.02)], 4)
        legs.append(horn(path, np.interp(np.linspace(0, 3, len(path)), [0, 1, 2, 3], [0.07, 0.09, 0.062, 0.05]), 12))
        shoulder = pose.neck - 0.07 * across + _at(0, 0.175 * side, 0)
        elbow = bend(shoulder, pose.wrists[index], _UPPER_ARM_M, _FOREARM_M, back + _at(0, 0.4 * side, 0))
        path = smooth([shoulder, elbow, pose.wrists[index]], 5)
        arms.append(horn(path, np.linspace(0.06, 0.036, len(path)), 10))
        arms.append(sphere(0.063, 12, 8).moved(*shoulder))
        hands.append(sphere(0.045, 12, 8).scaled(1.2, 0.7, 1.3).moved(*(pose.wrists[index] + _at(0.01, 0, -0.04))))
        shoe = rounded_box(0.27, 0.095, 0.09, 0.028).moved(x=0.06, z=-_ANKLE_M)
        shoes.append(shoe.rotated("y", pose.toes_deg[index]).moved(*ankle))
    return legs, arms, hands, shoes


def _trunk(pose: _Pose, coat: float, stout: float) -> Mesh:
    """Jacket or coat, ``coat`` metres longer than the hips, an ellipse in every section."""
    low = pose.hips + _at(0, 0, -0.09 - coat)
    spine = smooth(
        [low, pose.hips, 0.55 * pose.hips + 0.45 * pose.chest, pose.chest, pose.neck, pose.neck + _at(0.005, 0, 0.05)],
        4,
    )
    radii = [0.124 + 0.11 * coat, 0.124, 0.11, 0.128, 0.085, 0.055]
    swell = stout * np.interp(np.linspace(0, 5, len(spine)), np.arange(6), radii)
    return horn(spine, swell, 20).scaled(1.0, 1.42, 1.0)


def _head(rng: np.random.Generator, neck: Point) -> tuple[Mesh, Mesh]:
    """Return head with neck, and hair or a hat."""
    middle = neck + _at(0.025, 0, 0.185)
    face = sphere(1.0, 20, 14).scaled(0.098, 0.078, 0.122).moved(*middle)
    nose = sphere(0.016, 8, 6).moved(*(middle + _at(0.098, 0, -0.01)))
    throat = horn(np.stack([neck + _at(0, 0, -0.02), middle + _at(-0.01, 0, -0.05)]), [0.052, 0.048], 12)
    if rng.random() < 0.2:
        cap = sphere(1.0, 20, 12).scaled(0.112, 0.092, 0.1).moved(*(middle + _at(-0.008, 0, 0.052)))
        brim = sphere(1.0, 16, 8).scaled(0.09, 0.075, 0.012).moved(*(middle + _at(0.1, 0, 0.06)))
        return join([face, nose, throat]), join([cap, brim])
    hair = sphere(1.0, 20, 14).scaled(0.105, 0.087, 0.112).moved(*(middle + _at(-0.02, 0, 0.032)))
    if rng.random() < 0.45:
        fall = sphere(1.0, 16, 10).scaled(0.06, 0.09, 0.15).moved(*(middle + _at(-0.07, 0, -0.09)))
        return join([face, nose, throat]), join([hair, fall])
    return join([face, nose, throat]), hair


def _cloth(rng: np.random.Generator, bright: float) -> object:
    colour = any_hue(rng, (0.35, 0.85), (0.1, 0.55)) if rng.random() < bright else near(rng, pick(rng, _CLOTHES))
    return make("fabric", rng, colour=colour)


def design(rng: np.random.Generator, style: str = "walking") -> Kit:
    """Make the parts of a person; ``style`` is one of :data:`STYLES`."""
    pose = {"walking": _walking, "standing": _standing, "cycling": _cycling}[style](rng)
    size = 1.0 if style == "cycling" else float(rng.normal(0.98, 0.045))
    stout = float(rng.uniform(0.92, 1.22))
    coat = float(rng.uniform(0.15, 0.4)) if style != "cycling" and rng.random() < 0.35 else 0.0
    legs, arms, hands, shoes = _limbs(pose)
    head, hair = _head(rng, pose.neck)
    skin = make("paint", rng, colour=near(rng, pick(rng, _SKINS)))
    top = _cloth(rng, 0.5)
    seat = sphere(1.0, 16, 10).scaled(0.108 * stout, 0.155 * stout, 0.12).moved(*(pose.hips + _at(0, 0, -0.01)))
    meshes = [
        ("person trousers", join([*legs, seat]), _cloth(rng, 0.15)),
        ("person top", join([_trunk(pose, coat, stout), *arms]), top),
        ("person skin", join([head, *hands]), skin),
        ("person hair", hair, make("paint", rng, colour=near(rng, pick(rng, _HAIRS)))),
        ("person shoes", join(shoes), make("paint", rng, colour=near(rng, pick(rng, ((0.02, 0.02, 0.02), (0.5, 0.48, 0.45), (0.12, 0.07, 0.04)))))),
    ]  # fmt: skip
    if rng.random() < 0.3:
        pack = rounded_box(0.16, 0.3, 0.42, 0.05).rotated("y", 12.0 if style == "cycling" else 0.0)
        meshes.append(("person rucksack", pack.moved(*(pose.chest + _at(-0.19 * stout, 0, -0.24))), _cloth(rng, 0.6)))
    low = 0.0 if style == "cycling" else min(float(mesh.vertices[:, 2].min()) for _, mesh, _ in meshes)
    parts: list[Part] = [
        part(name, mesh.moved(z=-low).scaled(size, size, size).moved(z=GAP_M), material, 70.0)
        for name, mesh, material in meshes
    ]
    return Kit(tuple(parts))


def add(
    rng: np.random.Generator, location: Sequence[float], turn_deg: float = 0.0, style: str = "walking"
) -> list[bpy.types.Object]:
    """Put one person at ``location``."""
    return design(rng, style).place(location, turn_deg)
