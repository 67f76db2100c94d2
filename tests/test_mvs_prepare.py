# SPDX-License-Identifier: Apache-2.0
"""Photographs into MVSNet's layout: files of cameras, pairs and COLMAP, view selection as the published loop does it, real photographs."""

from __future__ import annotations

from pathlib import Path

import colmap_files
import hypothesis.strategies as st
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from PIL import Image

from depthbench.cli import cli
from depthbench.errors import DepthbenchError
from depthbench.formats.colmap import ColmapCamera, ColmapModel, pose_of, read_colmap_model
from depthbench.formats.mvs_pairs import read_pairs, write_pairs
from depthbench.formats.mvsnet_cam import MvsCamera, read_mvsnet_camera, write_mvsnet_camera
from depthbench.generators.mvs.from_colmap import Choices, plan_views
from depthbench.generators.mvs.undistort import distort, pinhole, undistorted
from depthbench.generators.mvs.view_selection import planes_one_pixel_apart

CAMERA = MvsCamera(
    np.array([[361.54125, 0, 82.900625], [0, 360.3975, 66.383875], [0, 0, 1]]),
    pose_of((0.97, 0.1, -0.2, 0.05), (-191.0, 3.28, 22.5)),
    425.0,
    425.0 + 2.5 * 191,
    2.5,
    192,
)


def published_scores(model: ColmapModel) -> dict[tuple[int, int], float]:
    """MVSNet's script: for each pair a loop over the observations of the first that the second observes too, repeats and all."""
    images = sorted(model.images.values(), key=lambda image: image.name)
    where = dict(zip(model.point_ids.tolist(), model.points, strict=True))
    scores = {}
    for i, first in enumerate(images):
        for j in range(i + 1, len(images)):
            total = 0.0
            theirs = set(images[j].point_ids.tolist())
            centres = [-v.world_to_cam[:3, :3].T @ v.world_to_cam[:3, 3] for v in (first, images[j])]
            for point in first.point_ids.tolist():
                if point == -1 or point not in theirs:
                    continue
                a, b = (centre - where[point] for centre in centres)
                theta = np.degrees(np.arccos(a @ b / np.linalg.norm(a) / np.linalg.norm(b)))
                total += np.exp(-((theta - 5) ** 2) / (2 * (1 if theta <= 5 else 10) ** 2))
            scores[i, j] = total
    return scores


def assert_same_scores(model: ColmapModel) -> None:
    _, pairs = plan_views(model, Choices(sources=99, count_repeats=True))
    got = {(i, j): score for i, found in pairs.items() for j, score in found}
    for (i, j), score in published_scores(model).items():
        assert got.get((i, j), 0.0) == pytest.approx(score, rel=1e-9), (i, j)
        assert got.get((j, i), 0.0) == got.get((i, j), 0.0)


@pytest.mark.parametrize("seed", range(3))
def test_scores_are_those_of_the_published_loop(seed: int) -> None:
    assert_same_scores(colmap_files.small_model(seed))


def test_text_and_binary_models_are_read_alike(tmp_path: Path) -> None:
    model = colmap_files.small_model()
    colmap_files.write_text(tmp_path / "text" / "sparse", model)
    colmap_files.write_binary(tmp_path / "binary" / "sparse" / "0", model)
    for kind in ("text", "binary"):
        got = read_colmap_model(tmp_path / kind)
        assert got.cameras == model.cameras
        assert list(got.images) == list(model.images)
        for one, other in zip(got.images.values(), model.images.values(), strict=True):
            assert (one.name, one.camera_id) == (other.name, other.camera_id)
            np.testing.assert_allclose(one.world_to_cam, other.world_to_cam, atol=1e-15)
            np.testing.assert_array_equal(one.observed_px, other.observed_px)
            np.testing.assert_array_equal(one.point_ids, other.point_ids)
        np.testing.assert_array_equal(got.point_ids, model.point_ids)
        np.testing.assert_array_equal(got.points, model.points)


@pytest.mark.parametrize("name", ["cameras.bin", "images.bin", "points3D.bin"])
def test_a_binary_model_cut_short_is_named(name: str, tmp_path: Path) -> None:
    colmap_files.write_binary(tmp_path, colmap_files.small_model())
    path = tmp_path / name
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(DepthbenchError, match=rf"{name}: cut short"):
        read_colmap_model(tmp_path)


