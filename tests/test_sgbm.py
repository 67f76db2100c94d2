# SPDX-License-Identifier: Apache-2.0
"""SGBM on real pairs against numbers that another build of OpenCV (5.0) and another metric gave for the same settings."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import stereo_layouts as layouts

from depthbench.baselines.loading import load_model
from depthbench.benchmarks.predict import run_model
from depthbench.benchmarks.protocol import load_protocol
from depthbench.benchmarks.scoring import score_prediction
from depthbench.benchmarks.sets.opening import open_set
from depthbench.errors import DepthbenchError, MissingExtraError
from depthbench.tasks import StereoSample

# Scene: raw nocc EPE, Bad-1, Bad-2, holes; filled nocc EPE, Bad-0.5, Bad-1, Bad-2; filled all EPE, Bad-2.
MIDDLEBURY_Q = {
    "Adirondack": (0.89, 8.85, 4.44, 5.43, 1.19, 24.05, 12.47, 7.14, 1.98, 11.65),
    "Motorcycle": (0.64, 5.75, 3.65, 3.04, 0.95, 14.27, 7.42, 5.20, 2.73, 12.51),
    "Piano": (1.13, 16.48, 12.67, 8.62, 1.91, 29.80, 22.32, 17.64, 3.03, 22.37),
    "PianoL": (3.82, 15.47, 12.64, 30.89, 6.13, 48.60, 40.18, 33.53, 6.95, 37.35),
    "Pipes": (1.24, 7.47, 5.96, 6.16, 1.71, 16.64, 11.05, 9.30, 3.48, 20.23),
    "Playroom": (1.09, 12.03, 6.96, 9.83, 2.15, 30.84, 19.21, 12.84, 5.88, 22.27),
    "Teddy": (0.66, 7.01, 4.27, 4.18, 1.43, 15.88, 10.13, 7.27, 3.10, 14.91),
}

pytest.importorskip("cv2")


def scored(opened: Any, sample_id: str, protocol: str, **options: Any) -> dict[str, dict[str, float]]:
    loaded = load_model("sgbm", options)
    prediction, _, _ = run_model(loaded.model, opened.pair(sample_id))
    disp_px = np.where(np.isnan(prediction.disp_px), np.float32(np.inf), prediction.disp_px)
    return score_prediction(load_protocol(protocol), opened.truth(sample_id), disp_px)


@pytest.mark.shared
@pytest.mark.parametrize("scene", MIDDLEBURY_Q)
def test_middlebury_numbers_are_near_the_reference(shared_data: Path, scene: str) -> None:
    """Two decimals are known; matching has changed between OpenCV releases, so 2 % on top of the rounding."""
    opened = open_set("middlebury-v3", shared_data / "stereo" / "MiddEval3")
    if scene not in opened.ids():
        pytest.skip(f"{scene} is not among the reference data")
    raw = scored(opened, scene, "middlebury-sdk")["nocc"]
    filled = scored(opened, scene, "middlebury-sdk", fill=True)
    nocc, everything = filled["nocc"], filled["all"]
    got = [raw["epe"], raw["bad_1"], raw["bad_2"], raw["holes"]]
    got += [nocc["epe"], nocc["bad_0.5"], nocc["bad_1"], nocc["bad_2"], everything["epe"], everything["bad_2"]]
    print(scene, [round(value, 2) for value in got], MIDDLEBURY_Q[scene])
    assert got == pytest.approx(MIDDLEBURY_Q[scene], rel=0.02, abs=0.006)
    assert nocc["holes"] == 0


@pytest.mark.shared
def test_kitti_and_sceneflow_numbers_are_near_the_reference(shared_data: Path, tmp_path: Path) -> None:
    """The reference searched 192 px there."""
    kitti = open_set("kitti-2015", layouts.real_kitti(shared_data, tmp_path / "kitti"))
    raw = scored(kitti, "000046_10", "kitti-d1-est", max_disp=192)["all"]
    filled = scored(kitti, "000046_10", "kitti-d1", max_disp=192, fill=True)["all"]
    assert [raw["epe"], 100 - raw["coverage"]] == pytest.approx([0.86, 6.50], rel=0.02, abs=0.006)
    assert [filled["epe"], filled["d1"]] == pytest.approx([1.48, 4.60], rel=0.02, abs=0.006)
    flow = open_set("sceneflow", layouts.real_sceneflow(shared_data, tmp_path / "flow"))
    raw = scored(flow, "A/0032/0006", "sceneflow", max_disp=192)["nocc"]
    both = scored(flow, "A/0032/0006", "sceneflow", max_disp=192, fill=True)
    got = [raw["epe"], raw["bad_1"], raw["bad_2"], 100 - raw["coverage"], both["nocc"]["epe"], both["all"]["epe"]]
    assert got == pytest.approx([4.93, 26.43, 21.90, 15.29, 7.22, 8.76], rel=0.02, abs=0.006)


def shifted_pair(disparity: int) -> StereoSample:
    rng = np.random.default_rng(0)
    wide = rng.integers(0, 256, (48, 200, 3)).astype(np.uint8)
    return StereoSample("x", wide[:, :160].copy(), wide[:, disparity : 160 + disparity].copy())


def test_a_pure_shift_is_found_to_the_left_edge() -> None:
    """d = x_left - x_right > 0; without padding the left band of the search range would be holes."""
    sample = shifted_pair(13)
    prediction, _, _ = run_model(load_model("sgbm").model, sample)
    seen = prediction.disp_px[:, 13:]
    assert np.isfinite(seen).mean() > 0.95
    assert np.nanmedian(seen) == 13
    assert np.nanpercentile(np.abs(seen - 13), 95) == 0


def test_range_option_bounds_the_search() -> None:
    """A shift of 30 lies outside 16 px and inside 32 px; the default, a quarter of 160, has room for it."""
    sample = shifted_pair(30)
    for options, found in (({"max_disp": 16}, False), ({"max_disp": 17}, True), ({}, True)):
        prediction, _, _ = run_model(load_model("sgbm", options).model, sample)
        assert bool((prediction.disp_px == 30).mean() > 0.5) is found


def test_fill_leaves_no_hole_and_keeps_what_was_known() -> None:
    sample = shifted_pair(13)
    raw, _, _ = run_model(load_model("sgbm").model, sample)
    filled, _, _ = run_model(load_model("sgbm", {"fill": True}).model, sample)
    assert not np.isnan(filled.disp_px).any()
    known = ~np.isnan(raw.disp_px)
    np.testing.assert_array_equal(filled.disp_px[known], raw.disp_px[known])


def test_without_opencv_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(MissingExtraError, match=r'pip install "depthbench\[sgbm\]"'):
        load_model("sgbm")


def test_unknown_models_and_options_get_a_hint() -> None:
    with pytest.raises(DepthbenchError, match=r"did you mean sgbm or s2m2\?"):
        load_model("sgmb")
    with pytest.raises(DepthbenchError, match=r"option of model sgbm 'fil': did you mean fill"):
        load_model("sgbm", {"fil": True})
