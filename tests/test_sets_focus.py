# SPDX-License-Identifier: Apache-2.0
"""Sets of focal stacks in their true layouts: order, units, splits and what is named when it is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import focus_layouts as layouts
import h5py
import numpy as np
import pytest

from depthbench.baselines.loading import load_model
from depthbench.benchmarks.evaluate import evaluate, score_only
from depthbench.benchmarks.protocol import load_protocol
from depthbench.benchmarks.sets import SETS
from depthbench.benchmarks.sets.ddff12 import DISPARITY_PX_M
from depthbench.benchmarks.sets.opening import open_set
from depthbench.benchmarks.tables import comparison_tables
from depthbench.cli import cli
from depthbench.errors import DepthbenchError

FOCUS_SETS = ("ddff12", "lightfield-4d", "fod500", "mobile-depth", "zedd", "arkit", "nyu-v2", "focus-folder")
MAKERS = {
    "ddff12": layouts.ddff12,
    "lightfield-4d": layouts.lightfield_4d,
    "zedd": layouts.zedd,
    "focus-folder": layouts.folder,
}


@pytest.mark.parametrize("name", list(MAKERS))
def test_classical_depth_beats_the_constant_on_every_layout(name: str, tmp_path: Path) -> None:
    """Pictures, distances and truth belong together: the estimate is near the truth, at both ends of the range."""
    root = MAKERS[name](tmp_path / "set")
    opened = open_set(name, root)
    protocol = load_protocol(opened.default_protocol)
    values = {}
    for model in ("focus-measure", "constant"):
        outcome = evaluate(load_model(model), opened, protocol, tmp_path / model)
        assert not outcome.failed
        values[model] = outcome.record["aggregate"]["all"]["rmse"]["mean"]
    assert values["focus-measure"] < 0.6 * values["constant"]
    assert not outcome.record["samples"][0]["reason"]


def test_ddff12_planes_are_the_published_distances(tmp_path: Path) -> None:
    opened = open_set("ddff12", layouts.ddff12(tmp_path / "set"))
    focus_m = opened.stack("000").focus_m  # type: ignore[attr-defined]
    published = [0.5, 0.558, 0.63, 0.724, 0.851, 1.033, 1.313, 1.8, 2.864, 7]
    np.testing.assert_allclose(focus_m, published, atol=2e-3)
    five = open_set("ddff12", tmp_path / "set", {"n": 5}).stack("000").focus_m  # type: ignore[attr-defined]
    np.testing.assert_allclose(five, focus_m[[0, 2, 4, 6, 9]])
    rounded = open_set("ddff12", tmp_path / "set", {"planes": "dfv"}).stack("000").focus_m  # type: ignore[attr-defined]
    np.testing.assert_allclose(DISPARITY_PX_M / rounded, np.linspace(0.28, 0.02, 10))


def test_ddff12_disparity_comes_back_from_depth_and_zero_is_unknown(tmp_path: Path) -> None:
    root = layouts.ddff12(tmp_path / "set")
    with h5py.File(root / "ddff-dataset-trainval.h5", "r") as file:
        disp_px = file["disp_val"][1]
    truth = open_set("ddff12", root).truth("001")
    assert np.isnan(truth.depth_m[disp_px == 0]).all()
    known = disp_px > 0
    np.testing.assert_allclose(DISPARITY_PX_M / truth.depth_m[known], disp_px[known], rtol=1e-6)
    assert open_set("ddff12", root).notes == ["2 samples, the val part of DFV's split has 200"]


def test_ddff12_repacked_has_sharp_pictures_and_test_has_no_truth(tmp_path: Path) -> None:
    repacked = open_set("ddff12", layouts.ddff12(tmp_path / "a", repacked=True))
    assert repacked.stack("000").all_in_focus is not None  # type: ignore[attr-defined]
    with h5py.File(tmp_path / "a" / "ddff-dataset-test.h5", "w") as file:
        file["stack_test"] = np.zeros((1, 10, 48, 64, 3), np.uint8)
    blind = open_set("ddff12", tmp_path / "a", {"split": "test"})
    assert blind.blind  # type: ignore[attr-defined]
    with pytest.raises(DepthbenchError, match="the test split of ddff12 has no public truth"):
        blind.truth("000")


def test_light_fields_keep_differences_of_disparity(tmp_path: Path) -> None:
    """One pixel of disparity off everywhere is an RMSE of one, wherever zero lies."""
    opened = open_set("lightfield-4d", layouts.lightfield_4d(tmp_path / "set"))
    assert opened.ids() == ["boxes", "dino"]
    truth = opened.truth("dino")
    saved = tmp_path / "mine"
    for sample_id in opened.ids():
        off = 1 / (1 / opened.truth(sample_id).depth_m.astype(np.float64) - 1)
        saved.mkdir(exist_ok=True)
        np.save(saved / f"{sample_id}.npy", off)
    record = score_only(saved, opened, load_protocol("lightfield-4d"), tmp_path / "out").record
    assert record["aggregate"]["all"]["rmse"]["mean"] == pytest.approx(1, abs=1e-4)
    assert np.isfinite(truth.depth_m).all()


def test_fod500_reads_half_floats_and_splits_at_four_hundred(tmp_path: Path) -> None:
    pytest.importorskip("OpenEXR")
    root = layouts.fod500(tmp_path / "set")
    opened = open_set("fod500", root)
    assert opened.ids() == ["000400", "000401"]
    assert open_set("fod500", root, {"split": "train"}).ids() == ["000399"]
    assert opened.stack("000400").focus_m.tolist() == [0.1, 0.15, 0.3, 0.7, 1.5]  # type: ignore[attr-defined]
    np.testing.assert_allclose(opened.truth("000400").depth_m, layouts.steps(depths_m=(0.2, 0.5, 1.2)), rtol=1e-3)
    (root / "000400Dpt.exr").write_bytes(b"not an EXR")
    with pytest.raises(DepthbenchError, match=r"000400Dpt\.exr: not a readable OpenEXR"):
        opened.truth("000400")


@pytest.mark.parametrize("rearranged", [True, False])
def test_mobile_depth_sorts_by_distance_and_turns_metals_round(tmp_path: Path, rearranged: bool) -> None:
    root = layouts.mobile_depth(tmp_path / "set", rearranged)
    opened = open_set("mobile-depth", root)
    assert opened.ids() == ["keyboard", "metals"]
    for scene in opened.ids():
        sample = opened.stack(scene)  # type: ignore[attr-defined]
        np.testing.assert_allclose(sample.focus_m, layouts.FOCUS_M, rtol=1e-4)
        np.testing.assert_array_equal(sample.stack, layouts.stack_of(layouts.steps()))
    with pytest.raises(DepthbenchError, match="has no public truth"):
        opened.truth("metals")
    next(root.rglob("keyboard/a0.jpg" if rearranged else "keyboard/a00.jpg")).unlink()
    with pytest.raises(DepthbenchError, match=r"keyboard: 4 pictures and 5 focus distances"):
        opened.stack("keyboard")  # type: ignore[attr-defined]


def test_zedd_takes_one_aperture_and_shows_the_smallest_as_sharp(tmp_path: Path) -> None:
    root = layouts.zedd(tmp_path / "set")
    sample = open_set("zedd", root).stack("room")  # type: ignore[attr-defined]
    np.testing.assert_array_equal(sample.stack, layouts.stack_of(layouts.steps()))
    assert sample.intrinsics is not None
    assert (sample.intrinsics.fx, sample.intrinsics.cy) == (70.0, 23.5)
    assert sample.all_in_focus is not None
    with pytest.raises(DepthbenchError, match=r"no picture at F2\.8; --set-option aperture="):
        open_set("zedd", root, {"aperture": 2.8}).stack("room")  # type: ignore[attr-defined]
    (root / "room" / "metadata.txt").write_text("run,motor,focus\n0,0x1,0.8\n")
    with pytest.raises(DepthbenchError, match=r"metadata\.txt: has no distance for run 1"):
        open_set("zedd", root).stack("room")  # type: ignore[attr-defined]


@pytest.mark.parametrize("highres", [True, False])
def test_arkit_is_made_as_wide_as_asked_and_its_stacks_tell_depth(tmp_path: Path, highres: bool) -> None:
    options = {"width": 64, "camera": "hybriddepth-nyu", "near_m": 0.5, "far_m": 3.0, "n": 8}
    opened = open_set("arkit", layouts.arkit(tmp_path / "set", highres), options)
    assert opened.ids() == ["41069021/41069021_0.123", "41069021/41069021_1.123"]
    sample = opened.stack(opened.ids()[0])  # type: ignore[attr-defined]
    assert sample.stack.shape == (8, 48, 64, 3)
    assert sample.intrinsics.fx == pytest.approx(53)
    np.testing.assert_allclose(opened.truth(opened.ids()[0]).depth_m, layouts.steps(depths_m=(0.6, 1.0, 2.0)))
    assert any("no camera is like this" in note for note in opened.notes)
    outcome = evaluate(load_model("focus-measure"), opened, load_protocol("depth"), tmp_path / "out")
    assert outcome.record["aggregate"]["all"]["delta_1.25"]["mean"] > 0.8
    assert outcome.record["set"]["label"] == "validation-64-hybriddepth-nyu-fixed-0.5-3m-n8"


@pytest.mark.parametrize("make", [layouts.nyu_labelled, layouts.nyu_folders], ids=["labelled", "folders"])
def test_nyu_has_raw_depth_with_holes_and_stacks_that_tell_depth(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    opened = open_set("nyu-v2", make(tmp_path / "set"), {"n": 6, "near_m": 0.8, "far_m": 4.0})
    labelled = make is layouts.nyu_labelled
    assert opened.ids() == (["0001", "0003"] if labelled else ["bathroom_0/rgb_00045", "bathroom_1/rgb_00046"])
    truth = opened.truth(opened.ids()[0])
    assert np.isnan(truth.depth_m[:, :4]).all()
    np.testing.assert_allclose(truth.depth_m[:, 4:], layouts.steps()[:, 4:], atol=1e-3)
    if labelled:
        assert truth.filled_m is not None
        assert (truth.filled_m[:, :4] == 1).all()
    sample = opened.stack(opened.ids()[0])  # type: ignore[attr-defined]
    np.testing.assert_array_equal(sample.all_in_focus, layouts.texture().astype(np.uint8))
    assert "measured" not in sample.meta
    outcome = evaluate(load_model("focus-measure"), opened, load_protocol("depth"), tmp_path / "out")
    assert outcome.record["aggregate"]["all"]["delta_1.25"]["mean"] > 0.8
    assert any("2 samples, the official test split has 654" in note for note in opened.notes)


def test_nyu_at_its_true_size_is_scored_on_the_eigen_crop_and_as_hybriddepth_does(tmp_path: Path) -> None:
    """The constant answer at the truth's median: numbers by hand over rows and columns of the crop."""
    root = layouts.nyu_labelled(tmp_path / "set", (480, 640))
    opened = open_set("nyu-v2", root, {"focus": "gt-range", "n": 2, "renderer": "reference"})
    for sample_id in opened.ids():
        (tmp_path / "mine").mkdir(exist_ok=True)
        np.save(tmp_path / "mine" / f"{sample_id}.npy", np.full((480, 640), 2.0))
    crops = {"nyu-eigen": np.s_[45:471, 41:601], "hybriddepth-nyu": np.s_[48:432, 64:576]}
    for name, crop in crops.items():
        record = score_only(tmp_path / "mine", opened, load_protocol(name), tmp_path / name).record
        truths = [depth_m[crop][depth_m[crop] > 0] for _, depth_m in layouts.nyu_frames(3, (480, 640))[::2]]
        expected = np.mean([np.sqrt(np.mean((2 - truth.astype(float)) ** 2)) for truth in truths])
        assert record["aggregate"]["all"]["rmse"]["mean"] == pytest.approx(expected, rel=1e-6)
        assert any("the model is told the range of the answer" in note for note in record["set"]["notes"])
    fixed = open_set("nyu-v2", root)
    outcome = score_only(tmp_path / "mine", fixed, load_protocol("hybriddepth-nyu"), tmp_path / "fixed")
    assert "is for stacks with focus planes 'gt-range', the set has 'fixed'" in outcome.failed[0].reason


