# SPDX-License-Identifier: Apache-2.0
"""Video panoptic quality with depth against the public scripts' way written out: tubes as pictures side by side, counted window by window."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import driving_layouts as layouts
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from depthbench.benchmarks.dvpq import score_dvpq
from depthbench.benchmarks.metrics.panoptic import (
    DIVISOR,
    SegmentSums,
    class_mean,
    count_overlaps,
    depth_checked,
    dstq,
    match_segments,
    merged,
)
from depthbench.benchmarks.sets.opening import open_set
from depthbench.cli import main
from depthbench.errors import DepthbenchError
from depthbench.formats.driving_labels import CITYSCAPES, SEMKITTI, LabelKind
from depthbench.formats.pfm import write_pfm


def by_hand(truth: np.ndarray, predicted: np.ndarray, kind: LabelKind) -> dict[str, np.ndarray]:
    """One window: every segment against every other."""
    iou, tp, fp, fn = (np.zeros(kind.classes) for _ in range(4))
    void = kind.void * DIVISOR
    matched_truth, matched_predicted = set(), set()
    for g in np.unique(truth):
        for p in np.unique(predicted):
            both = ((truth == g) & (predicted == p)).sum()
            if not both or g // DIVISOR != p // DIVISOR or g // DIVISOR == kind.void:
                continue
            union = (truth == g).sum() + (predicted == p).sum() - both - ((truth == void) & (predicted == p)).sum()
            if both / union > 0.5:
                iou[g // DIVISOR] += both / union
                tp[g // DIVISOR] += 1
                matched_truth.add(g)
                matched_predicted.add(p)
    for g in np.unique(truth):
        if g not in matched_truth and g // DIVISOR != kind.void:
            fn[g // DIVISOR] += 1
    for p in np.unique(predicted):
        ignored = ((truth // DIVISOR == kind.void) & (predicted == p)).sum() / (predicted == p).sum()
        if p not in matched_predicted and ignored <= 0.5 and p // DIVISOR < kind.classes:
            fp[p // DIVISOR] += 1
    return {"iou": iou, "tp": tp, "fp": fp, "fn": fn}


@given(seed=st.integers(0, 10_000), frames=st.integers(1, 4), kind=st.sampled_from([CITYSCAPES, SEMKITTI]))
def test_windows_equal_pictures_side_by_side(seed: int, frames: int, kind: LabelKind) -> None:
    rng = np.random.default_rng(seed)
    shape = (frames, 6, 5)
    classes = rng.choice([0, kind.things.start, kind.classes - 1, kind.void], shape)
    truth = classes.astype(np.int64) * DIVISOR + np.where(np.isin(classes, kind.things), rng.integers(0, 3, shape), 0)
    other = rng.choice([0, kind.things.start, kind.classes - 1, kind.classes], shape).astype(np.int64) * DIVISOR
    predicted = np.where(rng.random(shape) < 0.7, truth, other)
    predicted = np.where(predicted // DIVISOR == kind.void, kind.classes * DIVISOR, predicted)
    found = match_segments(merged([count_overlaps(g, p) for g, p in zip(truth, predicted, strict=True)]), kind)
    expected = by_hand(np.concatenate(list(truth), axis=1), np.concatenate(list(predicted), axis=1), kind)
    for name, values in expected.items():
        np.testing.assert_allclose(getattr(found, name), values, err_msg=name)


def test_means_over_classes_that_are_not_there() -> None:
    sums = SegmentSums(np.array([0.8, 0, 0]), np.array([1.0, 0, 0]), np.array([0.0, 2, 0]), np.array([1.0, 0, 0]))
    quality = sums.quality()
    assert quality[:2] == pytest.approx([0.8 / 1.5, 0])
    assert class_mean(quality) == pytest.approx(0.8 / 3)
    assert class_mean(sums.quality("zero"), "zero") == pytest.approx(0.8 / 4.5)
    assert math.isnan(class_mean(sums.quality("nan"), "nan"))


def test_pixels_of_wrong_depth_lose_their_class() -> None:
    truth = np.array([[10.0, 10, 10, np.nan, 10, 10]])
    guess = np.array([[12.0, 8.0, 13.0, 99, np.nan, 0]])
    ids = depth_checked(np.full((1, 6), 13), np.ones((1, 6), int), guess, truth, 0.2, CITYSCAPES)
    assert (ids[0] // DIVISOR).tolist() == [13, 13, 19, 13, 19, 19]
    assert dstq(0.8, 0.5) == pytest.approx((0.8 * 0.8 * 0.5) ** (1 / 3))


def predictions(root: Path, out: Path, off: float = 1.0, style: str = "colour") -> None:
    """Perfect panoptic ids, depth off by a factor."""
    opened = open_set("semkitti-dvps" if style == "pair" else "cityscapes-dvps", root)
    for name in opened.ids():
        depth_m, labels = opened.depth_and_labels(name)  # type: ignore[attr-defined]
        classes = np.where(labels.classes == labels.kind.void, 0, labels.classes)
        instance = labels.instance
        if style == "colour":
            layouts.save(
                out / f"{name}_gtFine_instanceTrainIds.png",
                np.stack([classes, instance, 0 * classes], axis=-1).astype(np.uint8),
            )
        elif style == "pair":
            layouts.save(out / f"{name}_cat.png", classes.astype(np.uint8))
            layouts.save(out / f"{name}_ins.png", instance.astype(np.uint16))
        else:
            layouts.save(out / f"{name}_gt.png", (classes * 1000 + instance).astype(np.uint16))
        if style == "grey":
            write_pfm(out / f"{name}.pfm", depth_m * np.float32(off))
        else:
            raw = np.rint(np.nan_to_num(depth_m) * 256 * off).astype(np.uint16)
            layouts.save(out / f"{name}_depth.png", raw)


@pytest.mark.parametrize("style", ["colour", "pair", "grey"])
def test_perfect_predictions_and_ones_of_depth_that_is_too_small(tmp_path: Path, style: str) -> None:
    """Under-estimated depth is where differences of unsigned integers wrap around, and public scripts void nearly every pixel."""
    (layouts.semkitti if style == "pair" else layouts.cityscapes)(tmp_path / "set", 3)
    opened = open_set("semkitti-dvps" if style == "pair" else "cityscapes-dvps", tmp_path / "set")
    predictions(tmp_path / "set", tmp_path / "good", 1.0, style)
    found = score_dvpq(opened, tmp_path / "good", tmp_path / "good", (1, 3), (0.25, 0.1), "skip")  # type: ignore[arg-type]
    assert found.mean == pytest.approx((100, 100, 100))
    assert found.windows == {1: 3, 3: 1}
    assert found.depth_quality == {1.25: pytest.approx(100), 1.1: pytest.approx(100)}
    predictions(tmp_path / "set", tmp_path / "near", 0.85, style)
    found = score_dvpq(opened, tmp_path / "near", tmp_path / "near", (1, 2), (0.25, 0.1), "skip")  # type: ignore[arg-type]
    assert found.cells[1, 0.25][0] == pytest.approx(100)
    assert found.cells[2, 0.1][0] < 60
    assert found.depth_quality[1.25] > 99
    assert found.depth_quality[1.1] < 1


def test_the_command_and_what_it_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root, mine = layouts.cityscapes(tmp_path / "set", 2), tmp_path / "mine"
    predictions(root, mine)

    def run(*words: str) -> int:
        command = ["depthbench", "score-dvpq", "--set", "cityscapes-dvps", "--root", str(root), "--panoptic", str(mine)]
        monkeypatch.setattr(sys, "argv", [*command, *words])
        with pytest.raises(SystemExit) as leave:
            main()
        return int(leave.value.code or 0)

    assert run("--k", "1,2", "--absent", "skip", "--format", "json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["rows"][-1]["all [%]"] == pytest.approx(100)
    assert "windows: 2 of 1 frames, 1 of 2 frames" in told["notes"]
    assert run("--k", "1,2", "--format", "json") == 0  # the script's own rule: a class that is not there leaves no mean
    assert json.loads(capsys.readouterr().out)["rows"][-1]["all [%]"] is None
    for words, fault in (
        (("--k", "1,x"), "write numbers with commas"),
        (("--k", "3"), "no sequence has 3 frames"),
        (("--depth", str(root)), "no prediction"),
    ):
        assert run(*words) == 2
        assert fault in capsys.readouterr().err
    path = next(mine.glob("*_gtFine*"))
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(path)
    assert run() == 2
    assert "the predicted panoptic is 8x8 and the truth 64x32" in capsys.readouterr().err
    path.unlink()
    assert run() == 2
    assert "one panoptic prediction of the frame is needed: no " in capsys.readouterr().err


def test_two_predictions_of_a_frame_are_refused(tmp_path: Path) -> None:
    root, mine = layouts.cityscapes(tmp_path / "set", 1), tmp_path / "mine"
    predictions(root, mine)
    opened = open_set("cityscapes-dvps", root)
    layouts.save(mine / f"{opened.ids()[0]}_other.png", np.zeros((2, 2), np.uint8))
    with pytest.raises(DepthbenchError, match=r"is needed: .*instanceTrainIds\.png, .*_other\.png"):
        score_dvpq(opened, mine, mine, (1,), (0.5,), "skip")  # type: ignore[arg-type]


@pytest.mark.shared
def test_segments_of_real_masks(shared_data: Path) -> None:
    """The 800x800 example of DeepLab2 (Apache-2.0), truth against prediction, by both ways of counting."""
    folder = shared_data / "mvs_dvps" / "deeplab2_dummy"
    maps = [
        np.asarray(Image.open(folder / f"dummy_{name}.png")).astype(np.int64) for name in ("gt_for_vps", "prediction")
    ]
    classes = [(rgb @ [1, 256, 65536]) % 19 for rgb in maps]
    ids = [its * DIVISOR + (rgb @ [1, 256, 65536]) % 1000 for its, rgb in zip(classes, maps, strict=True)]
    found = match_segments(count_overlaps(*ids), CITYSCAPES)
    expected = by_hand(*ids, CITYSCAPES)
    for name, values in expected.items():
        np.testing.assert_allclose(getattr(found, name), values, err_msg=name)
    assert (match_segments(count_overlaps(ids[0], ids[0]), CITYSCAPES).quality()[np.unique(classes[0])] == 1).all()
