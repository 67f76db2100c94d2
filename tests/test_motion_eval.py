# SPDX-License-Identifier: Apache-2.0
"""Depth from motion through the harness: predictions in a table, errors by hand, failures counted, groups balanced."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import motion_layouts as layouts
import numpy as np
import pytest

from depthbench.baselines.loading import load_model
from depthbench.benchmarks.aggregate import RESAMPLES, aggregate
from depthbench.benchmarks.evaluate import evaluate, score_only
from depthbench.benchmarks.motion_task import DepthTable
from depthbench.benchmarks.predict import predict
from depthbench.benchmarks.protocol import load_protocol
from depthbench.benchmarks.score import SampleResult
from depthbench.benchmarks.sets.opening import open_set
from depthbench.benchmarks.tables import comparison_tables, record_table
from depthbench.cli import main
from depthbench.errors import DepthbenchError
from depthbench.formats.image import read_rgb
from depthbench.formats.odms_folder import write_example
from depthbench.tasks import MotionPrediction


def depthbench(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """Run a command in this process, as a user types it; return the exit code."""
    monkeypatch.setattr(sys, "argv", ["depthbench", *words])
    with pytest.raises(SystemExit) as leave:
        main()
    return int(leave.value.code or 0)


def test_eval_as_a_user_types_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    layouts.simulated(tmp_path / "data" / "odms", split="test")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DEPTHBENCH_DATA", raising=False)
    words = ["eval", "--model", "vos-de", "--set", "odms-normal"]
    assert depthbench(monkeypatch, *words, "--n", "3", "--format", "json") == 0
    [row] = json.loads(capsys.readouterr().out)["rows"]
    assert (row["region"], row["Failed [%]"]) == ("all", 0)
    assert row["Error [%]"] < 1e-3
    out = tmp_path / "runs" / "vos-de" / "odms-normal-test-n3"
    assert (out / "predictions" / "depths.csv").read_text().splitlines()[0] == "id,depth_m"
    for picture in ("pictures.png", "errors.png"):
        assert read_rgb(out / "odms" / picture).std() > 10
    assert depthbench(monkeypatch, *words, "--n", "12") == 2
    assert "n=12: a depth from motion takes 2 to 10" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--model", "vos-de", "--set", "stereo"], "model vos-de is for 'motion', set layered is for 'stereo'"),
        (["--model", "still.py:Still", "--set", "odms-normal"], "model Still is for 'stereo', set odms-normal is for"),
        (["--model", "vos-de", "--set", "odms-normal", "--protocol", "layered"], "protocol layered is for 'stereo'"),
        (["--model", "vos-de", "--set", "odms-normal", "--truth-scale", "2"], "the task 'motion' has none"),
        (["--model", "vos-d", "--set", "odms-normal"], "did you mean vos-de"),
    ],
)
def test_tasks_do_not_mix(
    tmp_path: Path, words: list[str], told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import stereo_layouts

    stereo_layouts.layered(tmp_path / "stereo")
    layouts.simulated(tmp_path / "data" / "odms", split="test")
    (tmp_path / "still.py").write_text(
        'class Still:\n    task = "stereo"\n    prepare = forward = finish = lambda self, *_: None\n'
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DEPTHBENCH_DATA", raising=False)
    assert depthbench(monkeypatch, "eval", *words) == 2
    assert told in capsys.readouterr().err


def test_errors_by_hand_and_groups_weigh_alike(tmp_path: Path) -> None:
    """Anyone's table: 10 % off on robot's 55 windows, exact on driving, 40 % on normal, no answer on perturb's one."""
    opened = open_set("odms", layouts.everything(tmp_path / "set"), {"split": "val"})
    factor = {"robot": 1.1, "driving": 1.0, "normal": 0.6, "perturb": math.nan}
    lines = [f"{i},{opened.truth(i).depth_m * factor[opened.group(i)]}" for i in opened.ids()]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "depths.csv").write_text("\n".join(["id,depth_m", *lines]) + "\n")
    record = score_only(tmp_path / "mine", opened, load_protocol("odms"), tmp_path / "out").record
    means = {region: cells["percent_error"]["mean"] for region, cells in record["aggregate"].items()}
    assert means == {
        "robot": pytest.approx(10),
        "driving": pytest.approx(0, abs=1e-9),
        "normal": pytest.approx(40),
        "perturb": 100,
        "all": pytest.approx((10 + 0 + 40 + 100) / 4),
    }
    assert record["aggregate"]["perturb"]["failures"]["mean"] == 100
    assert record["aggregate"]["all"]["failures"]["mean"] == 25
    assert record["aggregate"]["all"]["median_percent_error"]["mean"] == pytest.approx(37.5)
    assert record_table(record).row_names == ["all", "robot", "driving", "normal", "perturb"]


