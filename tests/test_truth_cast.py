# SPDX-License-Identifier: Apache-2.0
"""The ray caster against a slow all-triangles twin, closed forms, and the invariances of space."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from truth_scenes import GLASS, OPAQUE, SCREEN, SHEET, scene, slab, wall

from depthbench.blender_scenes.mesh import Mesh, join, sphere
from depthbench.errors import MissingExtraError
from depthbench.truth.cast import Hits, RayCaster
from depthbench.truth.geometry import SceneGeometry

pytest.importorskip("embreex")


def every_hit(
    geometry: SceneGeometry, origin: np.ndarray, direction: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    """Moeller-Trumbore on all triangles: (triangles, t) sorted by t, and how clear the case is.

    Clear is the smaller of the least distance of any barycentric coordinate from 0 (an edge) and the least relative gap
    between hits, hits on edge-on triangles counting as unclear.
    """
    a, b, c = (geometry.vertices[geometry.triangles[:, k]] for k in range(3))
    e1, e2 = b - a, c - a
    p = np.cross(direction, e2)
    det = np.einsum("ij,ij->i", e1, p)
    s = origin - a
    u = np.einsum("ij,ij->i", s, p) / det
    q = np.cross(s, e1)
    v = (q @ direction) / det
    t = np.einsum("ij,ij->i", e2, q) / det
    inside = (u > -1e-4) & (v > -1e-4) & (u + v < 1 + 1e-4) & (t > 0)
    hit = (u > 0) & (v > 0) & (u + v < 1) & (t > 0)
    edge = np.minimum(np.minimum(np.abs(u), np.abs(v)), np.abs(1 - u - v))
    order = np.argsort(t[hit])
    times = t[hit][order]
    gaps = np.diff(times, prepend=0.0)
    normals = np.cross(e1, e2)
    cosine = np.abs(det) / np.linalg.norm(normals, axis=1) / np.linalg.norm(direction)
    clear = min(edge[inside].min(initial=1.0), gaps.min(initial=1.0), cosine[inside].min(initial=1.0) / 10)
    return np.flatnonzero(hit)[order], times, float(clear)


def soup(rng: np.random.Generator, n: int) -> SceneGeometry:
    """Random triangles, each a surface of its own, one in six opaque."""
    parts = []
    for _ in range(n):
        corners = rng.uniform(-1, 1, 3) * [2, 2, 3] + [0, 0, 5] + rng.normal(size=(3, 3)) * rng.choice([0.1, 1.0])
        parts.append((Mesh(corners, (np.array([[0, 1, 2]]),)), OPAQUE if rng.random() < 1 / 6 else SHEET))
    return scene(*parts)


@pytest.mark.parametrize("seed", range(4))
def test_same_hits_as_all_triangles(seed: int) -> None:
    rng = np.random.default_rng(seed)
    geometry = soup(rng, 60)
    caster = RayCaster(geometry)
    directions = np.concatenate([rng.uniform(-0.6, 0.6, (500, 2)), np.ones((500, 1))], axis=1)
    origin = rng.uniform(-0.2, 0.2, 3)
    hits = caster.cast(origin, directions)
    opaque = np.array([s.surface_class == OPAQUE.surface_class for s in geometry.surfaces])
    compared = 0
    for ray, direction in enumerate(directions):
        triangles, times, clear = every_hit(geometry, origin, direction)
        if clear < 1e-4:
            continue
        compared += 1
        ends = np.flatnonzero(opaque[triangles])
        count = ends[0] + 1 if len(ends) else len(triangles)
        mine = hits.ray == ray
        assert hits.triangle[mine].tolist() == triangles[:count].tolist()
        np.testing.assert_allclose(hits.t[mine], times[:count], rtol=1e-9)
        a, b, c = geometry.vertices[geometry.triangles[hits.triangle[mine]]].transpose(1, 0, 2)
        assert (hits.entering[mine] == (np.cross(b - a, c - a) @ direction < 0)).all()
    assert compared > 400


@pytest.mark.parametrize("tilt_deg", [0.0, 30.0, 60.0, 85.0])
def test_half_millimetre_walls_at_ten_metres(tilt_deg: float) -> None:
    """Three panes 0.5 mm thick and 0.5 mm apart, seen from 10 m: six crossings each, at the planes' depths."""
    panes = join([slab(z, z + 5e-4, 3, 3) for z in (0.0, 1e-3, 2e-3)]).rotated("y", tilt_deg).moved(z=10.0)
    rng = np.random.default_rng(1)
    spread = 0.02 * np.cos(np.deg2rad(tilt_deg))  # a tilted pane looks narrow
    directions = np.concatenate([rng.uniform(-spread, spread, (2000, 2)), np.ones((2000, 1))], axis=1)
    hits = RayCaster(scene((panes, GLASS))).cast(np.zeros(3), directions)
    assert (np.bincount(hits.ray, minlength=2000) == 6).all()
    assert (hits.entering == np.tile([True, False], 6000)).all()
    normal = np.array([np.sin(np.deg2rad(tilt_deg)), 0, np.cos(np.deg2rad(tilt_deg))])
    offset = normal[2] * 10.0 + np.arange(6) * 5e-4
    expected = offset[None, :] / (directions @ normal)[:, None]
    np.testing.assert_allclose(hits.t.reshape(2000, 6), expected, rtol=1e-12)


