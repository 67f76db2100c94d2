# SPDX-License-Identifier: Apache-2.0
"""A driven sequence made in two runs: its frames fit together by their records alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from storage_tests import everything, in_folder, run
from test_release_check import rewritten, tars
from test_release_upload import script

from depthbench.camera import Intrinsics
from depthbench.cli import cli
from depthbench.formats.grey_png import decode_grey
from depthbench.formats.image import encode_png
from depthbench.formats.pfm import read_pfm
from depthbench.release.check import check_release
from depthbench.release.seal import sealed

ARGUMENTS = "--sequences 1 --frames 2 --resolution 96x48 --seed 1 --samples 1 --device CPU --float-depth"


def generate(folder: Path, *more: str) -> Any:
    return CliRunner().invoke(cli, ["generate", "dvps-twin", "--out", str(folder), *ARGUMENTS.split(), *more])


def read(folder: Path, name: str) -> np.ndarray:
    return np.asarray(Image.open(next(iter(sorted((folder / "video_sequence/train").glob(name)))))).astype(np.int64)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drive")
    for more in (("--limit", "1"), ()):
        done = generate(folder, *more)
        assert done.exit_code == 0, done.output
    return folder


def frames(folder: Path) -> list[tuple[dict[str, Any], np.ndarray, np.ndarray]]:
    """Record, exact depth and panoptic ids of every frame."""
    found = []
    for path in sorted((folder / "frames/train").glob("*.json")):
        record = json.loads(path.read_text())
        ids = read(folder, f"{record['id']}_gtFine_instanceTrainIds.png")
        found.append((record, read_pfm(path.with_name(f"{record['id']}_depth.pfm")), ids))
    return found


@pytest.mark.render
class TestSequence:
    def test_files_are_as_cityscapes_dvps_has_them(self, made: Path) -> None:
        names = sorted(path.name for path in (made / "video_sequence/train").iterdir())
        stems = ["000000_000000_twin_000000_000004", "000000_000001_twin_000000_000009"]
        kinds = ["depth", "gtFine_instanceTrainIds", "leftImg8bit"]
        assert names == [f"{stem}_{kind}.png" for stem in stems for kind in kinds]
        for kind, mode in zip(kinds, ("I;16", "I;16", "RGB"), strict=True):
            with Image.open(made / "video_sequence/train" / f"{stems[1]}_{kind}.png") as image:
                assert (image.mode, image.size) == (mode, (96, 48))

    def test_depth_is_the_exact_one_in_256ths(self, made: Path) -> None:
        for record, exact, ids in frames(made):
            stored = read(made, f"{record['id']}_depth.png")
            sky = np.isinf(exact)
            assert np.array_equal(sky, ids == 10_000)
            assert (stored[sky] == 0).all()
            assert np.abs(stored[~sky] / 256 - exact[~sky]).max() <= 1 / 512 + 1e-4

    def test_every_instance_is_in_the_record_where_its_pixels_are(self, made: Path) -> None:
        for record, exact, ids in frames(made):
            boxes = {one["panoptic_id"]: one for one in record["objects"]}
            seen = [number for number in np.unique(ids) if 11_000 <= number < 19_000]
            assert seen
            points = world(record, exact)
            road = points[ids == 0][:, 2]
            # lines and covers lie on it
            assert np.abs(record["cam_to_world"][2][3] - road - record["camera_height_m"]).max() < 0.02
            for number in seen:
                centre, size = (np.array(boxes[number][key]) for key in ("centre_m", "size_m"))
                assert (np.abs(points[ids == number] - centre) <= size / 2 + 0.01).all(), boxes[number]

    def test_things_head_along_their_length_and_move_where_they_head(self, made: Path) -> None:
        (before, *_), (after, *_) = frames(made)
        moved = 0
        for one, other in zip(before["objects"], after["objects"], strict=True):
            turn = np.deg2rad(one["heading_deg"])
            if one["class"] in ("car", "truck", "bus", "bicycle"):
                assert (one["size_m"][0] > one["size_m"][1]) == (abs(np.cos(turn)) > 0.7)
            way = np.subtract(other["centre_m"], one["centre_m"])
            ahead = one["speed_m_s"] * 5 / 17 * np.array([np.cos(turn), np.sin(turn), 0])
            np.testing.assert_allclose(way, ahead, atol=1e-5)
            moved += one["speed_m_s"] > 0
        assert moved > 0

    def test_what_stands_is_met_again_from_the_next_pose(self, made: Path) -> None:
        # The second frame comes from a run that built the street anew.
        (before, depth, ids), (after, later, others) = frames(made)
        moving = [one["panoptic_id"] for one in before["objects"] if one["speed_m_s"]]
        still = np.isfinite(depth) & ~np.isin(ids, moving)
        points = world(before, depth)[still]
        camera = np.linalg.inv(np.array(after["cam_to_world"]))
        seen = points @ camera[:3, :3].T + camera[:3, 3]
        pixels = np.rint(Intrinsics(**after["intrinsics"]).project(seen))
        inside = ((pixels >= 0) & (pixels < [96, 48])).all(axis=1)
        columns, rows = pixels[inside].astype(int).T
        same = others[rows, columns] == ids[still][inside]
        near = np.abs(later[rows, columns] / seen[inside, 2] - 1) < 0.1
        assert inside.mean() > 0.5
        assert (same & near).mean() > 0.8
        way = after["cam_to_world"][0][3] - before["cam_to_world"][0][3]
        assert way == pytest.approx(before["speed_m_s"] * 5 / 17)
        assert way > 0.5

    def test_the_storage_gets_the_same_files(self, made: Path, storage: dict[str, str]) -> None:
        url = "s3://bench/drive"
        run("generate", "dvps-twin", "--out", url, *ARGUMENTS.split())
        assert everything(url) == in_folder(made)
        assert "2 of 2 (100.0%) frames" in run("status", url)
        assert "0 frames made, all are there" in run("generate", "dvps-twin", "--out", url, *ARGUMENTS.split())

    def test_the_same_command_has_nothing_left_to_do(self, made: Path) -> None:
        done = generate(made)
        assert "0 frames made, all are there" in done.output
        other = generate(made, "--frames", "3")
        assert other.exit_code != 0
        assert "frames is 2, asked 3" in str(other.exception)

    def test_a_released_drive_is_built_again_and_compared(self, made: Path, tmp_path: Path) -> None:
        """By its script, the frames being there as after an interruption; then one pixel is moved, and all records with it."""
        work = tmp_path / "work"
        shutil.copytree(made, work / "made")
        told = script("dvps", work, *ARGUMENTS.split(), CYCLES="0")
        assert "2 samples read, 0 computed anew: all is well" in told

        def move(samples: list[tuple[str, dict[str, Any]]]) -> None:
            place = next(place for place, (name, _) in enumerate(samples) if name.endswith("000009"))
            name, parts = samples[place]
            raw, exact = decode_grey(parts["depth.png"], 16).copy(), parts["npz"]["depth_m"].copy()
            raw[-1, 40] += 1
            exact[-1, 40] += 1 / 256
            samples[place] = name, sealed({**parts, "depth.png": encode_png(raw), "npz": {"depth_m": exact}})

        rewritten(work / "release", tars(work / "release")[0], move)
        assert check_release(work / "release", 0).problems == []
        found = check_release(work / "release", None)
        assert found.recomputed == 2
        assert sorted(text.partition(" is not")[0] for text in found.problems) == [
            f"000000_000001_twin_000000_000009: {what}" for what in ("depth", "exact depth")
        ]


def world(record: dict[str, Any], depth: np.ndarray) -> np.ndarray:
    """Points (H, W, 3) of a depth map; those of the sky are NaN."""
    points = Intrinsics(**record["intrinsics"]).back_project(np.where(np.isfinite(depth), depth, np.nan))
    pose = np.array(record["cam_to_world"])
    return points @ pose[:3, :3].T + pose[:3, 3]
