# SPDX-License-Identifier: Apache-2.0
"""``--out s3://...`` of what makes other files than one shard a unit, and of ``prepare``: the same bytes as in a folder."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import colmap_files
import driving_layouts
import dtu_layout
import numpy as np
import pytest
from storage_tests import everything, in_folder, run, same_in_both

from depthbench.errors import DepthbenchError


def test_dtu_with_a_scan_at_fault(storage: dict[str, str], tmp_path: Path) -> None:
    """The faulty scan has no shard and is tried again; mended, it alone is made; status counts scans."""
    dtu_layout.write_set(tmp_path / "dtu")
    depth = tmp_path / "dtu/Depths/scan2_train/depth_map_0001.pfm"
    depth.rename(tmp_path / "away")
    words = ["prepare", "dtu", "--root", tmp_path / "dtu", "--strict"]
    told = same_in_both(words, "s3://bench/dtu", tmp_path / "shards", code=1)
    assert "1 of 2 (50.0%) scans" in told
    (tmp_path / "away").rename(depth)
    assert "1 shards written, 1 were there" in run(*words, "--out", "s3://bench/dtu", "--workers", "2")
    assert "0 shards written, 2 were there" in run(*words, "--out", "s3://bench/dtu")
    run(*words, "--out", tmp_path / "shards")
    assert everything("s3://bench/dtu") == in_folder(tmp_path / "shards")
    assert "2 of 2 (100.0%) scans" in run("status", "s3://bench/dtu")


def test_driving_frames_grown_by_shares_with_a_fault_that_is_mended(storage: dict[str, str], tmp_path: Path) -> None:
    """problems.txt lies beside the shards while there are any, and goes."""
    root, url = driving_layouts.cityscapes(tmp_path / "set", 5), "s3://bench/dvps"
    spoilt = sorted(root.rglob("*_depth.png"))[1]
    driving_layouts.save(spoilt, np.zeros(driving_layouts.SIZE, np.uint8))
    words = ["prepare", "dvps", "--root", root, "--split", "val", "--per-shard", "2"]
    told = same_in_both([*words, "--limit", "3"], url, tmp_path / "out", code=1)
    assert "2 of 3 (66.7%) frames" in told
    assert b"of 16 bits" in everything(url)["problems.txt"]
    driving_layouts.cityscapes(tmp_path / "set", 5)
    for index in (1, 0):
        run(*words, "--out", url, "--num-shards", "2", "--shard-index", index, "--workers", "2")
    assert "0 frames made, 5 were there" in run(*words, "--out", url)
    run(*words, "--out", tmp_path / "out")
    assert everything(url) == in_folder(tmp_path / "out")


def test_photographs_with_cameras(storage: dict[str, str], tmp_path: Path) -> None:
    model = colmap_files.small_model()
    colmap_files.write_text(tmp_path / "sparse", model)
    rng = np.random.default_rng(0)
    for image in model.images.values():
        camera = model.cameras[image.camera_id]
        picture = rng.integers(0, 256, (camera.height, camera.width, 3)).astype(np.uint8)
        driving_layouts.save(tmp_path / "images" / image.name, picture)
    words = ["prepare", "mvs", "--from", "colmap", tmp_path, "--scale", "0.5"]
    assert "4 of 4 (100.0%) views" in same_in_both(words, "s3://bench/mvs", tmp_path / "out")
    kept = (tmp_path / "out/images/00000002.jpg").stat().st_mtime_ns
    (tmp_path / "out/images/00000001.jpg").unlink()
    run(*words, "--out", tmp_path / "out")
    assert (tmp_path / "out/images/00000002.jpg").stat().st_mtime_ns == kept
    assert everything("s3://bench/mvs") == in_folder(tmp_path / "out")
    for out in ("s3://bench/mvs", tmp_path / "out"):
        with pytest.raises(DepthbenchError, match=r"scale is 0\.5, asked 0\.25"):
            run(*words[:-1], "0.25", "--out", out)


@pytest.mark.parametrize("layout", ["folders-pfm", "folders-png"])
def test_stacks_as_plain_files(storage: dict[str, str], tmp_path: Path, layout: str) -> None:
    """A frame that cannot be read is left out; mended, it alone is made, beside what is brought back of its slice."""
    rng, root, url = np.random.default_rng(0), tmp_path / "rgbd", f"s3://bench/{layout}"
    for number in range(3):
        (depth := np.full((24, 36), 4000, np.uint16))[6:18, 8:20] = 1500
        driving_layouts.save(root / "rgb" / f"{number}.png", rng.integers(0, 256, (24, 36, 3)).astype(np.uint8))
        driving_layouts.save(root / "depth" / f"{number}.png", depth)
    good = (root / "depth/1.png").read_bytes()
    (root / "depth/1.png").write_bytes(good[:60])
    words = ["generate", "focal-stack", "--from", "folder", "--root", root, "--focus-m", "1,2,4", "--layout", layout]
    assert "2 of 3 (66.7%) stacks" in same_in_both(words, url, tmp_path / "out", code=1)
    (root / "depth/1.png").write_bytes(good)
    assert "1 stacks made, 3 are there" in run(*words, "--out", url)
    assert "3 of 3 (100.0%) stacks" in run("status", url)
    run(*words, "--out", tmp_path / "out")
    assert everything(url) == in_folder(tmp_path / "out")


def masks(out: object, n: int, *more: object) -> str:
    words = ("--part", "normal", "--observations", "2", "--layout", "folders")
    return run("generate", "odms", "--n", n, *words, "--out", out, *more)


def test_masks_as_plain_files_grow(storage: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("depthbench.generators.odms.mask_set.EXAMPLES_PER_SLICE", 8)
    url = "s3://bench/folders"
    masks(url, 11)
    for index in (1, 0):
        masks(url, 20, "--num-shards", 2, "--shard-index", index)
    assert "0 examples made" in masks(url, 20)
    masks(tmp_path / "set", 20)
    assert everything(url) == in_folder(tmp_path / "set")
    assert "20 of 20 (100.0%) examples" in run("status", url)


KILLED_BETWEEN_PUTS = """
import os, signal, sys
from depthbench.cli import cli
from depthbench.generators.odms import mask_set
from depthbench.generators.store import ObjectStore

