# SPDX-License-Identifier: Apache-2.0
"""Booster: splits, setups and sizes as they lie on disk, and its board's rule against a slow version of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import stereo_layouts as layouts

from depthbench.benchmarks.aggregate import aggregate
from depthbench.benchmarks.protocol import load_protocol
from depthbench.benchmarks.score import score_folder
from depthbench.benchmarks.scoring import score_prediction
from depthbench.benchmarks.sets import set_problems
from depthbench.benchmarks.sets.opening import open_set
from depthbench.errors import DepthbenchError
from depthbench.formats.disparity_files import write_disparity
from depthbench.formats.image import write_png


def slow_board(
    truth: np.ndarray, seen: np.ndarray, classes: np.ndarray, predicted: np.ndarray, step: int
) -> dict[str, dict[str, float]]:
    """The board's six numbers for every occlusion and class, pixel by pixel."""
    found: dict[str, dict[str, float]] = {}
    for occlusion in ("all", "noocc"):
        for number in (None, 0, 1, 2, 3):
            errors = []
            for y in range(0, truth.shape[0], step):
                for x in range(0, truth.shape[1], step):
                    if truth[y, x] <= 0 or (occlusion == "noocc" and not seen[y, x]):
                        continue
                    if number is None or classes[y, x] == number:
                        errors.append(abs(predicted[y, x] / step - truth[y, x] / step))
            name = occlusion if number is None else f"{occlusion}-c{number}"
            bad = {f"bad_{t}": 100 * sum(e > t for e in errors) / len(errors) for t in (2, 4, 6, 8)}
            mae, rmse = sum(errors) / len(errors), (sum(e * e for e in errors) / len(errors)) ** 0.5
            found[name] = {**bad, "epe": mae, "rmse": rmse}
    return found


@pytest.mark.parametrize(
    ("name", "step"), [("booster-board", 1), ("booster-board-half", 2), ("booster-board-quarter", 4)]
)
def test_board_rule_equals_the_slow_twin(tmp_path: Path, name: str, step: int) -> None:
    root = layouts.booster(tmp_path, ("Bathroom",), lights=1)
    truth = open_set("booster", root).truth("balanced/Bathroom/im0")
    raw, made = np.load(root / "train/balanced/Bathroom/disp_00.npy"), layouts.record(0)
    rng = np.random.default_rng(5)
    predicted = (raw + rng.normal(0, 6, raw.shape)).astype(np.float32)
    got = score_prediction(load_protocol(name), truth, predicted)
    slow = slow_board(raw, layouts.nocc_of(made), layouts.booster_classes(made), predicted, step)
    assert got.keys() == slow.keys()
    for region, values in slow.items():
        for metric, value in values.items():
            assert got[region][metric] == pytest.approx(value, rel=1e-5), (region, metric)


def test_a_prediction_made_at_a_quarter_is_scored_as_it_is(tmp_path: Path) -> None:
    """Images a quarter as large; the truth there is every fourth pixel divided by 4, so that prediction has no error."""
    opened = open_set("booster", layouts.booster(tmp_path), {"images": "quarter"})
    pair = opened.pair("balanced/Mirror3/im1")
    made = layouts.record(1).left.image.astype(float)
    np.testing.assert_allclose(pair.left, made.reshape(16, 4, 24, 4, 3).mean(axis=(1, 3)), atol=0.51)
    truth = opened.truth("balanced/Mirror3/im1")
    small = np.nan_to_num(truth.disp_px[::4, ::4]) / 4
    assert score_prediction(load_protocol("booster-board-quarter"), truth, small)["all"]["epe"] == 0
    # Repeated to full size it is off where four pixels are not alike.
    assert 0 < score_prediction(load_protocol("booster-board"), truth, small)["all"]["epe"] < 5


