# SPDX-License-Identifier: Apache-2.0
"""Disparity metrics against a slow obvious twin, numpy's own sort, and properties that must hold."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from depthbench.benchmarks.metrics import disparity
from depthbench.benchmarks.metrics.disparity import PixelErrors
from depthbench.benchmarks.metrics.error_map import HOLE, UNKNOWN, Rules, error_map
from depthbench.benchmarks.metrics.tally import Tally

pytestmark = pytest.mark.usefixtures("passes")
THRESHOLDS = (0.5, 1.0, 2.0, 3.0, 4.0, 8.0, 0.7, 1.3)
Map = npt.NDArray[np.float32]

shapes = hnp.array_shapes(min_dims=2, max_dims=2, max_side=12)
# Sixteenths make ties, whole numbers meet thresholds exactly, the rest is anything.
disparities = st.one_of(
    st.integers(0, 800).map(lambda n: n / 16), st.integers(0, 30).map(float), st.floats(0, 300, width=32)
)


def loop_twin(
    predicted: Map, truth: Map, counts: npt.NDArray[np.bool_], known: npt.NDArray[np.bool_]
) -> dict[str, float]:
    """Every metric with a Python loop over pixels, as one would explain it."""
    errors, pixels = [], 0
    outliers = 0
    for y in range(truth.shape[0]):
        for x in range(truth.shape[1]):
            if not counts[y, x]:
                continue
            pixels += 1
            if not known[y, x]:
                continue
            error = float(abs(predicted[y, x] - truth[y, x]))
            errors.append(error)
            # Python's division of a positive error by a zero truth would raise; any error is more than 5 % of nothing.
            outliers += error > 3 and (truth[y, x] == 0 or error / float(truth[y, x]) > 0.05)
    n = len(errors)
    told = {"pixels": pixels, "estimated": n}
    for t in THRESHOLDS:
        above = sum(error > t for error in errors)
        told[f"bad_{t}"] = 100 * above / pixels if pixels else math.nan
        told[f"bad_est_{t}"] = (100 * above / n if n else 100.0) if pixels else math.nan
        told[f"total_{t}"] = 100 * (above + pixels - n) / pixels if pixels else math.nan
    told["epe"] = sum(errors) / n if n else math.nan
    told["rmse"] = math.sqrt(sum(error**2 for error in errors) / n) if n else math.nan
    told["d1"] = 100 * outliers / pixels if pixels else math.nan
    told["coverage"] = 100 * n / pixels if pixels else math.nan
    for q in (50, 90, 95, 99):
        told[f"a{q}"] = sorted(errors)[min(math.floor(n * q / 100), n - 1)] if n else math.nan
    return told


def pixel_errors(
    error: Map, truth: Map, counts: npt.NDArray[np.bool_], known: npt.NDArray[np.bool_] | None = None
) -> PixelErrors:
    """What counts told by the map itself."""
    answered = error if known is None else np.where(known, error, np.float32(HOLE))
    return PixelErrors(np.where(counts, answered, np.float32(UNKNOWN)), truth)


def ours(errors: PixelErrors) -> dict[str, float]:
    told = {"pixels": errors.truth_count, "estimated": errors.estimated_count}
    for t in THRESHOLDS:
        told[f"bad_{t}"] = disparity.bad(errors, t)
        told[f"bad_est_{t}"] = disparity.bad(errors, t, "estimated")
        told[f"total_{t}"] = disparity.total_bad(errors, t)
    told |= {"epe": disparity.end_point_error(errors), "rmse": disparity.rmse(errors), "d1": disparity.d1(errors)}
    told["coverage"] = disparity.coverage(errors)
    for q, value in zip((50, 90, 95, 99), disparity.error_quantiles(errors, (50, 90, 95, 99)), strict=True):
        told[f"a{q}"] = value
    return told


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Map, Map, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    shape = draw(shapes)
    maps = [draw(hnp.arrays(np.float32, shape, elements=disparities)) for _ in range(2)]
    masks = [draw(hnp.arrays(np.bool_, shape)) for _ in range(2)]
    return maps[0], maps[1], masks[0], masks[1]


@given(scenes())
@settings(max_examples=150, deadline=None)
def test_every_metric_equals_the_loop_twin(
    scene: tuple[Map, Map, npt.NDArray[np.bool_], npt.NDArray[np.bool_]],
) -> None:
    predicted, truth, counts, known = scene
    expected = loop_twin(predicted, truth, counts, known)
    errors = np.abs(predicted - truth)
    answered = np.where(known, errors, np.float32(HOLE))
    dirty = np.where(counts, answered, np.float32(np.inf))
    for told in (
        pixel_errors(errors, truth, counts, known),
        PixelErrors(answered, truth, counts),
        PixelErrors(dirty, truth, counts),
    ):
        got = ours(told)
        for name, value in expected.items():
            assert got[name] == pytest.approx(value, rel=2e-6, abs=1e-7, nan_ok=True), name


@given(scenes())
@settings(max_examples=60, deadline=None)
def test_bad_falls_as_the_threshold_grows(scene: tuple[Map, Map, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]) -> None:
    predicted, truth, counts, known = scene
    errors = pixel_errors(np.abs(predicted - truth), truth, counts | True, known)
    values = [disparity.bad(errors, t) for t in sorted(THRESHOLDS)]
    assert values == sorted(values, reverse=True)
    assert all(disparity.total_bad(errors, t) >= disparity.bad(errors, t) for t in THRESHOLDS)


@given(scenes(), st.sampled_from([0.25, 2.0, 4.0]))
@settings(max_examples=60, deadline=None)
def test_scaling_everything_scales_errors_and_leaves_shares(
    scene: tuple[Map, Map, npt.NDArray[np.bool_], npt.NDArray[np.bool_]], scale: float
) -> None:
    """Powers of two are exact in float32, so shares at scaled thresholds must be equal to the last digit."""
    predicted, truth, counts, known = scene
    plain = pixel_errors(np.abs(predicted - truth), truth, counts, known)
    factor = np.float32(scale)
    scaled = pixel_errors(np.abs(predicted * factor - truth * factor), truth * factor, counts, known)
    assert disparity.end_point_error(scaled) == pytest.approx(scale * disparity.end_point_error(plain), nan_ok=True)
    assert disparity.rmse(scaled) == pytest.approx(scale * disparity.rmse(plain), nan_ok=True)
    for t in THRESHOLDS:
        assert disparity.bad(scaled, scale * t) == pytest.approx(disparity.bad(plain, t), nan_ok=True)
    quantiles = np.array(disparity.error_quantiles(plain, (50, 99)))
    np.testing.assert_array_equal(disparity.error_quantiles(scaled, (50, 99)), scale * quantiles)


@given(hnp.arrays(np.float32, st.integers(1, 400), elements=st.floats(0, 2.0**100, width=32)), st.data())
@settings(max_examples=100, deadline=None)
def test_ranks_equal_a_full_sort(values: Map, data: st.DataObject) -> None:
    chosen = data.draw(hnp.arrays(np.bool_, values.shape))
    chosen[0] = True
    ordered = np.sort(values[chosen])
    ranks = data.draw(st.lists(st.integers(0, ordered.size - 1), min_size=1, max_size=5))
    expected = [float(ordered[rank]) for rank in ranks]
    assert Tally(values, chosen).at(ranks) == expected
    assert Tally(np.where(chosen, values, np.float32(HOLE))).at(ranks) == expected


def test_ranks_and_counts_over_many_blocks() -> None:
    """Larger than a block, with gross ties, so that bins hold much and blocks meet."""
    rng = np.random.default_rng(3)
    values = np.abs(np.round(rng.standard_cauchy(300_000) * 16) / 16).astype(np.float32)
    values[::7] = 0
    chosen = rng.random(values.size) < 0.8
    ordered = np.sort(values[chosen])
    ranks = [0, 1, 1000, ordered.size // 2, ordered.size - 2, ordered.size - 1]
    for tally in (Tally(values, chosen), Tally(np.where(chosen, values, np.float32(UNKNOWN)))):
        assert tally.count == tally.known == ordered.size
        assert tally.at(ranks) == [float(ordered[rank]) for rank in ranks]
        for t in (0.0, 0.0625, 0.5, 1.0, 1.1, 3.0, 1e6):
            assert tally.count_above(t) == int((ordered > t).sum())
        assert tally.total == pytest.approx(ordered.sum(dtype=np.float64), rel=1e-6)
        assert tally.total_of_squares == pytest.approx((ordered.astype(np.float64) ** 2).sum(), rel=1e-6)


any_number = st.one_of(
    st.floats(width=32), st.sampled_from([0.0, 12.0, 192.0, -5.0, float("inf"), float("-inf"), float("nan")])
)


@given(
    any_number,
    any_number,
    st.builds(
        Rules,
        st.sampled_from([-math.inf, 0.0]),
        st.sampled_from([math.inf, 64.0]),
        st.sampled_from([math.inf, 100.0]),
        st.booleans(),
        st.booleans(),
        st.sampled_from([-math.inf, 0.0]),
        st.sampled_from([math.inf, 192.0]),
    ),
)
@settings(max_examples=300, deadline=None)
def test_what_is_a_hole_what_is_unknown_and_what_is_an_error(predicted: float, truth: float, rules: Rules) -> None:
    """The rules in words, of one pixel."""
    got = float(error_map(np.full((1, 1), predicted, np.float32), np.full((1, 1), truth, np.float32), rules)[0, 0])
    if not math.isfinite(truth) or not rules.above_px < truth < rules.below_px:
        assert got == UNKNOWN
    elif (
        predicted == math.inf
        or abs(predicted) > rules.widest_px
        or (predicted == -math.inf and rules.minus_inf_is_hole)
        or (math.isnan(predicted) and rules.nan_is_hole)
    ):
        assert got == HOLE
    elif math.isnan(predicted):
        assert math.isnan(got)
    else:
        clipped = min(max(predicted, rules.lowest_px), rules.highest_px)
        with np.errstate(over="ignore"):
            assert got == abs(np.float32(clipped) - np.float32(truth))


def test_threshold_is_strict() -> None:
    """An error of exactly the threshold is good: the float just above it is bad."""
    for t in (0.5, 1.0, 3.0):
        exact = np.array([[t, np.nextafter(np.float32(t), np.float32(9))]], dtype=np.float32)
        errors = pixel_errors(exact, exact, np.ones((1, 2), dtype=bool))
        assert disparity.bad(errors, t) == 50.0


def test_d1_needs_both_rules_strictly() -> None:
    """3 px, and 5 % of the truth: 3.5 px of 70 is exactly 5 %, hence right; 3.5 of 69 is wrong; 3 px of 10 is right."""
    error = np.array([[3.5, 3.5, 3.0, 20.0]], dtype=np.float32)
    truth = np.array([[70.0, 69.0, 10.0, 500.0]], dtype=np.float32)
    assert disparity.d1(pixel_errors(error, truth, np.ones((1, 4), dtype=bool))) == 25.0


def test_d1_decides_by_the_exact_quotient() -> None:
    """Errors a rounding step to either side of 5 % of the truth, where a product and a quotient could disagree."""
    truth = np.linspace(61, 250, 4001, dtype=np.float32)
    edge = (truth * np.float32(0.05)).astype(np.float32)
    for error in (np.nextafter(edge, np.float32(0)), edge, np.nextafter(edge, np.float32(99))):
        wrong = sum(float(e) > 3 and float(e) / float(t) > 0.05 for e, t in zip(error, truth, strict=True))
        errors = pixel_errors(error, truth, np.ones(truth.shape, dtype=bool))
        assert disparity.d1(errors) == 100 * wrong / truth.size


def test_empty_sets_have_no_value_and_no_estimate_is_all_bad_for_eth3d() -> None:
    nothing = np.zeros((2, 2), dtype=bool)
    error = np.ones((2, 2), dtype=np.float32)
    empty = pixel_errors(error, error, nothing)
    assert all(math.isnan(value) for name, value in ours(empty).items() if name not in ("pixels", "estimated"))
    unanswered = pixel_errors(error, error, ~nothing, nothing)
    assert disparity.bad(unanswered, 1, "estimated") == 100.0
    assert disparity.bad(unanswered, 1, "truth") == 0.0
    assert disparity.total_bad(unanswered, 1) == 100.0
    assert math.isnan(disparity.end_point_error(unanswered))
