# SPDX-License-Identifier: Apache-2.0
"""Cameras by name and where they focus: the published blur strengths, what cannot be, what tells the truth away."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depthbench.camera import Intrinsics
from depthbench.errors import DepthbenchError
from depthbench.generators.focal.cameras import PRESETS, camera_preset, doubts, lens_of, with_numbers
from depthbench.generators.focal.planes import POLICIES, FocusPlanes

NYU = Intrinsics(640, 480, 518.858, 519.470, 325.582, 253.736)


@pytest.mark.parametrize(
    ("name", "width", "px_per_dioptre"),
    [
        ("hybriddepth-nyu", 640, 26.0),
        ("hybriddepth-arkit", 640, 3.04),
        ("dered", 320, 26.0),
        ("dered-config", 640, 3.0),
        ("mobile-dfd", 640, 18.6),
        ("fod500", 256, 0.69),
        ("d3net-nyu", 640, 14.3),
        ("d3net-dslr", 640, 13.6),
        ("fossa", 640, 10.8),
        ("phone", 640, 1.6),
    ],
)
def test_strengths_are_the_published_ones(name: str, width: int, px_per_dioptre: float) -> None:
    assert lens_of(camera_preset(name), width, NYU).px_per_dioptre == pytest.approx(px_per_dioptre, rel=0.02)


def test_the_paper_s_camera_cannot_take_these_pictures() -> None:
    (told,) = doubts(lens_of(PRESETS["hybriddepth-nyu"], 640, NYU), NYU)
    assert "4167 px" in told
    assert "519" in told
    assert "50.2 mm wide" in told
    for name in ("fossa", "dslr"):
        assert doubts(lens_of(PRESETS[name], 640, NYU), NYU) == []
    assert doubts(lens_of(PRESETS["hybriddepth-nyu"], 640, None), None) == []


def test_numbers_of_your_own() -> None:
    lens = lens_of(with_numbers(PRESETS["phone"], 0.005, 2.0, 1e-5), 640, None)
    assert (lens.focal_m, lens.f_number, lens.pitch_m) == (0.005, 2.0, 1e-5)
    with pytest.raises(DepthbenchError, match=r"frame 3: .* --fov-deg"):
        lens_of(PRESETS["dslr"], 640, None, "frame 3")
    with pytest.raises(DepthbenchError, match="did you mean phone"):
        camera_preset("fone")


DEPTH = np.array([[1.0, 2.0, 3.0, np.nan], [4.0, 5.0, np.inf, 1.5]])


def test_policies_by_hand() -> None:
    np.testing.assert_allclose(FocusPlanes("fixed", 3, 1, 5).distances_m(DEPTH), [1, 3, 5])
    np.testing.assert_allclose(FocusPlanes("fixed", list_m=(1, 1.5, 2.5, 4, 6)).distances_m(DEPTH), [1, 1.5, 2.5, 4, 6])
    np.testing.assert_allclose(FocusPlanes("dioptre-uniform", 3, 0.5, np.inf).distances_m(DEPTH), [0.5, 1, np.inf])
    np.testing.assert_allclose(FocusPlanes("gt-range", 5).distances_m(DEPTH), [1, 2, 3, 4, 5])
    low, high = FocusPlanes("quantile", 2).distances_m(DEPTH)
    known = DEPTH[np.isfinite(DEPTH)]
    assert (known <= low).mean() == pytest.approx(0.05, abs=0.15)
    assert (known <= high).mean() == pytest.approx(0.95, abs=0.15)


@given(st.sampled_from(sorted(POLICIES)), st.integers(2, 30), st.floats(0.2, 20), st.floats(1, 5))
def test_distances_ascend_whatever_the_depth(policy: str, count: int, nearest: float, ratio: float) -> None:
    depth: Any = np.array([nearest, nearest * ratio, np.nan])
    metres = FocusPlanes(policy, count).distances_m(depth)
    assert len(metres) == count
    assert (np.diff(metres) > 0).all()
    assert metres[0] > 0


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"policy": "gt-rang"}, "did you mean gt-range"),
        ({"count": 1}, "one picture tells nothing of depth"),
        ({"list_m": (2.0, 1.0)}, "ascending"),
        ({"list_m": (1.0, 2.0), "policy": "quantile"}, "is for the policy fixed"),
        ({"near_m": 3.0, "far_m": 2.0}, "less than far"),
        ({"far_m": float("inf")}, "dioptre-uniform"),
    ],
)
def test_planes_that_are_none(options: dict[str, Any], told: str) -> None:
    with pytest.raises(DepthbenchError, match=told):
        FocusPlanes(**options)
