# SPDX-License-Identifier: Apache-2.0
"""Synthetic scans: the arc, and the reference cloud on surfaces known in closed form."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import cKDTree
from truth_scenes import OPAQUE, scene, slab

from depthbench.camera import Intrinsics
from depthbench.errors import DepthbenchError
from depthbench.generators.dtu_twin import arc
from depthbench.generators.dtu_twin.config import make_config, parse_scans
from depthbench.generators.dtu_twin.reference import observed_space, seen, surface_points

BOX = ((-50.0, -50.0, -50.0), (50.0, 50.0, 50.0))


def sphere(radius: float, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Triangles of a ball by longitude and latitude."""
    around, up = np.meshgrid(np.arange(2 * count) * np.pi / count, np.linspace(-np.pi / 2, np.pi / 2, count + 1))
    vertices = radius * np.stack([np.cos(up) * np.cos(around), np.cos(up) * np.sin(around), np.sin(up)], axis=-1)
    number = np.arange(around.size).reshape(around.shape)
    right = np.roll(number, -1, axis=1)
    a, b, c, d = number[:-1], right[:-1], right[1:], number[1:]
    triangles = np.stack([np.stack([a, b, c], -1), np.stack([a, c, d], -1)]).reshape(-1, 3)
    return vertices.reshape(-1, 3), triangles


def test_the_lattice_covers_a_ball_evenly() -> None:
    vertices, triangles = sphere(20.0, 60)
    points, triangle = surface_points(vertices, triangles, 0.8, BOX)
    # each lies in the plane of its triangle, within it
    corners = vertices[triangles[triangle]]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    assert np.abs(((points - corners[:, 0]) * normals).sum(axis=1)).max() < 1e-9
    assert np.linalg.norm(points, axis=1).min() > 20 * np.cos(np.pi / 60) ** 2 - 1e-9
    # every place of the surface has one near it, and in a face none is nearer than the spacing
    rng = np.random.default_rng(0)
    anywhere = rng.normal(size=(5000, 3))
    anywhere *= 20 / np.linalg.norm(anywhere, axis=1, keepdims=True)
    assert cKDTree(points).query(anywhere)[0].max() < 0.8 * np.sqrt(3)
    assert np.median(cKDTree(points).query(points, k=2)[0][:, 1]) >= 0.8 - 1e-9


@given(st.integers(0, 2**32 - 1))
def test_neighbouring_triangles_share_no_point_and_leave_none_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    corners = rng.uniform(-10, 10, (4, 2))
    if seed % 2:
        corners = np.round(corners)  # edges on the lattice's lines, and level ones
    slope = rng.uniform(-0.4, 0.4, 2)
    vertices = np.column_stack([corners, corners @ slope])
    quad = np.array([[0, 1, 2], [0, 2, 3]])
    together = surface_points(vertices, quad, 0.5, BOX)[0]
    inside = [_inside(corners[triangle], together[:, :2]) for triangle in quad]
    if (np.sign(_area(corners[quad[0]])) == np.sign(_area(corners[quad[1]]))).all():
        assert len(np.unique(np.round(together, 9), axis=0)) == len(together)
    assert (np.maximum(*inside) > -1e-9).all()
    # every lattice point asked, one by one
    steps = (np.arange(-60, 60) + 0.371) * 0.5
    every = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    expected = sum(int((_inside(corners[triangle], every) > 1e-9).sum()) for triangle in quad)
    edge = sum(int((np.abs(_inside(corners[triangle], every)) <= 1e-9).sum()) for triangle in quad)
    assert expected <= len(together) <= expected + edge


def _cross(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.asarray(one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0])


def _area(triangle: np.ndarray) -> np.ndarray:
    return _cross(triangle[1] - triangle[0], triangle[2] - triangle[0])


