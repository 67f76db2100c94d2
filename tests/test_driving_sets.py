# SPDX-License-Identifier: Apache-2.0
"""Driving sets in their true layouts: what is read equals what was written; what is wrong is named, with what to do."""

from __future__ import annotations

import json
import re
from pathlib import Path

import driving_layouts as layouts
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from depthbench.benchmarks.sets import set_problems
from depthbench.benchmarks.sets.kitti import kb_crop
from depthbench.benchmarks.sets.opening import open_set
from depthbench.errors import DepthbenchError
from depthbench.formats.coco_masks import decode_counts, decode_mask
from depthbench.formats.driving_labels import read_depth_256
from depthbench.formats.kitti_eigen import read_eigen_list


@pytest.mark.parametrize("name", ["cityscapes-dvps", "semkitti-dvps", "dvps-twin"])
def test_what_is_read_is_what_was_written(tmp_path: Path, name: str) -> None:
    (layouts.semkitti if name == "semkitti-dvps" else layouts.cityscapes)(tmp_path)
    opened = open_set(name, tmp_path)
    assert len(opened.ids()) == 2
    image, raw, _, instance = layouts.scene(1)
    truth = opened.truth(opened.ids()[1])
    np.testing.assert_array_equal(np.nan_to_num(truth.depth_m) * 256, raw)
    assert (np.isnan(truth.depth_m) == (raw == 0)).all()
    marked = instance > 0
    if name == "semkitti-dvps":
        marked = marked & (raw > 0)
    np.testing.assert_array_equal(truth.masks["instance"], marked)
    np.testing.assert_array_equal(truth.masks["background"], ~marked)
    sample = opened.view(opened.ids()[1])  # type: ignore[attr-defined]
    np.testing.assert_array_equal(sample.image, image)
    if name == "semkitti-dvps":
        assert sample.intrinsics is not None
        assert sample.intrinsics.fx == pytest.approx(718.856, abs=1e-3)


def test_cameras_of_cityscapes_and_of_the_twin(tmp_path: Path) -> None:
    layouts.cityscapes(tmp_path)
    opened = open_set("cityscapes-dvps", tmp_path)
    first = opened.ids()[0]
    assert opened.view(first).meta["camera"] == "nominal"  # type: ignore[attr-defined]
    told = {
        "intrinsic": {"fx": 2200.0, "fy": 2210.0, "u0": 1100.0, "v0": 510.0},
        "extrinsic": {"z": 1.2, "pitch": 0.05},
    }
    path = tmp_path / "camera" / "val" / "munster" / "munster_000105_000004_camera.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(told))
    sample = opened.view(first)  # type: ignore[attr-defined]
    assert sample.intrinsics.fx == pytest.approx(2200 / 32)
    assert sample.meta["camera_height_m"] == 1.2
    assert sample.meta["camera_pitch_deg"] == pytest.approx(np.rad2deg(0.05))
    path.write_text("{}")
    with pytest.raises(DepthbenchError, match="not a camera file of Cityscapes"):
        opened.view(first)  # type: ignore[attr-defined]
    twin = open_set("dvps-twin", tmp_path)
    record = {"width": 64, "height": 32, "fx": 70.0, "fy": 70.0, "cx": 31.5, "cy": 15.5}
    down = np.deg2rad(2.0)
    pose = np.eye(4)
    pose[:3, 2] = [np.cos(down), 0, -np.sin(down)]
    path = tmp_path / "frames" / "val" / f"{first}.json"
    path.parent.mkdir(parents=True)
    told = {"intrinsics": record, "cam_to_world": pose.tolist(), "camera_height_m": 1.44}
    path.write_text(json.dumps(told))
    sample = twin.view(first)  # type: ignore[attr-defined]
    assert sample.intrinsics.fx == 70
    assert sample.meta["camera_height_m"] == 1.44
    assert sample.meta["camera_pitch_deg"] == pytest.approx(2)


