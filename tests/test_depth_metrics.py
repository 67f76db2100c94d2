# SPDX-License-Identifier: Apache-2.0
"""Depth metrics: closed forms, each public evaluation written down again as its code has it, and properties."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depthbench.benchmarks.metrics import depth
from depthbench.benchmarks.metrics.depth import PLAIN, DepthErrors, measure
from depthbench.benchmarks.metrics.depth_shape import BUMPINESS_CLIP, boundary_f1, bumpiness

Floats = npt.NDArray[np.float64]


def errors(predicted: Floats, truth: Floats) -> DepthErrors:
    return DepthErrors(np.asarray(predicted, float), np.asarray(truth, float), len(truth))


def some(seed: int, n: int = 500) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    truth = rng.uniform(0.3, 9.5, n)
    return truth * np.exp(rng.normal(0.05, 0.2, n)), truth


def test_a_constant_ratio_in_closed_form() -> None:
    """p = 1.2 g everywhere: every measure follows from the ratio and the moments of g."""
    g = np.array([1.0, 2.0, 4.0, 8.0])
    e = errors(1.2 * g, g)
    expected = {
        "abs_rel": 0.2,
        "sq_rel": 0.04 * g.mean(),
        "sq_err_rel": 0.04,
        "mae": 0.2 * g.mean(),
        "mse": 0.04 * (g**2).mean(),
        "rmse": 0.2 * math.sqrt((g**2).mean()),
        "rmse_log": math.log(1.2),
        "rmse_log10": math.log10(1.2),
        "log10": math.log10(1.2),
        "silog_adabins": 0,
        "silog_dav2": math.log(1.2) / math.sqrt(2),
        "silog_unidepth": 0,
        "coverage": 100,
        "delta_1.25": 1,
        "delta_1.15": 0,
        "bad_0.5": 50,
    }
    assert set(PLAIN) <= set(expected)
    for metric, value in expected.items():
        assert measure(metric, e) == pytest.approx(value, abs=1e-12), metric


def test_two_log_errors_in_closed_form() -> None:
    """ln p - ln g is +a and -a: mean 0, so every SILog is its own factor times the spread."""
    a = 0.1
    e = errors(np.exp([a, -a]), np.ones(2))
    assert measure("silog_adabins", e) == pytest.approx(100 * a)
    assert measure("silog_dav2", e) == pytest.approx(a)
    assert measure("silog_unidepth", e) == pytest.approx(100 * a * math.sqrt(2))


# The public evaluations, line by line as their code computes them (float64 instead of float32).


def adabins(p: Floats, g: Floats) -> dict[str, float]:
    ratio = np.maximum(g / p, p / g)
    told = {f"delta_1.25{'^' * (k > 1)}{k if k > 1 else ''}": (ratio < 1.25**k).mean() for k in (1, 2, 3)}
    told["abs_rel"] = np.mean(np.abs(g - p) / g)
    told["sq_rel"] = np.mean(((g - p) ** 2) / g)
    told["rmse"] = np.sqrt(((g - p) ** 2).mean())
    told["rmse_log"] = np.sqrt(((np.log(g) - np.log(p)) ** 2).mean())
    err = np.log(p) - np.log(g)
    told["silog_adabins"] = np.sqrt(np.mean(err**2) - np.mean(err) ** 2) * 100
    told["log10"] = np.abs(np.log10(g) - np.log10(p)).mean()
    return told


def depth_anything_v2(p: Floats, g: Floats) -> dict[str, float]:
    log = np.log(p) - np.log(g)
    return {
        "delta_1.25": float(np.sum(np.maximum(g / p, p / g) < 1.25) / len(g)),
        "abs_rel": np.mean(np.abs(p - g) / g),
        "rmse_log": np.sqrt(np.mean(log**2)),
        "silog_dav2": np.sqrt((log**2).mean() - 0.5 * log.mean() ** 2),
    }


def unidepth(p: Floats, g: Floats) -> dict[str, float]:
    log = np.log(p) - np.log(g)
    return {"silog_unidepth": 100 * np.sqrt(((log - log.mean()) ** 2).sum() / (len(log) - 1))}


def dered(p: Floats, g: Floats) -> dict[str, float]:
    return {"rmse_log10": np.sqrt(np.mean((np.log10(p) - np.log10(g)) ** 2))}


def fossa(p: Floats, g: Floats) -> dict[str, float]:
    ratio = np.maximum(p / g, g / p)
    return {"delta_1.05": np.mean(ratio < 1.05), "delta_1.15": np.mean(ratio < 1.15)}


@pytest.mark.parametrize("public", [adabins, depth_anything_v2, unidepth, dered, fossa], ids=lambda f: f.__name__)
def test_equal_to_the_public_definitions(public: object) -> None:
    for seed in range(5):
        p, g = some(seed)
        for metric, value in public(p, g).items():  # type: ignore[operator]
            assert measure(metric, errors(p, g)) == pytest.approx(value, rel=1e-12), metric


def scharr(values: Floats, axis: int) -> Floats:
    """The Scharr filter written as loops, with the border repeated as scipy reflects it."""
    padded = np.pad(values, 1, mode="symmetric")
    made = np.zeros_like(values)
    for y in range(values.shape[0]):
        for x in range(values.shape[1]):
            window = padded[y : y + 3, x : x + 3] if axis == 1 else padded[y : y + 3, x : x + 3].T
            made[y, x] = np.dot([3, 10, 3], window[:, 2] - window[:, 0]) / 16
    return made


def dfv_bumpiness(p: Floats, g: Floats) -> float:
    """As DFV has it: truth 0 = unknown, the error taken with that 0."""
    difference = p - g
    dx, dy = scharr(difference, 1), scharr(difference, 0)
    norm = np.sqrt(scharr(dx, 1) ** 2 + scharr(dx, 0) ** 2 + scharr(dy, 0) ** 2 + scharr(dy, 1) ** 2)
    return float(np.clip(norm, 0, 0.05)[g > 0].sum() / (g > 0).sum() * 100)


def test_bumpiness_equals_dfvs_and_is_zero_for_an_error_that_is_a_plane() -> None:
    rng = np.random.default_rng(1)
    truth = rng.uniform(0.02, 0.28, (9, 12))
    predicted = truth + rng.normal(0, 0.004, truth.shape)
    truth[3:5, 4:6] = 0
    known = truth > 0
    ours = bumpiness(predicted, np.where(known, truth, np.nan), known)
    assert 0 < ours < 100 * BUMPINESS_CLIP
    assert ours == pytest.approx(dfv_bumpiness(predicted, truth))
    y, x = np.mgrid[:20, :30]
    inner = np.zeros((20, 30), bool)
    inner[3:-3, 3:-3] = True
    assert bumpiness(1 + 0.01 * x + 0.02 * y, np.ones((20, 30)), inner) == pytest.approx(0, abs=1e-9)
    # error x^2 / 2 of curvature c = 0.001: the filter answers 2 per slope of 1, twice, so 4 c
    assert bumpiness(1 + 0.0005 * x**2.0, np.ones((20, 30)), inner) == pytest.approx(100 * 4 * 0.001)


def depth_pro_f1(p: Floats, g: Floats) -> float:
    """Depth Pro's SI_boundary_F1 over dense maps: four directions of inverse depth, ten thresholds."""

    def nearer(d: Floats, t: float) -> list[npt.NDArray[np.bool_]]:
        return [d[:, :-1] / d[:, 1:] > t, d[:-1] / d[1:] > t, d[:, 1:] / d[:, :-1] > t, d[1:] / d[:-1] > t]

    thresholds = np.linspace(1.05, 1.25, 10)
    total = 0.0
    for t in thresholds:
        pairs = list(zip(nearer(1 / p, t), nearer(1 / g, t), strict=True))
        recall = 0.25 * sum(np.count_nonzero(a & b) / max(np.count_nonzero(b), 1) for a, b in pairs)
        precision = 0.25 * sum(np.count_nonzero(a & b) / max(np.count_nonzero(a), 1) for a, b in pairs)
        if recall + precision:
            total += 2 * recall * precision / (recall + precision) * t / thresholds.sum()
    return total


