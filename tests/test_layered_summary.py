# SPDX-License-Identifier: Apache-2.0
"""The summary against numpy over all arrays at once."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from synthetic import synthetic_record, synthetic_surfaces

from depthbench.errors import DepthbenchError
from depthbench.formats.shard import LayeredRecord, write_shard
from depthbench.generators.layered_summary import render_summary, summarise


@pytest.fixture(scope="module")
def records() -> list[LayeredRecord]:
    return [synthetic_record(6, view, width=60, height=40, sky=view == 2, scene=view // 2) for view in range(4)]


@pytest.fixture(scope="module")
def folder(records: list[LayeredRecord], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("layered")
    for scene in range(2):
        part = records[2 * scene : 2 * scene + 2]
        path = folder / f"shards/scene-{scene:06d}.h5"
        write_shard(path, part, surfaces=synthetic_surfaces(), attrs={}, gt_bits=23)
    return folder


def test_every_number_equals_numpy_over_everything(folder: Path, records: list[LayeredRecord]) -> None:
    summary = summarise(folder)
    sides = [side for record in records for side in (record.left, record.right)]
    counts = np.concatenate([np.isfinite(side.layers.disp_px).sum(axis=0).ravel() for side in sides])
    expected = [(counts == k).mean() for k in range(9)]
    np.testing.assert_allclose(summary["layers_per_pixel"], expected, atol=1e-12)
    assert summary["mean_layers_per_pixel"] == pytest.approx(counts.mean())
    assert summary["samples"] == 4
    assert summary["resolutions"] == {"60x40": 4}
    assert summary["environments"] == {"cafe": 4}
    assert summary["redrawn"] == 0

    disp_px = np.concatenate([side.layers.disp_px[np.isfinite(side.layers.disp_px)] for side in sides])
    assert summary["disparity_px"]["low"] == disp_px.min()
    assert summary["disparity_px"]["high"] == disp_px.max()
    for q in (1, 25, 50, 75, 99):
        exact = np.quantile(disp_px, q / 100, method="inverted_cdf")
        assert summary["disparity_px"][f"q{q:02d}"] == pytest.approx(exact, rel=0.003)

    first = np.concatenate([side.layers.surface_class[0].ravel() for side in sides])
    moved = np.concatenate([side.refraction_px.ravel() for side in sides])
    assert summary["see_through_share"] == pytest.approx((first >= 2).mean())
    assert summary["reflective_share"] == pytest.approx(np.mean([side.reflective.mean() for side in sides]))
    assert summary["refraction_px"]["mean"] == pytest.approx(moved[first >= 2].mean(), rel=1e-5)
    assert summary["refraction_px"]["high"] == moved.max()

    for k, row in enumerate(summary["layers"]):
        have = [side for side in sides if len(side.layers.disp_px) > k]
        classes = np.concatenate([side.layers.surface_class[k].ravel() for side in have])
        seen = np.concatenate([side.layers.visibility[k].ravel() for side in have])
        total = (classes > 0).sum()
        assert row["share"] == pytest.approx(total / len(counts))
        for number, name in enumerate(("opaque", "transmissive", "screen"), start=1):
            assert row[name] == pytest.approx((classes == number).sum() / total)
        for number, name in enumerate(("visible", "occluded", "out_of_frame"), start=1):
            assert row[name] == pytest.approx((seen == number).sum() / total)
    assert len(summary["layers"]) == counts.max()


def test_the_table_says_the_numbers(folder: Path) -> None:
    summary = summarise(folder)
    console = Console(file=io.StringIO(), width=140)
    console.print(render_summary(summary))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert f"{summary['see_through_share']:.1%}" in text
    assert f"{summary['disparity_px']['high']:.2f} px" in text
    assert f"mean {summary['mean_layers_per_pixel']:.2f}" in text


def test_an_empty_scene_and_an_empty_folder(tmp_path: Path) -> None:
    record = synthetic_record(6, 0, width=60, height=40)
    for side in (record.left, record.right):
        for name, empty in (("disp_px", np.nan), ("surface_id", 0), ("surface_class", 0), ("visibility", 0)):
            object.__setattr__(side.layers, name, np.full_like(getattr(side.layers, name), empty))
    write_shard(tmp_path / "shards/scene-000000.h5", [record], surfaces=(), attrs={})
    summary = summarise(tmp_path)
    assert summary["layers_per_pixel"][0] == 1.0
    assert summary["layers"] == []
    assert np.isnan(summary["disparity_px"]["q50"])
    Console(file=io.StringIO()).print(render_summary(summary))
    (tmp_path / "none").mkdir()
    with pytest.raises(DepthbenchError, match="no layered samples"):
        summarise(tmp_path / "none")
