# SPDX-License-Identifier: Apache-2.0
"""What a folder covers, against numpy over all arrays at once."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from rich.console import Console
from synthetic import synthetic_record, synthetic_surfaces

from depthbench.errors import DepthbenchError
from depthbench.formats.shard import LayeredRecord, write_shard
from depthbench.generators import layered_stats
from depthbench.generators.histogram import LogHistogram
from depthbench.generators.layered_stats import stats
from depthbench.generators.layered_stats_table import render_stats
from depthbench.generators.layered_tally import material_family
from depthbench.truth.geometry import Surface


def tilted(record: LayeredRecord, pitch_deg: float, roll_deg: float, position: tuple[float, float, float]) -> Any:
    """The record with a left camera in a world with z up: looks along +y, then up, then turned clockwise."""
    from scipy.spatial.transform import Rotation

    level = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])  # columns: right, down, forward
    pose = np.eye(4)
    pose[:3, :3] = level @ Rotation.from_euler("x", pitch_deg, degrees=True).as_matrix()
    pose[:3, :3] = pose[:3, :3] @ Rotation.from_euler("z", roll_deg, degrees=True).as_matrix()
    pose[:3, 3] = position
    return replace(record, left=replace(record.left, cam_to_world=pose))


POSES = [(-20.0, 1.5, (0, 0, 1.2)), (5.0, -2.0, (1, 0, 1.6)), (0.0, 0.0, (2, 0, 1.0)), (0.5, 0.3, (2.01, 0, 1.0))]


@pytest.fixture(scope="module")
def records() -> list[LayeredRecord]:
    made = []
    for view, (pitch, roll, position) in enumerate(POSES):
        record = synthetic_record(6, view, width=60, height=40, sky=view == 2, scene=view // 2)
        meta = {**record.meta, "environment": ("cafe", "office")[view // 2], "attempt": view % 2}
        made.append(tilted(replace(record, meta=meta), pitch, roll, position))
    return made


@pytest.fixture(scope="module")
def folder(records: list[LayeredRecord], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("layered")
    for scene in range(2):
        part = records[2 * scene : 2 * scene + 2]
        path = folder / f"shards/scene-{scene:06d}.h5"
        write_shard(path, part, surfaces=synthetic_surfaces(), attrs={}, gt_bits=23)
    return folder


def held_against_numpy(found: dict[str, Any], records: list[LayeredRecord]) -> None:
    """Every number of pixels and views of some records."""
    sides = [side for record in records for side in (record.left, record.right)]
    counts = np.concatenate([np.isfinite(side.layers.disp_px).sum(axis=0).ravel() for side in sides])
    np.testing.assert_allclose(found["layers_per_pixel"], [(counts == k).mean() for k in range(9)], atol=1e-12)
    assert found["mean_layers_per_pixel"] == pytest.approx(counts.mean())

    disp_px = np.concatenate([side.layers.disp_px[np.isfinite(side.layers.disp_px)] for side in sides])
    first = np.concatenate([side.layers.surface_class[0].ravel() for side in sides])
    moved = np.concatenate([side.refraction_px.ravel() for side in sides])[first >= 2]
    for name, values in (("disparity_px", disp_px), ("refraction_px", moved)):
        assert found[name]["low"] == values.min()
        assert found[name]["high"] == values.max()
        assert found[name]["mean"] == pytest.approx(values.mean(dtype=np.float64), rel=1e-6)
        for q in (1, 25, 50, 75, 99):
            exact = np.quantile(values, q / 100, method="inverted_cdf")
            assert found[name][f"q{q:02d}"] == pytest.approx(exact, rel=0.003)
        histogram = found[name]["histogram"]
        exact, _ = np.histogram(values, histogram["edges"])
        np.testing.assert_allclose(histogram["share"], exact / len(values), atol=2 / len(values))
    assert found["see_through_share"] == pytest.approx((first >= 2).mean())
    assert found["reflective_share"] == pytest.approx(np.mean([side.reflective.mean() for side in sides]))

    for k, row in enumerate(found["layers"]):
        have = [side for side in sides if len(side.layers.disp_px) > k]
        classes = np.concatenate([side.layers.surface_class[k].ravel() for side in have])
        seen = np.concatenate([side.layers.visibility[k].ravel() for side in have])
        total = (classes > 0).sum()
        assert row["share"] == pytest.approx(total / len(counts))
        for number, name in enumerate(("opaque", "transmissive", "screen"), start=1):
            assert row[name] == pytest.approx((classes == number).sum() / total)
        for number, name in enumerate(("visible", "occluded", "out_of_frame"), start=1):
            assert row[name] == pytest.approx((seen == number).sum() / total)
    assert len(found["layers"]) == counts.max()

    ids = np.concatenate([side.layers.surface_id[side.layers.surface_id > 0] for side in sides])
    by_name: dict[str, float] = {}
    for surface in synthetic_surfaces():
        family = surface.name.split(" / ")[1]
        by_name[family] = by_name.get(family, 0.0) + float((ids == surface.id).mean())
    assert {name: row["share"] for name, row in found["materials"].items()} == pytest.approx(by_name)
    assert {row["scenes"] for row in found["materials"].values()} == {1.0}

    lumas = [np.rint(record.left.image.astype(np.float32) @ [0.2126, 0.7152, 0.0722]).ravel() for record in records]
    assert found["luma"]["mean"] == pytest.approx(np.concatenate(lumas).mean(), abs=0.01)
    assert found["luma"]["q50"] == np.quantile(np.concatenate(lumas), 0.5, method="inverted_cdf")
    views = {
        "luma_mean": [luma.mean() for luma in lumas],
        "luma_q99": [np.quantile(luma, 0.99, method="inverted_cdf") for luma in lumas],
        "see_through_area": [(record.left.layers.surface_class[0] >= 2).mean() for record in records],
        "largest_disparity_share": [np.nanmax(record.left.layers.disp_px[0]) / 60 for record in records],
        "baseline_m": [record.rig.baseline_m for record in records],
        "hfov_deg": [2 * np.rad2deg(np.arctan(0.5 / 0.9))] * len(records),
    }
    for name, each in views.items():
        assert found[name]["mean"] == pytest.approx(np.mean(each), rel=1e-4), name
        assert (found[name]["low"], found[name]["high"]) == pytest.approx((min(each), max(each)), rel=1e-4), name
        assert sum(found[name]["histogram"]["share"]) == pytest.approx(1)


def test_every_number_equals_numpy_over_everything(folder: Path, records: list[LayeredRecord]) -> None:
    found = stats(folder)
    assert (found["samples"], found["read"], found["redrawn"]) == (4, 4, 2)
    assert found["resolutions"] == {"60x40": 4}
    assert found["environments"] == {"cafe": 2, "office": 2}
    assert found["damaged"] == {}
    held_against_numpy(found, records)
    for name, row in found["by_environment"].items():
        held_against_numpy(row, [record for record in records if record.meta["environment"] == name])
    for key, part in (("pitch_deg", 0), ("roll_deg", 1)):
        assert found[key]["low"] == pytest.approx(min(pose[part] for pose in POSES), abs=1e-4)
        assert found[key]["high"] == pytest.approx(max(pose[part] for pose in POSES), abs=1e-4)
    assert (found["height_m"]["low"], found["height_m"]["high"]) == pytest.approx((1.0, 1.6))


def test_equal_pictures_and_nearly_equal_views_are_found(
    folder: Path, records: list[LayeredRecord], tmp_path: Path
) -> None:
    """The last two poses are 1 cm and less than a degree apart; a sample copied into another scene has its picture."""
    assert stats(folder)["duplicates"]["near_pairs"] == [(records[2].id, records[3].id)]
    assert stats(folder)["duplicates"]["equal_pictures"] == 0
    copy = replace(records[1], id="cafe-000007-0000")
    for scene, part in enumerate(([records[0], records[1]], [copy])):
        path = tmp_path / f"shards/scene-{scene:06d}.h5"
        write_shard(path, part, surfaces=synthetic_surfaces(), attrs={})
    duplicates = stats(tmp_path)["duplicates"]
    assert duplicates["equal_pictures"] == 1
    assert duplicates["equal_groups"] == [[records[1].id, copy.id]]
    assert duplicates["near_views"] == 0


def test_plates_are_counted_by_condition(tmp_path: Path) -> None:
    """Three conditions of one camera: each its own column, and no pair of nearly equal views."""
    made = []
    for view, condition in enumerate(("none", "t80", "t60")):
        record = tilted(synthetic_record(6, view, width=60, height=40), 0.0, 0.0, (0, 0, 1.0))
        meta = {**record.meta, "environment": "books", "configuration": 0, "condition": condition}
        made.append(replace(record, meta=meta))
    write_shard(tmp_path / "shards/scene-000000.h5", made, surfaces=synthetic_surfaces(), attrs={"without": {}})
    found = stats(tmp_path)
    assert found["environments"] == {"none": 1, "t80": 1, "t60": 1}
    for record in made:
        share = np.mean([eye.layers.see_through for eye in (record.left, record.right)])
        assert found["by_environment"][record.meta["condition"]]["see_through_share"] == pytest.approx(share)
    assert found["duplicates"]["near_views"] == 0
    edges, share = (np.array(found["height_m"]["histogram"][key]) for key in ("edges", "share"))
    assert share.sum() == pytest.approx(1)
    np.testing.assert_allclose([edges[0], edges[-1]], [0.9, 1.1])


def test_a_limit_takes_samples_evenly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every third of ten samples in scenes of unequal size, whichever process reads them."""
    views = [(0, 0), (0, 1), (0, 2), (1, 0), (2, 0), (2, 1), (2, 2), (2, 3), (3, 0), (3, 1)]
    for scene in range(4):
        part = [synthetic_record(1, view, width=24, height=16, scene=s) for s, view in views if s == scene]
        path = tmp_path / f"shards/scene-{scene:06d}.h5"
        write_shard(path, part, surfaces=synthetic_surfaces(), attrs={})
    read: list[str] = []
    tally = layered_stats._tally
    monkeypatch.setattr(layered_stats, "_tally", lambda job: (part := tally(job), read.extend(part.ids))[0])
    found = stats(tmp_path, limit=4)
    assert read == [f"cafe-{s:06d}-{v:04d}" for s, v in views[::3]]
    assert (found["samples"], found["read"]) == (10, 4)


