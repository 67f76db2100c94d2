# SPDX-License-Identifier: Apache-2.0
"""Protocols: files that load, hashes that mean something, and numbers worked out by hand on a 4x4 scene for each."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from depthbench.benchmarks.holes import fill_rows, interpolate_background
from depthbench.benchmarks.protocol import FOLDER, Protocol, load_protocol, protocol_names, read_protocol
from depthbench.benchmarks.scoring import match_resolution, score_prediction
from depthbench.benchmarks.sets.stereo_set import StereoTruth
from depthbench.errors import DepthbenchError
from depthbench.layers import Layers, SurfaceClass, Visibility

NAN, INF = np.float32(np.nan), np.float32(np.inf)

# 15 known pixels, 12 of them seen by both eyes; ndisp 64. By hand, with holes at (1,0) [inf], (1,1) [nan] and (1,2) [-inf]:
TRUTH = np.array([[10, 10, 10, 10], [20, 20, 20, 20], [40, 40, 40, 40], [60, 60, 60, NAN]], dtype=np.float32)
NOCC = np.array([[0, 1, 1, 1], [1, 1, 1, 1], [0, 1, 1, 1], [0, 1, 1, 0]], dtype=bool)
PREDICTED = np.array(
    [[10, 10.5, 11, 12.5], [INF, NAN, -INF, -5], [40, 43, 43.5, 36], [60, 70, 300, 5]], dtype=np.float32
)


def score(name: str, **known: object) -> dict[str, dict[str, float]]:
    truth = StereoTruth("x", TRUTH, NOCC, **known)  # type: ignore[arg-type]
    return score_prediction(load_protocol(name), truth, PREDICTED)


def test_middlebury_sdk_by_hand() -> None:
    """nocc: errors 0.5 1 2.5 | hole, nan, 20 (-inf -> 0), 20 (-5 -> 0) | 3 3.5 4 | 4 (70 -> 64), 4 (300 -> 64); 12 pixels."""
    nocc = score("middlebury-sdk", max_disp_px=64)["nocc"]
    assert (nocc["pixels"], nocc["estimated"]) == (12, 11)
    assert nocc["holes"] == pytest.approx(100 / 12)
    assert nocc["bad_0.5"] == pytest.approx(100 * 9 / 12)  # 0.5 is not above 0.5, NaN is not bad
    assert nocc["bad_1"] == pytest.approx(100 * 8 / 12)
    assert nocc["bad_2"] == pytest.approx(100 * 8 / 12)
    assert nocc["bad_4"] == pytest.approx(100 * 2 / 12)
    assert nocc["totbad_4"] == pytest.approx(100 * 3 / 12)
    assert math.isnan(nocc["epe"])
    everything = score("middlebury-sdk", max_disp_px=64)["all"]
    assert (everything["pixels"], everything["estimated"]) == (15, 14)
    assert everything["bad_4"] == pytest.approx(100 * 2 / 15)


def test_middlebury_rounds_whole_truth_half_away_from_zero_after_clipping() -> None:
    """isint: 10.5 -> 11 (not to even), 12.5 -> 13, 43.5 -> 44: errors 1 1 3 | 20 20 | 3 4 4 | 4 4."""
    nocc = score("middlebury-nan-hole", max_disp_px=64, integer=True)["nocc"]
    assert nocc["epe"] == pytest.approx((1 + 1 + 3 + 20 + 20 + 3 + 4 + 4 + 4 + 4) / 10)
    assert nocc["bad_0.5"] == pytest.approx(100 * 10 / 12)
    assert nocc["bad_1"] == pytest.approx(100 * 8 / 12)


def test_middlebury_with_nan_as_hole_by_hand() -> None:
    nocc = score("middlebury-nan-hole", max_disp_px=64)["nocc"]
    errors = [0.5, 1, 2.5, 20, 20, 3, 3.5, 4, 4, 4]
    assert nocc["estimated"] == 10
    assert nocc["epe"] == pytest.approx(sum(errors) / 10)
    assert nocc["rmse"] == pytest.approx(math.sqrt(sum(e**2 for e in errors) / 10))
    assert nocc["a50"] == 4.0  # sorted[floor(10 * 0.5)] of 0.5 1 2.5 3 3.5 4 4 4 20 20
    assert nocc["totbad_2"] == pytest.approx(100 * (8 + 2) / 12)


def test_eth3d_by_hand() -> None:
    """Nothing clipped: -5 is 25 off, 70 is 10 off; inf, nan, -inf and 300 (> width 4, as all large ones) are holes."""
    wide = np.zeros((4, 400), dtype=np.float32)
    truth = StereoTruth(
        "x", np.pad(TRUTH, ((0, 0), (0, 396)), constant_values=np.nan), np.pad(NOCC, ((0, 0), (0, 396)))
    )
    wide[:, :4] = PREDICTED
    wide[3, 2] = 401
    nocc = score_prediction(load_protocol("eth3d"), truth, wide)["nocc"]
    errors = [0.5, 1, 2.5, 25, 3, 3.5, 4, 10]
    assert (nocc["pixels"], nocc["estimated"]) == (12, 8)
    assert nocc["coverage"] == pytest.approx(100 * 8 / 12)
    assert nocc["epe"] == pytest.approx(sum(errors) / 8)
    assert nocc["bad_2"] == pytest.approx(100 * 6 / 8)
    assert nocc["bad_4"] == pytest.approx(100 * 2 / 8)
    assert nocc["a50"] == 3.5


def test_kitti_d1_by_hand() -> None:
    """Row 1 filled from its only value, -5 held at 1/256; row 3 gives 300 held at 255.996.

    Errors of all 15: 0 0.5 1 2.5 | 4 x (20 - 1/256) | 0 3 3.5 4 | 0 10 195.996. Outliers (> 3 px and > 5 %): the four, 3.5
    (8.75 %), 4, 10 (16.7 %), 195.996 = 8.
    """
    foreground = np.zeros((4, 4), dtype=bool)
    foreground[3] = True
    got = score("kitti-d1", masks={"foreground": foreground, "background": ~foreground})
    assert got["all"]["pixels"] == 15
    assert got["all"]["d1"] == pytest.approx(100 * 8 / 15)
    assert got["all"]["bad_3"] == pytest.approx(100 * 8 / 15)
    assert got["all-fg"]["d1"] == pytest.approx(100 * 2 / 3)
    assert got["all-bg"]["d1"] == pytest.approx(100 * 6 / 12)
    assert got["all"]["coverage"] == pytest.approx(100 * 12 / 15)
    assert got["all"]["estimated"] == 12
    small = sum([0, 0.5, 1, 2.5, 0, 3, 3.5, 4, 0, 10]) + 4 * (20 - 1 / 256) + (65535 / 256 - 60)
    assert got["all"]["epe"] == pytest.approx(small / 15)
    estimated = score("kitti-d1-est")["all"]
    assert estimated["d1"] == pytest.approx(100 * 5 / 12)
    assert "all-fg" not in score("kitti-d1")


def test_sceneflow_by_hand() -> None:
    """Truth of 0 and of 192 or more does not count; a hole is no error but lowers the coverage."""
    truth = np.array([[0, 191.5, 192, 300, 5, 5]], dtype=np.float32)
    predicted = np.array([[9, 190, 0, 0, INF, 5.5]], dtype=np.float32)
    got = score_prediction(load_protocol("sceneflow"), StereoTruth("x", truth), predicted)
    assert list(got) == ["all"]
    assert (got["all"]["pixels"], got["all"]["estimated"]) == (3, 2)
    assert got["all"]["epe"] == pytest.approx(1.0)
    assert got["all"]["bad_1"] == pytest.approx(100 / 3)
    assert got["all"]["totbad_1"] == pytest.approx(200 / 3)


def test_raft_and_igev_by_hand() -> None:
    """The same dense prediction: RAFT scores occluded pixels, IGEV does not and stops at 192."""
    truth_px = np.array([[10, 20, 200, 30]], dtype=np.float32)
    truth = StereoTruth("x", truth_px, np.array([[1, 1, 1, 0]], dtype=bool))
    predicted = np.array([[11.5, 23.5, 210, 30]], dtype=np.float32)

    def values(name: str) -> tuple[float, float]:
        protocol = load_protocol(name)
        region = protocol.pixels.regions[0].name
        got = score_prediction(protocol, truth, predicted)[region]
        return got["epe"], got[protocol.metrics[1]]

    assert values("raft-eth3d") == (15 / 4, 75.0)
    assert values("raft-middlebury-v3") == (15 / 4, 50.0)
    assert values("raft-kitti-2015") == (15 / 4, 50.0)
    assert values("raft-sceneflow") == (pytest.approx(5 / 3), pytest.approx(200 / 3))
    assert values("igev-eth3d") == (5.0, 100.0)
    assert values("igev-middlebury-v3") == (2.5, 50.0)
    assert values("igev-kitti-2015") == (pytest.approx(5 / 3), pytest.approx(100 / 3))
    assert values("igev-sceneflow") == (pytest.approx(5 / 3), pytest.approx(100 / 3))
    predicted[0, 0] = np.nan
    with pytest.raises(DepthbenchError, match=r"25\.00 % holes.*dense"):
        values("raft-eth3d")


def layered_truth() -> StereoTruth:
    """Pixels: opaque 10; opaque 10, hidden; pane 30 before wall 10; pane 30 (hidden) before wall 12; pane alone; sky."""
    first, last = [10, 10, 30, 30, 30, NAN], [NAN, NAN, 10, 12, NAN, NAN]
    t, o, n = SurfaceClass.TRANSMISSIVE, SurfaceClass.OPAQUE, SurfaceClass.NONE
    v, h, x = Visibility.VISIBLE, Visibility.OCCLUDED, Visibility.NONE
    disp_px = np.array([[first], [last]], dtype=np.float32)
    classes = np.array([[[o, o, t, t, t, n]], [[n, n, o, o, n, n]]], dtype=np.uint8)
    visibility = np.array([[[v, h, v, h, v, x]], [[x, x, h, v, x, x]]], dtype=np.uint8)
    layers = Layers(disp_px, (classes > 0).astype(np.int32), classes, visibility)
    return StereoTruth("x", layers.first(), layers=layers)


def test_layered_by_hand() -> None:
    """A prediction that sees walls only: right on opaque and last surfaces, 20 px and 18 px wrong on first ones."""
    predicted = np.array([[10, 11, 10, 12, 10, 77]], dtype=np.float32)
    got = score_prediction(load_protocol("layered"), layered_truth(), predicted)
    told = {region: (values["pixels"], values["epe"]) for region, values in got.items()}
    assert told == {
        "all": (5, pytest.approx((0 + 1 + 20 + 18 + 20) / 5)),
        "nocc": (3, pytest.approx((0 + 20 + 20) / 3)),
        "opaque": (2, 0.5),
        "opaque-nocc": (1, 0.0),
        "see-through-first": (3, pytest.approx((20 + 18 + 20) / 3)),
        "see-through-first-nocc": (2, 20.0),
        # Through the pane that stands alone the sky is seen, so it has no last surface.
        "see-through-last": (2, 0.0),
        "see-through-last-nocc": (1, 0.0),
    }


def test_prediction_of_a_quarter_size_repeats_and_scales() -> None:
    small = np.array([[1, 2], [3, 4]], dtype=np.float32)
    large = match_resolution(small, (4, 4), (1, 2, 4))
    assert large[0].tolist() == [2, 2, 4, 4]
    assert large[3].tolist() == [6, 6, 8, 8]
    for shape in ((6, 6), (4, 2), (2, 4)):
        with pytest.raises(DepthbenchError, match=r"2x2.*truth"):
            match_resolution(small, shape, (1, 2, 4))


def test_truth_scale_takes_every_nth_pixel_and_divides() -> None:
    """Booster's boards: Bad-8 at full size is Bad-4 at half, on the same pixels."""
    rng = np.random.default_rng(0)
    truth_px = rng.uniform(10, 100, (8, 12)).astype(np.float32)
    predicted = truth_px + rng.normal(0, 6, truth_px.shape).astype(np.float32)
    protocol = load_protocol("layered")
    regions = (dataclasses.replace(protocol.pixels.regions[0]),)
    pixels = dataclasses.replace(protocol.pixels, regions=regions)
    plain = dataclasses.replace(protocol, pixels=pixels, headline=("all/epe",))
    half = score_prediction(plain.at_truth_scale(2), StereoTruth("x", truth_px), predicted)["all"]
    picked = score_prediction(plain, StereoTruth("x", truth_px[::2, ::2].copy()), predicted[::2, ::2].copy())["all"]
    assert half["pixels"] == 24
    assert half["bad_4"] == picked["bad_8"]
    assert half["epe"] == pytest.approx(picked["epe"] / 2, rel=1e-6)
    assert plain.at_truth_scale(2).name == "layered@1/2"
    assert plain.at_truth_scale(2).hash != plain.hash


