# SPDX-License-Identifier: Apache-2.0
"""Refraction against closed forms and exact tracing in the plane, by routes that share no code with the tracer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from truth_scenes import GLASS, OPAQUE, SHEET, scene, slab, wall

from depthbench.blender_scenes.mesh import Mesh, sphere
from depthbench.camera import Intrinsics, StereoRig
from depthbench.truth.cast import RayCaster
from depthbench.truth.pair import pair_truth
from depthbench.truth.refraction import find_apparent
from depthbench.truth.snell import bend_about, trace

pytest.importorskip("embreex")

RIG = StereoRig(Intrinsics.centred(128, 96, 300.0), 0.1)
N = 1.5


def through_plate(slope: np.ndarray, thickness: float, wall_z: float) -> np.ndarray:
    """Where a ray of the given dx/dz from the origin meets the wall behind a fronto-parallel plate: Snell in 2-D."""
    inside = np.tan(np.arcsin(np.sin(np.arctan(slope)) / N))
    return slope * (wall_z - thickness) + inside * thickness


@given(st.floats(0.0, 1.5), st.floats(0.0, 6.2), st.floats(1.01, 2.5), st.booleans())
def test_snells_law(angle: float, turn: float, index: float, entering: bool) -> None:
    """n1 sin(a1) = n2 sin(a2), in the plane of incidence; reflection with equal angles beyond the critical angle."""
    heading = np.array([[np.sin(angle) * np.cos(turn), np.sin(angle) * np.sin(turn), np.cos(angle)]])
    normal = np.array([[0.0, 0.0, -1.0]])
    ratio = 1 / index if entering else index
    out, valid = bend_about(normal, normal, heading, np.array([ratio]))
    assert valid.all()
    np.testing.assert_allclose(np.linalg.norm(out), 1.0, rtol=1e-12)
    if ratio * np.sin(angle) > 1:
        np.testing.assert_allclose(out, heading * [[1, 1, -1]], atol=1e-12)
    else:
        np.testing.assert_allclose(out[0, :2], ratio * heading[0, :2], atol=1e-12)
        assert out[0, 2] > 0


def test_rays_through_a_plate_land_where_plane_geometry_says() -> None:
    caster = RayCaster(scene((slab(1.0, 1.3), GLASS), (wall(2.0), OPAQUE)))
    slope = np.linspace(-2.0, 2.0, 401)
    seen = trace(caster, np.zeros(3), np.stack([slope, np.zeros(401), np.ones(401)], axis=1))
    np.testing.assert_allclose(seen[:, 0], through_plate(slope, 0.3, 2.0), atol=1e-12)
    np.testing.assert_allclose(seen[:, 2], 2.0, atol=1e-12)


def test_two_touching_blocks_bend_as_one() -> None:
    """Coincident exit and entry: the ray goes on in the second block as if there were no face."""
    rays = np.stack([np.linspace(-1, 1, 101), np.full(101, 0.2), np.ones(101)], axis=1)
    two = trace(
        RayCaster(scene((slab(1.0, 1.1), GLASS), (slab(1.1, 1.3), GLASS), (wall(2.0), OPAQUE))), np.zeros(3), rays
    )
    one = trace(RayCaster(scene((slab(1.0, 1.3), GLASS), (wall(2.0), OPAQUE))), np.zeros(3), rays)
    np.testing.assert_allclose(two, one, atol=1e-9)


def test_an_opaque_block_standing_on_the_glass_is_seen_through_it() -> None:
    seen = trace(
        RayCaster(scene((slab(1.0, 1.1), GLASS), (slab(1.1, 1.5, 0.2, 0.2), OPAQUE), (wall(2.0), OPAQUE))),
        np.zeros(3),
        np.array([[0.05, 0.0, 1.0], [0.3, 0.0, 1.0]]),
    )
    np.testing.assert_allclose(seen[:, 2], [1.1, 2.0], atol=1e-9)


def test_a_glass_ball_bends_as_in_its_meridian_plane() -> None:
    """A finely tessellated smooth ball against exact refraction at a circle, in the plane of ray and centre."""
    geometry = scene((sphere(0.3, 600, 300).moved(z=2.0), GLASS), (wall(3.0), OPAQUE))
    ball = geometry.triangle_surface == 0
    normals = geometry.corner_normals.copy()
    normals[ball] = (geometry.vertices[geometry.triangles[ball]] - [0, 0, 2.0]) / 0.3
    caster = RayCaster(replace(geometry, corner_normals=normals))
    slope = np.linspace(-0.1, 0.1, 41)  # up to two thirds of the radius

    def exact(m: float) -> float:
        point, heading = np.zeros(2), np.array([m, 1.0]) / np.hypot(m, 1.0)
        centre = np.array([0.0, 2.0])
        for ratio in (1 / N, N):
            offset = point - centre
            b = offset @ heading
            root = np.sqrt(b * b - (offset @ offset - 0.09))
            t = -b - root if ratio < 1 else -b + root
            point = point + t * heading
            normal = (point - centre) / 0.3 * (1 if ratio < 1 else -1)
            # the angle to the normal, signed, and Snell's law in angles
            sine = heading[0] * normal[1] - heading[1] * normal[0]
            out = np.arcsin(ratio * sine)
            inward = -normal
            side = np.array([inward[1], -inward[0]])
            heading = np.cos(out) * inward + np.sin(-out) * side
        return float(point[0] + heading[0] * (3.0 - point[1]) / heading[1])

    for turn in (0.0, 0.6, 2.0):
        rays = np.stack([slope * np.cos(turn), slope * np.sin(turn), np.ones_like(slope)], axis=1)
        seen = trace(caster, np.zeros(3), rays)
        along = seen[:, 0] * np.cos(turn) + seen[:, 1] * np.sin(turn)
        np.testing.assert_allclose(along, [exact(m) for m in slope], atol=1e-4)
        np.testing.assert_allclose(seen[:, 1] * np.cos(turn) - seen[:, 0] * np.sin(turn), 0.0, atol=1e-4)


def test_total_reflection_in_a_right_angled_prism_turns_the_ray() -> None:
    """Light enters a 45-degree prism square to its face, is reflected at the long side, and leaves at a right angle."""
    corners = np.array([[-0.5, 0, 1.0], [0.5, 0, 1.0], [0.5, 0, 2.0]])
    low, high = corners + np.array([0, -0.5, 0]), corners + np.array([0, 0.5, 0])
    prism = Mesh(
        np.concatenate([low, high]),
        (np.array([[0, 1, 2], [3, 5, 4]]), np.array([[0, 3, 4, 1], [1, 4, 5, 2], [2, 5, 3, 0]])),
    )
    side = wall(0.0, 9, 9).rotated("y", 90.0).moved(x=3.0, z=1.0)
    geometry = scene((prism, GLASS), (side, OPAQUE), (wall(9.0), OPAQUE))
    seen = trace(RayCaster(geometry), np.array([0.1, 0.0, 0.0]), np.array([[0.0, 0.0, 1.0]]))
    # the hypotenuse is x = z - 1.5; at x = 0.1 it is met at z = 1.6 and the ray goes on along +x
    np.testing.assert_allclose(seen, [[3.0, 0.0, 1.6]], atol=1e-9)


@pytest.mark.parametrize(("thickness", "wall_z"), [(0.005, 1.0), (0.02, 2.0), (0.1, 1.5)])
def test_plate_before_a_wall(thickness: float, wall_z: float) -> None:
    """First order in closed form near the axis; exactly, by solving the plane problem at every pixel of the middle row."""
    geometry = scene((slab(0.5, 0.5 + thickness), GLASS), (wall(wall_z), OPAQUE))
    rig = StereoRig(Intrinsics.centred(129, 33, 300.0), 0.1)
    truth = pair_truth(RayCaster(geometry), rig, np.eye(4))
    f, b, centre = 300.0, 0.1, rig.intrinsics.cx
    first_order = f * b / wall_z**2 * thickness * (1 - 1 / N)
    for eye, sign in ((truth.left, 1), (truth.right, -1)):
        row = eye.refraction_px[16]
        geometric = np.arange(129) - sign * f * b / wall_z
        inside = (geometric > 3) & (geometric < 125)
        assert inside.sum() > 60
        assert np.isfinite(row[inside]).all()
        slope = (np.arange(129) - centre) / f
        point = through_plate(slope, thickness, wall_z) - sign * b  # in the other eye's frame
        apparent = np.array(
            [
                f * brentq(lambda m, x=x: through_plate(m, thickness, wall_z) - x, -2, 2, xtol=1e-13) + centre
                for x in point
            ]
        )
        np.testing.assert_allclose(row[inside], np.abs(apparent - geometric)[inside], atol=1e-4)
        np.testing.assert_allclose(row[inside], first_order, rtol=0.15)


def test_nothing_refracts_where_light_goes_straight() -> None:
    """Sheets and the sky shift nothing; a pane that only one eye looks through shifts that eye's matches in both maps."""
    straight = pair_truth(RayCaster(scene((wall(1.0), SHEET), (wall(3.0, 0.2, 0.2), OPAQUE))), RIG, np.eye(4))
    assert (straight.left.refraction_px == 0).all()
    pane = slab(0.5, 0.55, 0.02, 0.5).moved(x=0.1)  # before the right eye
    one = pair_truth(RayCaster(scene((pane, GLASS), (wall(2.0), OPAQUE))), RIG, np.eye(4))
    through = (one.left.layers.surface_id == 1).any(axis=0)
    matched = (one.right.layers.surface_id == 1).any(axis=0)
    assert matched.sum() > 500
    assert not (through & matched).all(axis=0).any()
    moved = np.nan_to_num(one.left.refraction_px, nan=1.0) > 0
    # disparity is 15 px: the left pixels whose match lies in the pane's image
    shifted = np.zeros_like(matched)
    shifted[:, 15:] = matched[:, :-15]
    assert (moved | ~shifted | through)[:, 18:].mean() > 0.98
    assert not (moved & ~np.roll(shifted, 1, 1) & ~np.roll(shifted, -1, 1) & ~shifted & ~through).any()


def test_apparent_place_solves_its_equation() -> None:
    """A smooth invented field: q + shift(q) = target holds where a solution is found."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[0:40, 0:60].astype(float)
    field = np.stack([1.5 + 0.03 * x + 0.01 * y, 0.5 - 0.02 * y], axis=-1)  # linear: bilinear look-up is exact
    everywhere = np.ones((40, 60), dtype=bool)
    truth = rng.uniform(5, 35, (200, 2))
    shift = np.stack([1.5 + 0.03 * truth[:, 0] + 0.01 * truth[:, 1], 0.5 - 0.02 * truth[:, 1]], axis=1)
    np.testing.assert_allclose(find_apparent(truth + shift, field, everywhere), truth, atol=1e-3)
    assert np.isnan(find_apparent(np.array([[200.0, 5.0], [np.nan, 1.0]]), field, everywhere)).all()