def test_many_processes_count_what_one_does(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = stats(folder)
    monkeypatch.setattr(layered_stats, "FEW", 1)
    assert json.dumps(stats(folder)) == json.dumps(alone)


@given(
    st.lists(st.lists(st.floats(0, 1e4, width=32), max_size=30), max_size=4), st.sampled_from([0.01, 0.25, 0.5, 0.99])
)
def test_merged_counts_have_the_quantiles_of_all_values(parts: list[list[float]], q: float) -> None:
    """To the width of a bin, zeros and what is below a thousandth included."""
    whole = LogHistogram()
    for part in parts:
        one = LogHistogram()
        one.add(np.array(part, dtype=np.float32))
        whole.merge(one)
    values = np.array([value for part in parts for value in part], dtype=np.float32)
    assert len(whole) == len(values)
    if len(values):
        exact = float(np.quantile(values, q, method="inverted_cdf"))
        assert whole.quantile(q) == pytest.approx(exact, rel=0.005, abs=0.0011)
    else:
        assert np.isnan(whole.quantile(q))


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("bench 14: legs / metal_brushed.010", "metal_brushed"),
        ("a / b / glass", "glass"),
        ("menu / print_2.5", "print_2.5"),
    ],
)
def test_material_families(name: str, family: str) -> None:
    assert material_family(name) == family


