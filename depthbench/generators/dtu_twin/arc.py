# SPDX-License-Identifier: Apache-2.0
"""Where a robot arm holds the camera, its calibration, and which views go together: the same for all scans, as in DTU.

The world is in mm, its origin the middle of the table's upper face, z up. DTU's 49 places lie on a cap of a sphere about the scene, in
rows that are walked to and fro; here they are six rows, neighbours 9 degrees apart, from 23 to 66 degrees above the table, at
650 mm. Fewer views are those about the middle of the cap, so that neighbours stay neighbours.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from depthbench.camera import Intrinsics
from depthbench.crop_and_scale import cropped, dtu_training, scaled
from depthbench.formats.mvs_pairs import Pairs
from depthbench.formats.mvsnet_cam import MvsCamera
from depthbench.generators.mvs.view_selection import SparseView, best_sources, pair_scores

Floats = npt.NDArray[np.float64]

MOST_VIEWS = 49
DISTANCE_MM = 650.0
TARGET_MM = (0.0, 0.0, 55.0)
DEPTH_MIN_MM, DEPTH_INTERVAL_MM, DEPTH_MAX_MM = 425.0, 2.5, 935.0
FULL_SIZE = (1600, 1200)
TRAINING_SIZE = (640, 512)
FOCAL_PX, PRINCIPAL_PX = 2887.75, (823.205, 619.07)
"""Of the full size; DTU's own, but for square pixels."""
_ROWS = ((66, 5), (57, 6), (48, 8), (39, 9), (31, 10), (23, 11))
"""Elevation in degrees, and views."""
_STEP_DEG = 9.0
_DOME_MM, _DOME_POINTS = 110.0, 3000
_SOURCES = 10


def full_matrix(scale: float) -> Floats:
    """Return K of the full pictures of a set that has ``scale`` times DTU's pixels per side."""
    whole = np.array([[FOCAL_PX, 0, PRINCIPAL_PX[0]], [0, FOCAL_PX, PRINCIPAL_PX[1]], [0, 0, 1]])
    return scaled(whole, scale)


def intrinsics(scale: float, training: bool) -> Intrinsics:
    """Return the camera of the full or of the training pictures: of the latter, halved and cropped by the plain factor."""
    matrix, size = full_matrix(scale), FULL_SIZE
    if training:
        matrix, size = cropped(scaled(matrix, 0.5), 80 * scale, 44 * scale), TRAINING_SIZE
    width, height = (round(side * scale) for side in size)
    return Intrinsics(width, height, matrix[0, 0], matrix[1, 1], matrix[0, 2], matrix[1, 2])


def poses(views: int, seed: int) -> list[Floats]:
    """Return ``world_to_cam`` (4, 4) of the views, mm; ``seed`` moves each by a few millimetres, as no arm is perfect."""
    places = []
    for row, (up_deg, count) in enumerate(_ROWS):
        around = (np.arange(count) - (count - 1) / 2) * _STEP_DEG / np.cos(np.deg2rad(up_deg))
        places += [(float(turn_deg), float(up_deg)) for turn_deg in (around if row % 2 else around[::-1])]
    directions = np.array([_direction(*place) for place in places])
    nearest = np.argsort(-directions @ _direction(0.0, 40.0), kind="stable")[:views]
    rng = np.random.default_rng([seed, 0x617263])
    shifts, aims = rng.normal(0, 2, (MOST_VIEWS, 3)), rng.normal(0, 4, (MOST_VIEWS, 3))
    rolls = np.deg2rad(rng.normal(0, 0.6, MOST_VIEWS))
    target = np.array(TARGET_MM)
    return [
        _looking(target + DISTANCE_MM * directions[k] + shifts[k], target + aims[k], float(rolls[k]))
        for k in sorted(nearest.tolist())
    ]


def cameras(views: int, seed: int, matrix: Floats) -> list[MvsCamera]:
    """Return the views' cameras with this K, and DTU's depths."""
    return [
        MvsCamera(matrix, pose, DEPTH_MIN_MM, DEPTH_MAX_MM, DEPTH_INTERVAL_MM) for pose in poses(views, seed)
    ]  # fmt: skip


def training_matrix(scale: float) -> Floats:
    """Return K of the training depth maps, a quarter of the training pictures."""
    return dtu_training(full_matrix(scale), scale)


def pairs(views: int, seed: int) -> Pairs:
    """Return each view's sources by MVSNet's score of the points of a dome on the table that views see, the same for all scans."""
    index = np.arange(_DOME_POINTS)
    up = (index + 0.5) / _DOME_POINTS
    around = index * np.pi * (3 - np.sqrt(5))
    normals = np.stack([np.sqrt(1 - up**2) * np.cos(around), np.sqrt(1 - up**2) * np.sin(around), up], axis=1)
    points = _DOME_MM * normals
    camera = intrinsics(1.0, training=True)
    sparse = {}
    for view, pose in enumerate(poses(views, seed)):
        rays = points + pose[:3, :3].T @ pose[:3, 3]
        facing = (normals * rays).sum(axis=1) < -0.25 * np.linalg.norm(rays, axis=1)
        x, y = camera.project(points @ pose[:3, :3].T + pose[:3, 3]).T
        inside = (x > -0.5) & (y > -0.5) & (x < camera.width - 0.5) & (y < camera.height - 0.5)
        sparse[view] = SparseView(pose, np.flatnonzero(facing & inside))
    return best_sources(list(sparse), pair_scores(sparse, points), _SOURCES)


def _direction(turn_deg: float, up_deg: float) -> Floats:
    """From the scene to the camera; turn 0 is south, -y."""
    turn, up = np.deg2rad(turn_deg), np.deg2rad(up_deg)
    return np.array([np.sin(turn) * np.cos(up), -np.cos(turn) * np.cos(up), np.sin(up)])


def _looking(eye: Floats, target: Floats, roll: float) -> Floats:
    forward = (target - eye) / np.linalg.norm(target - eye)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    down = np.cross(forward, right)
    axes = np.stack([right * np.cos(roll) + down * np.sin(roll), down * np.cos(roll) - right * np.sin(roll), forward])
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = axes, -axes @ eye
    return pose
