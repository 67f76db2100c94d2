# SPDX-License-Identifier: Apache-2.0
"""A tiny synthetic set from Blender: its true depth through fusion to Acc and Comp, verified, continued, released."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from storage_tests import everything, in_folder, run
from test_release_check import rewritten, tars
from test_release_upload import script

from depthbench.cli import cli
from depthbench.release.check import check_release
from depthbench.release.seal import sealed

ARGUMENTS = [
    "--scans",
    "1",
    "--views",
    "3",
    "--lights",
    "1",
    "--resolution",
    "160x128",
    "--samples",
    "1",
    "--spacing",
    "1.0",
    "--device",
    "CPU",
]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "twin"
    done = CliRunner().invoke(cli, ["generate", "dtu-twin", "--out", str(folder), *ARGUMENTS])
    assert done.exit_code == 0, done.output
    return folder


@pytest.mark.render
def test_the_storage_gets_the_same_files(root: Path, storage: dict[str, str]) -> None:
    url = "s3://bench/twin"
    run("generate", "dtu-twin", "--out", url, *ARGUMENTS)
    assert everything(url) == in_folder(root)
    assert "4 of 4 (100.0%) views" in run("status", url)
    assert "1 of 1 scans are whole, 0 views and references made" in run(
        "generate", "dtu-twin", "--out", url, *ARGUMENTS
    )


@pytest.mark.render
def test_a_tiny_set_from_blender_to_acc_and_comp(root: Path, tmp_path: Path) -> None:
    from depthbench.formats.dtu_folder import DtuFolder
    from depthbench.formats.pfm import read_pfm, write_pfm

    raw, test = DtuFolder(root, "raw"), DtuFolder(root, "test")
    for layout in ("train", "cascade"):
        folder = DtuFolder(root, layout)  # type: ignore[arg-type]
        assert np.isfinite(folder.depth(1, 0)).mean() > 0.3
    assert DtuFolder(root, "train").lights(1) == [0]
    for view in range(3):
        write_pfm(tmp_path / "depths" / f"{view:08d}.pfm", read_pfm(raw.depth_path(1, view)))
        assert test.image(1, view).std() > 10
    cloud = tmp_path / "cloud.ply"
    fused = CliRunner().invoke(cli, ["fuse", str(root / "scan1"), "--depths", str(tmp_path / "depths"), "--views", "1", "--out", str(cloud)])  # fmt: skip
    assert fused.exit_code == 0, fused.output
    record = tmp_path / "record.json"
    scored = CliRunner().invoke(cli, ["score-cloud", "--pred", str(cloud), "--set", "dtu", "--root", str(root), "--scan", "1", "--out", str(record)])  # fmt: skip
    assert scored.exit_code == 0, scored.output
    values = json.loads(record.read_text())["scans"][0]["values"]
    # half a millimetre between reference points, and 1.7 mm between pixels
    assert values["acc"] < 0.6
    assert values["comp"] < 1.5
    assert values["acc_kept"] > 99
    verified = CliRunner().invoke(cli, ["verify", str(root)])
    assert verified.exit_code == 0, verified.output
    assert "3 views read: all is well" in verified.output
    assert CliRunner().invoke(cli, ["show", str(root), "--out", str(tmp_path / "sheet.png")]).exit_code == 0
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*") if path.suffix in (".png", ".jpg")}
    raw.depth_path(1, 2).unlink()
    again = CliRunner().invoke(cli, ["generate", "dtu-twin", "--out", str(root), *ARGUMENTS])
    assert again.exit_code == 0, again.output
    changed = [path.name for path, when in before.items() if path.stat().st_mtime_ns != when]
    assert sorted(changed) == ["00000002.jpg", *["depth_visual_0002.png"] * 2, "rect_003_0_r5000.png"]


@pytest.mark.render
def test_a_released_set_is_built_again_and_compared(root: Path, tmp_path: Path) -> None:
    """By its script, the views being there as after an interruption; then one pixel's depth and one reference point are moved, and all records with them."""
    work = tmp_path / "work"
    shutil.copytree(root, work / "made")
    told = script("dtu", work, *ARGUMENTS, CYCLES="0")
    assert "3 samples read, 0 computed anew: all is well" in told

    def move(samples: list[tuple[str, dict[str, Any]]]) -> None:
        for place, (name, parts) in enumerate(samples):
            if name == "scan0001-v02":
                depth = parts["npz"]["depth_mm"].copy()
                depth[100:103, 200:220] += 0.25
                samples[place] = name, sealed({**parts, "npz": {"depth_mm": depth}})
            if name == "scan0001-v00":
                points = parts["reference.npz"]["points_mm"].copy()
                points[::1000] += 0.01
                samples[place] = name, sealed({**parts, "reference.npz": {"points_mm": points}})

    rewritten(work / "release", tars(work / "release")[0], move)
    assert check_release(work / "release", 0).problems == []
    found = check_release(work / "release", None)
    assert found.recomputed == 3
    assert sorted(text.partition(" is not")[0] for text in found.problems) == [
        "scan0001-v00: the reference cloud",
        "scan0001-v02: depth",
    ]
