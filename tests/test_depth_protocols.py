# SPDX-License-Identifier: Apache-2.0
"""Protocols of depth: each preset against its public evaluation written down again, and every rule by hand."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import numpy.typing as npt
import pytest

from depthbench.benchmarks.aggregate import aggregate
from depthbench.benchmarks.depth_protocol import (
    AlignmentRule,
    DepthPixelRule,
    DepthPredictionRule,
    DepthProtocol,
    DepthRegion,
)
from depthbench.benchmarks.depth_scoring import score_depth
from depthbench.benchmarks.protocol import load_protocol
from depthbench.benchmarks.resizing import resize_map
from depthbench.benchmarks.score import SampleResult
from depthbench.benchmarks.sets.depth_truth import DepthTruth
from depthbench.errors import DepthbenchError
from depthbench.tasks import DepthPrediction

NAN, INF = np.nan, np.inf
Map = npt.NDArray[np.float32]


def scene(seed: int, shape: tuple[int, int] = (480, 640), far: float = 11.0) -> tuple[Map, Map]:
    """Noisy predictions of a truth with holes, values on the limits, and depths beyond them."""
    rng = np.random.default_rng(seed)
    truth = rng.uniform(0.0005, far, shape).astype(np.float32)
    predicted = (truth * np.exp(rng.normal(0.02, 0.3, shape))).astype(np.float32)
    truth[rng.random(shape) < 0.3] = NAN
    truth[60, 60:70], truth[61, 60:70] = 10.0, 0.001
    return predicted, truth


def metrics_of(p: npt.NDArray[np.float64], g: npt.NDArray[np.float64]) -> dict[str, float]:
    """The measures that every public evaluation shares, over flat arrays."""
    ratio = np.maximum(p / g, g / p)
    return {
        "abs_rel": np.mean(np.abs(p - g) / g),
        "sq_rel": np.mean((p - g) ** 2 / g),
        "mse": np.mean((p - g) ** 2),
        "rmse": np.sqrt(np.mean((p - g) ** 2)),
        "rmse_log": np.sqrt(np.mean((np.log(p) - np.log(g)) ** 2)),
        "log10": np.mean(np.abs(np.log10(p) - np.log10(g))),
        "delta_1.25": np.mean(ratio < 1.25),
        "delta_1.25^2": np.mean(ratio < 1.25**2),
        "delta_1.25^3": np.mean(ratio < 1.25**3),
    }


def agree(name: str, predicted: Map, truth: DepthTruth, expected: dict[str, float], pixels: int) -> None:
    protocol = load_protocol(name)
    told = score_depth(protocol, truth, DepthPrediction(predicted))["all"]  # type: ignore[arg-type]
    assert told["pixels"] == pixels
    shared = [metric for metric in expected if metric in protocol.metrics]
    assert len(shared) >= 4
    for metric in shared:
        assert told[metric] == pytest.approx(expected[metric], rel=1e-6), metric


def test_nyu_eigen_as_adabins_and_zoedepth_compute_it() -> None:
    predicted, raw = scene(1)
    predicted[100, 100:110], predicted[101, 100:110], predicted[102, 100:110] = NAN, INF, -1.0
    g = np.nan_to_num(raw, nan=0.0).astype(np.float64)
    p = predicted.astype(np.float64)
    p[p < 1e-3] = 1e-3
    p[p > 10] = 10
    p[np.isinf(p)] = 10
    p[np.isnan(p)] = 1e-3
    valid = np.logical_and(g > np.float32(1e-3), g < 10)
    eval_mask = np.zeros(valid.shape)
    eval_mask[45:471, 41:601] = 1
    valid = np.logical_and(valid, eval_mask)
    log = np.log(p[valid]) - np.log(g[valid])
    expected = metrics_of(p[valid], g[valid])
    expected["silog_adabins"] = np.sqrt(np.mean(log**2) - np.mean(log) ** 2) * 100
    agree("nyu-eigen", predicted, DepthTruth("x", raw), expected, int(valid.sum()))


def test_hybriddepth_nyu_is_the_centre_without_an_upper_clip() -> None:
    predicted, raw = scene(2)
    predicted[100, 100:110] = 0.001
    p, g = predicted[48:432, 64:576].astype(np.float64), np.nan_to_num(raw)[48:432, 64:576].astype(np.float64)
    p = np.maximum(p, 0.02)
    valid = (g > np.float32(1e-3)) & (g < 10)
    agree("hybriddepth-nyu", predicted, DepthTruth("x", raw), metrics_of(p[valid], g[valid]), int(valid.sum()))


def test_unidepth_counts_the_cap_itself() -> None:
    predicted, raw = scene(3)
    g = np.nan_to_num(raw)[45:-9, 41:-39].astype(np.float64)
    p = predicted[45:-9, 41:-39].astype(np.float64)
    valid = (g > 0) & (g <= 10)
    expected = metrics_of(p[valid], g[valid])
    log = np.log(p[valid]) - np.log(g[valid])
    expected["silog_unidepth"] = 100 * np.std(log, ddof=1)
    agree("unidepth-nyu", predicted, DepthTruth("x", raw), expected, int(valid.sum()))


def test_depth_anything_v2_has_no_crop_and_inclusive_ends() -> None:
    predicted, raw = scene(4, (70, 90), far=22.0)
    g, p = np.nan_to_num(raw).astype(np.float64), predicted.astype(np.float64)
    valid = (g >= np.float32(0.001)) & (g <= 20)
    expected = metrics_of(p[valid], g[valid])
    log = np.log(p[valid]) - np.log(g[valid])
    expected["silog_dav2"] = np.sqrt((log**2).mean() - 0.5 * log.mean() ** 2)
    agree("depthanything-v2", predicted, DepthTruth("x", raw), expected, int(valid.sum()))


FACTOR = 0.1412376


@pytest.mark.parametrize("name", ["dfv-ddff12", "hybriddepth-ddff12-v1", "hybriddepth-ddff12-v2"])
def test_ddff12_is_scored_in_pixels_of_disparity(name: str) -> None:
    rng = np.random.default_rng(5)
    g = rng.uniform(0.015, 0.3, (40, 60))
    p = g * np.exp(rng.normal(0, 0.3, g.shape))
    g[rng.random(g.shape) < 0.2] = 0
    truth = DepthTruth("x", np.where(g > 0, FACTOR / np.maximum(g, 1e-9), NAN), disparity_px_m=FACTOR)  # type: ignore[arg-type]
    if name.startswith("hybriddepth"):
        p = np.maximum(p, 0.02)
    valid = (g > 0.02) & (g < 0.28) if name.endswith("v2") else g != 0
    expected = metrics_of(p[valid], g[valid])
    expected["bad_0.07"] = np.mean(np.abs(p - g)[valid] > 0.07) * 100
    agree(name, FACTOR / p, truth, expected, int(valid.sum()))  # type: ignore[arg-type]


def test_dfv_divides_logarithms_by_all_valid_pixels() -> None:
    """numpy's masked arrays leave a disparity of zero out of the sum and in the count."""
    g, p = np.full((1, 4), 0.1), np.array([[0.1 * math.e, 0.0, 0.1, 0.1]])
    with np.errstate(divide="ignore"):
        predicted = (FACTOR / p).astype(np.float32)
    truth = DepthTruth("x", (FACTOR / g).astype(np.float32), disparity_px_m=FACTOR)
    told = score_depth(load_protocol("dfv-ddff12"), truth, DepthPrediction(predicted))["all"]  # type: ignore[arg-type]
    logs = np.ma.log(p) - np.ma.log(g)
    assert told["rmse_log"] == pytest.approx(np.sqrt(np.square(logs).sum() / 4), rel=1e-5)


