# SPDX-License-Identifier: Apache-2.0
"""The painted scene of :mod:`mvs_scene` as DTU keeps its scans: testing and training layout, true depth, reference cloud; in mm."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import mvs_scene
import numpy as np

from depthbench.crop_and_scale import scaled
from depthbench.formats.dtu_folder import DtuFolder
from depthbench.formats.dtu_observed import Observed, write_observed
from depthbench.formats.image import write_png
from depthbench.formats.mvs_pairs import write_pairs
from depthbench.formats.mvsnet_cam import write_mvsnet_camera
from depthbench.formats.pfm import write_pfm
from depthbench.formats.ply import table_of, write_ply
from depthbench.fusion.consistency import DepthView
from depthbench.tasks import MvsView

MM = 100
"""Millimetres per unit of the scene."""


def views(width: int, height: int, count: int = 4) -> list[tuple[MvsView, np.ndarray]]:
    """Views in millimetres with exact depth."""
    made = []
    for view, depth in mvs_scene.views(count, width, height):
        pose = view.world_to_cam.copy()
        pose[:3, 3] *= MM
        camera = replace(
            view.camera, world_to_cam=pose, depth_min=300.0, depth_max=900.0, depth_interval=600 / 47, planes=48
        )
        made.append((MvsView(view.rgb, camera), (MM * depth).astype(np.float32)))
    return made


def near(count: int) -> dict[int, list[tuple[int, float]]]:
    """All others as sources, nearest first."""
    return {i: [(j, 1.0) for j in sorted(set(range(count)) - {i}, key=lambda j: abs(j - i))] for i in range(count)}


def write_scan(root: Path, scan: int = 1, width: int = 64, height: int = 48, count: int = 4) -> Path:
    """Write ``scan1``, ``Depths_raw``, ``Points``, ``ObsMask``; pictures as png."""
    test, raw = DtuFolder(root, "test"), DtuFolder(root, "raw")
    clouds = []
    for number, (view, depth) in enumerate(views(width, height, count)):
        write_png(root / f"scan{scan}" / "images" / f"{number:08d}.png", view.rgb)
        write_mvsnet_camera(test.camera_path(scan, number), view.camera)
        write_pfm(raw.depth_path(scan, number), depth)
        write_png(raw.mask_path(scan, number), np.full(depth.shape, 255, np.uint8))
        clouds.append(DepthView(depth, view.intrinsics, view.world_to_cam).points(np.ones(depth.shape, bool), depth))
    write_pairs(root / f"scan{scan}" / "pair.txt", near(count))
    points = np.concatenate(clouds)
    stl = root / "Points" / "stl" / f"stl{scan:03d}_total.ply"
    write_ply(stl, {"vertex": table_of(x=points[:, 0], y=points[:, 1], z=points[:, 2])})
    box = np.stack([np.floor(points.min(axis=0)) - 20, np.ceil(points.max(axis=0)) + 20]).astype(np.float64)
    size = (np.ceil((box[1] - box[0]) / 10) + 1).astype(int)
    observed = Observed(np.ones(size, bool), box, 10.0, np.array([0.0, 0, 0, 1]))
    write_observed(root / "ObsMask" / f"ObsMask{scan}_10.mat", root / "ObsMask" / f"Plane{scan}.mat", observed)
    return root


def write_training(
    root: Path, scans: tuple[int, ...] = (2, 3), count: int = 3, lights: int = 2, width: int = 160, height: int = 128
) -> Path:
    """Write ``Rectified``, ``Cameras``, ``Depths``: a quarter of DTU's size, or other such shares."""
    train = DtuFolder(root, "train")
    made = views(width, height, count)
    for number, (view, _) in enumerate(made):
        # a depth map's pixel is every fourth of the picture, in the corner of its sixteen
        quarter = replace(view.camera, intrinsics=scaled(view.intrinsics, 0.25))
        write_mvsnet_camera(train.camera_path(0, number), quarter)
        depth = made[number][1][::4, ::4]
        for scan in scans:
            write_pfm(train.depth_path(scan, number), depth)
            write_png(train.mask_path(scan, number), np.full(depth.shape, 255, np.uint8))
            for light in range(lights):
                write_png(train.image_path(scan, number, light), (view.rgb // (1 + light)).astype(np.uint8))
    write_pairs(root / "Cameras" / "pair.txt", near(count))
    return root