@pytest.mark.parametrize("masks", ["png", "json", ""])
def test_kitti_in_either_frame(tmp_path: Path, masks: str) -> None:
    layouts.kitti(tmp_path, 1, masks=masks)
    whole, cropped = (open_set("kitti", tmp_path, {"frame": frame}) for frame in ("full", "kb"))
    assert whole.ids() == [f"{layouts.DRIVE}/image_02/0000000000"]
    assert "1 of 2 pictures of the list have no depth and are left out" in whole.notes
    image, raw, _, instance = layouts.scene(0, (375, 1242))
    crop = np.s_[23:375, 13:1229]
    truths = [opened.truth(opened.ids()[0]) for opened in (whole, cropped)]
    np.testing.assert_array_equal(np.nan_to_num(truths[0].depth_m) * 256, raw)
    np.testing.assert_array_equal(np.nan_to_num(truths[1].depth_m) * 256, raw[crop])
    if masks:
        np.testing.assert_array_equal(truths[1].masks["instance"], instance[crop] > 0)
    else:
        assert not truths[0].masks
        assert any("no masks of instances" in note for note in whole.notes)
    views = [opened.view(opened.ids()[0]) for opened in (whole, cropped)]  # type: ignore[attr-defined]
    np.testing.assert_array_equal(views[1].image, image[crop])
    # the middle of the picture, seen from the crop's corner
    assert (views[1].intrinsics.cx, views[1].intrinsics.cy) == (620.5 - 13, 187 - 23)


def test_the_benchmarks_crop_is_at_the_bottom_in_the_middle() -> None:
    assert kb_crop(376, 1241) == (slice(24, 376), slice(12, 1228))
    with pytest.raises(DepthbenchError, match="1000x375 is smaller than KITTI's crop of 1216x352"):
        kb_crop(375, 1000)


@pytest.mark.parametrize("masks", ["png", "json"])
def test_a_picture_that_the_masks_lack_is_named(tmp_path: Path, masks: str) -> None:
    layouts.kitti(tmp_path, 1, masks=masks)
    if masks == "png":
        for path in (tmp_path / "instances").rglob("*.png"):
            path.unlink()
    else:
        (tmp_path / "instances.json").write_text('{"images": [], "annotations": []}')
    opened = open_set("kitti", tmp_path)
    with pytest.raises(DepthbenchError, match=r"image_02/data/0000000000\.png"):
        opened.truth(opened.ids()[0])


