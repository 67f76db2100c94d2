# SPDX-License-Identifier: Apache-2.0
"""The ODMS sets: windows, picks and orders as the public evaluation has them, in both forms; what is wrong is named."""

from __future__ import annotations

from pathlib import Path

import motion_layouts as layouts
import numpy as np
import pytest

from depthbench.benchmarks.sets.evaluation_set import manifest_sha256
from depthbench.benchmarks.sets.odms import pick
from depthbench.benchmarks.sets.opening import open_set
from depthbench.errors import DepthbenchError
from depthbench.formats.image import write_png
from depthbench.formats.odms_compact import write_compact
from depthbench.formats.odms_folder import read_clip, write_example


def test_picks_are_evenly_spread_rounded_down_with_both_ends() -> None:
    assert pick(25, 10) == [0, 2, 5, 8, 10, 13, 16, 18, 21, 24]
    assert pick(10, 5) == [0, 2, 4, 6, 9]
    assert pick(10, 3) == [0, 4, 9]
    assert pick(10, 2) == [0, 9]


def test_robot_has_every_window_of_five_lengths_near_to_far(tmp_path: Path) -> None:
    opened = open_set("odms-robot", layouts.robot(tmp_path), {"split": "val"})
    ids = opened.ids()
    assert len(ids) == 21 + 16 + 11 + 6 + 1
    assert ids[:2] == ["mug_0/10-00", "mug_0/10-01"]
    assert (ids[21], ids[-1]) == ("mug_0/15-00", "mug_0/30-00")
    sample, truth = opened.observations("mug_0/15-03"), opened.truth("mug_0/15-03")
    # frames 3 to 17 at 0.02 m each; ten of fifteen
    steps = np.array([0, 1, 3, 4, 6, 7, 9, 10, 12, 14])
    np.testing.assert_allclose(sample.camera_z_m, -0.02 * steps, atol=1e-12)
    assert truth.depth_m == pytest.approx(0.26)
    assert truth.travel_m == pytest.approx(0.28)
    sides = [round(12 / (0.26 + 0.02 * step)) for step in steps]
    assert [mask.sum() for mask in sample.masks] == [side**2 for side in sides]


