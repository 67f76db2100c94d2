# SPDX-License-Identifier: Apache-2.0
"""The checks pass good truth and name every kind of damage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from truth_scenes import GLASS, OPAQUE, SCREEN, scene, slab, wall

from depthbench.blender_scenes.mesh import join, sphere
from depthbench.camera import Intrinsics, StereoRig, right_from_left
from depthbench.layers import Layers, SurfaceClass, Visibility
from depthbench.truth.cast import RayCaster
from depthbench.truth.checks import check_pair, warp_errors
from depthbench.truth.pair import PairTruth, pair_truth

pytest.importorskip("embreex")

RIG = StereoRig(Intrinsics.centred(96, 64, 100.0), 0.1537)
SHELL = join([sphere(0.3, 48, 24), sphere(0.29, 48, 24).flipped()]).moved(0.2, 0.0, 1.5)
GEOMETRY = scene(
    (slab(1.0, 1.01, 0.3, 0.2).rotated("y", 10), GLASS),
    (SHELL, GLASS),
    (wall(2.0, 0.3, 0.2).moved(x=-0.4), replace(SCREEN, planar=True)),
    (wall(2.5, 0.15, 0.4).moved(x=0.1), replace(OPAQUE, planar=True)),
    (wall(4.0).rotated("y", 20), replace(OPAQUE, planar=True)),
)
CASTER = RayCaster(GEOMETRY)
TRUTH = pair_truth(CASTER, RIG, np.eye(4))


def problems(truth: PairTruth, seed: int = 0) -> list[str]:
    return check_pair(truth, CASTER, RIG, np.eye(4), np.random.default_rng(seed))


@pytest.mark.parametrize("seed", range(5))
def test_good_truth_has_no_problem(seed: int) -> None:
    assert problems(TRUTH, seed) == []


def test_warp_errors_are_the_distance_to_the_surface() -> None:
    """Nothing for good truth; with disparities 0.1 % too large, walls across the view are met 0.1 % behind the points."""
    right = right_from_left(np.eye(4), RIG.baseline_m)
    layers = TRUTH.left.layers
    at = np.flatnonzero(layers.visibility == Visibility.VISIBLE)
    good = warp_errors(layers, CASTER, RIG, np.eye(4), right, at)
    assert (good <= 1e-6).mean() >= 0.999
    nearer = replace(layers, disp_px=layers.disp_px * np.float32(1.001))
    across = at[np.isin(layers.surface_id.ravel()[at], (3, 4))]
    errors = warp_errors(nearer, CASTER, RIG, np.eye(4), right, across)
    met = np.isfinite(errors)
    assert met.mean() > 0.9
    np.testing.assert_allclose(errors[met], 0.001, rtol=1e-3)
    hidden = np.flatnonzero(layers.visibility == Visibility.OCCLUDED)
    assert np.isinf(warp_errors(layers, CASTER, RIG, np.eye(4), right, hidden)).mean() > 0.99


def nearer_behind(layers: Layers) -> Layers:
    disp_px = layers.disp_px.copy()
    disp_px[1] *= 20
    return replace(layers, disp_px=disp_px)


def gap(layers: Layers) -> Layers:
    disp_px = layers.disp_px.copy()
    disp_px[0, 5, 5] = np.nan
    disp_px[1, 5, 5] = 1.0
    return replace(layers, disp_px=disp_px)


def negative(layers: Layers) -> Layers:
    return replace(layers, disp_px=-layers.disp_px)


def missing_id(layers: Layers) -> Layers:
    surface_id = layers.surface_id.copy()
    surface_id[0, 3, 3] = 0
    return replace(layers, surface_id=surface_id)


def wrong_class(layers: Layers) -> Layers:
    return replace(
        layers,
        surface_class=np.where(
            layers.surface_class == SurfaceClass.SCREEN, SurfaceClass.TRANSMISSIVE, layers.surface_class
        ),
    )


def off_the_plane(layers: Layers) -> Layers:
    """0.3 mm at 4 m: 7.5e-5 relative."""
    return replace(layers, disp_px=layers.disp_px * np.float32(1 + 7.5e-5))


def all_visible(layers: Layers) -> Layers:
    return replace(
        layers, visibility=np.where(layers.visibility == Visibility.OCCLUDED, Visibility.VISIBLE, layers.visibility)
    )


def all_hidden(layers: Layers) -> Layers:
    return replace(
        layers, visibility=np.where(layers.visibility == Visibility.VISIBLE, Visibility.OCCLUDED, layers.visibility)
    )


def shifted_a_pixel(layers: Layers) -> Layers:
    """As a principal point off by one: every map moved one column."""
    return Layers(
        *(np.roll(getattr(layers, n), 1, axis=2) for n in ("disp_px", "surface_id", "surface_class", "visibility"))
    )


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (nearer_behind, "in front of the one before"),
        (gap, "follows a gap"),
        (negative, "not positive"),
        (missing_id, "surface id without a layer"),
        (wrong_class, "class is not that of their surface"),
        (off_the_plane, "off its plane"),
        (all_visible, "marked visible are not met"),
        (all_hidden, "marked occluded are met"),
        (shifted_a_pixel, "off its plane"),
    ],
)
def test_damage_is_found_and_named(damage: Callable[[Layers], Layers], words: str) -> None:
    bad = replace(TRUTH, left=replace(TRUTH.left, layers=damage(TRUTH.left.layers)))
    found = problems(bad)
    assert any(words in text for text in found), found
    assert all(text.startswith("left eye: ") for text in found)


def test_a_wrong_baseline_is_found() -> None:
    """Truth made for another baseline than the rig's: the warped points meet nothing."""
    other = pair_truth(CASTER, StereoRig(RIG.intrinsics, RIG.baseline_m * 1.001), np.eye(4))
    assert any("visible" in text or "plane" in text for text in problems(other))