def test_published_nyu_numbers_stand_below_ours_with_their_doubts(tmp_path: Path) -> None:
    root = layouts.nyu_labelled(tmp_path / "set", (480, 640))
    opened = open_set("nyu-v2", root, {"focus": "gt-range", "n": 2, "renderer": "reference"})
    record = evaluate(load_model("constant"), opened, load_protocol("hybriddepth-nyu"), tmp_path / "out").record
    [table] = comparison_tables([record], published=True)
    assert table.row_names == ["constant", "HybridDepth [1]"]
    assert table.cells[1][:2] == [0.202, 0.041]
    assert any("Eigen crop" in note and "told the range of the answer" in note for note in table.notes)


@pytest.mark.parametrize("renderer", ["layered", "reference"])
def test_stacks_over_the_true_range_say_that_they_leak(tmp_path: Path, renderer: str) -> None:
    options = {"width": 64, "focus": "gt-range", "n": 3, "renderer": renderer}
    opened = open_set("arkit", layouts.arkit(tmp_path / "set", highres=False), options)
    sample = opened.stack(opened.ids()[0])  # type: ignore[attr-defined]
    np.testing.assert_allclose(sample.focus_m, [0.6, 1.3, 2.0])
    assert sample.focus_policy == opened.focus_policy == "gt-range"  # type: ignore[attr-defined]
    assert any("the model is told the range of the answer" in note for note in opened.notes)
    left = np.abs(sample.stack[0].astype(int) - sample.all_in_focus)[10:-10, 5:15]
    right = np.abs(sample.stack[0].astype(int) - sample.all_in_focus)[10:-10, 50:60]
    assert left.mean() < 1 < right.mean()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"camera": "fone"}, "unknown camera 'fone'"),
        ({"focus": "gt"}, "unknown focus policy 'gt'"),
        ({"renderer": "gauss"}, "unknown renderer 'gauss'"),
        ({"n": 1}, "a stack has 2 to 1000"),
    ],
)
def test_options_of_synthesis_are_checked(tmp_path: Path, options: dict[str, object], told: str) -> None:
    with pytest.raises(DepthbenchError, match=told):
        open_set("arkit", layouts.arkit(tmp_path / "set", highres=False), options)