def test_a_camera_comes_back(tmp_path: Path) -> None:
    write_mvsnet_camera(tmp_path / "a_cam.txt", CAMERA)
    assert len((tmp_path / "a_cam.txt").read_text().splitlines()) == 12
    got = read_mvsnet_camera(tmp_path / "a_cam.txt")
    np.testing.assert_allclose(got.intrinsics, CAMERA.intrinsics, rtol=1e-11)
    np.testing.assert_allclose(got.world_to_cam, CAMERA.world_to_cam, atol=1e-9)
    assert (got.depth_min, got.depth_max, got.depth_interval, got.planes) == (425, 902.5, 2.5, 192)


def with_depths(path: Path, line: str) -> Path:
    write_mvsnet_camera(path, CAMERA)
    path.write_text("\n".join([*path.read_text().splitlines()[:-1], line]))
    return path


@pytest.mark.parametrize(
    ("line", "dialect", "wanted"),
    [
        ("425 2.5", None, (425, 902.5, 2.5, None)),
        ("425 2.5", "mvsnet", (425, 902.5, 2.5, None)),
        ("425 2.5 256", None, (425, 1062.5, 2.5, 256)),
        ("425.0 2.5 255.3 1062.0", None, (425, 1062, 2.5, 256)),
        ("425 935", "patchmatchnet", (425, 935, 510 / 191, None)),
        ("0.2 0.5", "mvsnet", (0.2, 0.2 + 0.5 * 191, 0.5, None)),
    ],
)
def test_dialects_of_depths(line: str, dialect: str | None, wanted: tuple[float, ...], tmp_path: Path) -> None:
    got = read_mvsnet_camera(with_depths(tmp_path / "c.txt", line), dialect)  # type: ignore[arg-type]
    assert (got.depth_min, got.depth_max, got.depth_interval, got.planes) == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("line", "dialect", "told"),
    [
        ("425 935", None, "may be min and interval, or min and max"),
        ("425 2.5 192 902", "patchmatchnet", "patchmatchnet has 2"),
        ("425", None, "not a camera of MVSNet|1 numbers"),
        ("425 -2.5 192", None, "are none"),
        ("425 nan", None, "not finite"),
        ("425 two", None, "a word where a number belongs"),
    ],
)
def test_depths_at_fault_are_told(line: str, dialect: str | None, told: str, tmp_path: Path) -> None:
    with pytest.raises(DepthbenchError, match=told):
        read_mvsnet_camera(with_depths(tmp_path / "c.txt", line), dialect)  # type: ignore[arg-type]


def test_a_pose_that_is_none_is_told(tmp_path: Path) -> None:
    write_mvsnet_camera(tmp_path / "c.txt", CAMERA)
    text = (tmp_path / "c.txt").read_text()
    (tmp_path / "c.txt").write_text(text.replace("0 0 0 1\n", "0 0 1 1\n", 1))
    with pytest.raises(DepthbenchError, match="last row"):
        read_mvsnet_camera(tmp_path / "c.txt")


@given(
    pairs=st.dictionaries(
        st.integers(0, 60),
        st.lists(st.tuples(st.integers(61, 99), st.integers(0, 5000).map(lambda n: n / 8)), max_size=6),
        max_size=5,
    )
)
def test_pairs_come_back(pairs: dict, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("pairs") / "pair.txt"
    write_pairs(path, pairs)
    assert read_pairs(path) == pairs


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2\n0\n1 1 5.0\n", "cut short: 1 of 2"),
        ("1\n0\n2 1 5.0\n", "1 sources where 2"),
        ("1\n0\n1 1 5.0\n1\n", "more than the 1"),
        ("2\n0\n1 1 5.0\n0\n0\n", "reference twice"),
        ("1\n0\n1 7 5.0\n", "names view 7, which is not there"),
        ("", "not what a pair file holds"),
        ("1\n0\n1 1\n", "not what a pair file holds"),
    ],
)
def test_pairs_at_fault_are_told(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "pair.txt").write_text(text)
    with pytest.raises(DepthbenchError, match=told):
        read_pairs(tmp_path / "pair.txt", known=[0, 1])


def test_a_view_among_its_own_sources_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "pair.txt").write_text("1\n0\n2 1 5.0 0 0.0\n")
    assert read_pairs(tmp_path / "pair.txt") == {0: [(1, 5.0)]}