put, mask_set.EXAMPLES_PER_SLICE = ObjectStore.put_all, 8

def torn(store, folder, names):
    unit = "000008" in str(names)
    put(store, folder, names[:5] if unit else names)
    if unit:
        os.kill(os.getpid(), signal.SIGKILL)

ObjectStore.put_all = torn
cli(sys.argv[1:])
"""
"""A run that is killed when five files of its second unit, whose examples are 8 to 15, are in the storage."""


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_kill_between_two_files_of_a_unit(
    storage: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, elsewhere: bool
) -> None:
    """What lies there without its sidecar does not count. On the same machine it is put anew, on another one made anew."""
    monkeypatch.setattr("depthbench.generators.odms.mask_set.EXAMPLES_PER_SLICE", 8)
    url = f"s3://bench/torn-{elsewhere}"
    words = ["generate", "odms", "--n", "16", "--part", "normal", "--observations", "2", "--layout", "folders", "--out"]
    done = subprocess.run([sys.executable, "-c", KILLED_BETWEEN_PUTS, *words, url], timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL
    assert sum(name.endswith(".png") for name in everything(url)) == 8 * 2 + 5
    if elsewhere:
        shutil.rmtree(tmp_path / "scratch")
        (tmp_path / "scratch").mkdir()
    assert f"{8 if elsewhere else 0} examples made" in run(*words, url)
    masks(tmp_path / "set", 16)
    assert everything(url) == in_folder(tmp_path / "set")
    assert "16 of 16 (100.0%) examples" in run("status", url)
