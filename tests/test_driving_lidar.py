# SPDX-License-Identifier: Apache-2.0
"""Two real frames of KITTI: lidar projected into the picture, boxes as instances, in the layout of the Eigen split."""

from __future__ import annotations

import json
from pathlib import Path

import driving_layouts as layouts
import numpy as np
import pytest
from PIL import Image

from depthbench.baselines.ground_plane import GroundPlane
from depthbench.benchmarks.sets.opening import open_set
from depthbench.generators.membership.instances import find_instances
from depthbench.generators.membership.levels import membership_targets

pytestmark = pytest.mark.shared


def lidar(folder: Path, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[list[str]]]:
    """Picture, depth (m, NaN = unknown; the nearest point of a pixel), K, and the lines of the labels."""
    calibration = {}
    for line in (folder / f"{number:06d}.calib.txt").read_text().splitlines():
        name, _, numbers = line.partition(":")
        if numbers:
            calibration[name] = np.array(numbers.split(), float)
    projection = calibration["P2"].reshape(3, 4)
    turn, move = np.eye(4), np.eye(4)
    turn[:3, :3] = calibration["R0_rect"].reshape(3, 3)
    move[:3] = calibration["Tr_velo_to_cam"].reshape(3, 4)
    image = np.asarray(Image.open(folder / f"{number:06d}.png").convert("RGB"))
    points = np.fromfile(folder / f"{number:06d}.bin", np.float32).reshape(-1, 4).astype(float)
    points[:, 3] = 1
    seen = (projection @ turn @ move @ points[points[:, 0] > 1].T).T
    column, row = (np.rint(seen[:, k] / seen[:, 2]).astype(int) for k in (0, 1))
    inside = (column >= 0) & (column < image.shape[1]) & (row >= 0) & (row < image.shape[0])
    depth_m = np.full(image.shape[:2], np.inf)
    np.minimum.at(depth_m, (row[inside], column[inside]), seen[inside, 2])
    depth_m[np.isinf(depth_m)] = np.nan
    labels = [line.split() for line in (folder / f"{number:06d}.label.txt").read_text().splitlines() if line]
    return image, depth_m, projection[:, :3], labels


@pytest.mark.parametrize("number", [0, 1])
def test_a_real_frame_through_set_targets_and_road(shared_data: Path, tmp_path: Path, number: int) -> None:
    image, depth_m, camera, labels = lidar(shared_data / "mvs_dvps" / "kitti_object", number)
    height, width = depth_m.shape
    name = f"2011_09_26/{layouts.DRIVE}/image_02/data/{number:010d}.png"
    depth = f"{layouts.DRIVE}/proj_depth/groundtruth/image_02/{number:010d}.png"
    layouts.save(tmp_path / "raw" / name, image)
    layouts.save(tmp_path / "train" / depth, np.rint(np.nan_to_num(depth_m) * 256).astype(np.uint16))
    numbers = np.column_stack([camera, np.zeros(3)]).ravel()
    (tmp_path / "raw" / "2011_09_26" / "calib_cam_to_cam.txt").write_text(
        "P_rect_02: " + " ".join(f"{value:e}" for value in numbers) + "\n"
    )
    (tmp_path / "kitti_eigen_test.txt").write_text(f"{name} {depth} {camera[0, 0]}\n")
    boxes = [[float(word) for word in line[4:8]] for line in labels if line[0] != "DontCare"]
    # the middle of a box shows the thing, its sides what is behind
    boxes = [[a + (c - a) / 3, b, c - (c - a) / 3, d] for a, b, c, d in boxes]
    masks = {
        "images": [{"id": 1, "file_name": name, "height": height, "width": width}],
        "annotations": [{"image_id": 1, "segmentation": [[a, b, c, b, c, d, a, d]]} for a, b, c, d in boxes],
    }
    (tmp_path / "instances.json").write_text(json.dumps(masks))
    opened = open_set("kitti", tmp_path)
    [sample_id] = opened.ids()
    sample, found_m = opened.view(sample_id), opened.truth(sample_id).depth_m  # type: ignore[attr-defined]
    assert sample.intrinsics.cx == pytest.approx(camera[0, 2])
    np.testing.assert_allclose(found_m, depth_m, atol=1 / 500)

    # targets: lidar knows a few per cent of the pixels, and of the cells that are averaged far more
    _, known = opened.depth_and_labels(sample_id)  # type: ignore[attr-defined]
    instances, _ = find_instances(known.instance_ids, found_m)
    if number == 0:  # a pedestrian, 8.41 m away by its label
        assert instances.centroid_m[0] == pytest.approx(8.41, abs=0.5)
    seen = np.isfinite(found_m[height // 2 :])
    assert 0.02 < seen.mean() < 0.1
    for stride, least in ((4, 0.4), (8, 0.8), (16, 0.9)):
        nearest, averaged = (
            membership_targets(known.instance_ids, found_m, (stride,), sparse=sparse).levels[stride].valid
            for sparse in (False, True)
        )
        half = nearest.shape[0] // 2
        assert nearest[half:].mean() < 0.1
        assert averaged[half:].mean() > least

    # the road: points that lie 1.65 m below the camera, near its path, have the depth of the plane
    model = GroundPlane()
    plane_m = model.finish(model.forward(model.prepare(sample)), sample).depth_m
    rows, columns = np.nonzero(np.isfinite(found_m))
    z = found_m[rows, columns]
    below, aside = (rows - camera[1, 2]) * z / camera[1, 1], (columns - camera[0, 2]) * z / camera[0, 0]
    road = (np.abs(below - 1.65) < 0.1) & (np.abs(aside) < 3) & (z < 20)
    assert np.count_nonzero(road) > 300
    ratio = plane_m[rows, columns][road] / z[road]
    assert np.mean((ratio < 1.25) & (ratio > 0.8)) > 0.97