@pytest.mark.parametrize(
    ("model", "params"),
    [
        ("SIMPLE_RADIAL", (60.0, 31.0, 25.0, -0.08)),
        ("OPENCV", (60.0, 58.0, 33.0, 23.0, 0.05, -0.02, 0.003, -0.004)),
        ("FULL_OPENCV", (60.0, 58.0, 33.0, 23.0, 0.05, -0.02, 0.003, -0.004, 0.01, 0.02, 0.0, 0.0)),
    ],
)
def test_distortion_is_that_of_another_library(model: str, params: tuple[float, ...]) -> None:
    cv2 = pytest.importorskip("cv2")
    camera = ColmapCamera(model, 64, 48, params)
    points = np.random.default_rng(0).uniform(-0.5, 0.5, (20, 2))
    k = params[4:] if model != "SIMPLE_RADIAL" else (params[3], 0.0, 0.0, 0.0)
    wanted, _ = cv2.projectPoints(np.c_[points, np.ones(20)], np.zeros(3), np.zeros(3), np.eye(3), np.array(k))
    np.testing.assert_allclose(distort(points, camera), wanted[:, 0], atol=1e-12)


def test_a_point_in_the_distorted_picture_lands_where_the_pinhole_sees_it() -> None:
    """A smooth spot drawn where the lens images a direction; in the straight picture its centre is where the pinhole projects it."""
    camera = ColmapCamera("SIMPLE_RADIAL", 96, 72, (80.0, 47.0, 37.0, -0.2))
    straight = pinhole(camera)
    direction = np.array([0.42, -0.3])
    bent = distort(direction, camera)
    y, x = np.mgrid[:72, :96]
    px, py = bent * 80.0 + (straight.cx, straight.cy)
    spot = 250 * np.exp(-((x - px) ** 2 + (y - py) ** 2) / (2 * 1.2**2))
    rgb = np.repeat(np.rint(spot).astype(np.uint8)[..., None], 3, axis=2)
    for size in ((96, 72), (48, 36)):
        made = undistorted(rgb, camera, size)[..., 0].astype(float)
        y, x = np.mgrid[: size[1], : size[0]]
        found = [(made * axis).sum() / made.sum() for axis in (x, y)]
        wanted = straight.resized(*size).project(np.array([*direction, 1.0]))
        np.testing.assert_allclose(found, wanted, atol=0.08)


def test_the_command_makes_a_folder_that_reads_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = colmap_files.small_model(camera=ColmapCamera("SIMPLE_RADIAL", 64, 48, (60.0, 32.0, 24.0, -0.05)))
    colmap_files.write_binary(tmp_path / "sparse", model)
    (tmp_path / "images").mkdir()
    for image in model.images.values():
        Image.new("RGB", (64, 48), (90, 120, 30)).save(tmp_path / "images" / image.name)
    words = ["prepare", "mvs", "--from", "colmap", str(tmp_path), "--out", str(tmp_path / "out"), "--scale", "0.5"]
    done = CliRunner().invoke(cli, words)
    assert done.exit_code == 0, done.output
    pairs = read_pairs(tmp_path / "out" / "pair.txt", known=range(4))
    assert len(pairs) == 4
    by_name = sorted(model.images.values(), key=lambda image: image.name)
    for number, image in enumerate(by_name):
        camera = read_mvsnet_camera(tmp_path / "out" / "cams" / f"{number:08d}_cam.txt")
        with Image.open(tmp_path / "out" / "images" / f"{number:08d}.jpg") as made:
            assert made.size == (32, 24)
        # a point of the world: where COLMAP says, at half the size, counted from the first pixel's centre
        point = model.points[number]
        x, y, z = image.world_to_cam[:3, :3] @ point + image.world_to_cam[:3, 3]
        colmap_px = np.array([60 * x / z + 32, 60 * y / z + 24])
        ours = camera.intrinsics @ (camera.world_to_cam[:3, :3] @ point + camera.world_to_cam[:3, 3])
        np.testing.assert_allclose(ours[:2] / ours[2], colmap_px / 2 - 0.5, atol=1e-6)
    monkeypatch.setattr("depthbench.generators.mvs.pictures.PER_UNIT", 1)
    elsewhere = [*words[:5], "--out", str(tmp_path / "again"), *words[7:]]
    for more in (
        ("--num-shards", "2", "--shard-index", "1"),
        ("--num-shards", "2", "--shard-index", "0", "--workers", "2"),
    ):
        done = CliRunner().invoke(cli, [*elsewhere, *more])
        assert done.exit_code == 0, done.output
    of_runs = ("units", "run.json", ".lock")
    made = [path for path in (tmp_path / "out").rglob("*") if path.is_file() and not {*path.parts} & {*of_runs}]
    assert len(made) == 4 + 4 + 3
    for path in made:
        assert (tmp_path / "again" / path.relative_to(tmp_path / "out")).read_bytes() == path.read_bytes()
    (tmp_path / "images" / by_name[0].name).unlink()
    done = CliRunner().invoke(cli, words)
    assert "1 of 4 images of the model are not there" in str(done.exception)