def spoil(root: Path, fault: str) -> str:
    """Spoil the first frame of a set; return the set's name."""
    kind = fault.partition(":")[0]
    folder = root / "video_sequence" / "val"
    if kind == "cityscapes":
        layouts.cityscapes(root, 1)
        stem = str(folder / "000000_000000_munster_000105_000004")
        image, raw, classes, instance = layouts.scene(0)
        panoptic = classes * 1000 + instance
        if "8 bits" in fault:
            layouts.save(Path(stem + "_depth.png"), (raw >> 8).astype(np.uint8))
        elif "colour" in fault:
            layouts.save(Path(stem + "_gtFine_instanceTrainIds.png"), image)
        elif "instanceIds" in fault:
            layouts.save(Path(stem + "_gtFine_instanceTrainIds.png"), np.full(layouts.SIZE, 26001, np.uint16))
        elif "255" in fault:
            layouts.save(Path(stem + "_gtFine_instanceTrainIds.png"), np.full(layouts.SIZE, 7001, np.uint16))
        elif "32 bits" in fault:
            Image.fromarray((panoptic + 70000).astype(np.int32)).save(
                stem + "_gtFine_instanceTrainIds.png", format="TIFF"
            )
        elif "size" in fault:
            layouts.save(Path(stem + "_depth.png"), raw[::2, ::2].copy())
        elif "cut" in fault:
            data = Path(stem + "_depth.png").read_bytes()
            Path(stem + "_depth.png").write_bytes(data[: len(data) // 2])
        return "cityscapes-dvps"
    if kind == "semkitti":
        layouts.semkitti(root, 1)
        stem = str(folder / "000008_000000")
        if "class" in fault:
            layouts.save(Path(stem + "_gtFine_class.png"), np.full(layouts.SIZE, 40, np.uint8))
        elif "size" in fault:
            layouts.save(Path(stem + "_gtFine_instance.png"), np.zeros((16, 64), np.uint16))
        return "semkitti-dvps"
    layouts.kitti(root, 1)
    if "focal" in fault:
        numbers = " ".join(map(str, [707.0, 0, 600, 0, 0, 707.0, 180, 0, 0, 0, 1, 0]))
        (root / "raw" / "2011_09_26" / "calib_cam_to_cam.txt").write_text(f"P_rect_02: {numbers}\n")
    elif "mask" in fault:
        for path in (root / "instances").rglob("*.png"):
            layouts.save(path, np.zeros((100, 100), np.uint8))
    return "kitti"


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("cityscapes: depth of 8 bits", r"depth\.png: an image of mode L .* depth in 1/256 m lies in 16 bits.*archive"),
        ("cityscapes: colour", r"instanceTrainIds\.png: an image of mode RGB .*train id \* 1000"),
        ("cityscapes: instanceIds", r"the class 26, .* Is it gtFine_instanceIds\?"),
        ("cityscapes: 255", r"7001 is an instance of the class 7, which has none"),
        ("cityscapes: 32 bits", r"instanceTrainIds\.png: holds \d+, which 16 bits do not"),
        ("cityscapes: size", r"depth\.png: of 32x16, and .*instanceTrainIds\.png of 64x32"),
        ("cityscapes: cut", r"depth\.png: not a readable image"),
        ("semkitti: class", r"gtFine_class\.png: the class 40, where there are 0 to 18 and 255"),
        ("semkitti: size", r"gtFine_instance\.png: of 64x16, and .*gtFine_class\.png of 64x32"),
        ("kitti: focal", r"a focal length of 707 px, and the list has 721\.538"),
        ("kitti: mask", r"0000000000\.png: of 100x100, and 0000000000\.png of 1242x375"),
    ],
)
def test_damaged_files_are_named(tmp_path: Path, fault: str, told: str) -> None:
    opened = open_set(spoil(tmp_path, fault), tmp_path)
    look = opened.view if "focal" in fault else opened.truth  # type: ignore[attr-defined]
    with pytest.raises(DepthbenchError, match=told):
        look(opened.ids()[0])


@pytest.mark.parametrize(
    ("kind", "old", "new", "told"),
    [
        (
            "semkitti",
            f"_depth_{layouts.FOCAL}.png",
            "_depth.png",
            r"no focal length in the name.*_depth_718\.8560180664062",
        ),
        ("semkitti", f"_depth_{layouts.FOCAL}.png", "_depth_focal.png", "no focal length in the name"),
        ("semkitti", f"_depth_{layouts.FOCAL}.png", "_depth_500.0.png", "a focal length of 718.856 px, and .* 500"),
        ("semkitti", "_gtFine_class.png", "_gtFine_classes.png", "not a name of the set"),
        ("cityscapes", "_depth.png", "_Depth.png", "not a name of the set"),
        ("cityscapes", "_gtFine_instanceTrainIds.png", "_gtFine_instanceIds.png", "not a name of the set"),
    ],
)
def test_names_are_kept_to_the_letter(tmp_path: Path, kind: str, old: str, new: str, told: str) -> None:
    (layouts.semkitti if kind == "semkitti" else layouts.cityscapes)(tmp_path)
    path = sorted((tmp_path / "video_sequence" / "val").glob(f"*{old}"))[0]
    path.rename(path.with_name(path.name.replace(old, new)))
    problems = " | ".join(set_problems(f"{kind}-dvps", tmp_path))
    assert re.search(told, problems), problems
    opened = open_set(f"{kind}-dvps", tmp_path)
    assert len(opened.ids()) == (2 if "500" in new else 1)
    assert any("official" in note for note in opened.notes)


