# SPDX-License-Identifier: Apache-2.0
"""Driving depth through the harness: caps, crops, areas and averages against the numbers written out, and the commands."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import driving_layouts as layouts
import numpy as np
import pytest

from depthbench.baselines.ground_plane import GroundPlane
from depthbench.baselines.median_depth import MedianDepth
from depthbench.benchmarks.depth_protocol import DepthPixelRule, DepthRegion
from depthbench.benchmarks.depth_scoring import crop_by_share
from depthbench.benchmarks.evaluate import score_only
from depthbench.benchmarks.metrics.depth import DepthErrors, measure
from depthbench.benchmarks.protocol import load_protocol
from depthbench.benchmarks.protocol_base import BaseProtocol
from depthbench.benchmarks.sets.opening import open_set
from depthbench.camera import Intrinsics
from depthbench.cli import main
from depthbench.errors import DepthbenchError
from depthbench.formats.pfm import write_pfm
from depthbench.generators.driving_shards.folder import DrivingFolder
from depthbench.tasks import MonoSample

GARG = (0.40810811, 0.99189189, 0.03594771, 0.96405229)


def depthbench(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["depthbench", *words])
    with pytest.raises(SystemExit) as leave:
        main()
    return int(leave.value.code or 0)


def guess(number: int, size: tuple[int, int] = layouts.SIZE) -> np.ndarray:
    return np.random.default_rng(100 + number).uniform(2, 90, size).astype(np.float32)


def scored(
    tmp_path: Path, root: Path, name: str, protocol: str, size: tuple[int, int] = layouts.SIZE
) -> dict[str, dict]:
    opened = open_set(name, root)
    for number, sample_id in enumerate(opened.ids()):
        write_pfm(tmp_path / "mine" / f"{sample_id}.pfm", guess(number, size))
    outcome = score_only(tmp_path / "mine", opened, load_protocol(protocol), tmp_path / "out")
    assert not outcome.failed
    return outcome.record["aggregate"]


def by_hand(p: np.ndarray, g: np.ndarray) -> dict[str, float]:
    """The numbers of one pixel set, pixel by pixel."""
    n = len(g)
    ratio = [max(a / b, b / a) for a, b in zip(p, g, strict=True)]
    logs = [np.log(a) - np.log(b) for a, b in zip(p, g, strict=True)]
    return {
        "abs_rel": sum(abs(a - b) / b for a, b in zip(p, g, strict=True)) / n,
        "sq_rel": sum((a - b) ** 2 / b for a, b in zip(p, g, strict=True)) / n,
        "rmse": (sum((a - b) ** 2 for a, b in zip(p, g, strict=True)) / n) ** 0.5,
        "rmse_log": (sum(d * d for d in logs) / n) ** 0.5,
        "silog_adabins": 100 * (sum(d * d for d in logs) / n - (sum(logs) / n) ** 2) ** 0.5,
        "delta_1.25": sum(r < 1.25 for r in ratio) / n,
        "delta_1.25^2": sum(r < 1.25**2 for r in ratio) / n,
        "delta_1.25^3": sum(r < 1.25**3 for r in ratio) / n,
        "inlier_1.1": sum(r <= 1.1 for r in ratio) / n,
        "sq_err_rel": sum(((a - b) / b) ** 2 for a, b in zip(p, g, strict=True)) / n,
    }


@pytest.mark.parametrize("protocol", ["dvps-80", "dvps-80-clamped", "dvps-88"])
def test_caps_areas_and_averages_of_dvps(tmp_path: Path, protocol: str) -> None:
    found = scored(tmp_path, layouts.cityscapes(tmp_path / "set", 3), "cityscapes-dvps", protocol)
    parts: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {"all": [], "instance": [], "background": []}
    shares = []
    for number in range(3):
        _, raw, _, instance = layouts.scene(number)
        g = raw / 256
        counts = g > 0
        if protocol == "dvps-80":
            counts &= g < 80
        elif protocol == "dvps-88":
            counts &= g <= 88
        else:
            g = np.minimum(g, 80)
        p = guess(number).astype(np.float64)
        for name, area in (
            ("all", counts),
            ("instance", counts & (instance > 0)),
            ("background", counts & (instance == 0)),
        ):
            parts[name].append((p[area], g[area]))
        shares.append(100 * len(parts["instance"][-1][0]) / len(parts["all"][-1][0]))
    for name, pictures in parts.items():
        alone = [by_hand(p, g) for p, g in pictures]
        together = by_hand(*(np.concatenate(side) for side in zip(*pictures, strict=True)))
        for metric in alone[0]:
            assert found[name][metric]["mean"] == pytest.approx(np.mean([each[metric] for each in alone])), metric
        for metric in ("abs_rel", "rmse", "delta_1.25", "inlier_1.1"):
            assert found[name][f"pooled_{metric}"]["mean"] == pytest.approx(together[metric]), metric
    assert found["instance"]["share"]["mean"] == pytest.approx(np.mean(shares))
    pixels = [len(p) for p, _ in parts["all"]]
    assert found["instance"]["pooled_share"]["mean"] == pytest.approx(np.average(shares, weights=pixels))
    assert found["background"]["share"]["mean"] == pytest.approx(100 - np.mean(shares))


def test_a_picture_without_instances_is_none_in_their_mean_and_zero_in_their_share(tmp_path: Path) -> None:
    root = layouts.cityscapes(tmp_path / "set", 2)
    path = sorted(root.rglob("*instanceTrainIds.png"))[0]
    layouts.save(path, np.zeros(layouts.SIZE, np.uint16))
    found = scored(tmp_path, root, "cityscapes-dvps", "dvps-80")["instance"]
    assert (found["abs_rel"]["samples"], found["abs_rel"]["empty"]) == (1, 1)
    assert (found["share"]["samples"], found["pooled_share"]["samples"]) == (2, 2)
    assert 0 < found["share"]["mean"] < 50


@pytest.mark.parametrize(
    ("shape", "window", "rows", "columns"),
    [
        ((352, 1216), (352, 1216), (143, 349), (43, 1172)),
        ((375, 1242), (352, 1216), (166, 372), (56, 1185)),
        ((375, 1242), (), (153, 371), (44, 1197)),
    ],
)
def test_gargs_crop_in_either_frame(
    shape: tuple[int, int], window: tuple[int, ...], rows: tuple[int, int], columns: tuple[int, int]
) -> None:
    rule = DepthPixelRule((DepthRegion("all"),), crop_share=GARG, crop_window=window)
    assert crop_by_share(rule, shape, "") == (slice(*rows), slice(*columns))


def test_a_window_larger_than_the_truth_is_refused() -> None:
    rule = DepthPixelRule((DepthRegion("all"),), crop_share=GARG, crop_window=(352, 1216))
    with pytest.raises(DepthbenchError, match="of a window of 1216x352, and the truth is 1242x300"):
        crop_by_share(rule, (300, 1242), "x")


@pytest.mark.parametrize(
    ("protocol", "rows", "columns", "low"),
    [
        ("kitti-eigen-garg", (153, 371), (44, 1197), 0.001),
        ("kitti-eigen-garg-kb", (166, 372), (56, 1185), 0.001),
        ("kitti-eigen-crop", (124, 342), (44, 1197), 0.001),
        ("kitti-eigen-crop-kb", (140, 344), (56, 1185), 0.001),
        ("kitti-eigen-garg-88", (153, 371), (44, 1197), 0.001),
        ("idisc-kitti", (166, 372), (56, 1185), 0.01),
    ],
)
def test_kitti_protocols(
    tmp_path: Path, protocol: str, rows: tuple[int, int], columns: tuple[int, int], low: float
) -> None:
    found = scored(tmp_path, layouts.kitti(tmp_path / "set", 1), "kitti", protocol, (375, 1242))
    _, raw, _, instance = layouts.scene(0, (375, 1242))
    crop = np.s_[slice(*rows), slice(*columns)]
    g, p, marked = (raw / 256)[crop], guess(0, (375, 1242)).astype(np.float64)[crop], instance[crop] > 0
    counts = (g > low) & ((g <= 88) if protocol.endswith("88") else (g < 80))
    if protocol.startswith("kitti") and not protocol.endswith("88"):
        p = np.clip(p, 0.001, 80)
    for name, area in (("all", counts), ("instance", counts & marked)):
        expected = np.mean(np.abs(p[area] - g[area]) / g[area])
        assert found[name]["abs_rel"]["mean"] == pytest.approx(expected)
        assert found[name]["rmse"]["mean"] == pytest.approx(np.sqrt(np.mean((p[area] - g[area]) ** 2)))


def test_averages_over_batches_change_with_the_batch(tmp_path: Path) -> None:
    root = layouts.cityscapes(tmp_path / "set", 5)
    for number, path in enumerate(sorted(root.rglob("*_depth.png"))):
        raw = layouts.scene(number)[1]
        raw[:, : 12 * number] = 0  # pictures differ in how many pixels they have
        layouts.save(path, raw)
    opened = open_set("cityscapes-dvps", root)
    for number, sample_id in enumerate(opened.ids()):
        write_pfm(tmp_path / "mine" / f"{sample_id}.pfm", guess(number))
    text = (Path(sys.modules[BaseProtocol.__module__].__file__ or "").parent / "protocols" / "dvps-80.toml").read_text()
    means = {}
    for batch in (1, 2, 5):
        changed = text.replace('"pooled_rmse"', '"pooled_rmse", "batched_abs_rel", "batched_rmse"')
        (tmp_path / "p.toml").write_text(changed.replace("[average]", f"[average]\nbatch = {batch}"))
        protocol = load_protocol(str(tmp_path / "p.toml"))
        means[batch] = score_only(tmp_path / "mine", opened, protocol, tmp_path / "out").record["aggregate"]["all"]
    per_picture = []
    for number in range(5):
        g = layouts.scene(number)[1] / 256
        g[:, : 12 * number] = 0
        counts = (g > 0) & (g < 80)
        per_picture.append(np.abs(guess(number)[counts] - g[counts]) / g[counts])
    pairs = [np.concatenate(per_picture[start : start + 2]).mean() for start in (0, 2, 4)]
    assert means[2]["batched_abs_rel"]["mean"] == pytest.approx((2 * pairs[0] + 2 * pairs[1] + pairs[2]) / 5)
    assert means[1]["batched_abs_rel"]["mean"] == pytest.approx(means[1]["abs_rel"]["mean"])
    for metric in ("abs_rel", "rmse"):
        assert means[5][f"batched_{metric}"]["mean"] == pytest.approx(means[5][f"pooled_{metric}"]["mean"])
    assert "low" in means[2]["batched_abs_rel"]
    (tmp_path / "p.toml").write_text(text.replace("[average]", "[average]\nbatch = 2"))
    with pytest.raises(DepthbenchError, match="belong together"):
        load_protocol(str(tmp_path / "p.toml"))


def test_an_inlier_may_lie_on_the_limit_and_no_negative_is_one() -> None:
    errors = DepthErrors(np.array([1.25, 0.8, 1.26, -1.0]), np.ones(4), 4)
    assert measure("inlier_1.25", errors) == 0.5
    assert measure("delta_1.25", errors) == 0


def test_the_road_of_a_level_camera_in_closed_form() -> None:
    """A point of the road at depth z is projected to v = cy + f h / z; the picture's depth there is z."""
    camera = Intrinsics(8, 400, 500.0, 500.0, 3.5, 150.0)
    sample = MonoSample("x", np.zeros((400, 8, 3), np.uint8), camera, {"camera_height_m": 1.5})
    model = GroundPlane()
    found = model.finish(model.forward(model.prepare(sample)), sample).depth_m
    for z in (3.75, 5.0, 15.0, 75.0):
        assert found[round(150 + 500 * 1.5 / z), 0] == pytest.approx(z)
    assert (found[:150] == 80).all()
    tilted = GroundPlane(height_m=2.0, pitch_deg=10.0)
    found = tilted.forward(tilted.prepare(sample)).depth_m
    a = np.deg2rad(10)
    # a point of the road 12 m ahead of the camera, 2 m below it, turned into the camera's frame
    down, ahead = 2 * np.cos(a) - 12 * np.sin(a), 2 * np.sin(a) + 12 * np.cos(a)
    row = 150 + 500 * down / ahead
    near = [found[int(np.floor(row)), 0], found[int(np.ceil(row)), 0]]
    assert min(near) <= ahead <= max(near)


