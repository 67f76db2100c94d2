# SPDX-License-Identifier: Apache-2.0
"""DTU into shards: what was stored comes back, faults are named, a run continues, the same input gives the same bytes, items for training."""

from __future__ import annotations

import hashlib
import importlib.util
import pickle
from pathlib import Path

import dtu_layout
import numpy as np
import pytest
from click.testing import CliRunner

from depthbench.cli import cli
from depthbench.errors import DepthbenchError
from depthbench.formats.dtu_folder import LAYOUTS, DtuFolder, Layout
from depthbench.formats.mvs_shard import MvsShard
from depthbench.generators.mvs.dtu_shards import mvs_shards, prepare_dtu


@pytest.fixture(scope="module")
def dtu(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("dtu")
    dtu_layout.write_set(root)
    return root


def _prepare(*words: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["prepare", "dtu", *map(str, words)])
    if isinstance(done.exception, DepthbenchError):
        return 2, str(done.exception)
    return done.exit_code, done.output


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_was_stored_comes_back(dtu: Path, layout: Layout, tmp_path: Path) -> None:
    code, told = _prepare("--root", dtu, "--out", tmp_path, "--layout", layout, "--split", "train")
    assert code == 0, told
    (shard,) = mvs_shards(tmp_path)  # scan 2 is of the split, scan 3 is not
    folder = DtuFolder(dtu, layout)
    assert (shard.scan, shard.views) == (2, [0, 1, 2])
    assert shard.sources == {view: [source for source, _ in found] for view, found in folder.pairs(2).items()}
    for view in shard.views:
        camera, stored = folder.camera(2, view), shard.camera(view)
        assert np.array_equal(stored.intrinsics, camera.intrinsics)
        assert np.array_equal(stored.world_to_cam, camera.world_to_cam)
        assert (stored.depth_min, stored.depth_max, stored.planes) == (425.0, camera.depth_max, 192)
        assert shard.pictures[view] == folder.lights(2)
        for light in shard.pictures[view]:
            assert np.array_equal(shard.image(view, light), folder.image(2, view, light))
        if folder.has_depth:
            depth, matrix = shard.depth(view)
            assert np.array_equal(depth, folder.depth(2, view), equal_nan=True)
            assert np.array_equal(matrix, folder.depth_camera(2, view).intrinsics)
        else:
            with pytest.raises(DepthbenchError, match="no depth map"):
                shard.depth(view)


def test_shares_and_worker_processes_make_the_same_shards(dtu: Path, tmp_path: Path) -> None:
    """Scans 2 and 3 at once, and each as a share of its own, by two worker processes."""
    assert _prepare("--root", dtu, "--out", tmp_path / "whole", "--scan", "2", "--scan", "3")[0] == 0
    for share in ("0", "1"):
        more = ("--num-shards", "2", "--shard-index", share, "--workers", "2")
        assert _prepare("--root", dtu, "--out", tmp_path / "parts", "--scan", "2", "--scan", "3", *more)[0] == 0
    whole, parts = (
        {path.name: path.read_bytes() for path in (tmp_path / out / "shards").iterdir()} for out in ("whole", "parts")
    )
    assert len(whole) == 2
    assert parts == whole


def test_the_same_input_gives_the_same_bytes(dtu: Path, tmp_path: Path) -> None:
    digests = set()
    for name in "ab":
        prepare_dtu(DtuFolder(dtu), [2], tmp_path / name)
        digests.add(hashlib.sha256((tmp_path / name / "shards" / "scan0002.h5").read_bytes()).hexdigest())
    assert len(digests) == 1


def test_every_fault_is_named_and_left_out(tmp_path: Path) -> None:
    dtu_layout.write_set(tmp_path)
    (tmp_path / "Rectified/scan2_train/rect_001_1_r5000.png").write_bytes(b"no picture")
    (tmp_path / "Depths/scan2_train/depth_map_0001.pfm").unlink()
    code, told = _prepare("--root", tmp_path, "--out", tmp_path / "out")
    assert code == 1
    assert "rect_001_1_r5000.png: not a readable image" in told
    assert "depth_map_0001.pfm: cannot be read" in told
    first, second = mvs_shards(tmp_path / "out")
    assert first.pictures == {0: [0], 2: [0, 1]}
    assert first.sources == {0: [2], 2: [0]}
    assert second.pictures == {0: [0, 1], 1: [0, 1], 2: [0, 1]}
    code, told = _prepare("--root", tmp_path, "--out", tmp_path / "strict", "--strict")
    assert code == 1
    assert [shard.scan for shard in mvs_shards(tmp_path / "strict")] == [3]


def test_a_run_continues_where_it_stopped(tmp_path: Path) -> None:
    dtu_layout.write_set(tmp_path)
    out = tmp_path / "out"
    assert "1 shards written, 0 were there" in _prepare("--root", tmp_path, "--out", out, "--scan", "3")[1]
    (out / "shards" / ".tmp-dead-scan0002.h5").write_bytes(b"left by a killed run")
    assert "1 shards written, 1 were there" in _prepare("--root", tmp_path, "--out", out)[1]
    assert sorted(path.name for path in (out / "shards").iterdir()) == ["scan0002.h5", "scan0003.h5"]
    code, told = _prepare("--root", tmp_path, "--out", out, "--layout", "raw")
    assert code == 2
    assert "layout is train, asked raw" in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--scan", "9"], "has not scan 9"),
        (["--split", "test"], "has not any scan of test"),
        (["--split", "train", "--strict"], "lacks scans 6, 7"),
        (["--layout", "test", "--root", "nowhere"], "nowhere: no such folder"),
        (["--layout", "test", "--root", "."], "not the layout 'test'"),
    ],
)
def test_what_is_not_there_is_told(dtu: Path, words: list[str], told: str, tmp_path: Path) -> None:
    code, output = _prepare("--root", dtu, "--out", tmp_path, *words)
    assert code == 2
    assert told in output


