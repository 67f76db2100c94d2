# SPDX-License-Identifier: Apache-2.0
"""A drink in a glass: solids nested with a small overlap, against closed forms for the layers and for refraction."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from truth_scenes import GLASS, OPAQUE, scene, slab, wall

from depthbench.blender_scenes.mesh import Mesh, lathe
from depthbench.blender_scenes.objects.fill import BITE_M, liquid
from depthbench.blender_scenes.objects.forms import cavity, vessel
from depthbench.camera import Intrinsics, StereoRig, right_from_left
from depthbench.truth.cast import RayCaster
from depthbench.truth.geometry import SceneGeometry
from depthbench.truth.layers import build_layers
from depthbench.truth.pair import pixel_hits
from depthbench.truth.snell import trace

pytest.importorskip("embreex")

WATER = replace(GLASS, name="water", ior=4 / 3)
RIG = StereoRig(Intrinsics.centred(96, 64, 400.0), 0.05)
OUTER_M, WALL_M, FLOOR_M, TALL_M, LEVEL_M = 0.04, 0.003, 0.01, 0.12, 0.08
INNER_M = OUTER_M - WALL_M


def tumbler(segments: int = 720) -> tuple[Mesh, Mesh]:
    """A straight glass about the z axis and the water in it."""
    outside = [[OUTER_M, z] for z in np.linspace(0.0, TALL_M, 9)]
    inside = cavity(outside, WALL_M, FLOOR_M)
    return lathe(vessel(outside, WALL_M, FLOOR_M), segments), liquid(inside, LEVEL_M, segments)


def layers_of(geometry: SceneGeometry) -> tuple[np.ndarray, np.ndarray]:
    """Depths float64 (K, H, W) and surface ids of the left eye at the origin."""
    caster, pose = RayCaster(geometry), np.eye(4)
    layers, _ = build_layers(caster, pixel_hits(caster, RIG, pose), RIG, pose, right_from_left(pose, RIG.baseline_m))
    return 20.0 / layers.disp_px.astype(np.float64), layers.surface_id


def test_looking_down_its_axis() -> None:
    """The drink's top, then the glass's floor, which lies above the drink's bottom, then the table."""
    glass, water = (mesh.rotated("x", 180.0).moved(z=0.6) for mesh in tumbler())
    depth_m, ids = layers_of(scene((glass, GLASS), (water, WATER), (wall(0.7), OPAQUE)))
    d = RIG.intrinsics.pixel_directions()
    inside = np.hypot(d[..., 0], d[..., 1]) * 0.6 < 0.8 * INNER_M
    assert inside.sum() > 1000
    np.testing.assert_array_equal(ids[:4, inside], np.array([[2], [1], [3], [0]]) * np.ones(inside.sum(), dtype=int))
    for layer, expected in enumerate((0.6 - LEVEL_M, 0.6 - FLOOR_M, 0.7)):
        np.testing.assert_allclose(depth_m[layer][inside], expected, rtol=1e-6)


def test_looking_through_its_side() -> None:
    """Near wall at its outside, drink just before the wall's inside, far wall at its inside, what stands behind."""
    glass, water = (mesh.rotated("x", 90.0).moved(y=0.07, z=0.5) for mesh in tumbler())
    depth_m, ids = layers_of(scene((glass, GLASS), (water, WATER), (wall(0.9), OPAQUE)))
    d = RIG.intrinsics.pixel_directions()
    flat = d[..., 0] ** 2 + 1

    def crossing(radius: float, sign: int) -> np.ndarray:
        root = 0.25 - flat * (0.25 - radius**2)
        z: np.ndarray = (0.5 + sign * np.sqrt(np.where(root > 1e-5, root, np.nan))) / flat
        return z

    near, drink, far = crossing(OUTER_M, -1), crossing(INNER_M + BITE_M, -1), crossing(INNER_M, 1)
    height = 0.07 - d[..., 1] * np.stack([near, far])  # above the glass's foot
    wet = np.isfinite(far) & (height > FLOOR_M + 0.022).all(axis=0) & (height < LEVEL_M - 0.002).all(axis=0)
    assert wet.sum() > 800
    for layer, (expected, number) in enumerate(
        zip((near, drink, far, np.full_like(near, 0.9)), (1, 2, 1, 3), strict=True)
    ):
        assert (ids[layer][wet] == number).all()
        np.testing.assert_allclose(depth_m[layer][wet], expected[wet], rtol=2e-5)
    assert (ids[4][wet] == 0).all()
    dry = np.isfinite(far) & (height > LEVEL_M + 0.002).all(axis=0) & (height < TALL_M - 0.002).all(axis=0)
    assert dry.sum() > 200
    np.testing.assert_array_equal(ids[:4, dry], np.array([[1], [1], [3], [0]]) * np.ones(dry.sum(), dtype=int))