def test_a_second_focal_length_and_the_other_sets_folder(tmp_path: Path) -> None:
    layouts.semkitti(tmp_path, 1)
    path = next((tmp_path / "video_sequence" / "val").glob("*_depth_*"))
    (path.with_name("000008_000000_depth_707.0.png")).write_bytes(path.read_bytes())
    assert "a second depth map of the frame" in set_problems("semkitti-dvps", tmp_path)[0]
    with pytest.raises(DepthbenchError, match="named as in SemKITTI-DVPS; is this the folder of that set"):
        open_set("cityscapes-dvps", tmp_path)


def test_the_depth_that_is_read_never_wraps(tmp_path: Path) -> None:
    """Newer Pillow gives 16-bit PNGs as unsigned integers, of which public scripts take differences that wrap around."""
    truth, guess = np.array([[2560, 5120]], np.uint16), np.array([[2200, 4500]], np.uint16)
    for name, raw in (("truth", truth), ("guess", guess)):
        layouts.save(tmp_path / f"{name}.png", raw)
    g, p = (read_depth_256(tmp_path / f"{name}.png") for name in ("truth", "guess"))
    assert np.mean(np.abs(p - g) / g) == pytest.approx((360 / 2560 + 620 / 5120) / 2)
    wrapped = np.abs((guess - truth).astype(np.float64)) / truth
    assert wrapped.mean() > 10


@pytest.mark.shared
def test_the_eigen_lists_have_652_of_697_and_23158(shared_data: Path) -> None:
    folder = shared_data / "mvs_dvps" / "idisc_splits"
    test, train = (read_eigen_list(folder / f"kitti_eigen_{split}.txt") for split in ("test", "train"))
    assert (len(test), sum(line.depth is not None for line in test)) == (697, 652)
    assert len(train) == 23158
    assert len({line.id for line in test}) == 697


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("2011_09_26/x.png None 721", r"line 1: '2011_09_26/x\.png' is not a picture of KITTI"),
        ("a b", "line 1: 2 words"),
        (f"2011_09_26/{layouts.DRIVE}/image_02/data/0000000001.png None f", "'f' is no focal length"),
        (f"2011_09_26/{layouts.DRIVE}/image_02/data/0000000001.png None 0.7", "of 0.7 px cannot be"),
    ],
)
def test_bad_lists_are_named(tmp_path: Path, line: str, told: str) -> None:
    (tmp_path / "list.txt").write_text(line)
    with pytest.raises(DepthbenchError, match=told):
        read_eigen_list(tmp_path / "list.txt")
    with pytest.raises(DepthbenchError, match="no list of the Eigen split"):
        open_set("kitti", tmp_path)


def encode_counts(counts: list[int]) -> str:
    """Compress run lengths as pycocotools does, written from its description."""
    text = ""
    for i, count in enumerate(counts):
        value = count - counts[i - 2] if i > 2 else count
        more = True
        while more:
            bits = value & 0x1F
            value >>= 5
            more = value != (-1 if bits & 0x10 else 0)
            text += chr((bits | (0x20 if more else 0)) + 48)
    return text


@given(seed=st.integers(0, 10_000), height=st.integers(1, 20), width=st.integers(1, 20))
def test_run_lengths_plain_and_compressed(seed: int, height: int, width: int) -> None:
    mask = np.random.default_rng(seed).random((height, width)) < 0.4
    plain = layouts.run_lengths(mask)
    np.testing.assert_array_equal(decode_mask(plain, height, width), mask)
    packed = encode_counts(plain["counts"])  # type: ignore[arg-type]
    assert decode_counts(packed) == plain["counts"]
    np.testing.assert_array_equal(decode_mask(plain | {"counts": packed}, height, width), mask)


def test_polygons_and_bad_masks() -> None:
    mask = decode_mask([[2, 1, 6, 1, 6, 4, 2, 4]], 8, 10)
    assert mask[1:5, 2:7].all()
    assert mask.sum() == 20
    for bad, told in (({"size": [3, 3], "counts": [9]}, "of size"), ({"size": [8, 10], "counts": [9]}, "add up to 9"), ([[1, 2]], "three corners"), ("x", "run lengths or polygons")):  # fmt: skip
        with pytest.raises(ValueError, match=told):
            decode_mask(bad, 8, 10)
