# SPDX-License-Identifier: Apache-2.0
"""The conventions in numbers: pixel centres, planar depth, disparity, resizing, poses, Blender's axes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depthbench.camera import OPENCV_TO_BLENDER_CAMERA, Intrinsics, StereoRig, right_from_left

sizes = st.integers(1, 200)
focals = st.floats(10.0, 2000.0)


def test_integer_coordinates_are_pixel_centres() -> None:
    """Of a 4-pixel row the centred camera's axis falls between pixels 1 and 2: angles are symmetric about it."""
    intrinsics = Intrinsics.centred(4, 3, 2.0)
    directions = intrinsics.pixel_directions()
    np.testing.assert_allclose(directions[0, :, 0], [-0.75, -0.25, 0.25, 0.75])
    np.testing.assert_allclose(directions[:, 0, 1], [-0.5, 0.0, 0.5])
    assert (directions[..., 2] == 1).all()
    np.testing.assert_allclose(intrinsics.matrix @ [0.25, 0.5, 1.0], [2.0, 2.0, 1.0])


@given(sizes, sizes, focals)
def test_pinhole_field_of_view_spans_the_pixels_outer_borders(width: int, height: int, focal_px: float) -> None:
    """tan(hfov / 2) = W / (2 f): the outer borders of the outer pixels, half a pixel beyond their centres."""
    intrinsics = Intrinsics.centred(width, height, focal_px)
    half = width / (2 * focal_px)
    np.testing.assert_allclose(
        intrinsics.project(np.array([[-half, 0, 1], [half, 0, 1]]))[:, 0], [-0.5, width - 0.5], atol=1e-9
    )


@given(
    st.floats(20, 500),
    st.floats(20, 500),
    st.floats(-10, 70),
    st.floats(-10, 50),
    st.tuples(st.floats(-3, 3), st.floats(-3, 3), st.floats(0.1, 50)),
)
def test_projection_is_the_calibration_matrix(
    fx: float, fy: float, cx: float, cy: float, point: tuple[float, ...]
) -> None:
    intrinsics = Intrinsics(64, 48, fx, fy, cx, cy)
    x, y, w = intrinsics.matrix @ np.array(point)
    np.testing.assert_allclose(intrinsics.project(np.array(point)), [x / w, y / w], rtol=1e-9, atol=1e-9)


def test_projection_undoes_back_projection_and_depth_is_planar() -> None:
    rng = np.random.default_rng(0)
    intrinsics = Intrinsics(20, 10, 33.0, 35.0, 8.5, 5.25)
    depth_m = rng.uniform(0.1, 100, (10, 20))
    depth_m[2, 3] = np.nan
    points = intrinsics.back_project(depth_m)
    np.testing.assert_array_equal(points[..., 2], depth_m)
    y, x = np.mgrid[0:10, 0:20]
    seen = ~np.isnan(depth_m)
    np.testing.assert_allclose(intrinsics.project(points)[seen], np.stack([x, y], axis=-1)[seen], atol=1e-9)
    assert np.isnan(intrinsics.project(points)[2, 3]).all()
    assert np.isnan(intrinsics.project(np.array([[0, 0, -1.0], [0, 0, 0]]))).all()


@given(sizes, sizes, focals, sizes, sizes)
def test_resizing_keeps_directions(width: int, height: int, focal_px: float, new_width: int, new_height: int) -> None:
    """A direction projects to x in the old image and to (x + 0.5) s - 0.5 in the resized one."""
    old = Intrinsics.centred(width, height, focal_px)
    new = old.resized(new_width, new_height)
    points = np.array([[0.1, -0.2, 1.0], [-0.5, 0.3, 2.0]])
    scale = np.array([new_width / width, new_height / height])
    np.testing.assert_allclose(new.project(points), (old.project(points) + 0.5) * scale - 0.5, rtol=1e-9, atol=1e-9)
    assert (new.width, new.height) == (new_width, new_height)


@given(st.floats(50, 2000), st.floats(0.01, 1.0), st.floats(-50, 50), st.floats(0.1, 1000))
def test_disparity_is_the_difference_of_the_two_projections(
    focal_px: float, baseline_m: float, doffs: float, z: float
) -> None:
    left = Intrinsics.centred(640, 480, focal_px)
    right = Intrinsics(640, 480, focal_px, focal_px, left.cx + doffs, left.cy)
    point = np.array([0.3, -0.2, z])
    x_left = left.project(point)[0]
    x_right = right.project(point - [baseline_m, 0, 0])[0]
    disp_px = StereoRig(left, baseline_m, doffs).disparity_from_depth(np.array([z]))
    np.testing.assert_allclose(disp_px, x_left - x_right, rtol=1e-5, atol=1e-3)


def test_depth_and_disparity_at_the_limits() -> None:
    rig = StereoRig(Intrinsics.centred(64, 48, 100.0), 0.1)
    np.testing.assert_array_equal(rig.disparity_from_depth(np.array([np.inf, np.nan, 2.0])), np.float32([0, np.nan, 5]))
    np.testing.assert_array_equal(
        rig.depth_from_disparity(np.array([0.0, np.nan, 5.0])), np.float32([np.inf, np.nan, 2])
    )
    offset = StereoRig(rig.intrinsics, 0.1, doffs=3.0)
    assert offset.disparity_from_depth(np.array([np.inf]))[0] == -3.0


@given(st.floats(0.1, 500.0))
def test_depth_survives_the_round_trip_to_float32(z: float) -> None:
    rig = StereoRig(Intrinsics.centred(64, 48, 600.0), 0.12, doffs=2.5)
    assert rig.depth_from_disparity(rig.disparity_from_depth(np.array([z])))[0] == pytest.approx(z, rel=1e-4)


def test_the_right_camera_stands_along_the_left_ones_x_axis() -> None:
    turn = np.array([[0.0, 0, 1], [1, 0, 0], [0, 1, 0]])
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = turn, [1, 2, 3]
    right = right_from_left(pose, 0.5)
    np.testing.assert_array_equal(right[:3, :3], turn)
    np.testing.assert_allclose(right @ [0, 0, 0, 1], pose @ [0.5, 0, 0, 1])
    np.testing.assert_array_equal(pose[:3, 3], [1, 2, 3])


def test_blenders_camera_looks_along_minus_z_with_y_up() -> None:
    """A Blender camera without rotation looks down; in OpenCV terms forward is -z of the world and down is -y."""
    cam_to_world = np.eye(4) @ OPENCV_TO_BLENDER_CAMERA
    np.testing.assert_array_equal(cam_to_world[:3, 2], [0, 0, -1])
    np.testing.assert_array_equal(cam_to_world[:3, 1], [0, -1, 0])
    np.testing.assert_array_equal(cam_to_world[:3, 0], [1, 0, 0])
