# SPDX-License-Identifier: Apache-2.0
"""Where the two cameras stand and what they look at: drawn at random, tested by a few rays before anything is rendered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.blender_scenes.scene import SceneInfo
from depthbench.camera import Intrinsics, StereoRig, right_from_left
from depthbench.layers import SurfaceClass
from depthbench.truth.cast import RayCaster

Float = npt.NDArray[np.floating[Any]]

PROBE_COLUMNS = 48
"""Rays across the image with which a pose is tried."""

POSITIONS_TRIED = 64
MAX_ELEVATION_DEG = 40.0
"""Steeper looks up or down at a target are not taken."""

OFF_CENTRE_SHARE = 0.22
"""A target lies within this share of the field of view to either side of the middle."""


class Rejected(Exception):
    """An attempt at a view that does not count; ``kind`` is the short reason that is counted, the text the details."""

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(detail or kind)
        self.kind = kind


@dataclass(frozen=True)
class ViewLimits:
    """What every view of a set must keep to.

    Attributes
    ----------
    width, height : int
        Pixels.
    min_disparity_share, max_disparity_share : float
        Bounds of the largest disparity as a share of the width.
    min_see_through_share : float
        Least share of pixels that see something see-through first, in a view meant to show it.
    """

    width: int
    height: int
    min_disparity_share: float
    max_disparity_share: float
    min_see_through_share: float = 0.03


@dataclass(frozen=True)
class Pose:
    """A stereo camera in a scene.

    Attributes
    ----------
    rig : StereoRig
    left_cam_to_world : float64 (4, 4)
        OpenCV frame.
    hfov_deg : float
    """

    rig: StereoRig
    left_cam_to_world: npt.NDArray[np.float64]
    hfov_deg: float


def look_at(
    position: Float, target: Float, yaw_deg: float = 0.0, pitch_deg: float = 0.0, roll_deg: float = 0.0
) -> npt.NDArray[np.float64]:
    """Return ``cam_to_world`` (4, 4, OpenCV) of a camera that looks from ``position`` towards ``target`` with z up.

    Then it is turned left by ``yaw_deg``, up by ``pitch_deg`` and clockwise about its axis by ``roll_deg``.
    """
    x, y, z = np.asarray(target, dtype=np.float64) - position
    azimuth = np.arctan2(y, x) + np.deg2rad(yaw_deg)
    elevation = np.clip(np.arctan2(z, np.hypot(x, y)) + np.deg2rad(pitch_deg), -1.5, 1.5)
    forward = np.array([np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)])
    level = np.array([np.sin(azimuth), -np.cos(azimuth), 0.0])
    down = np.cross(forward, level)
    roll = np.deg2rad(roll_deg)
    right = np.cos(roll) * level + np.sin(roll) * down
    cam_to_world = np.eye(4)
    cam_to_world[:3, :3] = np.stack([right, np.cross(forward, right), forward], axis=1)
    cam_to_world[:3, 3] = position
    return cam_to_world


def draw_pose(
    info: SceneInfo, caster: RayCaster, limits: ViewLimits, see_through: bool, rng: np.random.Generator
) -> Pose:
    """Draw a pose and try it with a few rays of each eye.

    Parameters
    ----------
    info : SceneInfo
    caster : RayCaster
    limits : ViewLimits
    see_through : bool
        Whether the view is to show something see-through.
    rng : numpy.random.Generator

    Raises
    ------
    Rejected
        If the pose will not do: ``no place``, ``clearance``, ``inside``, ``see-through area``, ``bare``, ``disparity range``,
        ``between the eyes``.
    """
    targets = info.see_through_targets if see_through else np.concatenate([info.targets, info.see_through_targets])
    target = targets[rng.integers(len(targets))]
    position = _draw_position(info, target, rng)
    hfov_deg = rng.uniform(*info.hfov_deg_range)
    vfov_deg = hfov_deg * limits.height / limits.width
    pose = look_at(
        position,
        target,
        yaw_deg=OFF_CENTRE_SHARE * hfov_deg * rng.uniform(-1, 1),
        pitch_deg=rng.uniform(*info.pitch_deg_range) + 0.3 * OFF_CENTRE_SHARE * vfov_deg * rng.uniform(-1, 1),
        roll_deg=rng.uniform(*info.roll_deg_range),
    )
    focal_px = limits.width / 2 / np.tan(np.deg2rad(hfov_deg) / 2)
    intrinsics = Intrinsics.centred(limits.width, limits.height, focal_px)
    directions = _probe_directions(intrinsics)
    nearest_m, first_see_through, one_surface = _probe(caster, directions, pose, info.clearance_m)
    if see_through and first_see_through < limits.min_see_through_share:
        raise Rejected("see-through area", f"{first_see_through:.1%} of the probing rays")
    if one_surface > info.max_one_surface_share:
        raise Rejected("bare", f"{one_surface:.1%} of the probing rays end on one surface")
    low, high = info.baseline_m_range
    disparity_share_per_m = focal_px / (nearest_m * limits.width)
    low = max(low, limits.min_disparity_share / disparity_share_per_m)
    high = min(high, limits.max_disparity_share / disparity_share_per_m)
    if low > high:
        raise Rejected("disparity range", f"nearest surface at {nearest_m:.2f} m")
    baseline_m = float(np.exp(rng.uniform(np.log(low), np.log(high))))
    rig = StereoRig(intrinsics, baseline_m)
    check_right_eye(caster, rig, pose, info.clearance_m)
    return Pose(rig, pose, hfov_deg)


def check_right_eye(caster: RayCaster, rig: StereoRig, left_cam_to_world: Float, clearance_m: float) -> None:
    """Raise Rejected (``between the eyes``, ``clearance``, ``inside``) where the right camera cannot stand at this baseline."""
    right_pose = right_from_left(left_cam_to_world, rig.baseline_m)
    between = caster.cast(left_cam_to_world[:3, 3], (right_pose[:3, 3] - left_cam_to_world[:3, 3])[None])
    if (between.t <= 1).any():
        raise Rejected("between the eyes", "a surface stands between the two cameras")
    _probe(caster, _probe_directions(rig.intrinsics), right_pose, clearance_m)


def _draw_position(info: SceneInfo, target: Float, rng: np.random.Generator) -> Float:
    """Return a place in the camera boxes from which the target is neither too near, too far, nor too steep."""
    size = info.camera_boxes[:, 1] - info.camera_boxes[:, 0]
    volume = np.maximum(size, 1e-3).prod(axis=1)
    box = rng.choice(len(volume), size=POSITIONS_TRIED, p=volume / volume.sum())
    positions = info.camera_boxes[box, 0] + size[box] * rng.random((POSITIONS_TRIED, 3))
    away = target - positions
    distance_m = np.linalg.norm(away, axis=1)
    low, high = info.view_distance_m_range
    steep = np.abs(away[:, 2]) > distance_m * np.sin(np.deg2rad(MAX_ELEVATION_DEG))
    good = np.flatnonzero((distance_m >= low) & (distance_m <= high) & ~steep)
    if not len(good):
        raise Rejected("no place", "no position in the camera boxes suits the target")
    place: Float = positions[good[0]]
    return place


def _probe_directions(intrinsics: Intrinsics) -> Float:
    """Camera-frame directions (N, 3), z = 1, on a coarse grid over the whole image, its corners included."""
    columns = np.linspace(0, intrinsics.width - 1, PROBE_COLUMNS)
    rows = np.linspace(0, intrinsics.height - 1, max(8, round(PROBE_COLUMNS * intrinsics.height / intrinsics.width)))
    x, y = np.meshgrid((columns - intrinsics.cx) / intrinsics.fx, (rows - intrinsics.cy) / intrinsics.fy)
    return np.stack([x, y, np.ones_like(x)], axis=-1).reshape(-1, 3)


def _probe(caster: RayCaster, directions: Float, cam_to_world: Float, clearance_m: float) -> tuple[float, float, float]:
    """Return the nearest planar depth in m, and of the rays the share that meets something see-through first and the share
    that ends on the surface on which most end; reject a bad place.
    """
    hits = caster.cast(cam_to_world[:3, 3], directions @ cam_to_world[:3, :3].T)
    rays, first = np.unique(hits.ray, return_index=True)
    if not len(rays):
        raise Rejected("clearance", "nothing is in sight")
    surfaces = caster.geometry.surfaces
    closed = np.array([surface.closed for surface in surfaces])
    see_through = np.array([surface.surface_class >= SurfaceClass.TRANSMISSIVE for surface in surfaces])
    surface = hits.surface[first]
    distance_m = hits.t[first] * np.linalg.norm(directions[rays], axis=1)
    if distance_m.min() < clearance_m:
        raise Rejected("clearance", f"a surface at {distance_m.min():.2f} m")
    if (closed[surface] & ~hits.entering[first]).mean() > 0.5:
        raise Rejected("inside", "the camera is inside a solid")
    ends = hits.surface[np.append(first[1:], len(hits.ray)) - 1]
    most, rays_in_all = int(np.bincount(ends).max()), len(directions)
    return float(hits.t[first].min()), float(see_through[surface].sum() / rays_in_all), most / rays_in_all