def protocol(**known: object) -> DepthProtocol:
    """The default protocol with a few metrics, changed."""
    plain = load_protocol("depth")
    assert isinstance(plain, DepthProtocol)
    known.setdefault("metrics", ("abs_rel", "rmse", "pooled_rmse", "quadratic_rmse", "pooled_abs_rel", "coverage"))
    return dataclasses.replace(plain, headline=("all/abs_rel",), **known)  # type: ignore[arg-type]


def row(*values: float) -> Map:
    return np.array([values], dtype=np.float32)


@pytest.mark.parametrize(
    ("rule", "source", "expected"),
    [
        (AlignmentRule("median"), row(1, 2, 3, 40), row(2, 4, 6, 80)),
        (AlignmentRule("scale"), row(1, 2, 3, 4), row(2, 4, 6, 8)),
        (AlignmentRule("scale-shift"), row(1, 2, 3, 4), row(2, 4, 6, 8)),
    ],
)
def test_alignment_takes_out_what_it_says(rule: AlignmentRule, source: Map, expected: Map) -> None:
    told = score_depth(protocol(alignment=rule), DepthTruth("x", expected), DepthPrediction(source))["all"]
    assert told["abs_rel"] == pytest.approx(0, abs=1e-6)


def test_a_relative_disparity_is_fitted_in_disparity_and_only_there() -> None:
    depth = row(1, 2, 4, 8)
    relative = DepthPrediction(5 - 3 / depth, "affine-disparity")
    rule = AlignmentRule("scale-shift", "disparity")
    told = score_depth(protocol(alignment=rule), DepthTruth("x", depth), relative)["all"]
    assert told["rmse"] == pytest.approx(0, abs=1e-5)
    metric = score_depth(protocol(alignment=rule), DepthTruth("x", depth), DepthPrediction(1 / (0.2 + 2 / depth)))
    assert metric["all"]["rmse"] == pytest.approx(0, abs=1e-5)
    for wrong in (AlignmentRule(), AlignmentRule("scale-shift"), AlignmentRule("median", "disparity")):
        with pytest.raises(DepthbenchError, match="the prediction is affine-disparity, and the protocol takes"):
            score_depth(protocol(alignment=wrong), DepthTruth("x", depth), relative)