def test_planes_are_one_pixel_apart() -> None:
    """The nearest two planes of inverse depth differ by what one pixel covers sideways at the least depth."""
    planes = planes_one_pixel_apart(2.0, 8.0, 500.0)
    inverse = np.linspace(1 / 2.0, 1 / 8.0, planes)
    assert 1 / inverse[1] - 2.0 == pytest.approx(2.0 / 500, rel=0.01)


@pytest.mark.shared
def test_a_real_door(shared_data: Path) -> None:
    """Scores as the published loop counts them, and, without repeats, those that stand in a pair file made elsewhere."""
    folder = shared_data / "mvs_dvps" / "lund_door"
    model = read_colmap_model(folder)
    assert_same_scores(model)
    views, pairs = plan_views(model, Choices(scale=0.5))
    for reference, sources in read_pairs(folder / "mvsnet_half" / "pair.txt", known=range(12)).items():
        assert [i for i, _ in pairs[reference]] == [i for i, _ in sources]
        np.testing.assert_allclose([s for _, s in pairs[reference]], [s for _, s in sources], rtol=1e-5)
    views, _ = plan_views(model, Choices(scale=0.5, count_repeats=True))  # as the depths of those files were found
    for view in views:
        other = read_mvsnet_camera(folder / "mvsnet_half" / "cams" / f"{view.id:08d}_cam.txt")
        np.testing.assert_allclose(view.camera.world_to_cam, other.world_to_cam, atol=1e-5)
        assert view.camera.depth_min == pytest.approx(other.depth_min, rel=1e-6)
        assert view.camera.depth_max == pytest.approx(other.depth_max, rel=1e-6)
        # those files keep COLMAP's corner origin
        np.testing.assert_allclose(other.intrinsics[:2, 2] - view.camera.intrinsics[:2, 2], 0.5, atol=1e-3)


@pytest.mark.shared
def test_a_real_cup(shared_data: Path, tmp_path: Path) -> None:
    """Cameras as in files made elsewhere; every view sees the middle of the others' pictures, so each has six sources."""
    folder = shared_data / "mvs_dvps" / "rmvd_cup"
    words = ["prepare", "mvs", "--from", "robustmvd", str(folder), "--out", str(tmp_path), "--scale", "0.25"]
    done = CliRunner().invoke(cli, words)
    assert "--depth-range" in str(done.exception)
    done = CliRunner().invoke(cli, [*words, "--depth-range", "0.2", "2"])
    assert done.exit_code == 0, done.output
    pairs = read_pairs(tmp_path / "pair.txt", known=range(7))
    assert {len(sources) for sources in pairs.values()} == {6}
    for number in range(7):
        ours = read_mvsnet_camera(tmp_path / "cams" / f"{number:08d}_cam.txt")
        other = read_mvsnet_camera(folder / "cams" / f"{number:08d}_cam.txt")
        np.testing.assert_allclose(ours.world_to_cam, other.world_to_cam, atol=1e-6)
        assert (ours.depth_min, ours.depth_max) == pytest.approx((0.2, 2))
        assert ours.intrinsics[0, 0] == pytest.approx(other.intrinsics[0, 0] / 4)


@pytest.mark.shared
def test_dtus_own_pair_file(shared_data: Path) -> None:
    pairs = read_pairs(shared_data / "mvs_dvps" / "dtu_meta" / "pair.txt", known=range(49))
    assert len(pairs) == 49
    assert {len(sources) for sources in pairs.values()} == {10}
