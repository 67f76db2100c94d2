# SPDX-License-Identifier: Apache-2.0
"""Exported folders read back with other readers; interrupted exports continue."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from synthetic import synthetic_record, synthetic_surfaces

from depthbench.cli import cli
from depthbench.formats.pfm import read_pfm
from depthbench.formats.shard import EYES, LayeredRecord, ShardReader, write_shard
from depthbench.generators import layered_export
from depthbench.generators.layered_export import export_folders


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two shards of two samples each, one of them with sky."""
    for scene in range(2):
        records = (synthetic_record(4, v, width=40, height=24, sky=v == 1, scene=scene) for v in range(2))
        path = tmp_path / f"data/shards/scene-{scene:06d}.h5"
        write_shard(path, records, surfaces=synthetic_surfaces(), attrs={}, gt_bits=13)
    return tmp_path / "data"


def all_records(folder: Path) -> list[LayeredRecord]:
    readers = [ShardReader(path) for path in sorted((folder / "shards").iterdir())]
    return [reader.read(index) for reader in readers for index in range(len(reader))]


def png(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))


def assert_folder(folder: Path, record: LayeredRecord) -> None:
    camera = json.loads((folder / "camera.json").read_text())
    assert camera["baseline_m"] == record.rig.baseline_m
    np.testing.assert_array_equal(camera["K"], record.rig.intrinsics.matrix)
    names = {"camera.json"}
    for eye in EYES:
        side = getattr(record, eye)
        np.testing.assert_array_equal(camera["cam_to_world"][eye], side.cam_to_world)
        np.testing.assert_array_equal(png(folder / f"{eye}.png"), side.image)
        np.testing.assert_array_equal(png(folder / f"see_through_{eye}.png"), 255 * (side.layers.surface_class[0] >= 2))
        np.testing.assert_array_equal(png(folder / f"reflective_{eye}.png"), 255 * side.reflective)
        np.testing.assert_array_equal(read_pfm(folder / f"refraction_{eye}.pfm"), side.refraction_px)
        names |= {f"{eye}.png", f"see_through_{eye}.png", f"reflective_{eye}.png", f"refraction_{eye}.pfm"}
        assert camera["layers"][eye] == len(side.layers.disp_px)
        for k in range(camera["layers"][eye]):
            disp_px = read_pfm(folder / f"disp_{eye}_layer{k}.pfm")
            assert not np.isnan(disp_px).any()
            np.testing.assert_array_equal(np.where(np.isinf(disp_px), np.nan, disp_px), side.layers.disp_px[k])
            surface = png(folder / f"surface_{eye}_layer{k}.png")
            assert surface.dtype == np.uint16
            np.testing.assert_array_equal(surface, side.layers.surface_id[k])
            np.testing.assert_array_equal(png(folder / f"class_{eye}_layer{k}.png"), side.layers.surface_class[k])
            np.testing.assert_array_equal(png(folder / f"visibility_{eye}_layer{k}.png"), side.layers.visibility[k])
            names |= {f"{kind}_{eye}_layer{k}.png" for kind in ("surface", "class", "visibility")}
            names.add(f"disp_{eye}_layer{k}.pfm")
    assert {path.name for path in folder.iterdir()} == names


def test_what_is_exported_reads_back_equal(folder: Path, tmp_path: Path) -> None:
    answer = CliRunner().invoke(cli, ["export", str(folder), "--out", str(tmp_path / "plain")])
    assert answer.exit_code == 0, answer.output
    assert "4 samples written" in answer.output
    records = all_records(folder)
    assert sorted(path.name for path in (tmp_path / "plain").iterdir()) == sorted(record.id for record in records)
    for record in records:
        assert_folder(tmp_path / "plain" / record.id, record)


def test_an_interrupted_export_continues(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, writes = tmp_path / "plain", []
    real = layered_export.write_pfm

    def dies_later(path: Path, array: np.ndarray) -> None:
        writes.append(path)
        if len(writes) == 12:
            raise KeyboardInterrupt
        real(path, array)

    monkeypatch.setattr(layered_export, "write_pfm", dies_later)
    with pytest.raises(KeyboardInterrupt):
        export_folders(folder, out)
    monkeypatch.undo()
    records = all_records(folder)
    there = sorted(path.name for path in out.iterdir())
    assert 0 < len(there) < 4
    assert there == [record.id for record in records][: len(there)]

    (out / ".tmp-0123abcd-cafe-000000-0001").mkdir()  # what a killed export leaves
    (out / ".tmp-0123abcd-cafe-000000-0001/left.png").write_bytes(b"half")
    before = {path: path.stat().st_mtime_ns for path in out.glob("[!.]*/*")}
    told: list[str] = []
    assert export_folders(folder, out, done=told.append) == 4 - len(there)
    assert told == [record.id for record in records]
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert sorted(path.name for path in out.iterdir()) == told
    for record in records:
        assert_folder(out / record.id, record)


def test_limit(folder: Path, tmp_path: Path) -> None:
    assert export_folders(folder, tmp_path / "plain", limit=3) == 3
    assert len(list((tmp_path / "plain").iterdir())) == 3


def test_camera_json_says_what_every_file_means(folder: Path, tmp_path: Path) -> None:
    export_folders(folder, tmp_path / "plain", limit=1)
    sample = next((tmp_path / "plain").iterdir())
    words = json.loads((sample / "camera.json").read_text())["conventions"]
    stems = {key.split("_<eye>")[0] for keys in words for key in keys.split(", ") if "<eye>" in key}
    for path in sample.iterdir():
        if path.name not in ("left.png", "right.png", "camera.json"):
            assert any(path.name.startswith(stem) for stem in stems), path.name
