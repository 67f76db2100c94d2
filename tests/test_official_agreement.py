# SPDX-License-Identifier: Apache-2.0
"""Every number that the Middlebury SDK and the ETH3D program printed for the reference predictions, through the protocols."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from depthbench.benchmarks.protocol import load_protocol
from depthbench.benchmarks.scoring import score_prediction
from depthbench.benchmarks.sets.stereo_set import StereoTruth, known_only
from depthbench.formats.disparity_files import read_disparity
from depthbench.formats.grey_png import read_grey
from depthbench.formats.pfm import read_pfm

pytestmark = pytest.mark.usefixtures("passes")
KINDS = [
    ("Teddy", "raw"),
    ("Teddy", "fill"),
    ("Teddy", "quirk"),
    ("Teddy", "scale4"),
    ("Motorcycle", "raw"),
    ("Teddy", "nan"),
]
SDK = {"bad": "bad_{t}", "totbad": "totbad_{t}", "invalid": "holes", "avgErr": "epe"}
ETH3D = {"coverage": "coverage", "avgerr": "epe", "rms": "rmse", "a50": "a50", "a90": "a90", "a95": "a95", "a99": "a99"}
ETH3D |= {"bad_0_5": "bad_0.5", "bad_1_0": "bad_1", "bad_2_0": "bad_2", "bad_4_0": "bad_4"}
TOLERANCE = 1e-4


def case_of(stereo: Path, scene: str, kind: str) -> tuple[dict[str, Any], Any, Any]:
    cases = json.loads((stereo / "ref_metrics" / "ref_metrics.json").read_text())
    case = next(c for c in cases if (c["scene"], c["kind"]) == (scene, kind))
    return case, known_only(read_pfm(stereo / case["gt"])), read_grey(stereo / case["mask"], 8) == 255


def differs(ours: float, theirs: float) -> float:
    """Relative difference; 0 where both are NaN."""
    if math.isnan(theirs):
        return 0.0 if math.isnan(ours) else math.inf
    return abs(ours - theirs) / abs(theirs) if theirs else abs(ours)


@pytest.mark.shared
@pytest.mark.parametrize(("scene", "kind"), KINDS)
def test_middlebury_sdk(shared_data: Path, scene: str, kind: str, record_property: Any) -> None:
    stereo = shared_data / "stereo"
    case, truth_px, nocc = case_of(stereo, scene, kind)
    predicted = read_disparity(stereo / "ref_metrics" / case["pred"])
    # evaldisp is told the range in pixels of the prediction; a set states it in pixels of the truth.
    range_px = case["maxdisp"] * truth_px.shape[1] / predicted.shape[1]
    protocol, worst = load_protocol("middlebury-sdk"), 0.0
    for key, printed in case["sdk"].items():
        threshold, rounded, region = key.split("_")
        truth = StereoTruth("x", truth_px, nocc, max_disp_px=range_px, integer=rounded == "round1")
        got = score_prediction(protocol, truth, predicted)[region]
        assert got["pixels"] == printed["n"]
        assert 100 * got["pixels"] / truth_px.size == pytest.approx(printed["mask"], rel=1e-5)
        for name, metric in SDK.items():
            worst = max(worst, differs(got[metric.format(t=threshold[1:])], printed[name]))
    record_property("worst relative difference", worst)
    print(f"worst relative difference {worst:.2e}")
    assert worst < TOLERANCE


@pytest.mark.shared
@pytest.mark.parametrize(("scene", "kind"), KINDS)
def test_eth3d_program(shared_data: Path, scene: str, kind: str, record_property: Any) -> None:
    stereo = shared_data / "stereo"
    case, truth_px, nocc = case_of(stereo, scene, kind)
    if "eth3d" not in case:
        pytest.skip("the program takes predictions of the truth's size only")
    predicted = read_disparity(stereo / "ref_metrics" / case["pred"])
    values = score_prediction(load_protocol("eth3d"), StereoTruth("x", truth_px, nocc), predicted)
    worst = 0.0
    for region, printed in case["eth3d"].items():
        for name, metric in ETH3D.items():
            unit = 100 if name == "coverage" or name.startswith("bad") else 1
            worst = max(worst, differs(values[region][metric] / unit, printed[name]))
    record_property("worst relative difference", worst)
    print(f"worst relative difference {worst:.2e}")
    assert worst < TOLERANCE


@pytest.mark.shared
def test_nan_as_a_hole_is_the_only_difference_of_the_other_middlebury_protocol(shared_data: Path) -> None:
    """What the SDK lets pass as right, the protocol with NaN as holes counts as missing; the rest is equal."""
    stereo = shared_data / "stereo"
    case, truth_px, nocc = case_of(stereo, "Teddy", "nan")
    truth = StereoTruth("x", truth_px, nocc, max_disp_px=case["maxdisp"])
    predicted = read_disparity(stereo / "ref_metrics" / case["pred"])
    sdk, other = (
        score_prediction(load_protocol(n), truth, predicted)["nocc"] for n in ("middlebury-sdk", "middlebury-nan-hole")
    )
    assert sdk["holes"] == 0
    assert math.isnan(sdk["epe"])
    assert other["bad_2"] == sdk["bad_2"]
    # ETH3D's program treats NaN as a hole too: coverage 0.999319, avgerr 1.43455 on this file.
    assert other["coverage"] == pytest.approx(99.9319, rel=1e-5)
    assert other["epe"] == pytest.approx(1.43455, rel=1e-4)