@pytest.mark.parametrize(
    ("name", "fault", "told"),
    [
        ("ddff12", "other", r"no HDF5 file with the dataset 'stack_val'\. Get ddff-dataset-trainval\.h5"),
        ("ddff12", "cut", r"ddff-dataset-trainval\.h5: not a readable HDF5 file"),
        ("ddff12", "flat", r"'stack_val' has the shape \(2, 48, 64, 3\)"),
        ("lightfield-4d", "other", "no HDF5 file with the dataset 'stack_val'"),
    ],
)
def test_files_that_are_none_are_named(tmp_path: Path, name: str, fault: str, told: str) -> None:
    root = tmp_path / "set"
    root.mkdir()
    path = root / "ddff-dataset-trainval.h5"
    with h5py.File(path, "w") as file:
        file["stack_val" if fault == "flat" else "other"] = np.zeros((2, 48, 64, 3), np.uint8)
    if fault == "cut":
        path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DepthbenchError, match=told):
        open_set(name, root)


@pytest.mark.parametrize("name", FOCUS_SETS)
def test_an_absent_set_says_where_it_comes_from(name: str, tmp_path: Path) -> None:
    assert name in SETS
    (tmp_path / "empty").mkdir()
    with pytest.raises(DepthbenchError, match=r"(Get |A stack is a folder)"):
        open_set(name, tmp_path / "empty")


def test_lists_name_them(capsys: pytest.CaptureFixture[str]) -> None:
    for kind, word in (("metrics", "silog_unidepth"), ("protocols", "hybriddepth-ddff12-v2"), ("sets", "ddff12")):
        cli.main(["list", kind], standalone_mode=False)
        assert word in capsys.readouterr().out