def test_a_set_by_itself_has_one_region_and_its_comparison_no_empty_columns(tmp_path: Path) -> None:
    opened = open_set("odms-normal", layouts.simulated(tmp_path / "set"), {"split": "val"})
    records = [
        evaluate(load_model(name), opened, load_protocol("odms"), tmp_path / name).record
        for name in ("vos-de", "vos-de-unbiased")
    ]
    assert list(records[0]["aggregate"]) == ["all"]
    [table] = comparison_tables(records)
    assert [column.title for column in table.columns] == ["all Error", "all Median error", "all Failed"]
    assert all(cell is not None for row in table.cells for cell in row)


def test_no_growth_is_a_failure_that_is_counted(tmp_path: Path) -> None:
    root = layouts.simulated(tmp_path / "set", examples=3)
    still = [layouts.square(20)] * 10
    write_example(root / "data" / "val" / "normal" / "synthetic_9", still, layouts.DEPTHS_M)
    opened = open_set("odms-normal", root, {"split": "val"})
    outcome = evaluate(load_model("vos-de"), opened, load_protocol("odms"), tmp_path / "out")
    cells = outcome.record["aggregate"]["all"]
    assert not outcome.failed
    assert cells["failures"]["mean"] == 25
    assert cells["percent_error"]["mean"] == pytest.approx(25, abs=1e-3)
    assert cells["median_percent_error"]["mean"] == pytest.approx(0, abs=1e-3)
    saved = (tmp_path / "out" / "predictions" / "depths.csv").read_text()
    assert "synthetic_9,nan\n" in saved


def test_a_damaged_example_is_named_and_leaves_no_mean(tmp_path: Path) -> None:
    root = layouts.simulated(tmp_path / "set", examples=3)
    (root / "data" / "val" / "normal" / "synthetic_2" / "400000.png").unlink()
    opened = open_set("odms-normal", root, {"split": "val"})
    outcome = evaluate(load_model("vos-de"), opened, load_protocol("odms"), tmp_path / "out")
    assert [result.id for result in outcome.failed] == ["synthetic_2"]
    assert "9 masks, and 10 are asked for" in outcome.failed[0].reason
    assert outcome.record["aggregate"]["all"]["percent_error"]["mean"] is None


def test_a_table_cut_short_by_a_kill_is_gone_on_with(tmp_path: Path) -> None:
    opened = open_set("odms-normal", layouts.simulated(tmp_path / "set", examples=4), {"split": "val"})
    folder = tmp_path / "out"
    predict(load_model("vos-de"), opened, opened.ids(), folder)
    whole = (folder / "depths.csv").read_text()
    (folder / "depths.csv").write_text(whole[:-9])
    assert not DepthTable(folder).has("synthetic_4")
    predict(load_model("vos-de"), opened, opened.ids(), folder)
    assert (folder / "depths.csv").read_text() == whole


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, r"depths\.csv: no readable table"),
        ("name,depth\n", "the first line must be 'id,depth_m'"),
        ("id,depth_m\nsynthetic_1,near\n", r"depths\.csv, line 2: not"),
        ("id,depth_m\nsynthetic_1\n", r"depths\.csv, line 2: not"),
        ("id,depth_m\nsynthetic_1,0.2\n", "no prediction for synthetic_2"),
    ],
)
def test_tables_that_are_none_are_named(tmp_path: Path, text: str | None, told: str) -> None:
    opened = open_set("odms-normal", layouts.simulated(tmp_path / "set"), {"split": "val"})
    (tmp_path / "mine").mkdir()
    if text is not None:
        (tmp_path / "mine" / "depths.csv").write_text(text)
    with pytest.raises(DepthbenchError, match=told):
        score_only(tmp_path / "mine", opened, load_protocol("odms"), tmp_path / "out", strict=True)


