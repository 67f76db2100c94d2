# SPDX-License-Identifier: Apache-2.0
"""Sparse models of COLMAP: cameras, images with what they observe, points; as text or binary.

Pixels: the corner of the first pixel is (0, 0), so its centre is at 0.5. Poses are world to camera. Ids need not be contiguous.
Tracks of points are not kept: images say what they observe.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError

Floats = npt.NDArray[np.float64]

CAMERA_MODELS = {
    "SIMPLE_PINHOLE": (0, 3), "PINHOLE": (1, 4), "SIMPLE_RADIAL": (2, 4), "RADIAL": (3, 5), "OPENCV": (4, 8),
    "OPENCV_FISHEYE": (5, 8), "FULL_OPENCV": (6, 12), "FOV": (7, 5), "SIMPLE_RADIAL_FISHEYE": (8, 4), "RADIAL_FISHEYE": (9, 5),
    "THIN_PRISM_FISHEYE": (10, 12),
}  # fmt: skip
"""Name -> number in binary files, how many parameters."""


@dataclass(frozen=True)
class ColmapCamera:
    """A camera: model by name, size in pixels, its parameters as COLMAP orders them."""

    model: str
    width: int
    height: int
    params: tuple[float, ...]


@dataclass(frozen=True)
class ColmapImage:
    """An image: file name, camera, pose, and the points that it observes (float64 (N, 2) pixels, int64 (N,) ids, -1 = none)."""

    name: str
    camera_id: int
    world_to_cam: Floats
    observed_px: Floats
    point_ids: npt.NDArray[np.int64]


@dataclass(frozen=True)
class ColmapModel:
    """A sparse model: cameras and images by id; points: int64 (P,) ids in ascending order, float64 (P, 3) in the world."""

    cameras: dict[int, ColmapCamera]
    images: dict[int, ColmapImage]
    point_ids: npt.NDArray[np.int64]
    points: Floats


def find_colmap_model(folder: str | Path) -> Path:
    """Return the folder itself, its ``sparse`` or ``sparse/0``: whichever holds a model.

    Raises
    ------
    DepthbenchError
        If none does.
    """
    for inner in ("", "sparse", "sparse/0"):
        place = Path(folder) / inner
        if any((place / f"images{end}").is_file() for end in (".bin", ".txt")):
            return place
    raise DepthbenchError(
        f"{folder}: no sparse model of COLMAP in it, in sparse or in sparse/0 (cameras, images, points3D as .bin or .txt)"
    )


def read_colmap_model(folder: str | Path) -> ColmapModel:
    """Read a model, binary where there are both.

    Raises
    ------
    DepthbenchError
        If files are absent, cut short, not what they must be, or name cameras or points that are not there.
    """
    place = find_colmap_model(folder)
    if (place / "images.bin").is_file():
        from depthbench.formats.colmap_binary import read_cameras, read_images, read_points
    else:
        from depthbench.formats.colmap_text import read_cameras, read_images, read_points
    end = ".bin" if (place / "images.bin").is_file() else ".txt"
    cameras, images = read_cameras(place / f"cameras{end}"), read_images(place / f"images{end}")
    ids, points = read_points(place / f"points3D{end}")
    if not images:
        raise DepthbenchError(f"{place}: no image has a pose in this model")
    for image in images.values():
        if image.camera_id not in cameras:
            raise DepthbenchError(f"{place}: image {image.name} has camera {image.camera_id}, which is not there")
        seen = image.point_ids[image.point_ids >= 0]
        absent = seen[~np.isin(seen, ids)]
        if len(absent):
            raise DepthbenchError(f"{place}: image {image.name} observes point {absent[0]}, which is not there")
    order = np.argsort(ids)
    return ColmapModel(cameras, images, ids[order], points[order])


def camera_of(model: str, width: int, height: int, params: Any, path: Path) -> ColmapCamera:
    """Return a camera; its parameters must be as many as its model has."""
    if model not in CAMERA_MODELS or len(params) != CAMERA_MODELS[model][1]:
        raise DepthbenchError(
            f"{path}: a camera of model {model} with {len(params)} parameters, which COLMAP does not have"
        )
    return ColmapCamera(model, width, height, tuple(float(value) for value in params))


def pose_of(quaternion: npt.ArrayLike, shift: npt.ArrayLike) -> Floats:
    """Return ``world_to_cam`` 4x4 of a rotation (w, x, y, z; brought to unit length) and a shift; ValueError where they are none."""
    length = np.linalg.norm(quaternion)
    if not (np.isfinite(length) and length > 0 and np.isfinite(shift).all()):
        raise ValueError(f"a pose of rotation {np.asarray(quaternion)} and shift {np.asarray(shift)} is none")
    w, x, y, z = np.asarray(quaternion, dtype=np.float64) / length
    pose = np.eye(4)
    pose[:3, :3] = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    pose[:3, 3] = shift
    return pose
