# SPDX-License-Identifier: Apache-2.0
"""Layers and visibility against closed forms: slab, wedge, hollow sphere, occlusion bands, sheets between the eyes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from truth_scenes import GLASS, OPAQUE, SCREEN, SHEET, scene, slab, wall

from depthbench.blender_scenes.mesh import Mesh, join, lathe, sphere
from depthbench.camera import Intrinsics, StereoRig, right_from_left
from depthbench.layers import MAX_LAYERS, Layers, SurfaceClass, Visibility
from depthbench.truth.cast import RayCaster
from depthbench.truth.geometry import SceneGeometry
from depthbench.truth.layers import build_layers
from depthbench.truth.pair import pair_truth, pixel_hits

pytest.importorskip("embreex")

RIG = StereoRig(Intrinsics.centred(96, 64, 100.0), 0.2)


def left_layers(geometry: SceneGeometry, rig: StereoRig = RIG) -> tuple[Layers, int]:
    caster, pose = RayCaster(geometry), np.eye(4)
    return build_layers(caster, pixel_hits(caster, rig, pose), rig, pose, right_from_left(pose, rig.baseline_m))


def test_slab_counts_at_its_entry_only() -> None:
    layers, n_cut = left_layers(scene((slab(1.0, 1.25), GLASS), (wall(4.0), OPAQUE)))
    expected = np.float32([100 * 0.2 / 1.0, 100 * 0.2 / 4.0])
    np.testing.assert_array_equal(layers.disp_px[:2], np.broadcast_to(expected[:, None, None], (2, 64, 96)))
    assert np.isnan(layers.disp_px[2:]).all()
    assert (layers.surface_id[:2] == np.array([1, 2])[:, None, None]).all()
    assert n_cut == 0


def test_pixel_centres_are_integer_coordinates() -> None:
    """A half plane whose border projects between two pixel centres, by a hair on either side."""
    for column in (10, 48, 77):
        for offset, first in ((-0.499, column), (0.001, column + 1), (-0.001, column)):
            border = (column + offset - RIG.intrinsics.cx) / 100.0 * 2.0
            half = Mesh(np.array([[border, -9, 2], [9, -9, 2], [9, 9, 2], [border, 9, 2]]), (np.array([[0, 3, 2, 1]]),))
            layers, _ = left_layers(scene((half, OPAQUE), (wall(4.0), OPAQUE)))
            assert (layers.surface_id[0] == np.where(np.arange(96) >= first, 1, 2)).all()


def test_wedge_has_the_depths_of_its_planes() -> None:
    """A glass prism: entry on a plane slanted about y; the depth along each pixel's ray is offset / (n . d)."""
    points = np.array([[-5, -5, 2.0], [5, -5, 3.0], [5, -5, 3.5], [-5, -5, 3.5]])
    top = points + np.array([0, 10, 0])
    quads = np.array([[0, 4, 5, 1], [1, 5, 6, 2], [2, 6, 7, 3], [3, 7, 4, 0], [0, 1, 2, 3], [7, 6, 5, 4]])
    layers, _ = left_layers(scene((Mesh(np.concatenate([points, top]), (quads,)), GLASS), (wall(4.0), OPAQUE)))
    # the slanted face is z = 2.5 + x / 10
    d = RIG.intrinsics.pixel_directions()
    np.testing.assert_allclose(layers.disp_px[0], 20 * (d[..., 2] - 0.1 * d[..., 0]) / 2.5, rtol=2e-7)
    np.testing.assert_allclose(layers.disp_px[1], 5.0, rtol=2e-7)
    assert (layers.count == 2).all()