def test_glancing_wall_is_crossed_once_each_way() -> None:
    """Rays at 0.06 degrees to a pane of 0.5 mm, tessellated finely: one way in, one way out."""
    n = 40
    x, z = np.linspace(-1, 1, n), np.linspace(-4, 4, n)
    xx, zz = np.meshgrid(x, z)
    first = (np.arange(n - 1)[:, None] * n + np.arange(n - 1)[None, :]).ravel()
    quads = np.stack([first, first + 1, first + n + 1, first + n], axis=1)
    top = Mesh(np.stack([xx, np.zeros_like(xx), zz], axis=-1).reshape(-1, 3), (quads,))
    pane = join([top, top.moved(y=5e-4).flipped()]).moved(y=0.005, z=5.0)
    rng = np.random.default_rng(2)
    slope = rng.uniform(1.0e-3, 1.05e-3, 3000)
    directions = np.stack([rng.uniform(-0.05, 0.05, 3000), slope, np.ones(3000)], axis=1)
    hits = RayCaster(scene((pane, SHEET))).cast(np.zeros(3), directions)
    counts = np.bincount(hits.ray, minlength=3000)
    assert (counts == 2).all()
    np.testing.assert_allclose(hits.t[::2], 0.005 / slope, rtol=1e-9)
    np.testing.assert_allclose(hits.t[1::2], 0.0055 / slope, rtol=1e-9)


def test_shared_edges_and_vertices_count_once() -> None:
    """Rays aimed exactly at the vertices and edge middles of a tessellated sheet and of a solid behind it."""
    n = 9
    x = np.linspace(-1, 1, n)
    xx, yy = np.meshgrid(x, x)
    first = (np.arange(n - 1)[:, None] * n + np.arange(n - 1)[None, :]).ravel()
    sheet = Mesh(
        np.stack([xx, yy, np.full_like(xx, 2.0)], axis=-1).reshape(-1, 3),
        (np.stack([first, first + n, first + n + 1, first + 1], axis=1),),
    )
    inner = sheet.vertices[(np.abs(sheet.vertices[:, :2]) < 0.9).all(axis=1)]
    middles = inner + np.array([(x[1] - x[0]) / 2, 0, 0])
    targets = np.concatenate([inner, middles, inner + np.array([0, 1e-9, 0]), inner - np.array([1e-7, 0, 0])])
    geometry = scene((sheet, SHEET), (slab(2.5, 3.0, 9, 9), GLASS), (wall(5.0), OPAQUE))
    hits = RayCaster(geometry).cast(np.zeros(3), targets / targets[:, 2:])
    assert (np.bincount(hits.ray) == 4).all()
    np.testing.assert_allclose(hits.t.reshape(-1, 4), np.tile([2.0, 2.5, 3.0, 5.0], (len(targets), 1)), rtol=1e-12)


