# SPDX-License-Identifier: Apache-2.0
"""Poses against closed forms: a camera looks where it is told, and every accepted pose keeps what was asked of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

pytest.importorskip("embreex")

from depthbench.blender_scenes import mesh
from depthbench.blender_scenes.mesh import Mesh
from depthbench.blender_scenes.pose import Pose, Rejected, ViewLimits, draw_pose, look_at
from depthbench.blender_scenes.scene import SceneInfo
from depthbench.camera import Intrinsics, right_from_left
from depthbench.layers import SurfaceClass
from depthbench.truth.cast import RayCaster
from depthbench.truth.geometry import SceneGeometry, Surface

LIMITS = ViewLimits(96, 64, 0.01, 0.25)
metres = st.floats(-5, 5)


def geometry(parts: list[tuple[Mesh, SurfaceClass, bool]]) -> SceneGeometry:
    """Put meshes of quads and triangles into one scene."""
    vertices, triangles, owner, surfaces = [], [], [], []
    offset = 0
    for number, (part, kind, closed) in enumerate(parts):
        faces = []
        for group in part.polygons:
            faces += [group[:, [0, k, k + 1]] for k in range(1, group.shape[1] - 1)]
        rows = np.concatenate(faces)
        vertices.append(part.vertices)
        triangles.append(rows + offset)
        owner.append(np.full(len(rows), number))
        surfaces.append(Surface(number + 1, str(number), kind, closed=closed))
        offset += len(part.vertices)
    count = sum(map(len, triangles))
    return SceneGeometry(
        np.concatenate(vertices),
        np.concatenate(triangles).astype(np.int32),
        np.concatenate(owner).astype(np.int32),
        np.zeros((count, 3, 3), np.float32),
        tuple(surfaces),
    )


def shifted(part: Mesh, x: float, y: float, z: float) -> Mesh:
    """Move a mesh."""
    return replace(part, vertices=part.vertices + np.array([x, y, z]))


WALL = (shifted(mesh.box(20, 0.2, 20), 0, 3, -10), SurfaceClass.OPAQUE, True)
PANE = (shifted(mesh.box(1.2, 0.01, 1.2), 0, 1, 0.4), SurfaceClass.TRANSMISSIVE, True)
INFO = SceneInfo(
    camera_boxes=np.array([[[-1.0, -2.0, 0.8], [1.0, -0.5, 1.4]]]),
    see_through_targets=np.array([[0.0, 1.0, 1.0]]),
    targets=np.array([[1.5, 2.9, 1.0]]),
    view_distance_m_range=(1.0, 6.0),
)


@given(st.tuples(metres, metres, metres), st.tuples(metres, metres, metres))
def test_a_camera_looks_at_its_target_with_its_top_up(position: tuple[float, ...], target: tuple[float, ...]) -> None:
    """The target projects to the middle; the pose is rigid; the x axis is level and the y axis points down."""
    away = np.array(target) - position
    assume(np.hypot(away[0], away[1]) > 0.1)
    assume(np.hypot(away[0], away[1]) > 0.2 * abs(away[2]))
    pose = look_at(np.array(position), np.array(target))
    assert np.allclose(pose[:3, :3].T @ pose[:3, :3], np.eye(3), atol=1e-12)
    assert np.linalg.det(pose[:3, :3]) == pytest.approx(1)
    point_cam = pose[:3, :3].T @ away
    assert np.allclose(point_cam, [0, 0, np.linalg.norm(away)], atol=1e-9)
    assert pose[2, 0] == pytest.approx(0, abs=1e-12)
    assert pose[2, 1] < 0


def test_turning_goes_the_way_it_says() -> None:
    """From the origin along +y: yaw goes left (-x), pitch up (+z), roll turns the camera's right side down."""
    here, there = np.zeros(3), np.array([0.0, 1.0, 0.0])
    s, c = np.sin(np.deg2rad(10)), np.cos(np.deg2rad(10))
    assert np.allclose(look_at(here, there, yaw_deg=10)[:3, 2], [-s, c, 0])
    assert np.allclose(look_at(here, there, pitch_deg=10)[:3, 2], [0, c, s])
    assert np.allclose(look_at(here, there, roll_deg=10)[:3, 0], [c, 0, -s])


