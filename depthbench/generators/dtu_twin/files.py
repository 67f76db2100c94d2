# SPDX-License-Identifier: Apache-2.0
"""Which files a set of synthetic scans has, by the same names that its reader looks for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from depthbench.formats.atomic import write_bytes
from depthbench.formats.dtu_folder import DtuFolder
from depthbench.formats.image import encode_png
from depthbench.formats.mvs_pairs import write_pairs
from depthbench.formats.mvsnet_cam import write_mvsnet_camera
from depthbench.formats.pfm import write_pfm
from depthbench.generators.dtu_twin.arc import cameras, full_matrix, pairs, training_matrix
from depthbench.generators.dtu_twin.config import DtuTwinConfig

REFERENCE = "reference"
"""The item of a scan's work after its views."""


def layouts(root: Path) -> tuple[DtuFolder, DtuFolder, DtuFolder]:
    """Return the folder as the layouts ``train``, ``raw`` (of which there is depth alone) and ``test``."""
    return DtuFolder(root, "train"), DtuFolder(root, "raw"), DtuFolder(root, "test")


def view_files(config: DtuTwinConfig, root: Path, scan: int, view: int) -> list[Path]:
    """Return what a view of a scan consists of."""
    train, raw, test = layouts(root)
    files = [raw.depth_path(scan, view), raw.mask_path(scan, view)]
    if config.training:
        files += [train.image_path(scan, view, light) for light in range(config.lights)]
        files += [train.depth_path(scan, view), train.mask_path(scan, view)]
    if config.testing:
        files.append(test.image_path(scan, view))
    return files


def reference_files(root: Path, scan: int) -> tuple[Path, Path, Path]:
    """Return where the reference cloud, its mask and its plane lie."""
    masks = root / "ObsMask"
    return (
        root / "Points" / "stl" / f"stl{scan:03d}_total.ply",
        masks / f"ObsMask{scan}_10.mat",
        masks / f"Plane{scan}.mat",
    )


def missing_items(config: DtuTwinConfig, root: Path, scan: int) -> tuple[int | str, ...]:
    """Return what is still to be done of a scan: views, and the reference once they are there."""
    items: list[int | str] = [
        view for view in range(config.views) if not all(path.is_file() for path in view_files(config, root, scan, view))
    ]
    if config.testing and not all(path.is_file() for path in reference_files(root, scan)):
        items.append(REFERENCE)
    return tuple(items)


def write_cameras(config: DtuTwinConfig, root: Path) -> None:
    """Write cameras and pairs that all scans share; the same bytes every time."""
    found = pairs(config.views, config.seed)
    full = cameras(config.views, config.seed, full_matrix(config.scale))
    quarter = cameras(config.views, config.seed, training_matrix(config.scale))
    train, raw, _ = layouts(root)
    write_pairs(root / "Cameras" / "pair.txt", found)
    for view, (whole, part) in enumerate(zip(full, quarter, strict=True)):
        write_mvsnet_camera(raw.camera_path(0, view), whole)
        write_mvsnet_camera(train.camera_path(0, view), part)


def write_test_cameras(config: DtuTwinConfig, root: Path, scan: int) -> None:
    """Write cameras and pairs of a scan in the layout of testing; the same bytes every time."""
    write_pairs(root / f"scan{scan}" / "pair.txt", pairs(config.views, config.seed))
    for view, camera in enumerate(cameras(config.views, config.seed, full_matrix(config.scale))):
        write_mvsnet_camera(DtuFolder(root, "test").camera_path(scan, view), camera)


def write_depth(folder: DtuFolder, scan: int, view: int, depth: npt.NDArray[np.float32]) -> None:
    """Write a depth map, 0 where there is none, and its mask."""
    write_pfm(folder.depth_path(scan, view), depth)
    write_bytes(folder.mask_path(scan, view), encode_png(np.where(depth > 0, 255, 0).astype(np.uint8)))
