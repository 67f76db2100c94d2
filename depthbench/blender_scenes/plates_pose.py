# SPDX-License-Identifier: Apache-2.0
"""Where the cameras, the plate and the arm of a configuration are: drawn within its strata, tested against what is there.

The camera's direction goes with ``configuration // 3``, the plate's distance with ``configuration % 3``: twelve cells, so
that near, middle and far plates, which cover much, less and little, are seen from everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.layouts.tabletop import TableTop
from depthbench.blender_scenes.mesh import Mesh, box
from depthbench.blender_scenes.objects import robot_arm
from depthbench.blender_scenes.objects.robot_arm import Grip
from depthbench.blender_scenes.pose import Rejected, look_at
from depthbench.camera import Intrinsics, StereoRig

Float = npt.NDArray[np.floating[Any]]
Vector = npt.NDArray[np.float64]

PLATE_M = 0.3
THICKNESS_M = 0.004
HFOV_DEG = 60.0
BASELINE_M = 0.06
"""One camera for all pictures, as in a laboratory."""
PLATE_FROM_CAMERA_M = ((0.42, 0.5), (0.5, 0.58), (0.58, 0.68))
AZIMUTHS_DEG = (-24.0, -8.0, 8.0, 24.0)
DRAWS = 600
RIM = 0.05
"""Share of the picture's sides that the held edge keeps from them."""
ROOM_M = 0.015
"""Free air kept about the plate and the arm."""


@dataclass(frozen=True)
class Placed:
    """One configuration.

    Attributes
    ----------
    rig : StereoRig
    left_cam_to_world : float64 (4, 4)
    grip : Grip
        What the arm holds.
    joints : float64 (3, 3)
        Of the arm.
    plate : Mesh
        In world coordinates.
    centre : float64 (3,)
        Of the plate.
    """

    rig: StereoRig
    left_cam_to_world: Vector
    grip: Grip
    joints: Vector
    plate: Mesh
    centre: Vector


def place(top: TableTop, configuration: int, width: int, height: int, rng: np.random.Generator) -> Placed:
    """Draw a configuration in which the arm reaches the plate and neither touches anything.

    Raises
    ------
    Rejected
        If :data:`DRAWS` draws gave none.
    """
    for _ in range(DRAWS):
        placed = _draw(top, configuration, width, height, rng)
        if placed is not None:
            return placed
    raise Rejected("no place", "the arm cannot hold the plate anywhere")


def _draw(top: TableTop, configuration: int, width: int, height: int, rng: np.random.Generator) -> Placed | None:
    """Draw once; None where the arm does not reach or something would be touched."""
    azimuth = np.deg2rad(AZIMUTHS_DEG[configuration // 3 % 4] + rng.uniform(-6, 6))
    away = rng.uniform(0.95, 1.1)
    position = np.add(top.middle, [away * np.sin(azimuth), -away * np.cos(azimuth), rng.uniform(0.28, 0.46)])
    target = np.add(top.middle, [away * np.sin(azimuth) * rng.uniform(-0.1, 0.2), 0.0, rng.uniform(0.06, 0.14)])
    pose = look_at(position, target, roll_deg=float(rng.uniform(-1, 1)))
    intrinsics = Intrinsics.centred(width, height, width / 2 / np.tan(np.deg2rad(HFOV_DEG) / 2))
    depth = rng.uniform(*PLATE_FROM_CAMERA_M[configuration % 3])
    offset = rng.uniform([-0.12, -0.04], [0.12, 0.08])
    centre = position + pose[:3, :3] @ np.array([BASELINE_M / 2 + offset[0], offset[1], depth])
    axes = _axes(centre - position, rng)
    plate = Mesh(
        box(PLATE_M, THICKNESS_M, PLATE_M).moved(z=-PLATE_M / 2).vertices @ axes + centre, box(1, 1, 1).polygons
    )
    beside = float(np.sign(axes[0] @ (top.foot - centre)))
    outward = axes[2] if rng.random() < 0.4 else beside * axes[0]
    grip = Grip(centre + PLATE_M / 2 * outward, outward, axes[1], THICKNESS_M)
    if not _in_sight(grip.edge, intrinsics, pose):
        return None
    joints = robot_arm.reach(top.foot, grip)
    if joints is None or not _is_free(top, joints, grip, centre, axes):
        return None
    return Placed(StereoRig(intrinsics, BASELINE_M), pose, grip, joints, plate, centre)


def _axes(sight: Vector, rng: np.random.Generator) -> Vector:
    """The plate's axes as rows: along its lower edge, its normal (away from the camera), up; turned off the line of sight."""
    turn = np.arctan2(sight[1], sight[0]) + np.deg2rad(rng.uniform(-30, 30))
    tilt, roll = np.deg2rad(rng.uniform(-14, 14)), np.deg2rad(rng.uniform(-7, 7))
    normal = np.array([np.cos(tilt) * np.cos(turn), np.cos(tilt) * np.sin(turn), np.sin(tilt)])
    level = np.array([np.sin(turn), -np.cos(turn), 0.0])
    up = np.cross(level, normal)
    along = np.cos(roll) * level + np.sin(roll) * up
    axes: Vector = np.stack([along, normal, np.cross(along, normal)])
    return axes


def _in_sight(point: Vector, intrinsics: Intrinsics, cam_to_world: Vector) -> bool:
    """Whether the left camera shows a point, off the picture's rim: the fingers on the plate belong in the picture."""
    x, y = intrinsics.project(((point - cam_to_world[:3, 3]) @ cam_to_world[:3, :3])[None])[0]
    size = np.array([intrinsics.width, intrinsics.height])
    return bool((np.abs(np.array([x, y]) / size - 0.5) < 0.5 - RIM).all())


def _is_free(top: TableTop, joints: Vector, grip: Grip, centre: Vector, axes: Vector) -> bool:
    """Whether plate and arm touch neither the table, nor what is on it, nor one another."""
    t = np.linspace(0.0, 1.0, 40)[:, None]
    shoulder, elbow, wrist = joints
    links = np.concatenate([shoulder + t * (elbow - shoulder), elbow + t * (wrist - elbow)])
    hand = wrist + t * (grip.edge - wrist)
    x, y = np.meshgrid(*[np.linspace(-PLATE_M / 2, PLATE_M / 2, 31)] * 2)
    plate = centre + x.ravel()[:, None] * axes[0] + y.ravel()[:, None] * axes[2]
    for points, radius_m in ((links, robot_arm.LINK_M), (hand, robot_arm.HAND_M), (plate, THICKNESS_M)):
        nearest = np.clip(points[:, None], top.boxes[:, 0], top.boxes[:, 1])
        if (np.linalg.norm(points[:, None] - nearest, axis=2) < radius_m + ROOM_M).any():
            return False
    local = (links - centre) @ axes.T
    beyond = np.maximum(np.abs(local) - [PLATE_M / 2, THICKNESS_M / 2, PLATE_M / 2], 0.0)
    return bool((np.linalg.norm(beyond, axis=1) >= robot_arm.LINK_M + ROOM_M).all())
