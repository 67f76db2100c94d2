# SPDX-License-Identifier: Apache-2.0
"""Focal stacks through the harness as a user drives it: plain folders, predictions in files, tables, pictures, bad input."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import focus_layouts as layouts
import numpy as np
import pytest

from depthbench.baselines.loading import load_model
from depthbench.benchmarks.depth_task import DepthFiles
from depthbench.benchmarks.evaluate import evaluate, score_only
from depthbench.benchmarks.pictures import telling_samples
from depthbench.benchmarks.protocol import load_protocol
from depthbench.benchmarks.score import SampleResult
from depthbench.benchmarks.sets.focus_set import make_stack, pick_planes
from depthbench.benchmarks.sets.opening import open_set
from depthbench.benchmarks.tables import comparison_tables, render
from depthbench.cli import main
from depthbench.errors import DepthbenchError
from depthbench.formats.depth_files import check_unit, read_depth, read_depth_prediction
from depthbench.formats.image import read_rgb, write_png
from depthbench.formats.pfm import write_pfm
from depthbench.tasks import DepthPrediction


def depthbench(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """Run a command in this process, as a user types it; return the exit code."""
    monkeypatch.setattr(sys, "argv", ["depthbench", *words])
    with pytest.raises(SystemExit) as leave:
        main()
    return int(leave.value.code or 0)


def test_eval_of_a_folder_as_a_user_types_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    layouts.folder(tmp_path / "stacks")
    monkeypatch.chdir(tmp_path)
    assert depthbench(monkeypatch, "eval", "--model", "focus-measure", "--set", "./stacks", "--format", "json") == 0
    [row] = json.loads(capsys.readouterr().out)["rows"]
    assert row["AbsRel"] < 0.15
    assert row["Cover [%]"] == 100
    out = tmp_path / "runs" / "focus-measure" / "focus-folder-stacks"
    assert read_depth(out / "predictions" / "a.pfm").shape == layouts.SIZE
    picture = read_rgb(out / "depth" / "pictures.png")
    assert picture.std() > 10
    assert "all/pooled_rmse" in (out / "depth" / "samples.csv").read_text().splitlines()[0]
    assert depthbench(monkeypatch, "eval", "--model", "constant", "--set", "./stacks") == 0
    records = [str(path) for path in sorted((tmp_path / "runs").glob("*/*/*/record.json"))]
    capsys.readouterr()
    assert depthbench(monkeypatch, "table", *records, "--format", "md", "--column", "all/delta_1.25") == 0
    table = capsys.readouterr().out
    assert "all δ<1.25 ↑" in table
    assert table.index("**") < table.index("| constant |") < table.index("| focus-measure | **")


def test_every_kind_of_file_that_anyone_made_is_scored(tmp_path: Path) -> None:
    opened = open_set(str(layouts.folder(tmp_path / "set", names=("a", "b", "c", "d"))))
    mine, halved = tmp_path / "mine", load_protocol("depth")
    truths = [opened.truth(sample_id).depth_m for sample_id in opened.ids()]
    write_pfm(mine / "a.pfm", truths[0])
    np.save(mine / "b.npy", truths[1])
    write_png(mine / "c.png", np.rint(truths[2] * 1000).astype(np.uint16))
    write_pfm(mine / "d.pfm", truths[3][::2, ::2])
    record = score_only(mine, opened, halved, tmp_path / "out").record
    assert record["task"] == "focus"
    told = [sample["values"]["all"]["abs_rel"] for sample in record["samples"]]
    assert told[:3] == pytest.approx([0, 0, 0], abs=1e-3)
    assert told[3] < 0.05
    assert record["aggregate"]["all"]["delta_1.25"]["mean"] > 0.95


def test_predictions_up_to_scale_and_shift_say_so_in_their_files(tmp_path: Path) -> None:
    saved = DepthFiles(tmp_path)
    values = np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4)
    values[0, 0] = np.nan
    saved.write("x/1", DepthPrediction(values, "affine-disparity"))
    assert (tmp_path / "x" / "1.affine-disparity.pfm").exists()
    assert saved.has("x/1")
    again = saved.read("x/1")
    assert again.kind == "affine-disparity"
    np.testing.assert_array_equal(again.depth_m, values)
    saved.write("x/1", DepthPrediction(values))
    with pytest.raises(DepthbenchError, match=r"more than one prediction for this sample \(1.pfm, 1.affine"):
        read_depth_prediction(tmp_path, "x/1")


def test_stacks_without_truth_are_predicted_alone_and_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = layouts.folder(tmp_path / "phone", depth=False, unit_m=0.01)
    monkeypatch.chdir(tmp_path)
    words = ["--set", str(root / "a"), "--set-option", "unit=cm"]
    assert depthbench(monkeypatch, "eval", "--model", "focus-measure", *words) == 0
    assert "no truth is public for focus-folder a: predictions alone" in capsys.readouterr().err
    assert (
        depthbench(monkeypatch, "score", "--predictions", "runs/focus-measure/focus-folder-a/predictions", *words) == 2
    )
    assert depthbench(monkeypatch, "show", str(root), "--set-option", "unit=cm") == 0
    # a picture written among the frames is none of them
    assert depthbench(monkeypatch, "show", str(root / "a"), "--set-option", "unit=cm") == 0
    assert len(open_set(str(root / "a")).stack("a").stack) == len(layouts.FOCUS_M)  # type: ignore[attr-defined]
    assert read_rgb(root / "contact_sheet.png").shape[0] > 1.5 * read_rgb(root / "a" / "contact_sheet.png").shape[0]


def test_show_draws_truth_and_error_where_there_is_depth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two panels more than without depth."""
    widths = []
    for depth in (True, False):
        root = layouts.folder(tmp_path / str(depth), ("a",), depth=depth)
        assert depthbench(monkeypatch, "show", str(root), "--id", "a", "--out", str(tmp_path / "o.png")) == 0
        widths.append(read_rgb(tmp_path / "o.png").shape[1])
    assert widths[0] - widths[1] == 2 * 308