@given(
    hnp.arrays(np.float32, (5, 6), elements=st.floats(0, 60, width=32)),
    hnp.arrays(np.float32, (5, 6), elements=st.floats(1, 60, width=32)),
    hnp.arrays(np.bool_, (5, 6)),
    st.sampled_from(["middlebury-sdk", "eth3d", "sceneflow", "kitti-d1"]),
)
@settings(max_examples=60, deadline=None)
def test_unknown_truth_takes_no_part(
    predicted: np.ndarray, truth_px: np.ndarray, unknown: np.ndarray, name: str
) -> None:
    """Whatever is predicted where the truth is NaN, no number changes."""
    protocol = load_protocol(name)
    truth_px = np.where(unknown, NAN, truth_px)
    truth = StereoTruth("x", truth_px, np.ones((5, 6), dtype=bool), max_disp_px=64)
    other = np.where(unknown, np.float32(33.3), predicted)
    first, second = (score_prediction(protocol, truth, p) for p in (predicted, other))
    for region, values in first.items():
        for metric, value in values.items():
            assert second[region][metric] == pytest.approx(value, nan_ok=True)


def slow_interpolation(disp: np.ndarray, known: np.ndarray) -> np.ndarray:
    """KITTI's filling pixel by pixel: gaps take the smaller end, ends extend, then columns extend at top and bottom."""
    out = np.where(known, disp, np.nan)
    height, width = out.shape
    for v in range(height):
        there = [u for u in range(width) if known[v, u]]
        for u in range(width):
            if known[v, u] or not there:
                continue
            left = [k for k in there if k < u]
            right = [k for k in there if k > u]
            ends = ([disp[v, left[-1]]] if left else []) + ([disp[v, right[0]]] if right else [])
            out[v, u] = min(ends)
    for u in range(width):
        rows = [v for v in range(height) if not math.isnan(out[v, u])]
        for v in range(height):
            if rows and v < rows[0]:
                out[v, u] = out[rows[0], u]
            if rows and v > rows[-1]:
                out[v, u] = out[rows[-1], u]
    return out


