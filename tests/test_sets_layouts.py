# SPDX-License-Identifier: Apache-2.0
"""Every set in its true layout: what is read equals what was put there, and each missing or damaged file is named."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import stereo_layouts as layouts
from PIL import Image

from depthbench.benchmarks.sets import GENERATED, PARTS, SETS, default_root
from depthbench.benchmarks.sets.evaluation_set import manifest_sha256
from depthbench.benchmarks.sets.opening import open_set
from depthbench.benchmarks.sets.stereo_set import StereoSet
from depthbench.errors import DepthbenchError
from depthbench.formats.calib import read_calib
from depthbench.formats.image import read_rgb, write_png
from depthbench.formats.pfm import read_pfm, write_pfm

MAKERS: dict[str, Callable[[Path], Path]] = {
    "layered": layouts.layered,
    "middlebury-v3": layouts.middlebury,
    "kitti-2015": layouts.kitti,
    "sceneflow": layouts.sceneflow,
    "eth3d": layouts.eth3d,
    "booster": layouts.booster,
}
"""LayeredFlow's truth is of points, see test_sets_layeredflow."""


def read_both(opened: StereoSet, sample_id: str) -> None:
    opened.pair(sample_id)
    opened.truth(sample_id)


@pytest.mark.parametrize("name", MAKERS)
def test_pair_and_truth_are_those_of_the_scene(tmp_path: Path, name: str) -> None:
    """The first sample of each layout is record(0), or record(1) of the shards: images, truth and occlusion come back."""
    opened = open_set(name, MAKERS[name](tmp_path))
    sample_id = opened.ids()[0]
    made = layouts.record(1 if name == "layered" else 0)
    pair, truth = opened.pair(sample_id), opened.truth(sample_id)
    assert pair.disp_px is None
    assert pair.layers is None
    if name == "eth3d":
        assert (pair.left[..., 0] == pair.left[..., 2]).all()
    else:
        np.testing.assert_array_equal(pair.left, made.left.image)
        np.testing.assert_array_equal(pair.right, made.right.image)
    known = np.isfinite(truth.disp_px)
    assert known.any()
    tolerance = 1 / 256 if name == "kitti-2015" else 1e-4
    np.testing.assert_allclose(truth.disp_px[known], made.left.layers.first()[known], atol=tolerance)
    if truth.nocc is not None:
        np.testing.assert_array_equal(truth.nocc[known], layouts.nocc_of(made)[known])
    assert not np.isinf(truth.disp_px).any()


@pytest.mark.parametrize("name", MAKERS)
def test_ids_are_sorted_and_every_listed_file_is_there(tmp_path: Path, name: str) -> None:
    opened = open_set(name, MAKERS[name](tmp_path))
    assert opened.ids() == sorted(opened.ids())
    assert len(opened.ids()) >= 2
    for sample_id in opened.ids():
        assert all(path.is_file() for path in opened.files(sample_id))


@pytest.mark.parametrize("name", [name for name in MAKERS if name != "layered"])
def test_each_missing_file_is_named_and_its_sample_still_listed(tmp_path: Path, name: str) -> None:
    """Take away one file after the other: reading says which one is missing, and the set still knows the sample."""
    root = MAKERS[name](tmp_path / "set")
    sample_id = open_set(name, root).ids()[1]
    for path in open_set(name, root).files(sample_id):
        aside = tmp_path / "aside"
        shutil.move(path, aside)
        opened = open_set(name, root)
        assert sample_id in opened.ids()
        with pytest.raises(DepthbenchError) as caught:
            read_both(opened, sample_id)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)
        shutil.move(aside, path)
    opened.pair(sample_id)
    opened.truth(sample_id)


@pytest.mark.parametrize("name", [name for name in MAKERS if name != "layered"])
def test_each_truncated_file_is_named(tmp_path: Path, name: str) -> None:
    root = MAKERS[name](tmp_path)
    opened = open_set(name, root)
    sample_id = opened.ids()[0]
    for path in opened.files(sample_id):
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(DepthbenchError) as caught:
            read_both(opened, sample_id)
        assert str(path) in str(caught.value)
        path.write_bytes(whole)