def test_hollow_sphere_has_a_near_and_a_far_wall() -> None:
    shell = join([sphere(0.5, 300, 150), sphere(0.45, 300, 150).flipped()]).moved(z=2.0)
    layers, _ = left_layers(scene((shell, GLASS), (wall(4.0), OPAQUE)))
    d = RIG.intrinsics.pixel_directions()
    a, b = (d**2).sum(axis=2), 2.0
    root_out, root_in = b**2 - a * (b**2 - 0.5**2), b**2 - a * (b**2 - 0.45**2)
    clear = (np.abs(root_out) > 3e-3) & (np.abs(root_in) > 3e-3)
    expected_count = 1 + (root_out > 0) + (root_in > 0)
    assert (layers.count == expected_count)[clear].all()
    through = clear & (root_in > 0)
    np.testing.assert_allclose(
        layers.disp_px[0][through], (20 * a / (b - np.sqrt(np.abs(root_out))))[through], rtol=1e-3
    )
    # the second entry is the inside of the far wall
    np.testing.assert_allclose(
        layers.disp_px[1][through], (20 * a / (b + np.sqrt(np.abs(root_in))))[through], rtol=1e-3
    )


def test_vase_has_a_near_and_a_far_wall_and_a_floor() -> None:
    """A tumbler turned about the vertical, seen from the side: near wall at its outside, far wall at its inside."""
    outer, inner = 0.3, 0.27
    profile = [(0, 0), (outer, 0), (outer, 0.6), (inner, 0.6), (inner, 0.15), (0, 0.15)]
    vase = lathe(profile, 360).rotated("x", 90.0).moved(y=0.25, z=2.0)  # the axis along -y, the foot at y = 0.25
    layers, _ = left_layers(scene((vase, GLASS), (wall(4.0), OPAQUE)))
    d = RIG.intrinsics.pixel_directions()
    flat = d[..., 0] ** 2 + 1

    def crossing(radius: float, sign: int) -> np.ndarray:
        root = 4.0 - flat * (4.0 - radius**2)
        z: np.ndarray = (2.0 + sign * np.sqrt(np.where(root > 4e-3, root, np.nan))) / flat
        return z

    near, far = crossing(outer, -1), crossing(inner, 1)
    # rows where the ray is between the vase's inner floor at y = 0.1 and its rim at y = -0.35 all the way through
    through = np.isfinite(far) & (d[..., 1] * crossing(outer, 1) > -0.34) & (d[..., 1] * crossing(outer, 1) < 0.09)
    assert through.sum() > 400
    assert (layers.count == 3)[through].all()
    np.testing.assert_allclose(layers.disp_px[0][through], 20 / near[through], rtol=2e-4)
    np.testing.assert_allclose(layers.disp_px[1][through], 20 / far[through], rtol=2e-4)
    # through the foot, 15 cm thick: one solid, one layer
    y = d[..., 1] * near
    foot = np.isfinite(far) & (y > 0.11) & (d[..., 1] * crossing(outer, 1) < 0.245)
    assert foot.sum() > 10
    assert (layers.count == 2)[foot].all()


def test_glass_before_the_sky_is_the_only_layer() -> None:
    layers, _ = left_layers(scene((slab(2.0, 2.1, 0.3, 0.3), GLASS)))
    d = RIG.intrinsics.pixel_directions()
    inside = (np.abs(2.0 * d[..., :2]) < 0.3).all(axis=2)
    assert (layers.count == inside).all()
    assert (layers.surface_class[0] == np.where(inside, SurfaceClass.TRANSMISSIVE, SurfaceClass.NONE)).all()


def test_parts_of_one_solid_that_touch_are_one_layer_and_two_solids_are_two() -> None:
    blocks = [slab(1.0, 2.0), slab(2.0, 3.0)]
    one, _ = left_layers(scene((join(blocks), GLASS), (wall(4.0), OPAQUE)))
    assert (one.count == 2).all()
    two, _ = left_layers(scene((blocks[0], GLASS), (blocks[1], GLASS), (wall(4.0), OPAQUE)))
    assert (two.count == 3).all()
    assert (two.surface_id[:3] == np.array([1, 2, 3])[:, None, None]).all()


def test_of_too_many_surfaces_the_first_seven_and_the_last_stay() -> None:
    panes = [(wall(1.0 + 0.1 * k, 0.2 if k == 9 else 50), SHEET) for k in range(10)]
    layers, n_cut = left_layers(scene(*panes, (wall(4.0), OPAQUE)))
    assert n_cut == 96 * 64
    assert (layers.surface_id[:, 32, 48] == [1, 2, 3, 4, 5, 6, 7, 11]).all()
    assert (layers.count == MAX_LAYERS).all()


