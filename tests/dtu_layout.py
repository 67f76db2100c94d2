# SPDX-License-Identifier: Apache-2.0
"""A small set in all of DTU's layouts at a quarter of its size: a slanted wall with a ball before it, exact depth, cameras as DTU writes them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from fusion_scene import exact_depth, look_at
from PIL import Image

from depthbench.formats.pfm import write_pfm

FULL = np.array([[2892.33, 0, 823.205], [0, 2883.18, 619.07], [0, 0, 1]])
"""K of DTU's rectified pictures, 1600 x 1200."""
MM = 100.0
"""Millimetres per unit of the scene."""


def pose(view: int) -> np.ndarray:
    turn = (view - 1) * 0.12
    made = look_at(np.array([3 * np.sin(turn), 0.3 * np.cos(3 * view), 0.5]), np.array([0.1, 0.0, 5.5]))
    made[:3, 3] *= MM
    return made


def full_k(scale: float = 0.25) -> np.ndarray:
    return np.diag([scale, scale, 1]) @ FULL


def depth_of(width: int, height: int, k: np.ndarray, view: int) -> np.ndarray:
    """Exact planar depth in mm."""
    world_to_cam = pose(view)
    world_to_cam[:3, 3] /= MM
    return (exact_depth(width, height, k, world_to_cam) * MM).astype(np.float32)


def write_set(root: Path, scans: tuple[int, ...] = (2, 3), views: int = 3, lights: int = 2) -> None:
    full = full_k()
    quarter = FULL.copy()
    # the numbers of DTU's own files: halved, 80 and 44 cut off, a quarter; of a set of a quarter of the size
    quarter[0] = np.array([FULL[0, 0] / 8, 0, (FULL[0, 2] / 2 - 80) / 4]) / 4
    quarter[1] = np.array([0, FULL[1, 1] / 8, (FULL[1, 2] / 2 - 44) / 4]) / 4
    for view in range(views):
        for path, k in ((f"Cameras/{view:08d}", full), (f"Cameras/train/{view:08d}", quarter)):
            write_camera(root / f"{path}_cam.txt", k, pose(view))
    write_pair_file(root / "Cameras" / "pair.txt", views)
    for scan in scans:
        for view in range(views):
            mask = np.full((300, 400), 255, np.uint8)
            mask[:, : 40 + view] = 0
            raw = depth_of(400, 300, full, view)
            _depth(root / f"Depths_raw/scan{scan}", view, raw, mask)
            small = depth_of(40, 32, quarter, view)
            _depth(root / f"Depths/scan{scan}_train", view, small, np.full(small.shape, 255, np.uint8))
            for light in range(lights):
                name = f"rect_{view + 1:03d}_{light}_r5000.png"
                _picture(root / f"Rectified/scan{scan}_train" / name, 160, 128, (scan, view, light))
                _picture(root / f"Rectified/scan{scan}" / name, 400, 300, (scan, view, light))
            _picture(root / f"scan{scan}/images/{view:08d}.jpg", 400, 300, (scan, view, 3))
            write_camera(root / f"scan{scan}/cams/{view:08d}_cam.txt", full, pose(view))
        write_pair_file(root / f"scan{scan}/pair.txt", views)


def write_camera(path: Path, k: np.ndarray, world_to_cam: np.ndarray, depths: str = "425.0 2.5") -> None:
    rows = [" ".join(f"{value:.10g}" for value in row) + " " for row in (*world_to_cam, *k)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["extrinsic", *rows[:4], "", "intrinsic", *rows[4:], "", depths, ""]))


def write_pair_file(path: Path, views: int) -> None:
    lines = [str(views)]
    for view in range(views):
        sources = sorted((other for other in range(views) if other != view), key=lambda other: abs(other - view))
        lines += [str(view), f"{len(sources)} " + " ".join(f"{other} {100.0 - other}" for other in sources) + " "]
    path.write_text("\n".join(lines) + "\n")


def _depth(folder: Path, view: int, depth: np.ndarray, mask: np.ndarray) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_pfm(folder / f"depth_map_{view:04d}.pfm", depth)
    Image.fromarray(mask).save(folder / f"depth_visual_{view:04d}.png")


def _picture(path: Path, width: int, height: int, colour: tuple[int, int, int]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (width, height), tuple(20 * part for part in colour)).save(path)