def test_boundary_f1_equals_depth_pros_ignores_scale_and_what_does_not_count() -> None:
    rng = np.random.default_rng(2)
    steps = rng.uniform(0.8, 4, (6, 7)).repeat(4, 0).repeat(4, 1)
    predicted = np.roll(steps, 1, axis=1) * rng.uniform(0.97, 1.03, steps.shape)
    everything = np.ones(steps.shape, bool)
    assert 0.1 < depth_pro_f1(predicted, steps) < 0.9
    assert boundary_f1(predicted, steps, everything) == pytest.approx(depth_pro_f1(predicted, steps))
    assert boundary_f1(7 * steps, steps, everything) == pytest.approx(depth_pro_f1(steps, steps))
    part = everything.copy()
    part[:, 9:] = False
    spoilt = np.where(part, predicted, np.nan)
    assert boundary_f1(spoilt, np.where(part, steps, np.nan), everything & part) == pytest.approx(
        depth_pro_f1(predicted[:, :9], steps[:, :9])
    )


def test_predictions_that_are_not_positive_leave_logarithms_and_are_never_within() -> None:
    g = np.array([1.0, 1.0, 1.0, 1.0])
    p = np.array([math.e, -1.0, 0.0, 1.0])
    assert measure("rmse_log", errors(p, g)) == pytest.approx(math.sqrt(1 / 2))
    assert measure("rmse_log", DepthErrors(p, g, 4, log_divisor=4)) == pytest.approx(math.sqrt(1 / 4))
    assert measure("delta_1.25", errors(p, g)) == 0.25


def test_empty_sets_have_no_value_and_full_holes_no_coverage() -> None:
    none = DepthErrors(np.empty(0), np.empty(0), 3)
    for metric in (*PLAIN, "delta_1.25", "bad_0.1"):
        if metric != "coverage":
            assert math.isnan(measure(metric, none)), metric
    assert measure("coverage", none) == 0
    assert math.isnan(measure("silog_unidepth", errors(np.ones(1), np.ones(1))))
    nowhere = np.zeros((4, 4), bool)
    assert math.isnan(bumpiness(np.ones((4, 4)), np.ones((4, 4)), nowhere))
    assert math.isnan(boundary_f1(np.ones((4, 4)), np.ones((4, 4)), nowhere))


@given(seed=st.integers(0, 1000), scale=st.floats(0.1, 10))
def test_scale_invariance_and_order(seed: int, scale: float) -> None:
    p, g = some(seed, 60)
    for metric in ("silog_adabins", "silog_unidepth"):
        assert measure(metric, errors(scale * p, g)) == pytest.approx(measure(metric, errors(p, g)))
    for metric in ("abs_rel", "rmse_log", "log10", "delta_1.25"):
        assert measure(metric, errors(scale * p, scale * g)) == pytest.approx(measure(metric, errors(p, g)))
    ladder = [measure(f"delta_{t}", errors(p, g)) for t in ("1.05", "1.15", "1.25", "1.25^2", "1.25^3")]
    assert ladder == sorted(ladder)
    assert depth.mae(errors(p, g)) <= depth.rmse(errors(p, g)) + 1e-12
