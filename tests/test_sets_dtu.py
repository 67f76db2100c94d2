# SPDX-License-Identifier: Apache-2.0
"""DTU's layout through the harness: exact depth scores nothing wrong, shifted depth what it is shifted by; absent parts are told."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import mvs_dtu
import numpy as np
import pytest

from depthbench.benchmarks.evaluate import score_only
from depthbench.benchmarks.protocol import load_protocol
from depthbench.benchmarks.sets.opening import open_set
from depthbench.benchmarks.tables import comparison_tables, record_table, render
from depthbench.cli import main
from depthbench.errors import DepthbenchError
from depthbench.formats.image import read_rgb
from depthbench.formats.pfm import write_pfm


def predictions(folder: Path, shift_mm: float = 0.0, step: int = 1) -> Path:
    """Exact depth of every view, moved; of every ``step``-th pixel's middle."""
    for number, (_, depth) in enumerate(mvs_dtu.views(64, 48)):
        part = depth if step == 1 else depth[1::step, 1::step]
        write_pfm(folder / "scan1" / f"{number:08d}.pfm", part + np.float32(shift_mm))
        sure = np.ones(part.shape, np.float32)
        sure[:4] = 0.5
        write_pfm(folder / "scan1" / "confidence" / f"{number:08d}.pfm", sure)
    return folder


def test_exact_depth_has_no_error_and_its_cloud_is_the_reference(tmp_path: Path) -> None:
    opened = open_set(str(mvs_dtu.write_scan(tmp_path / "dtu")))
    assert opened.name == "dtu"
    protocol = load_protocol("dtu")
    outcome = score_only(predictions(tmp_path / "exact"), opened, protocol, tmp_path / "out")
    assert not outcome.failed
    told = {region: {key: cell["mean"] for key, cell in cells.items()} for region, cells in outcome.record["aggregate"].items()}  # fmt: skip
    assert told["all"]["mean_mm"] < 1e-3
    assert told["all"]["within_1_mm"] == told["all"]["coverage"] == 100
    assert told["all"]["acc"] is None
    # depths that other views give by interpolation are not exact, hence not 0
    assert told["cloud"]["acc"] < 0.7
    assert told["cloud"]["f_score"] > 70
    assert told["cloud"]["mean_mm"] is None
    [cloud] = [sample for sample in outcome.record["samples"] if sample["group"] == "cloud"]
    assert cloud["id"] == "scan1, cloud"
    assert (tmp_path / "out" / "dtu" / "clouds" / "scan1.ply").exists()
    assert read_rgb(tmp_path / "out" / "dtu" / "pictures.png").std() > 10
    table = render(record_table(outcome.record), "md")
    assert "Acc mm" in table
    assert "- 4 samples\n" in table
    assert "<1 mm %" in table
    assert "Overall mm" in render(comparison_tables([outcome.record])[0], "md")


def test_depth_that_is_three_millimetres_off(tmp_path: Path) -> None:
    opened = open_set("dtu", mvs_dtu.write_scan(tmp_path / "dtu"), {"scans": "1"})
    outcome = score_only(predictions(tmp_path / "off", 3.0), opened, load_protocol("dtu"), tmp_path / "out")
    view = outcome.record["aggregate"]["all"]
    assert view["mean_mm"]["mean"] == pytest.approx(3, abs=1e-3)
    assert view["mean_intervals"]["mean"] == pytest.approx(3 * 47 / 600, abs=1e-3)
    assert view["within_2_mm"]["mean"] == 0
    assert view["within_4_mm"]["mean"] == view["within_1_intervals"]["mean"] == 100
    counts = outcome.record["samples"][0]["values"]
    assert counts["sure"]["pixels"] == counts["all"]["pixels"] - 4 * 64


def test_smaller_maps_are_scored_at_their_own_pixels(tmp_path: Path) -> None:
    """Pixel i of a map of a third of the size stands for pixel 3 i + 1 of the picture."""
    opened = open_set("dtu", mvs_dtu.write_scan(tmp_path / "dtu", width=63, height=48))
    for number, (_, depth) in enumerate(mvs_dtu.views(63, 48)):
        write_pfm(tmp_path / "third" / "scan1" / f"{number:08d}.pfm", depth[1::3, 1::3])
    outcome = score_only(tmp_path / "third", opened, load_protocol("dtu"), tmp_path / "out")
    assert outcome.record["aggregate"]["all"]["mean_mm"]["mean"] < 1e-3
    assert outcome.record["samples"][0]["values"]["all"]["pixels"] == 21 * 16
    assert "sure" not in outcome.record["aggregate"]


def test_a_cloud_in_metres_and_an_empty_one_are_named(tmp_path: Path) -> None:
    opened = open_set("dtu", mvs_dtu.write_scan(tmp_path / "dtu"))
    metres = tmp_path / "metres"
    for number, (_, depth) in enumerate(mvs_dtu.views(64, 48)):
        write_pfm(metres / "scan1" / f"{number:08d}.pfm", depth / 1000)
    outcome = score_only(metres, opened, load_protocol("dtu"), tmp_path / "out")
    [failed] = outcome.failed
    assert failed.id == "scan1, cloud"
    assert "are the depths in the cameras' unit" in failed.reason
    assert outcome.record["aggregate"]["all"]["mean_mm"]["mean"] > 400


def test_parts_that_are_absent_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    root = mvs_dtu.write_scan(tmp_path / "dtu", scan=2)
    with pytest.raises(DepthbenchError, match=r"MVSNet's authors.*generate dtu-twin"):
        open_set("dtu", root)
    with pytest.raises(DepthbenchError, match="scan7"):
        open_set("dtu", root, {"scans": "2,7"})
    with pytest.raises(DepthbenchError, match="as in 1,4,9-12"):
        open_set("dtu", root, {"scans": "two"})
    with pytest.raises(DepthbenchError, match="split=tst"):
        open_set("dtu", root, {"split": "tst"})
    shutil.rmtree(root / "Points")
    opened = open_set("dtu", root, {"split": "all"})
    assert "clouds are made and not scored" in opened.notes[1]
    assert not opened.blind  # type: ignore[attr-defined]
    shutil.rmtree(root / "Depths_raw")
    (root / "config.json").write_text("{}")
    twin = open_set(str(root))
    assert twin.name == "dtu-twin"
    assert twin.blind  # type: ignore[attr-defined]
    monkeypatch.setattr(sys, "argv", ["depthbench", "eval", "--model", "plane-sweep", "--set", "dtu", "--root", str(tmp_path / "no")])  # fmt: skip
    with pytest.raises(SystemExit):
        main()
    assert "roboimagedata.compute.dtu.dk" in capsys.readouterr().err


def test_eval_of_some_views_fuses_those(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    root = mvs_dtu.write_scan(tmp_path / "dtu", count=5)
    words = ["eval", "--model", "plane-sweep", "--set", "dtu", "--root", str(root), "--limit", "4", "--out", str(tmp_path / "o"), "--format", "json"]  # fmt: skip
    monkeypatch.setattr(sys, "argv", ["depthbench", *words])
    with pytest.raises(SystemExit) as leave:
        main()
    assert leave.value.code in (0, None)
    rows = {row["region"]: row for row in json.loads(capsys.readouterr().out)["rows"]}
    assert rows["all"]["<8 mm [%]"] > 30
    assert rows["cloud"]["Overall [mm]"] < 15
    record = json.loads((tmp_path / "o" / "dtu" / "record.json").read_text())
    assert len(record["samples"]) == 5
    assert record["run"]["peak_bytes_max"] > 1e6