def test_unbalanced_right_images_grow_to_the_left_ones_size(tmp_path: Path) -> None:
    root = layouts.booster(tmp_path, setup="unbalanced")
    opened = open_set("booster", root, {"setup": "unbalanced"})
    assert opened.ids()[0] == "unbalanced/Bathroom/im0"
    pair = opened.pair(opened.ids()[0])
    assert pair.right.shape == pair.left.shape
    assert any("bicubic" in note for note in opened.notes)
    with pytest.raises(DepthbenchError, match=r"train/balanced: no such folder.*unpack"):
        open_set("booster", root)


def test_the_test_split_has_pictures_and_no_truth(tmp_path: Path) -> None:
    root = layouts.booster(layouts.booster(tmp_path), ("Balance",), split="test")
    opened = open_set("booster", root, {"split": "test"})
    assert opened.ids() == ["balanced/Balance/im0", "balanced/Balance/im1"]
    assert all(path.is_file() for path in opened.files(opened.ids()[0]))
    with pytest.raises(DepthbenchError, match=r"no public truth.*depthbench submit"):
        opened.truth(opened.ids()[0])


def test_what_is_incomplete_is_told(tmp_path: Path) -> None:
    root = layouts.booster(tmp_path)
    assert set_problems("booster", root) == []
    (root / "train/balanced/Bathroom/mask_cat.png").unlink()
    (root / "train/balanced/Mirror3/camera_02/im1.png").unlink()
    told = set_problems("booster", root)
    assert len(told) == 1
    assert "Bathroom/mask_cat.png" in told[0]
    assert "Mirror3/camera_02/im1.png" in told[0]
    opened = open_set("booster", root)
    assert told[0] in opened.notes
    assert any("4 of the 228 pairs" in note for note in opened.notes)
    assert "balanced/Mirror3/im1" in opened.ids()


def test_unknown_words_and_classes_are_named(tmp_path: Path) -> None:
    root = layouts.booster(tmp_path)
    with pytest.raises(DepthbenchError, match="did you mean quarter"):
        open_set("booster", root, {"images": "quater"})
    with pytest.raises(DepthbenchError, match="split of Booster 'training': did you mean train"):
        open_set("booster", root, {"split": "training"})
    path = root / "train/balanced/Bathroom/mask_cat.png"
    write_png(path, np.full((64, 96), 4, dtype=np.uint8))
    with pytest.raises(DepthbenchError, match=r"mask_cat\.png: holds the class 4"):
        open_set("booster", root).truth("balanced/Bathroom/im0")
    for camera in ("camera_00", "camera_02"):
        write_png(root / f"train/balanced/Bathroom/{camera}/im0.png", np.zeros((66, 96, 3), dtype=np.uint8))
    opened = open_set("booster", root, {"images": "quarter"})
    with pytest.raises(DepthbenchError, match="cannot be divided by 4"):
        opened.pair("balanced/Bathroom/im0")


def test_an_image_without_a_class_is_left_out_of_its_mean_and_holes_fail(tmp_path: Path) -> None:
    root = layouts.booster(tmp_path / "set", lights=1)
    write_png(root / "train/balanced/Bathroom/mask_cat.png", np.zeros((64, 96), dtype=np.uint8))
    opened, protocol = open_set("booster", root), load_protocol("booster-board")
    for sample_id in opened.ids():
        write_disparity(tmp_path / "p" / f"{sample_id}.pfm", np.nan_to_num(opened.truth(sample_id).disp_px) + 3)
    means = aggregate(protocol, score_folder(protocol, opened, opened.ids(), tmp_path / "p"))
    assert means["noocc-c3"]["bad_2"] == {"mean": 100.0, "samples": 1, "missing": 0, "empty": 1}
    assert means["all-c0"]["epe"]["mean"] == pytest.approx(3, abs=1e-5)
    write_disparity(tmp_path / "p" / "balanced/Bathroom/im0.pfm", np.full((64, 96), np.nan, dtype=np.float32))
    failed = score_folder(protocol, opened, opened.ids(), tmp_path / "p")[0]
    assert "takes dense ones only" in failed.reason