def spoil(root: Path, fault: str) -> None:
    a = root / "a"
    listed = (a / "focus_distance.txt").read_text().split()
    if fault == "size":
        write_png(a / "02.png", np.zeros((40, 64, 3), np.uint8))
    elif fault == "one plane":
        for path in sorted(a.glob("*.png"))[1:]:
            path.unlink()
        (a / "focus_distance.txt").write_text("0.8")
    elif fault == "order":
        (a / "focus_distance.txt").write_text(" ".join([listed[1], listed[0], *listed[2:]]))
    elif fault == "reversed":
        (a / "focus_distance.txt").write_text(" ".join(listed[::-1]))
    elif fault == "count":
        (a / "focus_distance.txt").write_text(" ".join(listed[1:]))
    elif fault == "word":
        (a / "focus_distance.txt").write_text("near " + " ".join(listed[1:]))
    elif fault == "negative":
        (a / "focus_distance.txt").write_text(" ".join(["-1", *listed[1:]]))
    elif fault == "millimetres":
        write_pfm(a / "depth.pfm", 1000 * layouts.steps())
    elif fault == "no depth":
        (a / "depth.pfm").unlink()


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("size", r"02\.png: not of the size of 00\.png \(64x40, 64x48\)"),
        ("one plane", r"focus_distance\.txt: a: one plane only"),
        ("order", r"focus_distance\.txt: a: the order of the pictures disagrees .* 1, 0\.8, 1\.3, 1\.9, 3\.5 m"),
        ("reversed", r"focus_distance\.txt: the order of the pictures disagrees .* reverse=true"),
        ("count", r"focus_distance\.txt: a: 5 pictures and 4 focus distances"),
        ("word", r"focus_distance\.txt: not a list of numbers"),
        ("negative", "focus distances must be positive, not -1, 1"),
        ("millimetres", r"depth\.pfm: the median depth would be 1500 m, outside 0\.05 to 100 m.*depth_unit_m=0\.001"),
        ("no depth", r"depth\.pfm: no true depth"),
    ],
)
def test_bad_input_is_named(tmp_path: Path, fault: str, told: str) -> None:
    root = layouts.folder(tmp_path / "set")
    spoil(root, fault)
    outcome = evaluate(load_model("constant"), open_set(str(root)), load_protocol("depth"), tmp_path / "out")
    assert [result.id for result in outcome.failed] == ["a"]
    with pytest.raises(DepthbenchError, match=told):
        raise DepthbenchError(outcome.failed[0].reason)


def test_reversed_names_and_other_units_are_set_right_by_options(tmp_path: Path) -> None:
    root = layouts.folder(tmp_path / "set", ("a",), unit_m=0.01)
    for option in ({"reverse": True, "unit": "cm"}, {"unit": "cm"}):
        if "reverse" in option:
            listed = (root / "a" / "focus_distance.txt").read_text().split()
            (root / "a" / "focus_distance.txt").write_text(" ".join(listed[::-1]))
        sample = open_set(str(root), options=option).stack("a")  # type: ignore[attr-defined]
        np.testing.assert_allclose(sample.focus_m, layouts.FOCUS_M, rtol=1e-5)
        np.testing.assert_array_equal(sample.stack[0], layouts.stack_of(layouts.steps())[0])
        (root / "a" / "focus_distance.txt").write_text(" ".join(f"{100 * f:g}" for f in layouts.FOCUS_M))