def test_an_answer_that_is_not_one_number_fails_its_sample(tmp_path: Path) -> None:
    opened = open_set("odms-normal", layouts.simulated(tmp_path / "set"), {"split": "val"})
    loaded = load_model("vos-de")
    loaded.model.finish = lambda outputs, sample: MotionPrediction(outputs)  # type: ignore[method-assign,assignment]
    failures = predict(loaded, opened, opened.ids(), tmp_path / "out")
    assert failures["synthetic_1"] == "the model's depth is of the type ndarray, not one float"


def results(values: list[float], group: str = "") -> list[SampleResult]:
    names = load_protocol("odms").metrics
    return [
        SampleResult(f"{group}{i}", values={"all": dict.fromkeys(names, value)}, group=group)
        for i, value in enumerate(values)
    ]


def test_the_interval_of_a_median_equals_resampling_in_a_loop() -> None:
    for n in (40, 41):
        values = np.random.default_rng(1).gamma(2, 1, n)
        cell = aggregate(load_protocol("odms"), results(values.tolist()))["all"]["median_percent_error"]
        rng = np.random.default_rng(99)
        medians = [np.median(values[rng.integers(0, n, n)]) for _ in range(20 * RESAMPLES)]
        low, high = np.percentile(medians, [2.5, 97.5])
        assert cell["mean"] == pytest.approx(np.median(values))
        assert cell["low"] == pytest.approx(low, abs=0.1 * (high - low))
        assert cell["high"] == pytest.approx(high, abs=0.1 * (high - low))


def test_the_interval_of_balanced_groups_resamples_within_each() -> None:
    """Two groups of equal size and spread: the variance of the mean of their means is half of each one's, not a quarter."""
    rng = np.random.default_rng(2)
    a, b = rng.normal(10, 2, 400), rng.normal(50, 2, 400)
    cell = aggregate(load_protocol("odms"), [*results(a.tolist(), "x"), *results(b.tolist(), "y")])["all"][
        "percent_error"
    ]
    width = 2 * 1.96 * 2 / math.sqrt(400) / math.sqrt(2)
    assert cell["mean"] == pytest.approx((a.mean() + b.mean()) / 2)
    assert cell["high"] - cell["low"] == pytest.approx(width, rel=0.15)


def test_show_draws_examples_of_a_folder_of_masks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rows by themselves are rows of the whole picture; the brightest place of a row is a mask."""
    root = layouts.everything(tmp_path / "odms")
    one = tmp_path / "one.png"
    assert depthbench(monkeypatch, "show", str(root), "--limit", "5", "--out", str(tmp_path / "five.png")) == 0
    assert depthbench(monkeypatch, "show", str(root), "--id", "val/normal/synthetic_1", "--out", str(one)) == 0
    assert read_rgb(tmp_path / "five.png").shape[0] > 3 * read_rgb(one).shape[0]
    orange = (np.abs(read_rgb(one).astype(int) - (240, 120, 40)) < 25).all(axis=2)
    columns = np.flatnonzero(orange.any(axis=0))
    # the final pose's outline is on each of ten panels of 158 pixels
    assert len(np.unique(columns // 158)) == 10
    assert depthbench(monkeypatch, "show", str(root), "--id", "val/normal/synthetic_0") == 2
    assert "did you mean val/normal/synthetic_" in capsys.readouterr().err
