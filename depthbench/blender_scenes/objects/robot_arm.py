# SPDX-License-Identifier: Apache-2.0
"""A jointed robot arm on a table whose gripper holds a plate by an edge: foot, turret, two links, wrist, two fingers with pads.

The arm is posed, not placed: :func:`reach` finds its joints for a grip, :func:`meshes` makes its parts in world coordinates.
Pads and fingers keep the distance that glass needs, so the plate can be taken away and nothing else changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.materials import make
from depthbench.blender_scenes.mesh import Mesh, box, join, lathe, rounded_box, sphere, tube
from depthbench.blender_scenes.objects.forms import solid
from depthbench.blender_scenes.objects.kit import GAP_M, GLASS_GAP_M
from depthbench.blender_scenes.objects.solids import horn

Vector = npt.NDArray[np.float64]

UPPER_M, FORE_M = 0.36, 0.34
"""Lengths of the two links."""
SHOULDER_M = 0.2
"""Height of the first joint above the table."""
FOOT_M = 0.095
"""Radius of the foot."""
GRIPPER_M = 0.15
"""From the held edge to the wrist."""
LINK_M, HAND_M = 0.062, 0.058
"""Radius about the line of the joints, and about the gripper's axis, that holds every part."""
_BITE_M = 0.02
_BALL_M = 0.036
PARTS = ("robot arm", "robot arm caps", "robot gripper", "robot gripper pads")


@dataclass(frozen=True)
class Grip:
    """An edge to hold: its middle (3,), the unit direction in the plate's plane away from it, the plate's unit normal."""

    edge: Vector
    outward: Vector
    normal: Vector
    thickness_m: float


def reach(foot: Vector, grip: Grip) -> Vector | None:
    """Return shoulder, elbow and wrist (3, 3) of an arm that stands at ``foot``, elbow up; None where it cannot reach."""
    shoulder, wrist = np.add(foot, [0.0, 0.0, SHOULDER_M]), grip.edge + GRIPPER_M * grip.outward
    away = wrist - shoulder
    far = float(np.linalg.norm(away))
    if not 0.2 < far < 0.97 * (UPPER_M + FORE_M):
        return None
    along = (far**2 + UPPER_M**2 - FORE_M**2) / (2 * far)
    lift = np.cross(_side(shoulder, wrist), away / far)
    elbow = shoulder + away / far * along + lift * np.sqrt(UPPER_M**2 - along**2)
    return np.stack([shoulder, elbow, wrist])


def _side(shoulder: Vector, wrist: Vector) -> Vector:
    """The level direction about which shoulder and elbow turn."""
    x, y, _ = wrist - shoulder
    side = np.array([y, -x, 0.0]) if np.hypot(x, y) > 1e-6 else np.array([0.0, -1.0, 0.0])
    unit: Vector = side / np.linalg.norm(side)
    return unit


def _housing(middle: Vector, side: Vector, radius_m: float, half_m: float) -> tuple[Mesh, list[Mesh]]:
    """A joint's cylinder about ``side``, and the two caps on its ends."""
    ends = np.stack([middle - half_m * side, middle + half_m * side])
    caps = []
    for sign in (-1.0, 1.0):
        inner = middle + sign * side * (half_m + GAP_M)
        caps.append(tube(np.stack([inner, inner + sign * 0.008 * side]), 0.86 * radius_m, 32))
    return tube(ends, radius_m, 32), caps


def meshes(foot: Vector, joints: Vector, grip: Grip) -> dict[str, Mesh]:
    """Return the arm's parts in world coordinates, one mesh for each of :data:`PARTS`."""
    shoulder, elbow, wrist = joints
    side = _side(shoulder, wrist)
    outline = [[0, 0], [FOOT_M, 0], [FOOT_M, 0.018], [0.068, 0.03], [0.06, 0.09], [0.052, SHOULDER_M], [0, SHOULDER_M]]
    stand = lathe(solid(outline, 0.006), 48).moved(*np.add(foot, [0.0, 0.0, GAP_M]))
    first, first_caps = _housing(shoulder, side, 0.056, 0.068)
    second, second_caps = _housing(elbow, side, 0.046, 0.056)
    t = np.linspace(0.0, 1.0, 7)[:, None]
    upper = horn(shoulder + t * (elbow - shoulder), 0.044 - 0.008 * np.sin(np.pi * t[:, 0]), 28)
    fore = horn(elbow + t * (wrist - elbow), np.interp(t[:, 0], [0, 0.35, 1], [0.04, 0.033, 0.028]), 28)
    body = join([stand, first, upper, second, fore, sphere(_BALL_M, 32, 16).moved(*wrist)])
    axes = np.stack([np.cross(grip.normal, grip.outward), grip.normal, grip.outward])

    def held(mesh: Mesh) -> Mesh:
        return Mesh(mesh.vertices @ axes + grip.edge, mesh.polygons)

    half = grip.thickness_m / 2 + GLASS_GAP_M
    pad_m, finger_m, low = 0.003, 0.011, -_BITE_M
    flange_m = GRIPPER_M - _BALL_M - GAP_M
    hand = [
        tube(np.array([[0, 0, 0.07], [0, 0, flange_m]]), 0.03, 28),
        rounded_box(0.094, 0.05, 0.036, 0.006).moved(z=0.042),
    ]
    pads = []
    for sign in (-1.0, 1.0):
        middle = sign * (half + pad_m + GAP_M + finger_m / 2)
        hand.append(rounded_box(0.05, finger_m, 0.05 - low, 0.002).moved(y=middle, z=low))
        pads.append(box(0.042, pad_m, _BITE_M - 0.003).moved(y=sign * (half + pad_m / 2), z=low + 0.0015))
    caps = join([*first_caps, *second_caps])
    return dict(zip(PARTS, (body, caps, held(join(hand)), held(join(pads))), strict=True))


def materials(rng: np.random.Generator) -> dict[str, Any]:
    """Draw the paint of an arm; one material for each of :data:`PARTS`."""
    shells = ((0.72, 0.72, 0.7), (0.78, 0.36, 0.06), (0.75, 0.6, 0.08), (0.16, 0.2, 0.26))
    caps = ((0.05, 0.2, 0.45), (0.06, 0.06, 0.065), (0.5, 0.51, 0.52))
    return {
        "robot arm": make("paint", rng, colour=shells[int(rng.integers(len(shells)))]),
        "robot arm caps": make("paint", rng, colour=caps[int(rng.integers(len(caps)))]),
        "robot gripper": make("metal", rng, finish="brushed"),
        "robot gripper pads": make("paint", rng, colour=(0.025, 0.025, 0.027)),
    }
