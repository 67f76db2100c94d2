# SPDX-License-Identifier: Apache-2.0
"""What Hugging Face would not take is told before anything is sent; the scripts go from nothing to a verified release."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from release_folders import focal_folder, layered_folder, released

from depthbench.cli import cli
from depthbench.errors import DepthbenchError
from depthbench.formats.json_file import read_json
from depthbench.release import upload
from depthbench.release.check import check_release
from depthbench.release.registry import read_registry

SCRIPTS = Path(__file__).parents[1] / "scripts"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = layered_folder(tmp_path_factory.mktemp("made") / "layered", scenes=4, views=2)
    out = tmp_path_factory.mktemp("release") / "glass"
    released(folder, out, "tar", "train=1", "12kB")
    return out


@pytest.fixture
def release(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "glass"))


def push(folder: Path, *given: str) -> Result:
    return CliRunner().invoke(
        cli, ["release-push", str(folder), "--repo", "example/glass", *given], catch_exceptions=False
    )


def test_everything_is_planned_once_shards_first(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "FILES_PER_COMMIT", 4)
    told = push(release, "--dry-run")
    assert told.exit_code == 0
    assert "not checked yet" in told.output
    plan = read_json(release / "upload.json")
    sent = [name for commit in plan["commits"] for name in commit]
    assert sorted(sent) == sorted([*read_registry(release), "registry.txt"])
    assert max(map(len, plan["commits"])) == 4
    assert max(sent.index(name) for name in sent if name.endswith(".tar")) < sent.index("README.md")
    assert plan["bytes"] == sum((release / name).stat().st_size for name in sent)
    check_release(release, 0)
    assert "not checked yet" not in push(release, "--dry-run").output
    assert check_release(release, 0).problems == [], "the plan is no foreign file"


def test_limits_are_told(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DepthbenchError, match="sends nothing"):
        push(release)
    with pytest.raises(DepthbenchError, match="user/name"):
        upload.plan_upload(release, "glass")
    inside = len(list((release / "train").iterdir()))
    assert inside > 12
    monkeypatch.setattr(upload, "MOST_ENTRIES", inside)
    with pytest.raises(DepthbenchError, match=f"train: {inside} entries"):
        push(release, "--dry-run")
    monkeypatch.setattr(upload, "MOST_ENTRIES", inside + 8)
    monkeypatch.setattr(upload, "MOST_FILE_BYTES", 10_000)
    with pytest.raises(DepthbenchError, match="smaller --shard-size"):
        push(release, "--dry-run")


def test_damaged_releases_are_not_planned(release: Path) -> None:
    shard = next(release.rglob("*.tar"))
    data = shard.read_bytes()
    shard.write_bytes(data[:-1] + b"x")
    check_release(release, 0)
    with pytest.raises(DepthbenchError, match="found something wrong"):
        push(release, "--dry-run")
    shard.unlink()
    with pytest.raises(DepthbenchError, match="missing"):
        push(release, "--dry-run")


def script(name: str, work: Path, *given: str, **environment: str) -> str:
    """Run a script with this very interpreter's depthbench."""
    surroundings = {**os.environ, "DEPTHBENCH": f"{sys.executable} -m depthbench", "SPLITS": "train=1", **environment}
    surroundings["PYTHONPATH"] = os.pathsep.join([str(SCRIPTS.parent), os.environ.get("PYTHONPATH", "")])
    told = subprocess.run(
        ["sh", str(SCRIPTS / f"release_{name}.sh"), str(work), *given],
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


def test_masks_from_nothing_to_a_verified_release(tmp_path: Path) -> None:
    told = script("odms", tmp_path / "odms", "--split", "val", "--n", "3", SPLITS="train=2,test=1", VERSION="2.1")
    assert "6 samples read, 2 computed anew: all is well" in told
    assert read_json(tmp_path / "odms" / "release" / "release.json")["version"] == "2.1"


def test_stacks_from_nothing_to_a_verified_release(tmp_path: Path) -> None:
    focal_folder(tmp_path / "other")
    source = tmp_path / "other-source"
    told = script(
        "focal",
        tmp_path / "focal",
        "--from",
        "nyu",
        "--root",
        str(source),
        "--planes",
        "2",
        "--workers",
        "1",
        CYCLES="1",
    )
    assert "6 samples read, 1 computed anew: all is well" in told


@pytest.mark.render
def test_pairs_from_nothing_to_a_verified_release(tmp_path: Path) -> None:
    """Rendered for real, one sample's scene built again."""
    layout = Path(__file__).with_name("layouts") / "small.py"
    given = f"--n 1 --scenes {layout}:build --resolution 48x32 --preset preview --samples 1 --device CPU"
    told = script("layered", tmp_path / "layered", *given.split(), CYCLES="1", FORMAT="hdf5")
    assert "1 samples read, 1 computed anew: all is well" in told