def test_distances_can_be_given_for_pictures_without_any(tmp_path: Path) -> None:
    root = layouts.folder(tmp_path / "set", ("a",), depth=False)
    (root / "a" / "focus_distance.txt").unlink()
    with pytest.raises(DepthbenchError, match=r"focus_distance\.txt: not there; .* near_m=\.\.\. --set-option far_m="):
        open_set("focus-folder", root).stack("a")  # type: ignore[attr-defined]
    sample = open_set("focus-folder", root, {"near_m": 1.0, "far_m": 2.0}).stack("a")  # type: ignore[attr-defined]
    np.testing.assert_allclose(1 / sample.focus_m, [1, 0.875, 0.75, 0.625, 0.5])


def test_planes_are_picked_as_the_public_code_truncates() -> None:
    assert pick_planes(10, 5) == [0, 2, 4, 6, 9]
    with pytest.raises(DepthbenchError, match="n=11: these stacks have 10 planes"):
        pick_planes(10, 11)
    pictures = np.arange(10, dtype=np.uint8)[:, None, None, None] * np.ones((1, 2, 2, 3), np.uint8)
    sample = make_stack("x", pictures, np.linspace(10, 1, 10), "here", n=5)
    assert sample.stack[:, 0, 0, 0].tolist() == [9, 7, 5, 3, 0]
    assert sample.focus_m.tolist() == [1, 3, 5, 7, 10]


def test_a_unit_is_doubted_by_the_median_alone() -> None:
    depth_m = np.array([[0.001, 2, 3, 5000]], np.float32)
    check_unit(depth_m, "x.pfm", "")
    check_unit(np.full((2, 2), np.nan, np.float32), "x.pfm", "")
    with pytest.raises(DepthbenchError, match=r"the median depth would be 0\.0025 m"):
        check_unit(depth_m / 1000, "x.pfm", "")


def test_a_protocol_of_leaking_planes_refuses_others_and_tasks_do_not_mix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = open_set(str(layouts.folder(tmp_path / "set", ("a",))))
    opened.focus_policy = "fixed"  # type: ignore[attr-defined]
    out = evaluate(load_model("constant"), opened, load_protocol("hybriddepth-nyu"), tmp_path / "out")
    assert "is for stacks with focus planes 'gt-range', the set has 'fixed'" in out.failed[0].reason
    monkeypatch.chdir(tmp_path)
    assert depthbench(monkeypatch, "eval", "--model", "vos-de", "--set", str(tmp_path / "set")) == 2
    assert "model vos-de is for 'motion', set focus-folder is for 'focus'" in capsys.readouterr().err


def test_tables_print_units_of_the_protocol(tmp_path: Path) -> None:
    opened = open_set(str(layouts.folder(tmp_path / "set", ("a",))))
    record = evaluate(load_model("constant"), opened, load_protocol("depth"), tmp_path / "out").record
    [table] = comparison_tables([record], ["all/rmse", "all/abs_rel", "all/coverage", "all/quadratic_rmse"])
    assert [column.key for column in table.columns] == [
        "all RMSE [m]",
        "all AbsRel",
        "all Cover [%]",
        "all RMSE quadratic [m]",
    ]
    assert "all AbsRel ↓ |" in render(table, "md")


def test_the_worst_sample_is_that_of_the_lowest_share_within() -> None:
    values = {"a": 0.9, "b": 0.2, "c": 0.5}
    results = [SampleResult(name, values={"all": {"delta_1.25": value}}) for name, value in values.items()]
    told = telling_samples(load_protocol("nyu-eigen"), results)
    assert [sample_id for sample_id, _ in told] == ["b", "c"]
    assert told[0][1].startswith("worst: b, all/delta_1.25 = 0.200")


def test_real_phone_stack(shared_data: Path) -> None:
    """Ten pictures of wicker balls, unaligned, first at infinity: depth rises from the front ball to the room behind."""
    place = shared_data / "focus" / "balls_dffinthewild"
    sample = open_set(str(place), options={"unit": "cm", "n": 5}).stack(place.name)  # type: ignore[attr-defined]
    assert sample.focus_m[0] == pytest.approx(0.1)
    assert np.isinf(sample.focus_m[-1])
    small = type(sample)(sample.id, np.ascontiguousarray(sample.stack[:, ::4, ::4]), sample.focus_m)
    model = load_model("focus-measure", {"align": "similarity"}).model
    depth_m = model.finish(model.forward(model.prepare(small)), small).depth_m
    front, second, room = depth_m[60:150, 20:140], depth_m[30:70, 205:240], depth_m[10:40, 172:182]
    assert np.median(front) < 0.16 < np.median(second) < 1 < np.median(room)
