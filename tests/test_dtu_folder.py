# SPDX-License-Identifier: Apache-2.0
"""DTU's layouts: every depth map lies on the surface by the camera that belongs to it, splits, files that are absent or at fault."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import dtu_layout
import numpy as np
import pytest
from fusion_scene import CENTRE, NORMAL, OFFSET, RADIUS
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from depthbench.crop_and_scale import Convention, cropped, dtu_training, scaled
from depthbench.errors import DepthbenchError
from depthbench.formats.dtu_folder import LAYOUTS, DtuFolder, Layout
from depthbench.formats.dtu_splits import SPLITS
from depthbench.formats.pfm import write_pfm


@pytest.fixture(scope="module")
def dtu(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("dtu")
    dtu_layout.write_set(root)
    return root


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    dtu_layout.write_set(tmp_path, scans=(2,))
    return tmp_path


def test_the_training_matrix_is_that_of_dtus_files() -> None:
    assert np.allclose(dtu_training(dtu_layout.FULL), [[361.54125, 0, 82.900625], [0, 360.3975, 66.38375], [0, 0, 1]])


@given(
    st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.floats(2, 5)),
    st.integers(1, 4).map(lambda power: 0.5**power),
    st.tuples(st.integers(0, 90), st.integers(0, 50)),
)
def test_points_land_where_their_pixels_went(point: tuple[float, ...], scale: float, corner: tuple[int, int]) -> None:
    def pixel(k: np.ndarray) -> np.ndarray:
        seen = k @ np.array(point)
        return seen[:2] / seen[2]

    before = pixel(dtu_layout.FULL)
    corners = before + 0.5  # measured from the outer corner of the first pixel
    chain: dict[Convention, np.ndarray] = {
        "plain": (before * scale) - corner,
        "centres": corners * scale - corner - 0.5,
    }
    for convention, there in chain.items():
        k = cropped(scaled(dtu_layout.FULL, scale, convention=convention), *corner)
        assert np.allclose(pixel(k), there, atol=1e-9)


@pytest.mark.parametrize("layout", ["train", "cascade", "raw"])
def test_depth_lies_on_the_surface(dtu: Path, layout: Layout) -> None:
    folder = DtuFolder(dtu, layout)
    for view in folder.views(2):
        depth, camera = folder.depth(2, view).astype(np.float64), folder.depth_camera(2, view)
        assert depth.shape[::-1] == folder.depth_size(2)
        y, x = np.indices(depth.shape)
        in_camera = np.stack([x, y, np.ones_like(x)], axis=-1) @ np.linalg.inv(camera.intrinsics).T * depth[..., None]
        pose = camera.world_to_cam
        points = (in_camera[np.isfinite(depth)] - pose[:3, 3]) @ pose[:3, :3] / dtu_layout.MM
        wall = np.abs(points @ NORMAL - OFFSET) / np.linalg.norm(NORMAL)
        ball = np.abs(np.linalg.norm(points - CENTRE, axis=1) - RADIUS)
        assert np.minimum(wall, ball).max() < 1e-5  # the plain factor is exact: pixels are taken, not averaged
        assert (wall > 0.05).mean() > 0.01  # the ball is in view


def test_cameras_of_pictures_of_all_layouts_agree(dtu: Path) -> None:
    full = DtuFolder(dtu, "raw").camera(2, 1).intrinsics
    assert np.allclose(DtuFolder(dtu, "test").camera(2, 1).intrinsics, full)
    for layout in ("train", "cascade"):
        camera = DtuFolder(dtu, layout).camera(2, 1)
        assert np.allclose(camera.intrinsics, cropped(scaled(full, 0.5), 20, 11))
        assert (camera.depth_min, camera.depth_interval, camera.planes) == pytest.approx((425, 2.65, 192))
        assert camera.depth_max == pytest.approx(931.15)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_is_there(dtu: Path, layout: Layout) -> None:
    folder = DtuFolder(dtu, layout)
    assert folder.scans() == [2, 3]
    assert folder.views(3) == [0, 1, 2]
    assert folder.lights(3) == ([3] if layout == "test" else [0, 1])
    assert [source for source, _ in folder.pairs(3)[2]] == [1, 0]
    light = folder.lights(3)[-1]
    # the colour says scan, view and light
    assert np.abs(folder.image(3, 2, light)[0, 0].astype(int) - [60, 40, 20 * light]).max() <= 3


def test_the_mask_leaves_out_what_it_covers(dtu: Path) -> None:
    known = DtuFolder(dtu, "raw").mask(2, 1)
    assert not known[:, :41].any()
    assert known[:, 41:].all()


def _other_size(root: Path) -> None:
    Image.new("RGB", (320, 256)).save(root / "Rectified/scan2_train/rect_002_0_r5000.png")


def _full_size_camera(root: Path) -> None:
    dtu_layout.write_camera(root / "Cameras/train/00000001_cam.txt", dtu_layout.full_k(), dtu_layout.pose(1))


def _patchmatch_camera(root: Path) -> None:
    dtu_layout.write_camera(root / "Cameras/train/00000001_cam.txt", dtu_layout.full_k(), dtu_layout.pose(1), "425 935")


FAULTS: dict[str, tuple[Callable[[Path], object], Callable[[DtuFolder], object], str]] = {
    "picture absent": (lambda root: (root / "Rectified/scan2_train/rect_002_0_r5000.png").unlink(), lambda f: f.image(2, 1, 0), r"rect_002_0_r5000.png: no such file"),
    "picture of another size": (_other_size, lambda f: f.image(2, 1, 0), r"320 x 256 pixels where 160 x 128"),
    "camera of full size": (_full_size_camera, lambda f: f.camera(2, 1), r"00000001_cam.txt: the principal point .* another size"),
    "camera of another dialect": (_patchmatch_camera, lambda f: f.camera(2, 1), r"say which"),
    "pair names an absent view": (lambda root: (root / "Cameras/train/00000002_cam.txt").unlink(), lambda f: f.pairs(2), r"names view 2, which is not there"),
    "depth of another size": (lambda root: write_pfm(root / "Depths/scan2_train/depth_map_0001.pfm", np.ones((128, 160))), lambda f: f.depth(2, 1), r"160 x 128 pixels where 40 x 32"),
    "depth in colour": (lambda root: write_pfm(root / "Depths/scan2_train/depth_map_0001.pfm", np.ones((32, 40, 3))), lambda f: f.depth(2, 1), r"three channels"),
    "mask absent": (lambda root: (root / "Depths/scan2_train/depth_visual_0001.png").unlink(), lambda f: f.depth(2, 1), r"depth_visual_0001.png: no such file"),
    "another layout": (lambda root: (root / "Rectified/scan2_train").rename(root / "Rectified/scan2_other"), lambda f: f.scans(), r"not the layout 'train'"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_named(broken: Path, fault: str) -> None:
    harm, ask, told = FAULTS[fault]
    harm(broken)
    with pytest.raises(DepthbenchError, match=told):
        ask(DtuFolder(broken, "train"))


def test_the_testing_layout_has_no_depth(dtu: Path) -> None:
    with pytest.raises(DepthbenchError, match="no depth maps"):
        DtuFolder(dtu, "test").depth(2, 0)


def test_a_pfm_whose_header_takes_four_lines_is_read(broken: Path) -> None:
    path = broken / "Depths/scan2_train/depth_map_0001.pfm"
    before = DtuFolder(broken, "train").depth(2, 1)
    data = path.read_bytes()
    assert data.startswith(b"Pf\n40 32\n-1.0\n")
    path.write_bytes(b"Pf\n40\n32\n-1.0\n" + data[len(b"Pf\n40 32\n-1.0\n") :])
    assert np.array_equal(DtuFolder(broken, "train").depth(2, 1), before, equal_nan=True)


def test_splits_are_those_in_use(shared_data: Path) -> None:
    for name, scans in SPLITS.items():
        lines = (shared_data / "mvs_dvps" / "dtu_meta" / f"scan_{name}.txt").read_text().split()
        assert [f"scan{scan}" for scan in scans] == lines
    assert [len(scans) for scans in SPLITS.values()] == [79, 18, 22]


def test_dtus_own_pair_file_is_read(shared_data: Path) -> None:
    from depthbench.formats.mvs_pairs import read_pairs

    pairs = read_pairs(shared_data / "mvs_dvps" / "dtu_meta" / "pair.txt", range(49))
    assert len(pairs) == 49
    assert pairs[0][0] == (10, 2346.41)