def test_no_light_leaks_out_of_a_closed_mesh() -> None:
    ball = sphere(1.0, 48, 24)
    caster = RayCaster(scene((ball.moved(z=0.1), OPAQUE)))
    rng = np.random.default_rng(3)
    away = rng.normal(size=(200_000, 3))
    at_vertices = ball.vertices + np.array([0, 0, 0.1])
    directions = np.concatenate([away, at_vertices, np.roll(at_vertices, 1, axis=0) + at_vertices])
    triangle, t, front = caster.first_opaque(np.zeros(3), directions)
    assert (triangle >= 0).all()
    assert not front.any()
    radius = np.linalg.norm(directions * t[:, None] - [0, 0, 0.1], axis=1)
    assert ((radius <= 1 + 1e-9) & (radius > 0.99)).all()


def test_hollow_sphere_has_four_crossings_in_closed_form() -> None:
    """A fine sphere of glass with a wall of 2 cm: the crossings are those of two perfect spheres to the sagitta."""
    segments, rings = 400, 200
    shell = join([sphere(0.5, segments, rings), sphere(0.48, segments, rings).flipped()]).moved(z=3.0)
    caster = RayCaster(scene((shell, GLASS), (wall(6.0), OPAQUE)))
    rng = np.random.default_rng(4)
    angle, r = rng.uniform(0, 2 * np.pi, 4000), 0.45 * np.sqrt(rng.random(4000))
    directions = np.stack([r * np.cos(angle) / 3, r * np.sin(angle) / 3, np.ones(4000)], axis=1)
    hits = caster.cast(np.zeros(3), directions)
    assert (np.bincount(hits.ray) == 5).all()
    assert (hits.entering.reshape(-1, 5) == [True, False, True, False, True]).all()
    a = (directions**2).sum(axis=1)
    half = {R: np.sqrt(9.0 - a * (9.0 - R**2)) / a for R in (0.5, 0.48)}
    exact = np.stack([3 / a - half[0.5], 3 / a - half[0.48], 3 / a + half[0.48], 3 / a + half[0.5]], axis=1)
    sagitta = 0.5 * (1 - np.cos(np.pi / rings)) * 2
    np.testing.assert_allclose(hits.t.reshape(-1, 5)[:, :4], exact, atol=sagitta * 3)


def test_coincident_rule() -> None:
    """Exit first, then the opaque surface of the smallest number, which ends the ray; else see-through by number."""
    axis = np.array([[0.01, 0.02, 1.0]])
    touching = scene((wall(2.0), SCREEN), (slab(1.0, 2.0), GLASS), (slab(2.0, 3.0), GLASS), (wall(2.0), SHEET))
    hits = RayCaster(touching).cast(np.zeros(3), axis)
    assert hits.surface.tolist() == [1, 1, 0, 2, 3, 2]
    assert hits.entering[[0, 1, 3, 5]].tolist() == [True, False, True, False]
    ended = scene((wall(2.0), SHEET), (wall(2.0, 3, 3), OPAQUE), (slab(1.0, 2.0), GLASS), (wall(2.0, 9, 9), OPAQUE))
    assert RayCaster(ended).cast(np.zeros(3), axis).surface.tolist() == [2, 2, 1]


@pytest.mark.parametrize("turn_deg", [0.0, 17.0, 45.0])
def test_coincident_opaque_faces_show_the_smallest_number(turn_deg: float) -> None:
    """Three overlapping faces in one oblique plane; where only one lies it is shown, elsewhere the smallest number."""
    sizes = [(0.2, 0.2), (0.6, 0.3), (1.0, 1.0)]
    rng = np.random.default_rng(5)
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        faces = [(wall(0.0, *sizes[k]).rotated("y", turn_deg).moved(z=3.0), OPAQUE) for k in order]
        target = rng.uniform(-0.95, 0.95, (3000, 2))
        flat = np.concatenate([target, np.zeros((3000, 1))], axis=1)
        points = Mesh(flat, ()).rotated("y", turn_deg).moved(z=3.0).vertices
        hits = RayCaster(scene(*faces)).cast(np.zeros(3), points / points[:, 2:])
        holds = np.stack([(np.abs(target) < sizes[k]).all(axis=1) for k in order])
        border = np.stack([(np.abs(np.abs(target) - sizes[k]) < 1e-4).any(axis=1) for k in order]).any(axis=0)
        assert (hits.surface == holds.argmax(axis=0))[~border].all()
        np.testing.assert_allclose(hits.t, points[:, 2], rtol=1e-9)


