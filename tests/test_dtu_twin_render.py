# SPDX-License-Identifier: Apache-2.0
"""A tiny synthetic set from Blender: its true depth through fusion to Acc and Comp, verified, continued."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from depthbench.cli import cli


@pytest.mark.render
def test_a_tiny_set_from_blender_to_acc_and_comp(tmp_path: Path) -> None:
    root = tmp_path / "twin"
    command = ["generate", "dtu-twin", "--out", str(root), "--scans", "1", "--views", "3", "--lights", "1", "--resolution", "160x128", "--samples", "1", "--spacing", "1.0", "--device", "CPU"]  # fmt: skip
    done = CliRunner().invoke(cli, command)
    assert done.exit_code == 0, done.output
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
    again = CliRunner().invoke(cli, command)
    assert again.exit_code == 0, again.output
    changed = [path.name for path, when in before.items() if path.stat().st_mtime_ns != when]
    assert sorted(changed) == ["00000002.jpg", *["depth_visual_0002.png"] * 2, "rect_003_0_r5000.png"]