def test_files_of_different_sizes_are_named_with_both(tmp_path: Path) -> None:
    opened = open_set("middlebury-v3", layouts.middlebury(tmp_path))
    place = tmp_path / "trainingQ" / "Teddy"
    right = read_rgb(place / "im1.png")
    write_png(place / "im1.png", right[:, 1:])
    with pytest.raises(DepthbenchError, match=r"im1\.png: .*95x64.*im0\.png is 96x64"):
        opened.pair("Teddy")
    write_png(place / "mask0nocc.png", np.zeros((64, 95), dtype=np.uint8))
    with pytest.raises(DepthbenchError, match=r"mask0nocc\.png: .*95x64.*disp0GT\.pfm is 96x64"):
        opened.truth("Teddy")


def test_a_damaged_shard_is_one_failure_and_the_rest_is_there(tmp_path: Path) -> None:
    shard = sorted((layouts.layered(tmp_path) / "shards").glob("*.h5"))[1]
    shard.write_bytes(shard.read_bytes()[:500])
    opened = open_set(str(tmp_path))
    assert len(opened.ids()) == 3
    bad = opened.ids()[1]
    with pytest.raises(DepthbenchError, match=shard.name):
        opened.pair(bad)
    opened.truth(opened.ids()[2])


def test_manifest_follows_ids_sizes_and_contents(tmp_path: Path) -> None:
    root = layouts.middlebury(tmp_path)
    before = manifest_sha256(open_set("middlebury-v3", root))
    assert manifest_sha256(open_set("middlebury-v3", root)) == before
    path = root / "trainingQ" / "Teddy" / "disp0GT.pfm"
    truth = read_pfm(path)
    truth[-1, -1] += 1
    write_pfm(path, truth)
    changed = manifest_sha256(open_set("middlebury-v3", root))
    assert changed != before
    path.unlink()
    assert manifest_sha256(open_set("middlebury-v3", root)) not in (before, changed)
    shutil.rmtree(path.parent)
    assert manifest_sha256(open_set("middlebury-v3", root)) not in (before, changed)


def test_middlebury_sizes_and_truth_of_another_size(tmp_path: Path) -> None:
    """Images at Q, truth at F: the search range is carried to the truth's pixels; two sizes need a choice."""
    layouts.middlebury(tmp_path, ("Teddy",), "Q")
    big = tmp_path / "trainingF" / "Teddy"
    shutil.copytree(tmp_path / "trainingQ" / "Teddy", big)
    write_pfm(big / "disp0GT.pfm", 4 * read_pfm(big / "disp0GT.pfm").repeat(4, 0).repeat(4, 1))
    mask = np.asarray(Image.open(big / "mask0nocc.png")).repeat(4, 0).repeat(4, 1)
    write_png(big / "mask0nocc.png", mask)
    with pytest.raises(DepthbenchError, match="--set-option images="):
        open_set("middlebury-v3", tmp_path)
    opened = open_set("middlebury-v3", tmp_path, {"images": "Q", "truth": "F"})
    assert opened.label == "Q-truth-F"
    assert opened.pair("Teddy").max_disp_px == 24
    truth = opened.truth("Teddy")
    assert truth.disp_px.shape == (256, 384)
    assert truth.max_disp_px == 96
    assert not any("not comparable" in note for note in opened.notes)
    same = open_set("middlebury-v3", tmp_path / "trainingQ")
    assert same.label == "Q"
    assert any("not comparable" in note for note in same.notes)
    assert any("1 of the 15" in note for note in same.notes)