def test_every_crossing_of_an_open_screen_counts() -> None:
    folded = join([wall(1.0), wall(1.5).flipped(), wall(2.0)])
    layers, _ = left_layers(scene((folded, SCREEN), (wall(4.0), OPAQUE)))
    assert (layers.surface_class[:4, 5, 5] == [SurfaceClass.SCREEN] * 3 + [SurfaceClass.OPAQUE]).all()


def test_occlusion_band_beside_a_board() -> None:
    """A board at 2 m before a wall at 4 m hides from the right eye a band of the wall, disparity difference wide."""
    half = 0.3
    layers, _ = left_layers(scene((wall(2.0, half, 9), OPAQUE), (wall(4.0), OPAQUE)))
    x = (np.arange(96) - RIG.intrinsics.cx) / 100.0
    on_board = np.abs(2.0 * x) < half
    wall_x = 4.0 * x
    # the line from the wall point to the right eye at x = 0.2 crosses the board's depth half way
    crossing = (wall_x + 0.2) / 2
    disparity = np.where(on_board, 10.0, 5.0)
    out = np.arange(96) - disparity < -0.5
    expected = np.where(
        out,
        Visibility.OUT_OF_FRAME,
        np.where(~on_board & (np.abs(crossing) < half), Visibility.OCCLUDED, Visibility.VISIBLE),
    )
    assert (layers.visibility[0] == expected).all()
    assert (expected == Visibility.OCCLUDED).sum() == 5  # 10 px - 5 px


def test_glass_does_not_hide_and_opaque_hides_glass() -> None:
    hidden, _ = left_layers(scene((slab(1.0, 1.1), GLASS), (wall(1.5, 0.2, 9), SCREEN), (wall(4.0), OPAQUE)))
    there = hidden.disp_px[1] > 0
    assert not (hidden.visibility == Visibility.OCCLUDED).any()
    assert there.all()
    # a narrow opaque board at 1 m, glass at 2 m behind it: the glass point's line to the right eye is halved at 1 m
    behind, _ = left_layers(scene((wall(1.0, 0.05, 9), OPAQUE), (slab(2.0, 2.2), GLASS), (wall(4.0), OPAQUE)))
    x = (np.arange(96) - RIG.intrinsics.cx) / 100.0
    first_is_glass = np.abs(x) >= 0.05
    shaded = np.abs((2.0 * x + 0.2) / 2) < 0.05
    seen = behind.visibility[0, 30]
    inside = np.arange(96) - 10.0 >= -0.5
    assert (seen[first_is_glass & shaded & inside] == Visibility.OCCLUDED).all()
    assert (seen[first_is_glass & ~shaded & inside] == Visibility.VISIBLE).all()
    assert (first_is_glass & shaded & inside).sum() > 5


def test_an_opaque_sheet_between_the_eyes_is_not_seen_from_behind() -> None:
    """A sheet in the plane x = 0.1, halfway between the eyes: each sees its own side only."""
    sheet = Mesh(
        np.array([[0.1, -9, 1], [0.1, -9, 3], [0.1, 9, 3], [0.1, 9, 1]], dtype=np.float64), (np.array([[0, 1, 2, 3]]),)
    )
    truth = pair_truth(RayCaster(scene((sheet, OPAQUE), (wall(4.0), OPAQUE))), RIG, np.eye(4))
    for eye in (truth.left, truth.right):
        on_sheet = eye.layers.surface_id[0] == 1
        assert on_sheet.sum() > 100
        assert not (eye.layers.visibility[0][on_sheet] == Visibility.VISIBLE).any()


