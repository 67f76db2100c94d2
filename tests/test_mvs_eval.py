# SPDX-License-Identifier: Apache-2.0
"""Multi-view stereo through the harness: folders, files, clouds, scores, bad input."""

from __future__ import annotations

import json
import mmap
import sys
from pathlib import Path

import mvs_scene
import numpy as np
import pytest

from depthbench.benchmarks.cloud_picture import draw_cloud
from depthbench.benchmarks.metrics.mvs_depth import depth_errors, truth_at
from depthbench.benchmarks.mvs_files import MvsFiles
from depthbench.benchmarks.mvs_task import MvsTask
from depthbench.benchmarks.peak_memory import peak_bytes, start_peak
from depthbench.benchmarks.sets.opening import open_set
from depthbench.cli import main
from depthbench.errors import DepthbenchError
from depthbench.formats.image import read_rgb
from depthbench.formats.mvs_pairs import write_pairs
from depthbench.formats.pfm import read_pfm
from depthbench.formats.ply import read_ply
from depthbench.tasks import MvsPrediction


def depthbench(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """Run a command in this process, as a user types it; return the exit code."""
    monkeypatch.setattr(sys, "argv", ["depthbench", *words])
    with pytest.raises(SystemExit) as leave:
        main()
    return int(leave.value.code or 0)


def test_photographs_become_depth_a_cloud_and_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scene = mvs_scene.folder(tmp_path / "scene", width=112, height=84)
    out = tmp_path / "out"
    words = ("eval", "--model", "plane-sweep", "--set", str(scene), "--out", str(out))
    assert depthbench(monkeypatch, *words) == 0
    assert str(out / "predictions") in capsys.readouterr().err
    vertices = read_ply(out / "clouds" / "cloud.ply", ["vertex"])["vertex"]
    points = np.stack([vertices[name] for name in "xyz"], axis=1).astype(np.float64)
    assert len(points) > 0.2 * 5 * 112 * 84
    wall = np.abs(points @ mvs_scene.fusion_scene.NORMAL - mvs_scene.fusion_scene.OFFSET)
    ball = np.abs(np.linalg.norm(points - mvs_scene.fusion_scene.CENTRE, axis=1) - mvs_scene.fusion_scene.RADIUS)
    # 1 % of a depth of 7, which the fusion allows
    assert np.quantile(np.minimum(wall, ball), 0.75) < 0.07
    assert read_rgb(out / "clouds" / "cloud.png").std() > 10
    assert read_rgb(out / "pictures.png").std() > 10
    entry = json.loads((out / "predictions" / "times.jsonl").read_text().splitlines()[0])
    assert entry["peak_bytes"] > 1e6
    before = read_pfm(out / "predictions" / "00000000.pfm")
    assert depthbench(monkeypatch, *words) == 0
    np.testing.assert_array_equal(read_pfm(out / "predictions" / "00000000.pfm"), before)
    assert depthbench(monkeypatch, "score", "--predictions", str(out / "predictions"), "--set", str(scene)) == 2
    assert "no public truth" in capsys.readouterr().err


def test_a_missing_picture_is_named_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scene = mvs_scene.folder(tmp_path / "scene", count=4, width=32, height=24)
    write_pairs(scene / "pair.txt", {0: [(1, 1.0), (2, 1.0)], 1: [(2, 1.0), (0, 1.0)], 2: [(3, 1.0)], 3: []})
    (scene / "images" / "00000003.png").unlink()
    assert depthbench(monkeypatch, "eval", "--model", "plane-sweep", "--set", str(scene), "--out", str(tmp_path / "o")) == 1  # fmt: skip
    told = capsys.readouterr().err
    assert "failed: 00000002" in told
    assert "00000003.jpg" in told
    assert "pair.txt names that view" in told
    assert (tmp_path / "o" / "predictions" / "00000001.pfm").exists()


def test_bad_folders_are_told(tmp_path: Path) -> None:
    scene = mvs_scene.folder(tmp_path / "scene", count=3, width=16, height=12)
    write_pairs(scene / "pair.txt", {0: [(1, 1.0), (7, 1.0)]})
    with pytest.raises(DepthbenchError, match="names view 7, which is not there"):
        open_set(str(scene))
    camera = scene / "cams" / "00000001_cam.txt"
    camera.write_text("\n".join([*camera.read_text().splitlines()[:-1], "3 9"]))
    write_pairs(scene / "pair.txt", {0: [(1, 1.0)]})
    with pytest.raises(DepthbenchError, match=r"00000001_cam\.txt.*dialect"):
        open_set(str(scene)).sample("00000000")  # type: ignore[attr-defined]
    told = open_set(str(scene), options={"dialect": "patchmatchnet"})
    with pytest.raises(DepthbenchError, match=r"00000000_cam\.txt: 4 numbers"):
        told.sample("00000000")  # type: ignore[attr-defined]
    with pytest.raises(DepthbenchError, match="dialect=colmap"):
        open_set(str(scene), options={"dialect": "colmap"})


def test_maps_that_do_not_fit_are_refused() -> None:
    sample, _ = mvs_scene.sample(width=32, height=24)
    whole, half = np.ones((24, 32), np.float32), np.ones((12, 16), np.float32)
    task = MvsTask()
    task.check(MvsPrediction(half, half), sample)
    for bad, words in (
        (MvsPrediction(np.ones((24, 24), np.float32)), "cropped"),
        (MvsPrediction(whole, half), "confidence has the shape"),
        (MvsPrediction(whole, 2 * whole), "between 0 and 1"),
        (MvsPrediction(whole, np.full_like(whole, np.nan)), "between 0 and 1"),
    ):
        with pytest.raises(DepthbenchError, match=words):
            task.check(bad, sample)


def test_files_of_levels_lie_beside_the_final_map(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    depth, sure = rng.uniform(1, 2, (8, 12)).astype(np.float32), rng.random((8, 12)).astype(np.float32)
    depth[0, 0] = np.nan
    saved = MvsFiles(tmp_path)
    saved.write("scan1/00000003", MvsPrediction(depth, sure, ((depth[::2, ::2], sure[::2, ::2]),)))
    assert saved.has("scan1/00000003")
    saved.replace("scan1/00000003", 2 * depth, sure)
    np.testing.assert_array_equal(saved.read("scan1/00000003")[0], 2 * depth)
    np.testing.assert_array_equal(saved.read("scan1/00000003", 0)[0], depth)
    np.testing.assert_array_equal(saved.read("scan1/00000003", 1)[1], sure[::2, ::2])
    np.save(tmp_path / "scan1" / "00000005.npy", depth)
    np.testing.assert_array_equal(saved.read("scan1/00000005")[0], depth)
    assert saved.read("scan1/00000005")[1] is None
    with pytest.raises(DepthbenchError, match=r"00000004\.pfm: no prediction"):
        saved.read("scan1/00000004")


def test_errors_in_millimetres_and_in_intervals() -> None:
    truth = np.array([[500, 500, 500, np.nan, 500]], np.float32)
    found = np.array([[500.5, 503, np.nan, 400, 510]], np.float32)
    metrics = ("mean_mm", "within_1_mm", "within_4_mm", "mean_intervals", "within_1_intervals", "coverage", "acc")
    values = depth_errors(found, truth, 2.5, metrics)
    assert values == pytest.approx(
        {"pixels": 4, "estimated": 3, "mean_mm": 4.5, "within_1_mm": 25, "within_4_mm": 50}
        | {"mean_intervals": 1.8, "within_1_intervals": 25, "coverage": 75}
    )
    assert depth_errors(found, truth, 2.5, metrics, np.array([[1, 1, 0, 1, 0]], bool))["mean_mm"] == 1.75


def test_truth_is_read_where_the_smaller_map_looks() -> None:
    """Of a camera at the pictures' quarter by centres of pixels, pixel i stands for 4 i + 1.5; by the plain factor for 4 i."""
    truth = np.arange(24 * 32, dtype=np.float32).reshape(24, 32)
    k = np.array([[30.0, 0, 15.5], [0, 30, 11.5], [0, 0, 1]])
    centres = np.array([[7.5, 0, 3.5], [0, 7.5, 2.5], [0, 0, 1]])
    plain = np.array([[7.5, 0, 15.5 / 4], [0, 7.5, 11.5 / 4], [0, 0, 1]])
    np.testing.assert_array_equal(truth_at(truth, k, (6, 8), centres), truth[2::4, 2::4])
    np.testing.assert_array_equal(truth_at(truth, k, (6, 8), plain), truth[::4, ::4])
    far = k.copy()
    far[0, 2] += 4
    moved = truth_at(truth, k, (24, 32), far)
    assert np.isnan(moved[:, :4]).all()
    np.testing.assert_array_equal(moved[:, 4:], truth[:, :-4])


def test_the_nearest_point_is_on_top() -> None:
    k = np.array([[10.0, 0, 5], [0, 10, 5], [0, 0, 1]])
    points = np.array([[0, 0, 2], [0, 0, 1], [0, 0, -1], [0.4, 0, 2]], np.float32)
    colours = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [9, 9, 9]], np.uint8)
    drawn = draw_cloud(points, colours, k, np.eye(4), (11, 11), square=1)
    assert drawn[5, 5].tolist() == [0, 255, 0]
    assert drawn[5, 7].tolist() == [9, 9, 9]
    assert (drawn == 255).all(axis=2).sum() == 11 * 11 - 2


def test_peak_memory_is_that_since_the_start() -> None:
    start_peak()
    before = peak_bytes()
    # pages of the system, which no allocator keeps or has in store
    with mmap.mmap(-1, 60_000_000) as block:
        for place in range(0, len(block), 4096):
            block[place] = 1
        assert peak_bytes() - before > 50e6
    start_peak()
    assert peak_bytes() - before < 50e6
