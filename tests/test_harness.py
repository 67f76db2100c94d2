# SPDX-License-Identifier: Apache-2.0
"""Predict, then score: what is saved, what is resumed, what fails and is named."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import stereo_layouts as layouts

from depthbench.baselines.loading import LoadedModel
from depthbench.benchmarks.evaluate import check_tasks, evaluate, score_only
from depthbench.benchmarks.predict import predict, read_times
from depthbench.benchmarks.protocol import load_protocol
from depthbench.benchmarks.score import score_folder
from depthbench.benchmarks.sets.opening import open_set
from depthbench.errors import DepthbenchError
from depthbench.formats.disparity_files import find_prediction, read_disparity, write_disparity
from depthbench.formats.kitti_png import write_kitti_disparity
from depthbench.formats.pfm import read_pfm
from depthbench.tasks import StereoPrediction, StereoSample


class Constant:
    """Predicts one disparity everywhere, with a hole in the corner; counts what it is shown."""

    task = "stereo"

    def __init__(self, value: float = 2.5) -> None:
        self.value = value
        self.shown: list[str] = []

    def prepare(self, sample: StereoSample) -> StereoSample:
        assert sample.disp_px is None
        assert sample.nocc is None
        assert sample.layers is None
        self.shown.append(sample.id)
        return sample

    def forward(self, inputs: StereoSample) -> Any:
        disp_px = np.full(inputs.left.shape[:2], self.value, dtype=np.float32)
        disp_px[0, 0] = np.nan
        return disp_px

    def finish(self, outputs: Any, sample: StereoSample) -> StereoPrediction:
        return StereoPrediction(outputs)


def loaded(model: Any, **options: Any) -> LoadedModel:
    return LoadedModel(model, "constant", "constant", "constant", options)


def test_holes_are_saved_as_infinity_and_read_back_so(tmp_path: Path) -> None:
    opened = open_set(str(layouts.layered(tmp_path / "set")))
    predict(loaded(Constant()), opened, opened.ids(), tmp_path / "out")
    saved = read_pfm(tmp_path / "out" / f"{opened.ids()[0]}.pfm")
    assert np.isposinf(saved[0, 0])
    assert np.count_nonzero(saved == 2.5) == saved.size - 1


def test_the_second_run_predicts_only_what_is_missing(tmp_path: Path) -> None:
    opened = open_set(str(layouts.layered(tmp_path / "set")))
    ids, out = opened.ids(), tmp_path / "out"
    predict(loaded(Constant()), opened, ids, out)
    (out / f"{ids[1]}.pfm").unlink()
    again = Constant()
    predict(loaded(again), opened, ids, out)
    assert set(again.shown) == {ids[1]}
    full = Constant()
    predict(loaded(full), opened, ids, out, overwrite="all")
    assert set(full.shown) == set(ids)
    # One untimed run warms up, so the first sample is shown twice.
    assert len(full.shown) == len(ids) + 1
    assert set(read_times(out)) == set(ids)


def test_a_times_file_cut_short_by_a_kill_is_read_to_the_cut(tmp_path: Path) -> None:
    opened = open_set(str(layouts.layered(tmp_path / "set")))
    out = tmp_path / "out"
    predict(loaded(Constant()), opened, opened.ids(), out)
    text = (out / "times.jsonl").read_text()
    (out / "times.jsonl").write_text(text[:-20])
    assert len(read_times(out)) == len(opened.ids()) - 1


def test_predictions_of_another_model_set_or_option_are_not_taken_over(tmp_path: Path) -> None:
    opened = open_set(str(layouts.layered(tmp_path / "set")))
    out = tmp_path / "out"
    predict(loaded(Constant(), value=2.5), opened, opened.ids(), out)
    with pytest.raises(DepthbenchError, match=r"another options.*--overwrite all"):
        predict(loaded(Constant(), value=3.0), opened, opened.ids(), out)
    layouts.layered(tmp_path / "set", (1, 2, 3, 4))
    grown = open_set(str(tmp_path / "set"))
    with pytest.raises(DepthbenchError, match=r"another set_manifest_sha256"):
        predict(loaded(Constant(), value=2.5), grown, grown.ids(), out)
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    (stranger / "thesis.txt").write_text("mine")
    with pytest.raises(DepthbenchError, match="no `depthbench eval` made"):
        predict(loaded(Constant()), opened, opened.ids(), stranger, overwrite="all")
    assert (stranger / "thesis.txt").read_text() == "mine"


class Moody(Constant):
    """Fails on one sample, answers another in the wrong size."""

    def forward(self, inputs: StereoSample) -> Any:
        disp_px = super().forward(inputs)
        if inputs.id.endswith("000001-0000"):
            raise ValueError("cannot match this\nand says so at length")
        return disp_px[1:] if inputs.id.endswith("000002-0000") else disp_px


def test_failing_samples_are_named_and_the_others_go_on(tmp_path: Path) -> None:
    opened = open_set(str(layouts.layered(tmp_path / "set")))
    failures = predict(loaded(Moody()), opened, opened.ids(), tmp_path / "out")
    assert failures == {
        "cafe-000001-0000": "the model failed: ValueError: cannot match this",
        "cafe-000002-0000": "the model's map has the shape (63, 96), the left image (64, 96) (height, width)",
    }
    outcome = evaluate(loaded(Moody()), opened, load_protocol("layered"), tmp_path / "run")
    assert [result.id for result in outcome.failed] == ["cafe-000001-0000", "cafe-000002-0000"]
    assert all(cell["mean"] is None for metrics in outcome.record["aggregate"].values() for cell in metrics.values())
    with pytest.raises(DepthbenchError, match="cafe-000001-0000"):
        evaluate(loaded(Moody()), opened, load_protocol("layered"), tmp_path / "strict", strict=True)


def test_an_interrupt_is_no_failure_of_a_sample(tmp_path: Path) -> None:
    """Ctrl-C in the middle leaves what is done; the same call continues and ends as an uninterrupted one."""

    class Interrupted(Constant):
        def forward(self, inputs: StereoSample) -> Any:
            if inputs.id.startswith("cafe-000002"):
                raise KeyboardInterrupt
            return super().forward(inputs)

    opened = open_set(str(layouts.layered(tmp_path / "set")))
    protocol = load_protocol("layered")
    with pytest.raises(KeyboardInterrupt):
        evaluate(loaded(Interrupted()), opened, protocol, tmp_path / "run")
    assert [path.stem for path in (tmp_path / "run" / "predictions").glob("*.pfm")] == ["cafe-000001-0000"]
    continued = evaluate(loaded(Constant()), opened, protocol, tmp_path / "run").record
    straight = evaluate(loaded(Constant()), opened, protocol, tmp_path / "other").record
    assert continued["aggregate"] == straight["aggregate"]


def test_score_names_missing_wrong_and_damaged_files(tmp_path: Path) -> None:
    opened = open_set("middlebury-v3", layouts.middlebury(tmp_path / "set", ("A", "B", "C", "D", "E", "F")))
    folder = tmp_path / "mine"
    truth = {sample_id: opened.truth(sample_id).disp_px for sample_id in opened.ids()}
    write_disparity(folder / "A.pfm", truth["A"])
    write_disparity(folder / "B.pfm", truth["B"][:-1])
    (folder / "C.pfm").write_bytes((folder / "A.pfm").read_bytes()[:1000])
    (folder / "D.npy").write_text("not numpy")
    write_disparity(folder / "E.pfm", truth["E"])
    np.save(folder / "E.npy", truth["E"])
    results = score_folder(load_protocol("middlebury-sdk"), opened, opened.ids(), folder)
    reasons = {result.id: result.reason for result in results}
    assert reasons["A"] == ""
    assert "B.pfm: the prediction is 96x63, the truth 96x64" in reasons["B"]
    assert "C.pfm" in reasons["C"]
    assert "D.npy: not a readable NPY" in reasons["D"]
    assert "more than one prediction" in reasons["E"]
    assert "F.pfm: no prediction" in reasons["F"]


def test_pfm_png_and_npy_of_one_map_score_alike(tmp_path: Path) -> None:
    """Multiples of 1/256 px survive all three; a hole is inf, 0 and NaN in turn."""
    opened = open_set("kitti-2015", layouts.kitti(tmp_path / "set", frames=1))
    rng = np.random.default_rng(0)
    disp_px = (rng.integers(1, 9000, (64, 96)) / 256).astype(np.float32)
    disp_px[10:20] = np.nan
    write_disparity(tmp_path / "pfm" / "000000_10.pfm", disp_px)
    write_kitti_disparity(tmp_path / "png" / "000000_10.png", disp_px)
    (tmp_path / "npy").mkdir()
    np.save(tmp_path / "npy" / "000000_10.npy", disp_px.astype(np.float64))
    scores = [
        score_folder(load_protocol("kitti-d1"), opened, opened.ids(), tmp_path / kind)[0].values
        for kind in ("pfm", "png", "npy")
    ]
    assert scores[0] == scores[1] == scores[2]
    assert len(scores[0]) == 6


def test_the_middlebury_upload_layout_is_found(tmp_path: Path) -> None:
    write_disparity(tmp_path / "Teddy" / "disp0MYMETHOD.pfm", np.ones((2, 3), dtype=np.float32))
    assert find_prediction(tmp_path, "Teddy").name == "disp0MYMETHOD.pfm"
    np.save(tmp_path / "rgb.npy", np.zeros((2, 3, 3)))
    with pytest.raises(DepthbenchError, match=r"rgb\.npy: an array of shape \(2, 3, 3\)"):
        read_disparity(tmp_path / "rgb.npy")


def test_different_tasks_are_refused_by_name(tmp_path: Path) -> None:
    opened = open_set(str(layouts.layered(tmp_path)))
    with pytest.raises(DepthbenchError, match=r"model m is for 'mono'.*set layered is for 'stereo'"):
        check_tasks("mono", opened, load_protocol("layered"), "m")


def test_a_perfect_prediction_has_no_error_on_every_set(tmp_path: Path) -> None:
    for name, make in {
        "middlebury-v3": layouts.middlebury,
        "eth3d": layouts.eth3d,
        "sceneflow": layouts.sceneflow,
        "kitti-2015": layouts.kitti,
        "layered": layouts.layered,
    }.items():
        opened = open_set(name, make(tmp_path / name))
        for sample_id in opened.ids():
            truth = opened.truth(sample_id).disp_px
            write_disparity(tmp_path / f"{name}-perfect" / f"{sample_id}.pfm", truth)
        protocol = load_protocol(opened.default_protocol)
        out = tmp_path / f"{name}-out"
        outcome = score_only(tmp_path / f"{name}-perfect", opened, protocol, out)
        assert not outcome.failed
        first = outcome.record["aggregate"]["all"]
        assert first["epe"]["mean"] == 0
        assert math.isclose(first["coverage"]["mean"], 100)
        target = out / protocol.name
        assert {path.name for path in target.iterdir()} == {"record.json", "samples.csv", "table.md", "pictures.png"}
        json.loads((target / "record.json").read_text())
