# SPDX-License-Identifier: Apache-2.0
"""VOS-DE against a general solver, closed forms, a slow component search, and the golden depths of the official examples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from depthbench.baselines.loading import load_model
from depthbench.baselines.vos_de import enclosed_side_px, fit_depth, largest_component, side_px
from depthbench.benchmarks.predict import run_model
from depthbench.benchmarks.sets.opening import open_set
from depthbench.tasks import MotionSample


@given(st.integers(0, 2**32 - 1), st.integers(2, 12), st.integers(1, 4))
def test_the_fit_equals_a_general_least_squares_solver(seed: int, n: int, rows: int) -> None:
    rng = np.random.default_rng(seed)
    sides, behind = rng.uniform(5, 300, (rows, n)), np.sort(rng.uniform(0, 2, (rows, n)))
    for got, s, m in zip(fit_depth(sides, behind), sides, behind, strict=True):
        solved = np.linalg.lstsq(np.stack([s, np.ones(n)], axis=1), m * s, rcond=None)[0]
        assert got == pytest.approx(-solved[0], rel=1e-6, abs=1e-7)


@given(
    st.floats(0.05, 50),
    st.floats(1, 1e4),
    hnp.arrays(np.float64, st.integers(2, 30), elements=st.floats(0, 40), unique=True),
)
def test_sides_that_go_as_one_over_depth_give_the_depth_back(depth_m: float, c: float, behind_m: np.ndarray) -> None:
    sides = c / (depth_m + behind_m)
    if np.ptp(sides) > 1e-3 * sides.max():
        assert fit_depth(sides, behind_m) == pytest.approx(depth_m, rel=1e-6)
        # the pose at which the depth is wanted may be any: later poses of an approach are less deep by what was gone
        assert fit_depth(sides, behind_m + 0.03) == pytest.approx(depth_m - 0.03, rel=1e-5, abs=1e-6)


def sample(masks: list[np.ndarray], camera_z_m: list[float]) -> MotionSample:
    return MotionSample("x", np.stack(masks), np.array(camera_z_m))


def square(side: int) -> np.ndarray:
    mask = np.zeros((40, 50), dtype=bool)
    mask[3 : 3 + side, 4 : 4 + side] = True
    return mask


@pytest.mark.parametrize("name", ["vos-de", "vos-de-two-view"])
def test_half_the_side_at_twice_the_depth(name: str) -> None:
    prediction, _, _ = run_model(load_model(name).model, sample([square(30), square(15)], [0.0, -0.25]))
    assert prediction.depth_m == pytest.approx(0.25)


@pytest.mark.parametrize("name", ["vos-de", "vos-de-two-view", "vos-de-unbiased"])
def test_a_mask_that_does_not_grow_has_no_depth(name: str) -> None:
    for masks in ([square(20), square(20), square(20)], [square(0), square(0), square(0)]):
        prediction, _, _ = run_model(load_model(name).model, sample(masks, [0.0, -0.1, -0.2]))
        assert np.isnan(prediction.depth_m)


@pytest.mark.parametrize("name", ["vos-de", "vos-de-two-view", "vos-de-unbiased"])
def test_equal_positions_have_no_depth(name: str) -> None:
    """Growth without movement would be explained by a depth of 0 alone."""
    prediction, _, _ = run_model(load_model(name).model, sample([square(20), square(10), square(9)], [0.0, 0.0, 0.0]))
    assert np.isnan(prediction.depth_m)


def slow_component(mask: np.ndarray) -> int:
    """Size of the largest 8-connected part, by flooding."""
    left, best = {tuple(p) for p in np.argwhere(mask)}, 0
    while left:
        front, size = [left.pop()], 1
        while front:
            y, x = front.pop()
            for other in [(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]:
                if other in left:
                    left.remove(other)
                    front.append(other)
                    size += 1
        best = max(best, size)
    return best


@given(hnp.arrays(np.bool_, (9, 11), elements=st.booleans()))
def test_the_largest_component_is_that_of_a_flood(mask: np.ndarray) -> None:
    assert np.count_nonzero(largest_component(mask)) == slow_component(mask)
    assert side_px(mask) == pytest.approx(np.sqrt(slow_component(mask)))


def touched(width: float, height: float, turn: float, middle: np.ndarray) -> np.ndarray:
    """Pixels (unit squares) that a tilted rectangle touches: those that neither one's sides separate from the other."""
    y, x = np.mgrid[:30, :30] + 0.5 - middle[:, None, None]
    c, s = abs(np.cos(turn)), abs(np.sin(turn))
    reach = (c + s) / 2
    along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    meets = (np.abs(along) < width / 2 + reach) & (np.abs(across) < height / 2 + reach)
    return meets & (np.abs(x) < (width * c + height * s + 1) / 2) & (np.abs(y) < (width * s + height * c + 1) / 2)


def test_enclosed_area_of_what_convex_outlines_touch_is_theirs_on_average() -> None:
    rng = np.random.default_rng(0)
    found, true, pixels = [], [], []
    for _ in range(3000):
        width, height, turn = *rng.uniform(4, 14, 2), rng.uniform(0, np.pi)
        mask = touched(width, height, turn, rng.uniform(14, 15, 2))
        found.append(enclosed_side_px(mask) ** 2)
        true.append(width * height)
        pixels.append(mask.sum())
    assert np.mean(found) == pytest.approx(np.mean(true), rel=0.003)
    assert np.mean(pixels) > 1.2 * np.mean(true)


@pytest.mark.shared
@pytest.mark.parametrize("part", ["robot", "driving", "normal", "perturb"])
def test_every_official_validation_example_to_a_nanometre(shared_data: Path, part: str) -> None:
    """Depths and truth of all 6,260 from the golden areas; the areas themselves from the masks (robot: of every 20th)."""
    golden = np.load(shared_data / "odms" / "vosde_golden_n10.npz")
    opened = open_set(f"odms-{part}", shared_data / "odms", {"split": "val"})
    ids, areas = opened.ids(), golden[f"val_{part}_lcc_area"]
    assert len(ids) == len(areas)
    truth = [opened.truth(sample_id).depth_m for sample_id in ids]
    np.testing.assert_allclose(truth, golden[f"val_{part}_gt"], rtol=0, atol=1e-12)
    behind = []
    for number, sample_id in enumerate(ids):
        # windows of one robot clip overlap, so a twentieth of them has nearly every mask
        if part != "robot" or number % 20 == 0:
            observed = opened.observations(sample_id)
            assert [round(side_px(mask) ** 2) for mask in observed.masks] == areas[number].tolist()
            behind.append((number, -observed.camera_z_m))
    rows = [number for number, _ in behind]
    depths = fit_depth(np.sqrt(areas[rows]), np.array([row for _, row in behind]))
    np.testing.assert_allclose(depths, golden[f"val_{part}_depth"][rows], rtol=0, atol=1e-9)