def accepted(info: SceneInfo, caster: RayCaster, see_through: bool, tries: int = 200) -> list[Pose]:
    """Draw many poses and return the good ones."""
    poses = []
    for seed in range(tries):
        try:
            poses.append(draw_pose(info, caster, LIMITS, see_through, np.random.default_rng(seed)))
        except Rejected:
            continue
    return poses


@pytest.mark.parametrize("see_through", [True, False])
def test_accepted_poses_keep_what_was_asked(see_through: bool) -> None:
    """Place, distance, field of view, baseline and disparity by formula on a wall whose distance is known."""
    caster = RayCaster(geometry([WALL, PANE] if see_through else [WALL]))
    poses = accepted(INFO, caster, see_through)
    assert len(poses) > 100
    for pose in poses:
        position = pose.left_cam_to_world[:3, 3]
        assert (position >= INFO.camera_boxes[0, 0]).all()
        assert (position <= INFO.camera_boxes[0, 1]).all()
        assert 50 <= pose.hfov_deg <= 80
        assert pose.rig.intrinsics.fx == pytest.approx(48 / np.tan(np.deg2rad(pose.hfov_deg) / 2))
        assert 0.03 <= pose.rig.baseline_m <= 0.4
        target = INFO.see_through_targets[0] if see_through else None
        if target is not None:
            assert 1.0 <= np.linalg.norm(target - position) <= 6.0
            point_cam = pose.left_cam_to_world[:3, :3].T @ (target - position)
            x, y = pose.rig.intrinsics.project(point_cam)
            assert 0 <= x < 96
            assert 0 <= y < 64
        else:
            # the wall's front is the plane y = 2.9, its nearest point in the picture is at a corner of it
            directions = pose.rig.intrinsics.pixel_directions().reshape(-1, 3) @ pose.left_cam_to_world[:3, :3].T
            depth_m = np.where(directions[:, 1] > 0, (2.9 - position[1]) / np.maximum(directions[:, 1], 1e-9), np.inf)
            share = pose.rig.intrinsics.fx * pose.rig.baseline_m / depth_m.min() / 96
            assert 0.01 * 0.999 <= share <= 0.25 * 1.001


def test_no_more_than_a_share_of_the_picture_is_one_surface() -> None:
    """Two walls that meet at x = 0: by the rays' formula, neither fills more than was asked, seen through a pane or not."""
    halves = [(shifted(mesh.box(20, 0.2, 40), side * 10.001, 3, -20), SurfaceClass.OPAQUE, True) for side in (-1, 1)]
    caster = RayCaster(geometry([*halves, PANE]))
    anywhere = accepted(INFO, caster, False)
    poses = accepted(replace(INFO, max_one_surface_share=0.7), caster, False)
    assert 0 < len(poses) < len(anywhere)
    for pose in poses:
        directions = pose.rig.intrinsics.pixel_directions().reshape(-1, 3) @ pose.left_cam_to_world[:3, :3].T
        position = pose.left_cam_to_world[:3, 3]
        x = position[0] + directions[:, 0] * (2.9 - position[1]) / directions[:, 1]
        assert max((x < 0).mean(), (x > 0).mean()) < 0.7 + 0.03  # the poser's grid of rays is coarse


def test_a_place_sets_its_own_cameras() -> None:
    """Every narrowed range of a layout is kept: field of view, roll, pitch about the target, baseline, distance."""
    info = replace(
        INFO,
        targets=INFO.see_through_targets,
        hfov_deg_range=(31.0, 32.0),
        roll_deg_range=(4.0, 5.0),
        pitch_deg_range=(8.0, 9.0),
        baseline_m_range=(0.1, 0.11),
        view_distance_m_range=(2.0, 2.5),
    )
    poses = accepted(info, RayCaster(geometry([WALL, PANE])), True)
    assert len(poses) > 20
    off_centre_deg = 0.3 * 0.22 * 32 * 64 / 96
    for pose in poses:
        right, down, forward = pose.left_cam_to_world[2, :3]
        away = INFO.see_through_targets[0] - pose.left_cam_to_world[:3, 3]
        distance_m = float(np.linalg.norm(away))
        pitch_deg = np.rad2deg(np.arcsin(forward) - np.arcsin(away[2] / distance_m))
        assert 31 <= pose.hfov_deg <= 32
        assert 4 - 1e-9 <= np.rad2deg(np.arctan2(-right, -down)) <= 5 + 1e-9
        assert 8 - off_centre_deg <= pitch_deg <= 9 + off_centre_deg
        assert 0.1 <= pose.rig.baseline_m <= 0.11
        assert 2.0 <= distance_m <= 2.5


