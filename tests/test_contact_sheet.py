# SPDX-License-Identifier: Apache-2.0
"""Contact sheets: the pictures that must be on them are found there, at the size that was promised."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from synthetic import synthetic_record, synthetic_surfaces

from depthbench.cli import cli
from depthbench.errors import DepthbenchError
from depthbench.formats.shard import write_shard
from depthbench.generators.contact_sheet import contact_sheet, show
from depthbench.viz import colour_disparity, finite_range


def positions(sheet: np.ndarray, picture: np.ndarray) -> list[tuple[int, int]]:
    """Top-left corners at which ``picture`` stands in ``sheet``, pixel for pixel."""
    height, width = picture.shape[:2]
    first = (sheet[: sheet.shape[0] - height + 1, : sheet.shape[1] - width + 1] == picture[0, 0]).all(axis=2)
    found = []
    for y, x in zip(*np.nonzero(first), strict=True):
        if (sheet[y : y + height, x : x + width] == picture).all():
            found.append((int(y), int(x)))
    return found


def test_pictures_and_layers_stand_in_order_with_one_range() -> None:
    record = synthetic_record(2, 0, width=180, height=60, panes=3)
    sheet = contact_sheet([record])
    layers = record.left.layers
    low, high = finite_range(layers.disp_px)
    used = int(layers.count.max())
    assert used >= 3
    shown = [
        record.left.image,
        record.right.image,
        *(colour_disparity(layers.disp_px[k], low, high) for k in range(used)),
    ]
    places = [positions(sheet, picture) for picture in [*shown, colour_disparity(layers.last(), low, high)]]
    assert all(places)
    assert len({y for found in places for y, _ in found}) == 1
    columns = [found[0][1] for found in places]
    assert columns == sorted(columns)


def test_size_stays_within_bounds_however_wide_the_pictures() -> None:
    records = [synthetic_record(2, v, width=800, height=100, panes=6) for v in range(2)]
    sheet = contact_sheet(records)
    assert sheet.dtype == np.uint8
    assert 2000 < sheet.shape[1] <= 2400


def test_command_draws_finished_and_staged_samples(tmp_path: Path) -> None:
    for scene in (0, 1):
        write_shard(
            tmp_path / f"shards/scene-{scene:06d}.h5",
            [synthetic_record(2, v, width=180, height=60, scene=scene) for v in range(2)],
            surfaces=synthetic_surfaces(),
            attrs={},
        )
    for scene in (1, 2):  # scene 1 is finished: its leftover view must not appear twice
        staged = [synthetic_record(2, 0, width=180, height=60, scene=scene)]
        path = tmp_path / f"staging/scene-{scene:06d}/view-0000.h5"
        write_shard(path, staged, surfaces=synthetic_surfaces(), attrs={})
    answer = CliRunner().invoke(cli, ["show", str(tmp_path)])
    assert answer.exit_code == 0, answer.output
    sheet = np.asarray(Image.open(tmp_path / "contact_sheet.png"))
    for scene, view in ((0, 0), (0, 1), (1, 0), (1, 1), (2, 0)):
        image = synthetic_record(2, view, width=180, height=60, scene=scene).left.image
        assert len(positions(sheet, image)) == 1

    chosen = show(tmp_path, tmp_path / "one.png", ids=("cafe-000002-0000",))
    sheet = np.asarray(Image.open(chosen))
    assert positions(sheet, synthetic_record(2, 0, width=180, height=60, scene=2).left.image)
    assert not positions(sheet, synthetic_record(2, 0, width=180, height=60, scene=0).left.image)
    few = np.asarray(Image.open(show(tmp_path, tmp_path / "few.png", limit=2)))
    assert few.shape[0] < sheet.shape[0] * 2.5
    with pytest.raises(DepthbenchError, match="did you mean cafe-000002-0000"):
        show(tmp_path, tmp_path / "x.png", ids=("cafe-000002-000",))


def test_a_sample_of_sky_alone_is_drawn() -> None:
    record = synthetic_record(2, 0, width=180, height=60, panes=0, sky=True)
    empty = np.full_like(record.left.layers.disp_px, np.nan)
    assert contact_sheet([record]).any()
    object.__setattr__(record.left.layers, "disp_px", empty)
    assert contact_sheet([record]).any()