def test_a_relative_model_is_scored_by_the_protocol_that_aligns() -> None:
    depth = row(1, 2, 4, 8)
    relative = DepthPrediction(3 / depth - 7, "affine-disparity")
    told = score_depth(load_protocol("depth-relative"), DepthTruth("x", depth), relative)["all"]  # type: ignore[arg-type]
    assert told["abs_rel"] == pytest.approx(0, abs=1e-5)
    with pytest.raises(DepthbenchError, match="the protocol takes metric depth"):
        score_depth(load_protocol("depth"), DepthTruth("x", depth), relative)  # type: ignore[arg-type]


def test_aligned_disparity_below_zero_is_infinite_depth() -> None:
    """Fit of (0, 1, 2, 3) to disparities (0.1, 0.1, 0.1, 1): the second becomes negative or the first; a clip gives it the cap."""
    depth, relative = row(10, 10, 10, 1), DepthPrediction(row(0, 1, 2, 3), "affine-disparity")
    rule = AlignmentRule("scale-shift", "disparity")
    left = score_depth(protocol(alignment=rule), DepthTruth("x", depth), relative)["all"]
    assert (left["pixels"], left["estimated"]) == (4, 3)
    capped = protocol(alignment=rule, prediction=DepthPredictionRule(high=10.0))
    assert score_depth(capped, DepthTruth("x", depth), relative)["all"]["estimated"] == 4


def test_limits_exclude_or_clamp() -> None:
    truth, predicted = DepthTruth("x", row(0.5, 1, 10, 20)), DepthPrediction(row(1, 1, 10, 10))
    regions = (DepthRegion("all"),)

    def rmse(**known: object) -> tuple[float, float]:
        rule = DepthPixelRule(regions, **known)  # type: ignore[arg-type]
        told = score_depth(protocol(pixels=rule), truth, predicted)["all"]
        return told["pixels"], told["rmse"]

    assert rmse(above=1.0, below=20.0) == (1, 0)
    assert rmse(at_least=1.0, at_most=10.0) == (2, 0)
    assert rmse(at_least=1.0, at_most=10.0, beyond="clamp") == (4, 0)
    assert rmse() == (4, pytest.approx(math.sqrt((0.5**2 + 10**2) / 4)))


def test_means_pools_and_quadratic_means_are_three_numbers() -> None:
    """Two pictures: 1 pixel 3 m off and 3 pixels 1 m off."""
    chosen = protocol()
    results = []
    for name, truth, off in (("a", row(3), 3.0), ("b", row(2, 2, 2), 1.0)):
        values = score_depth(chosen, DepthTruth(name, truth), DepthPrediction(truth + off))  # type: ignore[arg-type]
        results.append(SampleResult(name, values=values))
    means = {metric: cell["mean"] for metric, cell in aggregate(chosen, results)["all"].items()}
    assert means["rmse"] == pytest.approx((3 + 1) / 2)
    assert means["quadratic_rmse"] == pytest.approx(math.sqrt((9 + 1) / 2))
    assert means["pooled_rmse"] == pytest.approx(math.sqrt((9 + 3 * 1) / 4))
    assert means["abs_rel"] == pytest.approx((1 + 0.5) / 2)
    assert means["pooled_abs_rel"] == pytest.approx((1 + 3 * 0.5) / 4)