def test_baselines_are_log_uniform_where_nothing_limits_them() -> None:
    """A wall far enough for every baseline: the logarithm's mean and spread are those of the uniform distribution."""
    info = replace(INFO, baseline_m_range=(0.06, 0.3))
    poses = accepted(info, RayCaster(geometry([WALL])), False, 600)
    logs = np.log([pose.rig.baseline_m for pose in poses])
    low, high = np.log(0.06), np.log(0.3)
    assert logs.mean() == pytest.approx((low + high) / 2, abs=4 * (high - low) / np.sqrt(12 * len(logs)))
    assert logs.std() == pytest.approx((high - low) / np.sqrt(12), rel=0.1)


def reasons(info: SceneInfo, parts: list[tuple[Mesh, SurfaceClass, bool]], see_through: bool = False) -> set[str]:
    """Kinds of rejection over a hundred attempts, and "good" if any was."""
    caster = RayCaster(geometry(parts))
    found = set()
    for seed in range(100):
        try:
            draw_pose(info, caster, LIMITS, see_through, np.random.default_rng(seed))
            found.add("good")
        except Rejected as rejected:
            found.add(rejected.kind)
    return found


def test_bad_places_are_rejected_by_name() -> None:
    """Each in a scene made for it, where no attempt can be good."""
    assert reasons(replace(INFO, view_distance_m_range=(20.0, 30.0)), [WALL]) == {"no place"}
    assert reasons(replace(INFO, clearance_m=9.0), [WALL]) == {"clearance"}
    around = (shifted(mesh.box(8, 8, 8), 0, 0, -3), SurfaceClass.OPAQUE, True)
    assert reasons(INFO, [around]) == {"inside"}
    assert reasons(INFO, [WALL], see_through=True) == {"see-through area"}
    far = (shifted(mesh.box(2000, 0.2, 2000), 0, 500, -1000), SurfaceClass.OPAQUE, True)
    assert reasons(INFO, [far]) == {"disparity range"}
    open_sky = (shifted(mesh.box(1, 1, 1), 0, -50, 0), SurfaceClass.OPAQUE, True)
    assert reasons(INFO, [open_sky]) == {"clearance"}


def test_nothing_stands_between_the_eyes() -> None:
    """Thin fins across the camera box: every accepted pose has both eyes in one gap."""
    fins = [
        (shifted(mesh.box(0.002, 1.5, 0.6), x, -1.25, 0.8), SurfaceClass.OPAQUE, True) for x in np.linspace(-1, 1, 9)
    ]
    info = replace(INFO, clearance_m=0.0)
    caster = RayCaster(geometry([WALL, *fins]))
    poses = accepted(info, caster, False, 300)
    kinds = reasons(info, [WALL, *fins])
    assert "between the eyes" in kinds
    for pose in poses:
        left = pose.left_cam_to_world
        right = right_from_left(left, pose.rig.baseline_m)
        between = np.linspace(left[:3, 3], right[:3, 3], 200)
        for x in np.linspace(-1, 1, 9):
            inside = (np.abs(between[:, 0] - x) < 0.001) & (np.abs(between[:, 1] + 1.25) < 0.75)
            assert not (inside & (between[:, 2] > 0.8) & (between[:, 2] < 1.4)).any()


def test_intrinsics_are_centred() -> None:
    """So that Blender's camera needs no shift."""
    pose = accepted(INFO, RayCaster(geometry([WALL])), False, 5)[0]
    assert pose.rig.intrinsics == Intrinsics.centred(96, 64, pose.rig.intrinsics.fx)
