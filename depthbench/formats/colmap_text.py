# SPDX-License-Identifier: Apache-2.0
"""cameras.txt, images.txt and points3D.txt of COLMAP."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError
from depthbench.formats.colmap import ColmapCamera, ColmapImage, camera_of, pose_of


def read_cameras(path: Path) -> dict[int, ColmapCamera]:
    """Read cameras by id."""
    cameras = {}
    for number, line in _lines(path):
        try:
            identity, model, width, height, *params = line.split()
            cameras[int(identity)] = camera_of(model, int(width), int(height), params, path)
        except (ValueError, OverflowError) as error:
            raise _fault(path, number, error) from error
    return cameras


def read_images(path: Path) -> dict[int, ColmapImage]:
    """Read images by id: two lines each, the second of which may be empty."""
    images = {}
    lines = iter(_lines(path, keep_empty=True))
    for number, line in lines:
        if not line.strip():
            continue
        try:
            identity, *pose, camera_id, name = line.strip().split(maxsplit=9)
            values = np.array([float(word) for word in pose])
            number, observed = next(lines, (number, ""))
            words = np.array(observed.split(), dtype=np.float64).reshape(-1, 3)
            images[int(identity)] = ColmapImage(
                name, int(camera_id), pose_of(values[:4], values[4:7]), words[:, :2], words[:, 2].astype(np.int64)
            )
        except (ValueError, OverflowError) as error:
            raise _fault(path, number, error) from error
    return images


def read_points(path: Path) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Read ids and places of points."""
    rows = [line.split(maxsplit=4)[:4] for _, line in _lines(path)]
    try:
        ids = np.array([int(row[0]) for row in rows], dtype=np.int64)
        return ids, np.array([row[1:] for row in rows], dtype=np.float64).reshape(-1, 3)
    except (ValueError, IndexError, OverflowError) as error:
        raise DepthbenchError(f"{path}: not what COLMAP writes ({error})") from error


def _lines(path: Path, keep_empty: bool = False) -> list[tuple[int, str]]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise DepthbenchError(f"{path}: cannot be read: {error.strerror}") from error
    lines = enumerate(text.splitlines(), start=1)
    return [(number, line) for number, line in lines if not line.startswith("#") and (keep_empty or line.strip())]


def _fault(path: Path, number: int, error: Exception) -> DepthbenchError:
    return DepthbenchError(f"{path}: line {number}: not what COLMAP writes ({error})")
