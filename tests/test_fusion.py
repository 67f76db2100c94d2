# SPDX-License-Identifier: Apache-2.0
"""Fusion: exact scenes, the published loop, borders and cameras that look away, named presets, the command with its files."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import fusion_scene
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from depthbench.benchmarks.metrics.kernels import kernels
from depthbench.cli import cli
from depthbench.errors import DepthbenchError
from depthbench.formats.mvs_pairs import write_pairs
from depthbench.formats.mvsnet_cam import MvsCamera, write_mvsnet_camera
from depthbench.formats.pfm import write_pfm
from depthbench.formats.ply import columns_of, read_ply
from depthbench.formats.ply_stream import point_stream
from depthbench.fusion.consistency import DepthView, consistent
from depthbench.fusion.rules import PRESETS, FusionRules, Level


@pytest.fixture(params=["numpy", "compiled"], autouse=True)
def route(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if request.param == "compiled":
        pytest.importorskip("numba", reason='numba is not installed: pip install "depthbench[fast]"')
    else:
        monkeypatch.setitem(sys.modules, "depthbench.fusion.compiled", None)
    kernels.cache_clear()
    yield
    kernels.cache_clear()


def off_surface(points: np.ndarray) -> np.ndarray:
    """Distance of points to the nearer of wall and ball."""
    wall = np.abs(points @ fusion_scene.NORMAL - fusion_scene.OFFSET) / np.linalg.norm(fusion_scene.NORMAL)
    return np.minimum(wall, np.abs(np.linalg.norm(points - fusion_scene.CENTRE, axis=1) - fusion_scene.RADIUS))


def test_exact_depth_is_kept_and_gives_points_on_the_surface() -> None:
    views = fusion_scene.views()
    mask, depth = consistent(views[2], [v for i, v in enumerate(views) if i != 2], PRESETS["fixed"])
    assert mask.mean() > 0.8
    # at the ball's edge the depth found lies between two pixels of it
    np.testing.assert_allclose(depth[mask], views[2].depth[mask], rtol=6e-3)
    assert np.median(np.abs(depth[mask] / views[2].depth[mask] - 1)) < 1e-5
    assert np.quantile(off_surface(views[2].points(mask, depth)), 0.99) < 0.01


@pytest.mark.parametrize("noise", [0.0, 0.004])
def test_the_mask_is_that_of_the_published_loop(noise: float) -> None:
    """But for pixels that the loop samples half outside or beside unknown depth, and its sampling in steps of 1/32 pixel."""
    pytest.importorskip("cv2")
    views = fusion_scene.views(width=96, height=72, noise=noise)
    for number in (0, 3):
        sources = [v for i, v in enumerate(views) if i != number]
        mask, depth = consistent(views[number], sources, PRESETS["fixed"])
        wanted_mask, wanted_depth = fusion_scene.published(views[number], sources)
        assert (mask != wanted_mask).mean() < 0.005
        both = mask & wanted_mask
        assert np.quantile(np.abs(depth[both] / wanted_depth[both] - 1), 0.9) < 2e-4


def test_both_routes_agree() -> None:
    views = fusion_scene.views(noise=0.003, seed=3)
    mask, depth = consistent(views[1], [views[0], *views[2:]], PRESETS["dynamic"])
    kernels.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "depthbench.fusion.compiled", None)
        other_mask, other_depth = consistent(views[1], [views[0], *views[2:]], PRESETS["dynamic"])
    kernels.cache_clear()
    np.testing.assert_array_equal(mask, other_mask)
    np.testing.assert_allclose(depth[mask], other_depth[mask], rtol=1e-6)


def flat(depth: float, shift: float, size: int = 21) -> DepthView:
    """A view of a wall straight ahead, moved sideways by a whole number of its pixels at depth 10."""
    pose = np.eye(4)
    pose[0, 3] = shift
    k = np.array([[20.0, 0, 10], [0, 20, 10], [0, 0, 1]])
    return DepthView(np.full((size, size), depth, np.float32), k, pose)


def one(distance_px: float, relative: float, views: int) -> FusionRules:
    return FusionRules((Level(distance_px, relative, views),), 0.0, None, "")


def test_thresholds_in_closed_form() -> None:
    """A source that holds the wall for 1 % farther: the pixel comes back 0.0495 px off (20 px of focal, shift 0.5: d(1/z))."""
    view, source = flat(10.0, 0.0), flat(10.1, -0.5)
    off_px = 20 * 0.5 * (1 / 10.0 - 1 / 10.1)
    for distance, relative, agrees in (
        (off_px * 1.01, 0.0101, True),
        (off_px * 0.99, 0.0101, False),
        (off_px * 1.01, 0.0099, False),
    ):
        mask, depth = consistent(view, [source], one(distance, relative, 1))
        assert mask[10, 12] == agrees
        if agrees:
            assert depth[10, 12] == pytest.approx(10.05, rel=1e-6)


def test_dynamic_thresholds_loosen_with_the_number_of_views() -> None:
    """Sources 0.35 % off agree from the level of five views on (5 / 1300 = 0.38 %): five of them are enough, four are not."""
    view = flat(10.0, 0.0)
    sources = [flat(10.035, 0.0) for _ in range(5)]
    assert not consistent(view, sources[:4], PRESETS["dynamic"])[0].any()
    assert consistent(view, sources, PRESETS["dynamic"])[0].all()
    # a sixth that is farther off (0.7 %) counts for the mean all the same: the loosest level is 0.77 %
    mask, depth = consistent(view, [*sources, flat(10.07, 0.0)], PRESETS["dynamic"])
    assert mask.all()
    np.testing.assert_allclose(depth, (10 + 5 * 10.035 + 10.07) / 7, rtol=1e-6)


def test_pixels_that_leave_the_picture_have_no_answer() -> None:
    """Moved by three pixels: three columns leave, exactly; the one that lands on the last column has its answer."""
    mask, _ = consistent(flat(10.0, 0.0), [flat(10.0, 1.5)], one(1, 0.01, 1))
    np.testing.assert_array_equal(mask, np.tile(np.arange(21) < 18, (21, 1)))


def test_unknown_depth_beside_a_sample_gives_no_answer() -> None:
    source = flat(10.0, 0.25)  # half a pixel: between two columns
    source.depth[5, 8] = 0
    source.depth[6, 8] = np.nan
    mask, _ = consistent(flat(10.0, 0.0), [source], one(1, 0.01, 1))
    wanted = np.ones((21, 21), bool)
    wanted[5:7, 7:9] = False
    wanted[:, 20] = False
    np.testing.assert_array_equal(mask, wanted)


def test_what_lies_behind_a_camera_has_no_answer() -> None:
    """A source turned round sees the mirrored pixel at negative depth; a loop that does not look at signs may accept it."""
    source = flat(10.0, 0.0)
    source.world_to_cam[:3, :3] = np.diag([-1.0, 1.0, -1.0])
    assert not consistent(flat(10.0, 0.0), [source], one(50, 10, 1))[0].any()
    view = flat(10.0, 0.0)
    view.depth[3, 4] = 0
    mask, _ = consistent(view, [flat(10.0, 0.0)], one(1, 0.01, 1))
    assert mask.sum() == 21 * 21 - 1


def test_presets_have_levels_from_strict_to_loose() -> None:
    for rules in PRESETS.values():
        for strict, loose in zip(rules.levels, rules.levels[1:], strict=False):
            assert strict.distance_px <= loose.distance_px
            assert strict.relative_depth <= loose.relative_depth


def test_a_stream_reads_back(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    points = rng.normal(size=(123456, 3)).astype(np.float32)
    rgb = rng.integers(0, 256, (123456, 3), dtype=np.uint8)
    with point_stream(tmp_path / "a.ply", ["made by a test"]) as stream:
        for start in range(0, 123456, 50000):
            stream.write(points[start : start + 50000], rgb[start : start + 50000])
    vertices = read_ply(tmp_path / "a.ply")["vertex"]
    np.testing.assert_array_equal(columns_of(vertices, "x", "y", "z"), points)
    np.testing.assert_array_equal(columns_of(vertices, "red", "green", "blue"), rgb)


def test_another_library_reads_a_stream(tmp_path: Path) -> None:
    trimesh = pytest.importorskip("trimesh")
    with point_stream(tmp_path / "a.ply") as stream:
        stream.write(np.eye(3), np.full((3, 3), 7, np.uint8))
    cloud = trimesh.load(tmp_path / "a.ply")
    np.testing.assert_array_equal(cloud.vertices, np.eye(3))


def write_views(folder: Path, views: list[DepthView], scale: int = 1) -> None:
    """MVSNet's folder; pictures ``scale`` times as large as the depth maps, left half red, right half green."""
    ids = range(len(views))
    for number, view in enumerate(views):
        height, width = view.depth.shape
        k = view.intrinsics.copy()
        k[:2] *= scale
        k[:2, 2] += (scale - 1) / 2
        camera = MvsCamera(k, view.world_to_cam, 2.0, 9.0, 0.1, 71)
        write_mvsnet_camera(folder / "cams" / f"{number:08d}_cam.txt", camera)
        (folder / "images").mkdir(exist_ok=True)
        rgb = np.zeros((height * scale, width * scale, 3), np.uint8)
        rgb[:, : width * scale // 2, 0], rgb[:, width * scale // 2 :, 1] = 200, 200
        Image.fromarray(rgb).save(folder / "images" / f"{number:08d}.png")
        write_pfm(folder / "depth_est" / f"{number:08d}.pfm", view.depth)
        write_pfm(folder / "confidence" / f"{number:08d}.pfm", np.full(view.depth.shape, 0.95, np.float32))
    write_pairs(folder / "pair.txt", {i: [(j, 1.0) for j in ids if j != i] for i in ids})


@pytest.mark.parametrize("scale", [1, 2])
def test_the_command_writes_a_cloud_on_the_surface(scale: int, tmp_path: Path) -> None:
    views = fusion_scene.views()
    write_views(tmp_path, views, scale)
    words = ["fuse", str(tmp_path), "--out", str(tmp_path / "a.ply")]
    done = CliRunner().invoke(cli, words)
    assert done.exit_code == 0, done.output
    vertices = read_ply(tmp_path / "a.ply")["vertex"]
    points = columns_of(vertices, "x", "y", "z").astype(np.float64)
    assert len(points) > 0.7 * 6 * 64 * 48
    assert np.quantile(off_surface(points), 0.99) < 0.01
    # colours are those of the pixels: the first view's points, projected into it
    first = points[: int(consistent(views[0], views[1:], PRESETS["fixed"])[0].sum())]
    seen = views[0].intrinsics @ (views[0].world_to_cam[:3, :3] @ first.T + views[0].world_to_cam[:3, 3:])
    np.testing.assert_array_equal(vertices["red"][: len(first)] > 0, np.rint(seen[0] / seen[2]) < 32)

    done = CliRunner().invoke(cli, [*words, "--remove-duplicates"])
    assert done.exit_code == 0, done.output
    fewer = columns_of(read_ply(tmp_path / "a.ply")["vertex"], "x", "y", "z").astype(np.float64)
    assert len(fewer) < 0.45 * len(points)
    # and still the surface is covered: no point that went is farther from one that stayed than some pixels
    nearest = [np.sqrt(((fewer - point) ** 2).sum(axis=1).min()) for point in points[::97]]
    assert np.max(nearest) < 0.35


def test_cameras_of_the_depth_maps_are_taken_as_they_are(tmp_path: Path) -> None:
    """Depth maps without their lower rows: the camera is the same, and so are the points."""
    views = fusion_scene.views()
    write_views(tmp_path, [DepthView(v.depth[:40], v.intrinsics, v.world_to_cam) for v in views])
    for number in range(6):
        Image.new("RGB", (64, 48)).save(tmp_path / "images" / f"{number:08d}.png")
    words = ["fuse", str(tmp_path), "--out", str(tmp_path / "a.ply"), "--cams", str(tmp_path / "cams")]
    done = CliRunner().invoke(cli, words)
    assert done.exit_code == 0, done.output
    points = columns_of(read_ply(tmp_path / "a.ply")["vertex"], "x", "y", "z").astype(np.float64)
    assert np.quantile(off_surface(points), 0.99) < 0.01


def test_what_is_unsure_is_left_out(tmp_path: Path) -> None:
    write_views(tmp_path, fusion_scene.views())
    unsure = np.full((48, 64), 0.95, np.float32)
    unsure[:, :32] = 0.5
    for number in range(6):
        write_pfm(tmp_path / "confidence" / f"{number:08d}.pfm", unsure)
    done = CliRunner().invoke(cli, ["fuse", str(tmp_path), "--out", str(tmp_path / "a.ply")])
    assert done.exit_code == 0, done.output
    vertices = read_ply(tmp_path / "a.ply")["vertex"]
    assert (vertices["red"] == 0).all()


def test_folders_at_fault_are_told(tmp_path: Path) -> None:
    write_views(tmp_path, fusion_scene.views())

    def told(*words: str) -> str:
        done = CliRunner().invoke(cli, ["fuse", str(tmp_path), "--out", str(tmp_path / "a.ply"), *words])
        assert isinstance(done.exception, DepthbenchError), done.output
        assert not (tmp_path / "a.ply").exists()
        return str(done.exception)

    assert "did you mean dynamic" in told("--preset", "dynamical")
    assert "threshold for every number" in told("--preset", "dynamic", "--views", "3")
    assert "no pixel of 6 views is kept" in told("--views", "7")
    write_pfm(tmp_path / "depth_est" / "00000002.pfm", np.ones((48, 40), np.float32))
    assert "40 x 48 where the picture has 64 x 48: cropped?" in told()
    # a row less: as when a program crops pictures to a multiple of its stride
    write_pfm(tmp_path / "depth_est" / "00000002.pfm", np.ones((47, 64), np.float32))
    assert "64 x 47 where the picture has 64 x 48: cropped?" in told()
    (tmp_path / "depth_est" / "00000002.pfm").unlink()
    assert "no 00000002.pfm" in told()
    (tmp_path / "cams" / "00000003_cam.txt").unlink()
    assert "names view 3, which is not there" in told()