def test_same_surface_twice_at_one_place_counts_once() -> None:
    doubled = join([wall(2.0), wall(2.0).flipped(), wall(2.0)])
    hits = RayCaster(scene((doubled, SHEET), (wall(3.0), OPAQUE))).cast(np.zeros(3), np.array([[0.1, 0.05, 1.0]]))
    assert hits.surface.tolist() == [0, 1]


def test_rays_that_meet_nothing() -> None:
    caster = RayCaster(scene((wall(2.0, 0.1, 0.1), GLASS)))
    hits = caster.cast(np.zeros(3), np.array([[1.0, 0, 1], [0, 0, 1], [0, 0, -1.0]]))
    assert hits.ray.tolist() == [1]


def test_without_embreex_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "embreex.mesh_construction", None)
    with pytest.raises(MissingExtraError, match=r"depthbench\[render\]"):
        RayCaster(scene((wall(1.0), OPAQUE)))


def rotation(axis: np.ndarray, angle: float) -> np.ndarray:
    """Rodrigues' formula."""
    x, y, z = axis / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    turn: np.ndarray = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    return turn


def cluttered() -> SceneGeometry:
    rng = np.random.default_rng(6)
    solids = [
        (slab(0, 0.3, 0.2, 0.3).rotated("x", a).moved(*p), GLASS)
        for a, p in zip(rng.uniform(0, 360, 8), rng.uniform(-0.6, 0.6, (8, 3)) + np.array([0, 0, 3]), strict=True)
    ]
    return scene(*solids, (wall(2.0, 0.4, 0.4).rotated("z", 20), SCREEN), (wall(6.0).rotated("x", 3), OPAQUE))


CLUTTER_RAYS = np.concatenate([np.random.default_rng(7).uniform(-0.3, 0.3, (400, 2)), np.ones((400, 1))], axis=1)


def agree(one: Hits, other: Hits, rtol: float, shift: float = 0.0) -> None:
    """The same crossings, but for the few rays that a change of float32 rounding moves across a silhouette."""
    n = len(CLUTTER_RAYS)
    differs = np.zeros(n, dtype=bool)
    for ray in range(n):
        a, b = one.ray == ray, other.ray == ray
        same = one.surface[a].tolist() == other.surface[b].tolist()
        differs[ray] = not (same and np.allclose(one.t[a], other.t[b] + shift, rtol=rtol, atol=0))
    assert differs.sum() <= 1


@given(
    st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda v: np.linalg.norm(v) > 0.1),
    st.floats(-3.1, 3.1),
    st.tuples(*[st.floats(-5, 5)] * 3),
)
@settings(max_examples=20, deadline=None)
def test_rigid_motion_changes_nothing(axis: tuple[float, ...], angle: float, move: tuple[float, ...]) -> None:
    geometry = cluttered()
    turn = rotation(np.array(axis), angle)
    moved = replace(geometry, vertices=geometry.vertices @ turn.T + move)
    agree(
        RayCaster(geometry).cast(np.zeros(3), CLUTTER_RAYS),
        RayCaster(moved).cast(np.array(move), CLUTTER_RAYS @ turn.T),
        rtol=1e-9,
    )


@given(st.floats(-1.5, 1.5))
@settings(max_examples=20, deadline=None)
def test_moving_the_origin_along_the_rays_shifts_every_depth(shift: float) -> None:
    """Every surface lies beyond 1.5 m, so starting a ray later or earlier takes the same off every hit."""
    caster = RayCaster(cluttered())
    agree(
        caster.cast(np.zeros(3), CLUTTER_RAYS),
        caster.cast(shift * CLUTTER_RAYS, CLUTTER_RAYS),
        rtol=1e-9,
        shift=shift,
    )