def test_damaged_shards_are_named(dtu: Path, tmp_path: Path) -> None:
    prepare_dtu(DtuFolder(dtu), [2], tmp_path)
    path = tmp_path / "shards" / "scan0002.h5"
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(DepthbenchError, match=r"scan0002.h5: not a readable shard of views .* prepare dtu"):
        MvsShard(path)


def test_shards_are_shown_and_verified(dtu: Path, tmp_path: Path) -> None:
    prepare_dtu(DtuFolder(dtu, "cascade"), [2, 3], tmp_path)
    shown = CliRunner().invoke(cli, ["show", str(tmp_path), "--id", "scan3"])
    assert shown.exit_code == 0, shown.output
    assert (tmp_path / "contact_sheet.png").stat().st_size > 1000
    assert "did you mean scan" in str(CliRunner().invoke(cli, ["show", str(tmp_path), "--id", "scan4"]).exception)
    assert "6 views read: all is well" in CliRunner().invoke(cli, ["verify", str(tmp_path)]).output
    path = tmp_path / "shards" / "scan0002.h5"
    data = bytearray(path.read_bytes())
    place = data.index(b"IDAT") + 10
    data[place] ^= 0xFF
    path.write_bytes(data)
    done = CliRunner().invoke(cli, ["verify", str(tmp_path)])
    assert done.exit_code == 1
    assert "scan0002.h5" in done.output


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed")
def test_items_for_training(dtu: Path, tmp_path: Path) -> None:
    from depthbench.generators.mvs.dataset import MvsViews

    prepare_dtu(DtuFolder(dtu), [2, 3], tmp_path)
    views = pickle.loads(pickle.dumps(MvsViews(tmp_path, views=3)))
    assert len(views) == 2 * 3 * 2
    assert len(MvsViews(tmp_path, views=2, scans=[3], lights=[1])) == 3
    item = views[views.names.index("scan0003-l1-000002")]
    assert item["view_ids"].tolist() == [2, 1, 0]
    folder = DtuFolder(dtu)
    assert np.array_equal(np.rint(255 * item["images"][1].numpy()).transpose(1, 2, 0), folder.image(3, 1, 1))
    # a point of the reference's depth map lies where the source sees it, by its K times 4
    y, x = 10, 25
    depth = float(item["depth"][y, x])
    matrix, poses = item["intrinsics"].numpy(), item["world_to_cam"].numpy()
    point = np.linalg.inv(poses[0]) @ np.append(np.linalg.inv(matrix[0]) @ [4 * x, 4 * y, 1] * depth, 1)
    seen = matrix[1] @ (poses[1] @ point)[:3]
    u, v = (seen[:2] / seen[2] / 4).round().astype(int)
    assert abs(folder.depth(3, 1)[v, u] - seen[2]) < 3
    assert item["valid"].numpy().mean() > 0.9
    with pytest.raises(DepthbenchError, match="no reference has 5 sources"):
        MvsViews(tmp_path, views=6)
