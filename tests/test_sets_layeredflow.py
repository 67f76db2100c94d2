# SPDX-License-Identifier: Apache-2.0
"""LayeredFlow: points that come back where they were put, the official subsets and averages, pickles that run nothing."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
import stereo_layouts as layouts

from depthbench.benchmarks.aggregate import aggregate
from depthbench.benchmarks.evaluate import score_only
from depthbench.benchmarks.protocol import load_protocol
from depthbench.benchmarks.score import score_folder
from depthbench.benchmarks.scoring import score_prediction
from depthbench.benchmarks.sets import set_problems
from depthbench.benchmarks.sets.opening import open_set
from depthbench.errors import DepthbenchError
from depthbench.formats.disparity_files import write_disparity
from depthbench.formats.image import read_rgb
from depthbench.formats.plain_pickle import read_plain_pickle

# numbers, (x, y) in the left picture of 384x256, disparity, height difference, valid, material, layer
GLASS_AND_WALL: list[layouts.Annotated] = [
    ((0, 0), (101.0, 50.5), 40.0, 0.0, True, "Transparent", 0),
    ((0, 1), (103.0, 49.0), 24.0, 1.5, True, "Diffuse", 1),
    ((1, 0), (200.0, 90.0), 32.0, -0.5, True, "Diffuse", 0),
    ((2, 0), (383.9, 255.9), 16.0, 0.0, True, "Reflective", 0),
    ((3, 0), (300.0, 90.0), 99.0, 0.0, False, "Diffuse", 0),  # annotated as wrong
    ((4, 0), (310.0, 90.0), 99.0, 2.5, True, "Diffuse", 0),  # too far apart in height
    ((5, 0), (384.5, 90.0), 99.0, 0.0, True, "Diffuse", 0),  # outside
    ((6, 0), (-0.5, 90.0), 99.0, 0.0, True, "Diffuse", 0),  # outside; int() would put it into column 0
    ((7, 0), (60.0, 60.0), 20.0, 0.0, True, "Transparent", 0),
    ((7, 1), (61.0, 61.0), 18.0, 0.0, True, "Transparent", 1),
    ((7, 2), (62.0, 60.0), 12.0, 0.0, True, "Reflective", 2),
]
PLAIN: list[layouts.Annotated] = [((0, 0), (8.0, 12.0), 16.0, 0.0, True, "Diffuse", 0)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return layouts.layeredflow(tmp_path / "set", {"kitchen": GLASS_AND_WALL, "lab": PLAIN})


def test_points_and_pictures_come_back(root: Path) -> None:
    opened = open_set("layeredflow", root)
    assert opened.ids() == ["kitchen/0", "kitchen/3", "lab/0", "lab/3"]
    assert opened.pair("lab/3").left.shape == (64, 96, 3)
    full = open_set("layeredflow", root, {"scale": 1})
    np.testing.assert_array_equal(full.pair("lab/3").right, read_rgb(root / "val/lab/3_1.png"))
    truth = opened.truth("kitchen/0")
    assert truth.shape == (64, 96)
    places = list(zip(truth.points.columns, truth.points.rows, truth.disp_px[0], strict=True))
    assert places == [(25, 12, 10), (25, 12, 6), (50, 22, 8), (95, 63, 4), (15, 15, 5), (15, 15, 4.5), (15, 15, 3)]
    np.testing.assert_allclose(opened.truth("kitchen/3").disp_px, truth.disp_px + 2)
    np.testing.assert_allclose(full.truth("kitchen/0").disp_px, truth.disp_px * 4)
    assert any("1/4" in note for note in full.notes)


def test_subsets_are_the_official_ones(root: Path) -> None:
    masks = open_set("layeredflow", root).truth("kitchen/0").masks
    chosen = {name: np.flatnonzero(mask[0]).tolist() for name, mask in masks.items()}
    assert chosen == {
        "first": [0, 2, 3, 4],
        "first-diffuse": [2],
        "first-transparent": [0, 4],
        "first-reflective": [3],
        "second": [1, 5],
        "third": [6],
        "last": [1, 2, 3, 6],
        "last-diffuse": [1, 2],
        "last-reflective": [3, 6],
        "last-behind": [1, 6],
    }


def test_bad_points_are_pooled_and_errors_averaged_by_pair(root: Path, tmp_path: Path) -> None:
    """Everywhere 8 px: first-layer errors at time 0 are 2 0 4 3 | 4, at time 3 (2 px more) 4 2 2 1 | 2."""
    opened, protocol = open_set("layeredflow", root), load_protocol("layeredflow")
    for sample_id in opened.ids():
        write_disparity(tmp_path / "p" / f"{sample_id}.pfm", np.full((64, 96), 8, dtype=np.float32))
    means = aggregate(protocol, score_folder(protocol, opened, opened.ids(), tmp_path / "p"))["first"]
    assert means["epe"]["mean"] == pytest.approx((9 / 4 + 9 / 4 + 4 + 2) / 4)
    assert means["bad_1"]["mean"] == pytest.approx(100 * 8 / 10)  # 0 and 1 are not above 1
    assert means["bad_3"]["mean"] == pytest.approx(100 * 3 / 10)
    third = aggregate(protocol, score_folder(protocol, opened, opened.ids(), tmp_path / "p"))["third"]
    assert (third["epe"]["samples"], third["epe"]["empty"]) == (2, 2)


def test_holes_sizes_and_protocols_that_need_maps(root: Path) -> None:
    truth = open_set("layeredflow", root).truth("kitchen/0")
    predicted = np.full((64, 96), 8, dtype=np.float32)
    predicted[12, 25] = np.nan
    got = score_prediction(load_protocol("layeredflow"), truth, predicted)
    assert got["first"]["estimated"] == 3
    assert got["first"]["coverage"] == 75
    with pytest.raises(DepthbenchError, match=r"384x256.*96x64"):
        score_prediction(load_protocol("layeredflow"), truth, np.zeros((256, 384), dtype=np.float32))
    with pytest.raises(DepthbenchError, match="needs a map of truth"):
        score_prediction(load_protocol("kitti-d1"), truth, predicted)


def test_score_writes_record_and_pictures(root: Path, tmp_path: Path) -> None:
    opened, protocol = open_set("layeredflow", root), load_protocol("layeredflow")
    for sample_id in opened.ids():
        write_disparity(tmp_path / "p" / f"{sample_id}.pfm", np.full((64, 96), 8, dtype=np.float32))
    outcome = score_only(tmp_path / "p", opened, protocol, tmp_path / "out")
    assert not outcome.failed
    picture = read_rgb(outcome.path.with_name("pictures.png"))
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 100


def test_each_missing_or_damaged_file_is_named(root: Path) -> None:
    assert set_problems("layeredflow", root) == []
    opened = open_set("layeredflow", root)
    for path in opened.files("lab/0"):
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(DepthbenchError, match=path.name):  # noqa: PT012
            opened.pair("lab/0")
            opened.truth("lab/0")
        path.unlink()
        assert f"lab/{path.name}" in set_problems("layeredflow", root)[0]
        with pytest.raises(DepthbenchError, match=path.name):  # noqa: PT012
            opened.pair("lab/0")
            opened.truth("lab/0")
        path.write_bytes(whole)


@pytest.mark.parametrize(
    "truth", [[], {}, {"stereo_points": [[], []], "annotations": {}}, {"stereo_points": 3, "annotations": 4}]
)
def test_a_pickle_of_something_else_is_refused(root: Path, truth: object) -> None:
    path = root / "val/kitchen/gt.pickle"
    path.write_bytes(pickle.dumps(truth))
    with pytest.raises(DepthbenchError, match="not a truth of LayeredFlow"):
        open_set("layeredflow", root).truth("kitchen/3")


def test_an_unknown_material_is_named(root: Path) -> None:
    layouts.layeredflow(root, {"lab": [((0, 0), (8.0, 12.0), 16.0, 0.0, True, "Velvet", 0)]})
    with pytest.raises(DepthbenchError, match="Velvet"):
        open_set("layeredflow", root).truth("lab/0")


class Malice:
    """Unpickling it would make a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        import os

        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_of_plain_data_are_read_and_others_run_nothing(tmp_path: Path, protocol: int) -> None:
    plain = {"a": [1, 2.5, "x", None, True, (3,)], "b": np.arange(6.0).reshape(2, 3), "c": np.float32(1.5)}
    path = tmp_path / "x.pickle"
    path.write_bytes(pickle.dumps(plain, protocol))
    back = read_plain_pickle(path)
    assert back["a"] == plain["a"]
    np.testing.assert_array_equal(back["b"], plain["b"])
    assert back["c"] == 1.5
    path.write_bytes(pickle.dumps([1, Malice(tmp_path / "made")], protocol))
    with pytest.raises(DepthbenchError, match=r"asks for .*mkdir"):
        read_plain_pickle(path)
    assert not (tmp_path / "made").exists()