@pytest.mark.parametrize(("n", "kept"), [(10, range(10)), (5, [0, 2, 4, 6, 9]), (3, [0, 4, 9]), (2, [0, 9])])
def test_fewer_observations_keep_both_ends(tmp_path: Path, n: int, kept: list[int]) -> None:
    opened = open_set("odms-normal", layouts.simulated(tmp_path), {"split": "val", "n": n})
    sample = opened.observations("synthetic_1")
    depths = np.array(layouts.DEPTHS_M)[list(kept)]
    np.testing.assert_allclose(sample.camera_z_m, depths[0] - depths, atol=1e-9)
    assert [mask.sum() for mask in sample.masks] == [(60 // layouts.STEPS[k]) ** 2 for k in kept]
    assert opened.label == f"val-n{n}"


def test_driving_is_turned_round_and_tells_depth_frame_by_frame(tmp_path: Path) -> None:
    """The second clip stands still before its camera for two frames, then both approach; ten of twelve frames, or all."""
    root = layouts.driving(tmp_path)
    opened = open_set("odms-driving", root, {"split": "val"})
    second = opened.ids()[1]
    np.testing.assert_allclose(
        opened.observations(second).camera_z_m, [0, -1, -2, -3, -4, -9, -11, -14, -19, -22], atol=1e-9
    )
    assert opened.truth(second).depth_m == 1.0
    every = open_set("odms-driving", root, {"split": "val", "n": "all"})
    assert len(every.observations(second).masks) == 12
    assert every.label == "val-nall"


def test_the_compact_form_is_the_same_set(tmp_path: Path) -> None:
    root = layouts.everything(tmp_path / "folders")
    for part in ("robot", "driving", "normal", "perturb"):
        folders = sorted((root / "data" / "val" / part).iterdir())
        write_compact(tmp_path / "compact" / f"val_{part}.npz", [read_clip(f) for f in folders], part == "driving")
    one, other = open_set("odms", root, {"split": "val"}), open_set("odms", tmp_path / "compact", {"split": "val"})
    assert one.ids() == other.ids()
    assert {one.group(sample_id) for sample_id in one.ids()} == {"robot", "driving", "normal", "perturb"}
    for sample_id in one.ids():
        assert one.truth(sample_id) == other.truth(sample_id)
        a, b = one.observations(sample_id), other.observations(sample_id)
        np.testing.assert_array_equal(a.masks, b.masks)
        np.testing.assert_array_equal(a.camera_z_m, b.camera_z_m)


@pytest.mark.shared
def test_official_counts(shared_data: Path) -> None:
    opened = open_set("odms", shared_data / "odms", {"split": "val"})
    assert opened.notes == []
    groups = [opened.group(sample_id) for sample_id in opened.ids()]
    assert {name: groups.count(name) for name in groups} == {
        "robot": 1760,
        "driving": 500,
        "normal": 2000,
        "perturb": 2000,
    }


def test_sets_of_other_sizes_say_so(tmp_path: Path) -> None:
    opened = open_set("odms-normal", layouts.simulated(tmp_path, examples=3), {"split": "val"})
    assert opened.notes == ["normal: 3 examples, the official val set has 2000"]


def test_what_is_absent_is_named_with_where_it_comes_from(tmp_path: Path) -> None:
    with pytest.raises(DepthbenchError, match=r"odms.*github.com/griffbr/ODMS"):
        open_set("odms-robot", tmp_path / "odms")
    layouts.simulated(tmp_path)
    with pytest.raises(DepthbenchError, match=r"data/test/normal: not there.*split=val.*data/test/normal/<example>"):
        open_set("odms-normal", tmp_path)
    with pytest.raises(DepthbenchError, match=r"data/val/robot: not there \(nor val_robot.npz\)"):
        open_set("odms", tmp_path, {"split": "val"})
    with pytest.raises(DepthbenchError, match="did you mean val"):
        open_set("odms-normal", tmp_path, {"split": "vall"})
    for n in (1, 11, "many"):
        with pytest.raises(DepthbenchError, match=f"n={n}: a depth from motion takes 2 to 10"):
            open_set("odms-normal", tmp_path, {"split": "val", "n": n})


def test_damage_is_named_and_costs_its_sample_alone(tmp_path: Path) -> None:
    root = layouts.simulated(tmp_path, examples=4)
    folder = root / "data" / "val" / "normal"
    cut = folder / "synthetic_1" / "200000.png"
    cut.write_bytes(cut.read_bytes()[:40])
    write_png(folder / "synthetic_2" / "300000.png", np.zeros((64, 96), np.uint8))
    (folder / "synthetic_3" / "300000.png").unlink()
    opened = open_set("odms-normal", root, {"split": "val"})
    told = {
        "synthetic_1": r"200000\.png: not a readable image",
        "synthetic_2": "frame 2: masks of different sizes, 80x64 and 96x64",
        "synthetic_3": "synthetic_3: 9 masks, and 10 are asked for",
    }
    for sample_id, words in told.items():
        with pytest.raises(DepthbenchError, match=words):
            opened.observations(sample_id)
    assert len(opened.observations("synthetic_4").masks) == 10
    (folder / "synthetic_1" / "near.png").write_bytes(cut.read_bytes())
    again = open_set("odms-normal", root, {"split": "val"})
    assert "near.png: the masks of ODMS are called by numbers" in again.notes[0]
    assert len(again.observations("synthetic_4").masks) == 10


def test_an_info_file_that_does_not_fit_is_named(tmp_path: Path) -> None:
    root = layouts.driving(tmp_path)
    info = sorted((root / "data" / "val" / "driving").iterdir())[0] / "info.txt"
    lines = info.read_text().splitlines()
    for text, words in (("\n".join(lines[:-1]), "tells of 9 frames, and 10 masks"), ("a\nb c\n", "a line is not")):
        info.write_text(text)
        opened = open_set("odms-driving", root, {"split": "val"})
        assert words in opened.notes[0]
        with pytest.raises(DepthbenchError, match="0 masks"):
            opened.observations(opened.ids()[0])


def test_a_compact_file_that_is_damaged_is_named(tmp_path: Path) -> None:
    layouts.simulated(tmp_path / "a")
    clips = [read_clip(tmp_path / "a" / "data" / "val" / "normal" / "synthetic_1")]
    path = tmp_path / "b" / "val_normal.npz"
    write_compact(path, clips)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DepthbenchError, match=r"val_normal.npz: not a readable NPZ"):
        open_set("odms-normal", tmp_path / "b", {"split": "val"})
    np.savez(path, example=np.array(["a"]))
    with pytest.raises(DepthbenchError, match=r"val_normal.npz: has no array 'start'"):
        open_set("odms-normal", tmp_path / "b", {"split": "val"})


def test_the_manifest_sees_another_mask(tmp_path: Path) -> None:
    root = layouts.simulated(tmp_path)
    before = manifest_sha256(open_set("odms-normal", root, {"split": "val"}))
    write_png(root / "data" / "val" / "normal" / "synthetic_2" / "400000.png", np.zeros((64, 80), np.uint8))
    assert manifest_sha256(open_set("odms-normal", root, {"split": "val"})) != before


def test_masks_of_one_distance_cannot_be_written(tmp_path: Path) -> None:
    masks = layouts.squares()[:2]
    with pytest.raises(DepthbenchError, match="two masks of one distance"):
        write_example(tmp_path, masks, [0.1, 0.1 + 1e-8])