def _inside(triangle: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Least of the three signed edge functions, positive inside."""
    turn = np.sign(_area(triangle))
    edges = [turn * _cross(triangle[(k + 1) % 3] - triangle[k], points - triangle[k]) for k in range(3)]
    return np.min(edges, axis=0)


def test_the_arc_is_like_dtus() -> None:
    poses = arc.poses(49, 0)
    assert len(poses) == 49
    eyes = np.array([-pose[:3, :3].T @ pose[:3, 3] for pose in poses])
    directions = eyes - arc.TARGET_MM
    distances = np.linalg.norm(directions, axis=1)
    assert np.abs(distances - 650).max() < 12
    directions /= distances[:, None]
    to_next = np.degrees(np.arccos(np.sort(directions @ directions.T, axis=1)[:, -2]))
    assert 6 < to_next.min() < to_next.max() < 11
    for pose in poses:
        assert np.allclose(pose[:3, :3] @ pose[:3, :3].T, np.eye(3))
        assert np.linalg.det(pose[:3, :3]) > 0
        target = pose @ [*arc.TARGET_MM, 1]
        assert np.abs(target[:2]).max() < 25  # in the middle of the picture
        assert pose[1, 2] < 0  # the world's up is the picture's up
    # fewer views are some of them
    few = arc.poses(9, 0)
    assert all(any(np.array_equal(one, other) for other in poses) for one in few)


def test_sources_are_the_neighbours() -> None:
    pairs = arc.pairs(49, 0)
    eyes = np.array([-pose[:3, :3].T @ pose[:3, 3] for pose in arc.poses(49, 0)])
    assert all(len(found) == 10 for found in pairs.values())
    for view, found in pairs.items():
        distances = np.linalg.norm(eyes - eyes[view], axis=1)
        assert distances[[source for source, _ in found]].mean() < 0.6 * distances.mean()


def test_scans_by_number_range_and_split() -> None:
    assert parse_scans("3") == [1, 2, 3]
    assert parse_scans("6,2,11-13") == [2, 6, 11, 12, 13]
    assert len(parse_scans("train")) == 79
    for text in ("0", "a", "5-3", "1,,2", ""):
        with pytest.raises(DepthbenchError, match="--scans"):
            parse_scans(text)


def test_sizes_that_dtus_crop_does_not_reach_are_refused() -> None:
    choices = {"seed": 0, "views": 5, "lights": 1, "parts": "all", "spacing_mm": 1.0, "preset": "preview", "samples": 1}
    with pytest.raises(DepthbenchError, match="160x128, 320x256, 640x512"):
        make_config(width=500, height=400, **choices)


def test_what_is_seen_and_observed_past_a_plate_before_a_wall() -> None:
    pytest.importorskip("embreex")
    from depthbench.truth.cast import RayCaster

    # a plate of 100 mm at 400 mm hides of the wall at 600 mm a square of 150 mm
    there = np.array([1.0, -2.0, 0.5])
    parts = [(slab(0.6, 0.62, 0.2, 0.2).moved(*there), OPAQUE), (slab(0.4, 0.41, 0.05, 0.05).moved(*there), OPAQUE)]
    geometry = scene(*parts)
    caster, vertices = RayCaster(geometry), (geometry.vertices - there) * 1000
    box = ((-300.0, -300.0, 0.0), (300.0, 300.0, 700.0))
    points, triangle = surface_points(vertices, geometry.triangles, 5.0, box)
    a, b, c = np.moveaxis(vertices[geometry.triangles[triangle]], 1, 0)
    camera = Intrinsics.centred(200, 160, 200.0)
    found = seen(points, np.cross(b - a, c - a), caster, there, [(camera, np.eye(4))])
    x, y, z = points.T
    wide = np.maximum(np.abs(x), np.abs(y))
    # of all faces only the front ones, the wall's where neither the plate nor the picture's edge ends it
    inside = (np.abs(x / z * 200) < 100) & (np.abs(y / z * 200) < 80)
    wall = (np.abs(z - 600) < 1e-6) & (wide > 75) & inside
    plate = (np.abs(z - 400) < 1e-6) & inside
    assert np.array_equal(found, wall | plate)
    depth = caster.first_opaque(there, camera.pixel_directions().reshape(-1, 3))[1].reshape(160, 200) * 1000
    depth = np.where(np.isfinite(depth), depth, 0).astype(np.float32)
    judged = observed_space(points[found], [(camera, np.eye(4), depth)], ((-190.0, -300.0, 0.0), (300.0, 300.0, 700.0)))
    # 10 mm more than the points, but not beyond the box
    assert np.allclose(judged.box_mm[0], np.maximum(points[found].min(axis=0) - 10, (-190, -300, 0)), atol=1)
    assert (judged.plane == [0, 0, 1, -1]).all()

    def is_in(at: tuple[float, float, float]) -> bool:
        voxel = np.rint((np.array(at) - judged.box_mm[0]) / judged.resolution_mm).astype(int)
        return bool(judged.mask[tuple(voxel)])

    assert is_in((0, 0, 395))
    assert is_in((0, 0, 408))  # within 10 mm behind the plate
    assert not is_in((0, 0, 416))
    assert not is_in((0, 0, 598))  # hidden
    assert is_in((120, 0, 500))  # air that is looked through
    assert is_in((120, 0, 608))
    assert not is_in((150, 150, 611.9))