def test_a_grazing_floor_sees_itself() -> None:
    """A floor 2 cm under the eyes, finely tessellated: nothing hides any of it."""
    n = 60
    x, z = np.meshgrid(np.linspace(-5, 5, n), np.linspace(0.05, 12, n))
    first = (np.arange(n - 1)[:, None] * n + np.arange(n - 1)[None, :]).ravel()
    floor = Mesh(
        np.stack([x, np.full_like(x, 0.02), z], axis=-1).reshape(-1, 3),
        (np.stack([first, first + 1, first + n + 1, first + n], axis=1),),
    )
    layers, _ = left_layers(scene((floor, OPAQUE)))
    seen = layers.count > 0
    assert seen.sum() > 2000
    column = np.broadcast_to(np.arange(96), seen.shape)[seen]
    inside = column - layers.disp_px[0][seen] >= -0.5
    assert (layers.visibility[0][seen] == np.where(inside, Visibility.VISIBLE, Visibility.OUT_OF_FRAME)).all()


def test_a_smooth_ball_hides_only_what_turns_away() -> None:
    """On a fine opaque ball a point is visible where the outward normal faces the other eye, but for the tessellation."""
    layers, _ = left_layers(scene((sphere(0.5, 400, 200).moved(z=2.0), OPAQUE)))
    ball = layers.count > 0
    points = RIG.intrinsics.back_project(RIG.depth_from_disparity(layers.disp_px[0]))
    normal = (points - [0, 0, 2.0]) / 0.5
    facing = np.einsum("hwk,hwk->hw", normal, np.array([0.2, 0, 0]) - points)
    clear = ball & (np.abs(facing) > 0.05)
    assert clear.sum() > 1500
    assert (layers.visibility[0][clear] == np.where(facing[clear] > 0, Visibility.VISIBLE, Visibility.OCCLUDED)).all()


def test_right_eye_has_the_same_disparity_at_the_matching_pixel() -> None:
    """Depths chosen so that disparities are whole pixels: the right map is the left one shifted."""
    truth = pair_truth(RayCaster(scene((wall(2.0, 0.3, 0.2), SCREEN), (wall(4.0), OPAQUE))), RIG, np.eye(4))
    left, right = truth.left.layers, truth.right.layers
    row, column = np.nonzero(left.surface_id[0] == 1)
    assert (right.surface_id[0, row, column - 10] == 1).all()
    assert (right.disp_px[0, row, column - 10] == np.float32(10.0)).all()
    assert (right.surface_id[0] == 1).sum() == len(row)


def test_reflective_mask_holds_mirrors_seen_through_glass() -> None:
    mirror = replace(OPAQUE, reflective=True)
    geometry = scene((slab(1.0, 1.1), GLASS), (wall(2.0, 0.3, 0.2), mirror), (wall(4.0), OPAQUE))
    truth = pair_truth(RayCaster(geometry), RIG, np.eye(4))
    np.testing.assert_array_equal(truth.left.reflective, (truth.left.layers.surface_id == 2).any(axis=0))
    assert truth.left.reflective.sum() == 30 * 20


def test_pose_does_not_matter() -> None:
    """The same scene seen from a turned and moved rig gives the same maps."""
    turn = np.array([[0.36, 0.48, -0.8], [-0.8, 0.6, 0.0], [0.48, 0.64, 0.6]])
    geometry = scene((slab(1.0, 1.2, 0.2012, 0.303), GLASS), (wall(2.0, 0.312, 0.211), OPAQUE), (wall(4.0), OPAQUE))
    moved = replace(
        geometry,
        vertices=geometry.vertices @ turn.T + [3, -2, 1],
        corner_normals=(geometry.corner_normals @ turn.T).astype(np.float32),
    )
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = turn, [3, -2, 1]
    # no disparity of a whole number of pixels, where rounding decides between two pixels
    rig = StereoRig(RIG.intrinsics, 0.2037)
    here = pair_truth(RayCaster(geometry), rig, np.eye(4))
    there = pair_truth(RayCaster(moved), rig, pose)
    for one, other in ((here.left, there.left), (here.right, there.right)):
        np.testing.assert_array_equal(one.layers.surface_id, other.layers.surface_id)
        np.testing.assert_array_equal(one.layers.visibility, other.layers.visibility)
        np.testing.assert_allclose(one.layers.disp_px, other.layers.disp_px, rtol=3e-7)
        np.testing.assert_allclose(one.refraction_px, other.refraction_px, atol=1e-5)
