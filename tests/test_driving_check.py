# SPDX-License-Identifier: Apache-2.0
"""Checks of driven sequences, on a level road with one box, in closed form."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from test_driving import config

from depthbench.camera import Intrinsics
from depthbench.cli import cli
from depthbench.formats.json_file import write_json
from depthbench.formats.pfm import write_pfm
from depthbench.generators.driving.check import holds_drives, verify_drives
from depthbench.generators.driving.config import DrivingConfig, FramePaths, paths
from depthbench.generators.driving.picture import colour_ids

CONFIG = config(frames=3)
UP_M, BOX, SIZE = 1.25, np.array([14.0, 0.5, 0.75]), np.array([4.0, 1.8, 1.5])
AXES = np.array([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])
"""World x is ahead, y left, z up."""


def frame(folder: Path, number: int, x: float, sequence: int = 0, config: DrivingConfig = CONFIG) -> FramePaths:
    """Write one frame of a camera at (x, 0, UP_M) that looks along x; no two pictures are alike."""
    camera = Intrinsics.centred(64, 32, 70.0)
    rays = camera.pixel_directions()
    with np.errstate(divide="ignore"):
        road = np.where(rays[..., 1] > 0, UP_M / rays[..., 1], np.inf)
    road[road > 200] = np.inf
    front = BOX[0] - SIZE[0] / 2 - x
    aside, up = -rays[..., 0] * front, UP_M - rays[..., 1] * front
    box = (np.abs(aside - BOX[1]) < SIZE[1] / 2) & (np.abs(up - BOX[2]) < SIZE[2] / 2)
    depth = np.where(box, front, road)
    ids = np.where(box, 13_001, np.where(np.isinf(road), 10_000, 0)).astype(np.uint16)
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = AXES, [x, 0, UP_M]
    files = paths(folder, config, sequence, number)
    for path in (files.image, files.record):
        path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng([sequence, number]).integers(0, 255, (32, 64, 3), np.uint8)).save(files.image)
    Image.fromarray(ids).save(files.panoptic)
    raw = np.where(np.isfinite(depth), np.rint(np.where(np.isfinite(depth), depth, 0) * 256), 0)
    Image.fromarray(raw.astype(np.uint16)).save(files.depth)
    car = {"panoptic_id": 13_001, "class": "car", "centre_m": BOX.tolist(), "size_m": SIZE.tolist()}
    record = {"id": files.record.stem, "sequence": sequence, "frame": number, "cam_to_world": pose, "objects": [car]}
    record |= {"intrinsics": vars(camera), "weather": "clear", "speed_m_s": 3.4}
    if config.float_depth:
        write_pfm(files.float_depth, depth.astype(np.float32))
    write_json(files.record, record)
    return files


@pytest.fixture
def drive(tmp_path: Path) -> Path:
    write_json(tmp_path / "config.json", CONFIG.to_json())
    for number in range(3):
        frame(tmp_path, number, 1.0 * number)
    return tmp_path


def edited(path: Path, change: Callable[[np.ndarray], None]) -> None:
    values = np.array(Image.open(path))
    change(values)
    Image.fromarray(values).save(path)


def test_a_whole_folder_is_well(drive: Path) -> None:
    assert holds_drives(drive)
    assert verify_drives(drive) == (3, [])
    assert CliRunner().invoke(cli, ["verify", str(drive)]).output == "3 frames read: all is well\n"


def test_faults_are_named(drive: Path) -> None:
    files = [paths(drive, CONFIG, 0, number) for number in range(3)]

    def stuff(ids: np.ndarray) -> None:
        ids[-1, 0] = 7

    def hole(depth: np.ndarray) -> None:
        depth[-1, 5:9] = 0

    edited(files[0].panoptic, stuff)
    edited(files[1].depth, hole)
    record = json.loads(files[2].record.read_text())
    record["objects"][0]["centre_m"][0] += 3.0
    files[2].record.write_text(json.dumps(record))
    _, problems = verify_drives(drive)
    for told in (
        "000004: 1 pixels have ids that there are not, such as 7",
        "elsewhere than in the sky, at 4",
        "000014: 13001 reaches out",
    ):
        assert any(told in problem for problem in problems), told
    files[1].image.unlink()
    assert any("no such file" in problem for problem in verify_drives(drive)[1])


def test_a_pose_that_is_not_that_of_the_picture_is_found(drive: Path) -> None:
    record = paths(drive, CONFIG, 0, 1).record
    told = json.loads(record.read_text())
    told["cam_to_world"][2][3] += 0.3
    told["objects"] = [{**told["objects"][0], "size_m": [9, 9, 9]}]
    record.write_text(json.dumps(told))
    count, problems = verify_drives(drive)
    assert count == 3
    assert any("of the road before is not where the pose says" in problem for problem in problems)


def test_the_sheet_has_a_row_for_each_frame(drive: Path) -> None:
    done = CliRunner().invoke(cli, ["show", str(drive), "--limit", "2"])
    assert "2 of 3 frames" in done.output
    with Image.open(drive / "contact_sheet.png") as sheet:
        assert sheet.width > 3 * 480
    missing = CliRunner().invoke(cli, ["show", str(drive), "--id", "nobody"])
    assert "holds no frame nobody" in str(missing.exception)


def test_instances_of_a_class_look_different() -> None:
    shown = colour_ids(np.array([[13_001, 13_002, 13_001, 32_000]], dtype=np.uint16))[0]
    assert (shown[0] != shown[1]).any()
    assert (shown[0] == shown[2]).all()
    assert not shown[3].any()
