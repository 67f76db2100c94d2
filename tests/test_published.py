# SPDX-License-Identifier: Apache-2.0
"""Published numbers: files that hold what a table of errors must hold, mistakes that are named, rows that stay marked."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import stereo_layouts as layouts

from depthbench.benchmarks.evaluate import score_only
from depthbench.benchmarks.protocol import load_protocol
from depthbench.benchmarks.published_tables import (
    FOLDER,
    PublishedTable,
    published_alone,
    published_tables,
    read_published,
)
from depthbench.benchmarks.sets.opening import open_set
from depthbench.benchmarks.tables import comparison_tables, render
from depthbench.cli import cli
from depthbench.errors import DepthbenchError
from depthbench.formats.disparity_files import write_disparity

BY_NAME = {table.name: table for table in published_tables()}


@pytest.mark.parametrize("table", published_tables(), ids=lambda table: table.name)
def test_errors_fall_with_their_threshold_and_means_are_below_roots_of_squares(table: PublishedTable) -> None:
    """A digit copied wrongly mostly breaks one of these."""
    for row in table.rows:
        assert row.values
        for region in {column.split("/")[0] for column in row.values}:
            shares = [row.values[key] for t in ("", "^2", "^3") if (key := f"{region}/delta_1.25{t}") in row.values]
            assert shares == sorted(shares)
            assert all(0 < share <= 1 for share in shares)
            ladder = [row.values[key] for t in (2, 4, 6, 8) if (key := f"{region}/bad_{t}") in row.values]
            assert ladder == sorted(ladder, reverse=True)
            if f"{region}/rmse" in row.values and f"{region}/epe" in row.values:
                assert row.values[f"{region}/epe"] < row.values[f"{region}/rmse"]


@pytest.mark.parametrize(("size", "factor", "bad"), [("half", 2, "bad_4"), ("quarter", 4, "bad_2")])
def test_the_boards_resolutions_are_the_same_scenes_at_other_sizes(size: str, factor: int, bad: str) -> None:
    """Bad-8 at full size against a smaller threshold, and MAE against its multiple, as far as the board itself agrees."""
    full, small = BY_NAME["booster-board"], BY_NAME[f"booster-board-{size}"]
    for row, other in zip(full.rows, small.rows, strict=True):
        assert row.method == other.method
        assert row.values["noocc/bad_8"] == pytest.approx(other.values[f"noocc/{bad}"], abs=0.12)
        assert row.values["noocc/epe"] == pytest.approx(factor * other.values["noocc/epe"], rel=0.04)
        assert row.values["noocc/rmse"] == pytest.approx(factor * other.values["noocc/rmse"], rel=0.08)


def test_clouds_overall_is_the_mean_of_the_two() -> None:
    table = BY_NAME["pbs-mvsnet-2"]
    for row in table.rows:
        acc, comp, overall = (row.values[f"cloud/{key}"] for key in ("acc", "comp", "overall"))
        assert overall == pytest.approx((acc + comp) / 2, abs=6e-4)
    [doubted] = [row for row in table.rows if row.doubts]
    assert doubted.method == "R-MVSNet"
    told = render(published_alone(table), "md")
    assert "0.406" in told
    assert "P-MVSNet's numbers in this row" in told


def test_the_papers_baselines_are_the_boards_fine_tuned_entries() -> None:
    board = {row.method: row for row in BY_NAME["booster-board"].rows}
    paper = {row.method: row for row in BY_NAME["depthfocus-1"].rows}
    for ours, theirs in (("RAFTStereo", "RAFT-Stereo (ft)"), ("CREStereo", "CREStereo (ft)")):
        assert paper[ours].weights == "fine-tuned"
        assert any("fine-tuned entry" in doubt for doubt in paper[ours].doubts)
        assert all(board[theirs].values[key] == value for key, value in paper[ours].values.items())
    assert any("misprint" in doubt for doubt in paper["S2M2 (ft)"].doubts)


def test_depth_is_printed_with_its_own_decimals_and_the_doubts_stand_below() -> None:
    text = render(published_alone(BY_NAME["hybriddepth-2"]), "md")
    assert "| method | all MSE px² ↓ | all RMSE px ↓ | all AbsRel ↓ | all δ<1.25 ↑ |" in text
    assert "| HybridDepth [1] | 0.000558 | 0.0205 | 0.1600 | 0.7900 |" in text
    assert "the validation part of DFV's split" in text


def test_alone_a_table_has_its_source_doubts_and_gaps() -> None:
    text = render(published_alone(BY_NAME["depthfocus-1"]), "md")
    assert "published: DepthFocus, Table 1" in text
    assert "| S2M2 (ft) [4] | 2.53 | 8.53 | – |" in text
    assert "- [4] published; weights fine-tuned; noocc-c0/bad_4 is printed as 4.43, a misprint" in text
    assert "missing here: " in text
    assert "**1.56**" not in text


def test_beside_ours_rows_are_marked_and_do_not_compete(tmp_path: Path) -> None:
    opened = open_set("booster", layouts.booster(tmp_path / "set", lights=1))
    records = []
    for name, error in (("good", 50.0), ("worse", 60.0)):
        for sample_id in opened.ids():
            disp_px = np.nan_to_num(opened.truth(sample_id).disp_px) + error
            write_disparity(tmp_path / name / f"{sample_id}.pfm", disp_px)
        outcome = score_only(tmp_path / name, opened, load_protocol("booster-board"), tmp_path / "out" / name)
        records.append(json.loads(outcome.path.read_text()))
    [plain], [table] = comparison_tables(records), comparison_tables(records, ["noocc/epe"], published=True)
    assert len(plain.row_names) == 2
    lines = render(table, "md").splitlines()
    assert "| good | **50.000** |" in lines
    assert "| worse | 60.000 |" in lines
    # Far better than ours, and still not bold.
    assert "| StereoAnywhere [7] | 2.770 |" in lines
    assert "| DepthFocus, CVPR [13] | 1.560 |" in lines
    note = next(line for line in lines if line.startswith("- [13] published"))
    assert "Table 1: Booster" in note
    assert "of test-balanced-full, not of train-balanced-full" in note
    assert "weights unknown" in note
    assert "\\textbf{50.000}" in render(table, "latex")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('set = "booster"', 'set = "boster"', "did you mean booster"),
        ('protocol = "booster-board"', 'protocol = "booster-bord"', "did you mean booster-board"),
        ('protocol = "booster-board"', "", "both or neither"),
        ('columns = ["noocc/epe"', 'columns = ["nocc/epe"', "did you mean noocc/epe"),
        ('"noocc/bad_4" = 21.79', '"noocc/bad_4" = 121.79', "121.79 cannot be"),
        ('"noocc/bad_4" = 21.79', '"noocc/bad_44" = 21.79', "did you mean noocc/bad_4"),
        ('method = "CREStereo"', 'method = "RAFTStereo"', "a method twice"),
        ('weights = "zero-shot"', 'weights = "zero"', "did you mean zero-shot"),
        ('name = "depthfocus-1"', 'name = "depthfocus"', "calls itself"),
        ("[[rows]]", "[[rows", "not valid TOML"),
        ("source =", "origin =", "unknown key"),
    ],
)
def test_mistakes_in_a_file_are_named(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = (FOLDER / "depthfocus-1.toml").read_text()
    assert old in text
    path = tmp_path / "depthfocus-1.toml"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(DepthbenchError, match=told) as caught:
        read_published(path)
    assert "depthfocus" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_command_prints_all_of_them_and_asks_for_something_to_print(capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["table", "--published", "--format", "md"], standalone_mode=False)
    told = capsys.readouterr().out
    assert all(table.title in told for table in published_tables())
    with pytest.raises(Exception, match="name records"):
        cli.main(["table"], standalone_mode=False)


def test_odms_means_are_the_means_of_the_four_sets_as_far_as_they_are_told() -> None:
    for row in BY_NAME["odms-1"].rows:
        four = [row.values.get(f"{part}/percent_error") for part in ("robot", "driving", "normal", "perturb")]
        if None not in four:
            assert row.values["all/percent_error"] == pytest.approx(np.mean(four), abs=0.06)