def test_calib_with_odd_spacing(tmp_path: Path) -> None:
    layouts.middlebury(tmp_path, ("Teddy",))
    calib = read_calib(tmp_path / "trainingQ" / "Teddy" / "calib.txt")
    assert calib.rig.intrinsics.fx == 86.4
    assert calib.rig.intrinsics.cy == 31.5
    assert calib.rig.baseline_m == pytest.approx(0.193001)
    assert calib.rig.doffs == 1.5
    assert calib.ndisp == 24
    assert calib.integer_truth is False


def test_kitti_without_object_map_and_non_occluded_truth_says_so(tmp_path: Path) -> None:
    opened = open_set("kitti-2015", layouts.kitti(tmp_path, extras=False))
    truth = opened.truth("000000_10")
    assert truth.nocc is None
    assert truth.masks == {}
    assert len(opened.notes) == 2


@pytest.mark.parametrize("name", [name for name in SETS if name not in GENERATED])
def test_absent_data_is_one_line_that_says_where_to_get_it(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEPTHBENCH_DATA", str(tmp_path / "nowhere"))
    folder = tmp_path / "nowhere" / PARTS.get(name, name)
    assert default_root(name) == folder
    with pytest.raises(DepthbenchError, match="--root") as caught:
        open_set(name)
    told = str(caught.value)
    assert str(folder) in told
    assert re.search(r"unpack|so that <root>", told)
    assert "\n" not in told
    (tmp_path / "empty").mkdir()
    with pytest.raises(DepthbenchError, match=r"unpack|so that <root>"):
        open_set(name, tmp_path / "empty")


def test_unknown_sets_and_options_get_a_hint(tmp_path: Path) -> None:
    with pytest.raises(DepthbenchError, match=r"did you mean middlebury-v3\?"):
        open_set("midlebury-v3")
    with pytest.raises(DepthbenchError, match="generate layered"):
        open_set(str(tmp_path / "not-there"))
    with pytest.raises(DepthbenchError, match="generate layered"):
        open_set(str(tmp_path))
    with pytest.raises(DepthbenchError, match=r"option of set middlebury-v3 'image': did you mean images"):
        open_set("middlebury-v3", layouts.middlebury(tmp_path / "m"), {"image": "Q"})


@pytest.mark.shared
def test_real_middlebury(shared_data: Path) -> None:
    """The mask's 0 is exactly where the truth is unknown; Teddy's counts are those the SDK printed."""
    opened = open_set("middlebury-v3", shared_data / "stereo" / "MiddEval3")
    assert "Teddy" in opened.ids()
    for sample_id in opened.ids():
        mask = np.asarray(Image.open(opened.files(sample_id)[-1]))
        np.testing.assert_array_equal(mask == 0, np.isnan(opened.truth(sample_id).disp_px))
    truth = opened.truth("Teddy")
    assert np.count_nonzero(truth.nocc & np.isfinite(truth.disp_px)) == 146765
    assert truth.max_disp_px == 64


@pytest.mark.shared
def test_real_kitti_and_sceneflow_frames(shared_data: Path, tmp_path: Path) -> None:
    kitti = open_set("kitti-2015", layouts.real_kitti(shared_data, tmp_path / "kitti"))
    truth = kitti.truth("000046_10")
    assert truth.disp_px.shape == (375, 1242)
    assert np.isfinite(truth.disp_px).mean() == pytest.approx(0.118, abs=5e-4)
    flow = open_set("sceneflow", layouts.real_sceneflow(shared_data, tmp_path / "flow"))
    assert flow.ids() == ["A/0032/0006"]
    truth = flow.truth("A/0032/0006")
    assert truth.disp_px.shape == (540, 960)
    assert truth.nocc is not None
    assert 0 < np.nanmin(truth.disp_px) < np.nanmax(truth.disp_px) < 192
    # A point hidden in the other eye lies behind something: hidden pixels are farther than the rest on the whole.
    assert np.median(truth.disp_px[~truth.nocc]) < np.median(truth.disp_px[truth.nocc])
    assert os.fspath(flow.files("A/0032/0006")[-1]).endswith("disparity_occlusions/TEST/A/0032/left/0006.png")