@given(hnp.arrays(np.float32, (6, 7), elements=st.floats(0, 99, width=32)), hnp.arrays(np.bool_, (6, 7)))
@settings(max_examples=80, deadline=None)
def test_filling_equals_the_slow_twin(disp: np.ndarray, known: np.ndarray) -> None:
    np.testing.assert_array_equal(interpolate_background(disp, known), slow_interpolation(disp, known))
    rows = known.any(axis=1)
    np.testing.assert_array_equal(fill_rows(disp, known)[rows], slow_interpolation(disp, known)[rows])


@pytest.mark.parametrize("name", protocol_names())
def test_every_protocol_file_loads_under_its_own_name(name: str) -> None:
    protocol = load_protocol(name)
    assert protocol.name == name
    assert protocol.quirks
    assert protocol.headline


def test_hash_follows_content_and_not_prose(tmp_path: Path) -> None:
    text = (FOLDER / "eth3d.toml").read_text()
    path = tmp_path / "mine.toml"

    def variant(old: str, new: str) -> Protocol:
        assert old in text
        path.write_text(text.replace(old, new))
        return read_protocol(path)

    original = load_protocol("eth3d")
    assert variant('title = "ETH3D', 'title = "Eth3d').hash == original.hash
    assert variant("# SPDX", "# spdx").hash == original.hash
    assert variant('nan = "hole"', 'nan = "estimated"').hash != original.hash
    assert variant('"bad_4", "epe"', '"bad_3", "bad_4", "epe"').hash != original.hash
    assert variant("version = 1", "version = 2").hash != original.hash


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('nan = "hole"', 'nna = "hole"', "did you mean nan"),
        ('nan = "hole"', 'nan = "hool"', "did you mean hole"),
        ("version = 1", "", "'version' is missing"),
        ("version = 1", 'version = "one"', "not of the type int"),
        ('"bad_0.5"', '"bod_0.5"', "unknown metric 'bod_0.5'"),
        ('"nocc/bad_0.5"', '"noc/bad_0.5"', "did you mean nocc/bad_0.5"),
        ('empty = "skip"', 'empty = "skip"\npooled = ["a50"]', "'a50' cannot be pooled"),
        ("[pixels]", "[pixels", "not valid TOML"),
    ],
)
def test_mistakes_in_a_protocol_file_are_named(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = (FOLDER / "eth3d.toml").read_text()
    assert old in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new, 1) if "/" not in old else text.replace(old, new))
    with pytest.raises(DepthbenchError, match=told) as caught:
        load_protocol(str(path))
    assert "\n" not in str(caught.value)