def test_a_camera_without_focal_length_must_be_told(tmp_path: Path) -> None:
    sample = MonoSample("x", np.zeros((4, 8, 3), np.uint8))
    with pytest.raises(DepthbenchError, match="focal_px="):
        GroundPlane().prepare(sample)
    assert GroundPlane(focal_px=10).prepare(sample)[0].fx == 10


def test_eval_of_rivals_as_a_user_types_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = layouts.cityscapes(tmp_path / "twin", 3)
    layouts.cityscapes(root, 4, "train")
    monkeypatch.chdir(tmp_path)
    assert depthbench(monkeypatch, "prepare", "dvps", "--root", str(root), "--out", "shards") == 0
    assert "4 frames made; 12 instances" in capsys.readouterr().out
    told = {}
    for words in (["ground-plane"], ["median-depth"], ["median-depth", "--model-option", "like=shards", "--out", "o"]):
        command = ["eval", "--set", "cityscapes-dvps", "--root", str(root), "--format", "json", "--model"]
        assert depthbench(monkeypatch, *command, *words) == 0
        rows = {row["region"]: row for row in json.loads(capsys.readouterr().out)["rows"]}
        assert set(rows) == {"all", "instance", "background"}
        told["+".join(words[:3])] = rows["all"]["AbsRel"]
    assert told["median-depth+--model-option+like=shards"] < told["median-depth"]
    assert (tmp_path / "o" / "dvps-80" / "pictures.png").is_file()
    frames = DrivingFolder("shards")
    middle = np.median(np.concatenate([frames.depth(k)[16][np.isfinite(frames.depth(k)[16])] for k in range(4)]))
    assert MedianDepth("shards").forward((64, 2))[32, 0] == pytest.approx(middle, rel=0.2)
    assert (
        depthbench(monkeypatch, "eval", "--model", "focus-measure", "--set", "cityscapes-dvps", "--root", str(root))
        == 2
    )
    assert "different tasks" in capsys.readouterr().err