def test_flat_tank_bends_as_glass_on_water_does() -> None:
    """Plates of glass against water: Snell's law at the real boundaries, to the overlap's share of the way."""
    plate, deep = 0.008, 0.3
    tank = [(slab(1.0, 1.0 + plate), GLASS), (slab(1.0 + plate + deep, 1.0 + 2 * plate + deep), GLASS)]
    water = slab(1.0 + plate - BITE_M, 1.0 + plate + deep + BITE_M)
    slope = np.linspace(-2.0, 2.0, 81)
    rays = np.stack([slope, np.zeros(81), np.ones(81)], axis=1)
    seen = trace(RayCaster(scene(*tank, (water, WATER), (wall(2.0), OPAQUE))), np.zeros(3), rays)
    sine = np.sin(np.arctan(slope))
    in_glass, in_water, in_both = (np.tan(np.arcsin(sine / n)) for n in (1.5, 4 / 3, 1.5 * 4 / 3))
    outside = slope * (2.0 - 2 * plate - deep)
    overlapping = outside + in_glass * 2 * (plate - BITE_M) + in_both * 2 * BITE_M + in_water * deep
    np.testing.assert_allclose(seen[:, 0], overlapping, atol=1e-9)
    real = outside + in_glass * 2 * plate + in_water * deep
    np.testing.assert_allclose(seen[:, 0], real, atol=BITE_M)


def test_round_glass_is_filled_to_its_outside() -> None:
    """Rays in the plane across the axis turn as Bouguer's law says for glass on water, n r sin(angle) being kept.

    Also those that pass farther from the axis than the drink is wide: through a gap of air they would miss it.
    """
    glass, water = (mesh.rotated("x", 90.0).moved(y=0.05, z=0.5) for mesh in tumbler(1440))
    geometry = scene((glass, GLASS), (water, WATER), (wall(0.9), OPAQUE))
    side = geometry.vertices[geometry.triangles] - [0, 0, 0.5]
    round_ = np.zeros_like(side)
    round_[..., [0, 2]] = side[..., [0, 2]] / np.maximum(np.hypot(side[..., 0], side[..., 2]), 1e-9)[..., None]
    flat = geometry.corner_normals
    upright = (np.abs(flat[..., 1]) < 0.01)[..., None] & (geometry.triangle_surface < 2)[:, None, None]
    sign = np.sign((round_ * flat).sum(axis=-1, keepdims=True))
    caster = RayCaster(replace(geometry, corner_normals=np.where(upright, sign * round_, flat).astype(np.float32)))
    off = np.concatenate([np.linspace(0.001, 0.9, 40), [0.94, 0.96]]) * OUTER_M
    origins = np.stack([off, np.zeros_like(off), np.zeros_like(off)], axis=1)
    seen = trace(caster, origins, np.tile([0.0, 0.0, 1.0], (len(off), 1)))
    assert (off > INNER_M).sum() == 2

    def turn(radius: float, before: float, after: float) -> np.ndarray:
        out: np.ndarray = np.arcsin(off / (before * radius)) - np.arcsin(off / (after * radius))
        return out

    def lands(turned: np.ndarray) -> np.ndarray:
        """The ray passes the axis as far off as it came, turned towards it, and goes on to the wall 0.4 m behind the axis."""
        x: np.ndarray = off * np.cos(turned) - np.tan(turned) * (0.4 - off * np.sin(turned))
        return x

    both = 1.5 * 4 / 3
    inner = turn(INNER_M + BITE_M, 1.5, both) + turn(INNER_M, both, 4 / 3)
    np.testing.assert_allclose(seen[:, 0], lands(2 * (turn(OUTER_M, 1.0, 1.5) + inner)), atol=1e-4)
    real = lands(2 * (turn(OUTER_M, 1.0, 1.5) + turn(INNER_M, 1.5, 4 / 3)))
    np.testing.assert_allclose(seen[:, 0], real, rtol=0.03)