def test_names_resolve_by_set_and_unknown_ones_get_a_hint() -> None:
    assert load_protocol("raft", "eth3d").name == "raft-eth3d"
    with pytest.raises(DepthbenchError, match=r"did you mean .*middlebury-sdk"):
        load_protocol("midlebury-sdk")


def test_a_protocol_asks_for_what_the_set_lacks_in_words() -> None:
    bare = StereoTruth("scene-7", TRUTH)
    with pytest.raises(DepthbenchError, match=r"scene-7.*'nocc'.*which pixels are occluded"):
        score_prediction(load_protocol("eth3d"), bare, PREDICTED)
    with pytest.raises(DepthbenchError, match=r"scene-7.*search range"):
        score_prediction(load_protocol("middlebury-sdk"), bare, PREDICTED)
    with pytest.raises(DepthbenchError, match=r"scene-7.*see-through"):
        score_prediction(load_protocol("layered"), StereoTruth("scene-7", TRUTH, NOCC), PREDICTED)


def test_families_that_do_not_serve_a_set_say_which_they_do() -> None:
    assert load_protocol("igev", "kitti-2015").name == "igev-kitti-2015"
    with pytest.raises(DepthbenchError, match=r"raft is there for eth3d, kitti-2015.*not for booster"):
        load_protocol("raft", "booster")