def test_the_command_writes_picture_and_numbers_and_names_damage(
    folder: Path, records: list[LayeredRecord], tmp_path: Path
) -> None:
    """As a user types it; one shard cut short: named, left out, exit code 1; nothing left: one line, exit code 2."""
    copy = tmp_path / "set"
    for source in (folder / "shards").iterdir():
        target = copy / "shards" / source.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
    words = [sys.executable, "-m", "depthbench", "stats", str(copy), "--out", str(tmp_path / "report")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "nearly equal views" in done.stdout
    kept = json.loads((tmp_path / "report/stats.json").read_text())
    assert kept["by_environment"]["office"]["see_through_share"] == pytest.approx(
        stats(folder)["by_environment"]["office"]["see_through_share"]
    )
    picture = np.asarray(Image.open(tmp_path / "report/stats.png").convert("RGB"))
    assert picture.std() > 20
    damaged = copy / "shards/scene-000001.h5"
    damaged.write_bytes(damaged.read_bytes()[:5000])
    done = subprocess.run(words, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert f"left out: {damaged}" in done.stdout
    assert json.loads((tmp_path / "report/stats.json").read_text())["read"] == 2
    (copy / "shards/scene-000000.h5").write_bytes(b"no shard")
    done = subprocess.run(words, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert "no shard can be read" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_table_says_the_numbers(folder: Path) -> None:
    found = stats(folder)
    console = Console(file=io.StringIO(), width=140)
    console.print(render_stats(found))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert f"{found['see_through_share']:.1%}" in text
    assert f"{found['disparity_px']['high']:.2f} px" in text
    assert f"mean {found['mean_layers_per_pixel']:.2f}" in text
    for row in found["by_environment"].values():
        assert f"{row['see_through_share']:.1%}" in text


def test_an_empty_scene_and_an_empty_folder(tmp_path: Path) -> None:
    record = synthetic_record(6, 0, width=60, height=40)
    for side in (record.left, record.right):
        for name, empty in (("disp_px", np.nan), ("surface_id", 0), ("surface_class", 0), ("visibility", 0)):
            object.__setattr__(side.layers, name, np.full_like(getattr(side.layers, name), empty))
    surfaces: tuple[Surface, ...] = ()
    write_shard(tmp_path / "shards/scene-000000.h5", [record], surfaces=surfaces, attrs={})
    found = stats(tmp_path)
    assert found["layers_per_pixel"][0] == 1.0
    assert found["layers"] == []
    assert np.isnan(found["disparity_px"]["q50"])
    Console(file=io.StringIO()).print(render_stats(found))
    (tmp_path / "none").mkdir()
    with pytest.raises(DepthbenchError, match="no layered samples"):
        stats(tmp_path / "none")