def test_regions_are_masks_of_the_set() -> None:
    near = np.array([[True, True, False, False]])
    rule = DepthPixelRule((DepthRegion("near", mask="near"), DepthRegion("glass", mask="glass", optional=True)))
    plain = dataclasses.replace(protocol(), headline=(), pixels=rule)
    truth = DepthTruth("x", row(1, 2, 3, 4), masks={"near": near})
    told = score_depth(plain, truth, DepthPrediction(row(2, 2, 9, 9)))
    assert list(told) == ["near"]
    assert told["near"]["abs_rel"] == 0.5
    with pytest.raises(DepthbenchError, match="scores 'near', and the set has no mask 'near'"):
        score_depth(plain, DepthTruth("x", row(1, 2, 3, 4)), DepthPrediction(row(2, 2, 9, 9)))


@pytest.mark.parametrize(
    ("name", "truth", "predicted", "told"),
    [
        ("nyu-eigen", row(1, 2), row(1, 2), "the protocol's crop is for truth of 640x480, not 2x1"),
        ("dfv-ddff12", row(1, 2), row(1, 2), "the set states no focal length and baseline"),
        ("depthanything-v2", row(1, 2), row(1, NAN), "dense predictions only, and 50.00 % of the pixels that count"),
        ("hybriddepth-nyu", row(1, 2), row(1, 2, 3), "takes maps of the truth's size: the prediction is 3x1 and the"),
    ],
)
def test_what_does_not_fit_is_told(name: str, truth: Map, predicted: Map, told: str) -> None:
    with pytest.raises(DepthbenchError, match=told):
        score_depth(load_protocol(name), DepthTruth("x", truth), DepthPrediction(predicted))  # type: ignore[arg-type]


def test_filled_truth_is_asked_for_by_name() -> None:
    rule = DepthPixelRule((DepthRegion("all"),), truth="filled")
    truth = DepthTruth("x", row(NAN, 2), filled_m=row(4, 2))
    assert score_depth(protocol(pixels=rule), truth, DepthPrediction(row(4, 2)))["all"]["pixels"] == 2
    assert score_depth(protocol(), truth, DepthPrediction(row(4, 2)))["all"]["pixels"] == 1
    with pytest.raises(DepthbenchError, match="scores against filled depth, and the set has none"):
        score_depth(protocol(pixels=rule), DepthTruth("x", row(1, 2)), DepthPrediction(row(4, 2)))


@pytest.mark.parametrize(
    ("known", "told"),
    [
        ({"metrics": ("abs_rel", "rmsee")}, "unknown metric 'rmsee'"),
        ({"metrics": ("abs_rel", "pooled_silog_dav2")}, "unknown metric 'pooled_silog_dav2'"),
        ({"metrics": ("abs_rel", "quadratic_abs_rel")}, "unknown metric"),
        ({"pixels": DepthPixelRule((DepthRegion("all"),), crop=(1, 2))}, "a crop is four numbers"),
        ({"prediction": DepthPredictionRule(nan="low")}, "nan = 'low' needs prediction.low"),
    ],
)
def test_protocols_that_cannot_be_are_refused(known: dict[str, object], told: str) -> None:
    with pytest.raises(DepthbenchError, match=told):
        protocol(**known)


def test_the_hash_is_of_what_bears_on_a_number_and_of_nothing_that_is_as_usual() -> None:
    plain = protocol()
    assert dataclasses.replace(plain, title="x", quirks=("y",)).hash == plain.hash
    assert dataclasses.replace(plain, domain="disparity").hash != plain.hash
    assert dataclasses.replace(plain, alignment=AlignmentRule("scale")).hash != plain.hash
    rule = dataclasses.replace(plain.pixels, at_most=10.0)
    assert dataclasses.replace(plain, pixels=rule).hash != plain.hash
    assert set(plain.hashed()) == {"name", "version", "task", "metrics", "average", "pixels", "prediction"}


@pytest.mark.parametrize("shape", [(9, 7), (3, 11), (6, 5), (1, 1)])
@pytest.mark.parametrize("how", ["nearest", "bilinear", "bilinear-corners"])
def test_resizing_is_torchs(shape: tuple[int, int], how: str) -> None:
    torch = pytest.importorskip("torch")
    values = np.random.default_rng(6).normal(size=(6, 5))
    kind = {} if how == "nearest" else {"align_corners": how == "bilinear-corners"}
    theirs = torch.nn.functional.interpolate(
        torch.tensor(values)[None, None], shape, mode=how.removesuffix("-corners"), **kind
    )
    np.testing.assert_allclose(resize_map(values, shape, how), theirs[0, 0].numpy(), atol=1e-12)  # type: ignore[arg-type]
