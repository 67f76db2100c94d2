# SPDX-License-Identifier: Apache-2.0
"""What ``verify`` says of shards by themselves, on synthetic samples with and without something wrong: without Blender."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from synthetic import synthetic_record, synthetic_surfaces
from test_plan import config

from depthbench.formats.shard import LayeredRecord, write_shard
from depthbench.generators.plan import shard_path
from depthbench.generators.stored_checks import check_record, check_shard, seen_share
from depthbench.generators.verify import judge
from depthbench.layers import Layers


def changed(record: LayeredRecord, change: Callable[[Layers], Layers]) -> LayeredRecord:
    """Return the record with another left eye."""
    return replace(record, left=replace(record.left, layers=change(record.left.layers)))


@pytest.mark.parametrize("seed", range(6))
def test_a_good_sample_has_no_problem(seed: int) -> None:
    """Slanted planes in closed form pass every check, in both directions."""
    record = synthetic_record(seed)
    assert list(check_record(record, config())) == []
    assert seen_share(record.left.layers, record.right.layers, -1) > 0.99
    assert seen_share(record.right.layers, record.left.layers, 1) > 0.99


def test_eyes_that_do_not_belong_together_are_found() -> None:
    """The right eye of another sample, disparities off by 3 px, the wrong direction, exchanged surfaces."""
    record, other = synthetic_record(1), synthetic_record(2)
    assert seen_share(record.left.layers, other.right.layers, -1) < 0.9
    assert seen_share(record.left.layers, record.right.layers, 1) < 0.9
    for wrong in (
        replace(record, right=replace(record.right, layers=other.right.layers)),
        changed(record, lambda layers: replace(layers, disp_px=layers.disp_px + np.float32(3))),
        changed(record, lambda layers: replace(layers, surface_id=np.where(layers.surface_id > 0, 9, 0).astype("i4"))),
    ):
        assert any("in the right eye's map" in text for text in check_record(wrong, config()))


def test_a_sample_that_contradicts_itself_is_found() -> None:
    """Order of layers, size, camera, picture."""
    record = synthetic_record(3)
    swapped = changed(record, lambda layers: replace(layers, disp_px=layers.disp_px[::-1].copy()))
    assert any("left eye: " in text for text in check_record(swapped, config()))
    assert any("96x64" in text for text in check_record(record, config(width=192)))
    moved = record.right.cam_to_world + 0.0
    moved[0, 3] += 0.01
    assert any(
        "baseline" in t
        for t in check_record(replace(record, right=replace(record.right, cam_to_world=moved)), config())
    )
    black = replace(record.right, image=np.zeros_like(record.right.image))
    assert list(check_record(replace(record, right=black), config())) == ["right eye: the picture is of one colour"]


def write(folder: Path, scene: int, views: list[int], without: tuple[int, ...] = ()) -> Path:
    """Write a shard of synthetic samples of a scene."""
    records = [synthetic_record(0, view, scene=scene) for view in views]
    attrs = {"without": {str(view): {"clearance": 40} for view in without}}
    return write_shard(shard_path(folder, scene), records, surfaces=synthetic_surfaces(), attrs=attrs)


def test_shards_are_held_against_the_configuration(tmp_path: Path) -> None:
    """Gaps count unless the view is known to be impossible; names must be those of the scene."""
    settings = config(views_per_scene=4)
    assert check_shard(write(tmp_path, 0, [0, 1, 3], without=(2,)), settings) == (
        ["cafe-000000-0000", "cafe-000000-0001", "cafe-000000-0003"], [],
    )  # fmt: skip
    _, [gap] = check_shard(write(tmp_path, 2, [0, 3]), settings)
    assert "2 views are missing, the first is 1" in gap
    _, [name] = check_shard(write(tmp_path, 1, [0]), settings)
    assert "not those of this scene and environment" in name


def test_a_damaged_shard_is_one_line(tmp_path: Path) -> None:
    """Cut short, or a byte of a picture changed: the file is named."""
    path = write(tmp_path, 0, [0])
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    _, [line] = check_shard(path, config())
    assert str(path) in line
    place = data.index(b"\x89PNG") + 200
    path.write_bytes(data[:place] + bytes([data[place] ^ 255]) + data[place + 1 :])
    _, [line] = check_shard(path, config())
    assert str(path) in line


def test_judgement_of_the_two_routes() -> None:
    """Limits as documented: a ten-thousandth of the pixels against ray casting, a thousandth against Cycles."""
    eye = {"within_1e4": 0.9991, "same_count": 1.0, "worst": 1e-5}
    good = {"recast": {"disp_px": 0.00009, "surface_id": 0.0}, "cycles": {"left": eye, "right": eye}}
    assert judge(good) == []
    assert len(judge(good | {"recast": {"disp_px": 0.0002, "surface_id": 1.0}})) == 2
    [line] = judge(good | {"cycles": {"left": eye, "right": eye | {"within_1e4": 0.998}}})
    assert line.startswith("right eye: Cycles meets other depths at 0.2")
