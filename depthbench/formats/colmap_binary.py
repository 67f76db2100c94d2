# SPDX-License-Identifier: Apache-2.0
"""cameras.bin, images.bin and points3D.bin of COLMAP: little-endian, packed, each with its count in front."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError
from depthbench.formats.colmap import CAMERA_MODELS, ColmapCamera, ColmapImage, camera_of, pose_of

_MODEL_NAMES = {number: (name, params) for name, (number, params) in CAMERA_MODELS.items()}
_OBSERVATION = np.dtype([("px", "<f8", 2), ("point", "<i8")])
_TRACK_ENTRY = 8


class _Bytes:
    """A file's bytes, taken from the front."""

    def __init__(self, path: Path) -> None:
        try:
            self.data = path.read_bytes()
        except OSError as error:
            raise DepthbenchError(f"{path}: cannot be read: {error.strerror}") from error
        self.path, self.at = path, 0

    def skip(self, size: int) -> int:
        """Step over ``size`` bytes; return where they begin."""
        start = self.at
        if size < 0 or start + size > len(self.data):
            raise DepthbenchError(f"{self.path}: cut short, or not a binary file of COLMAP")
        self.at += size
        return start

    def take(self, form: str) -> tuple[Any, ...]:
        return struct.unpack_from(form, self.data, self.skip(struct.calcsize(form)))

    def word(self) -> str:
        end = self.data.find(b"\0", self.at)
        start = self.skip(max(end, self.at) - self.at + 1)
        return self.data[start : self.at - 1].decode("utf-8", errors="replace")

    def end(self) -> None:
        if self.at != len(self.data):
            raise DepthbenchError(f"{self.path}: {len(self.data) - self.at} bytes more than it announces")


def read_cameras(path: Path) -> dict[int, ColmapCamera]:
    """Read cameras by id."""
    data, cameras = _Bytes(path), {}
    for _ in range(data.take("<Q")[0]):
        identity, model, width, height = data.take("<iiQQ")
        name, params = _MODEL_NAMES.get(model, (f"number {model}", 0))
        cameras[identity] = camera_of(name, width, height, data.take(f"<{params}d"), path)
    data.end()
    return cameras


def read_images(path: Path) -> dict[int, ColmapImage]:
    """Read images by id."""
    data, images = _Bytes(path), {}
    for _ in range(data.take("<Q")[0]):
        identity, *pose, camera_id = data.take("<i7di")
        name = data.word()
        count = data.take("<Q")[0]
        start = data.skip(count * _OBSERVATION.itemsize)
        observed = np.frombuffer(data.data, _OBSERVATION, count, start)
        try:
            world_to_cam = pose_of(pose[:4], pose[4:])
        except ValueError as error:
            raise DepthbenchError(f"{path}: image {name}: {error}") from error
        images[identity] = ColmapImage(
            name, camera_id, world_to_cam, observed["px"].copy(), observed["point"].astype(np.int64)
        )
    data.end()
    return images


def read_points(path: Path) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Read ids and places of points; colours, errors and tracks are passed over."""
    data = _Bytes(path)
    count = data.take("<Q")[0]
    rows = []
    for _ in range(count):
        identity, x, y, z, length = data.take("<Q3d11xQ")
        data.skip(length * _TRACK_ENTRY)
        if identity >= 2**63:
            raise DepthbenchError(f"{path}: a point has the number {identity}, which stands for none")
        rows.append((identity, x, y, z))
    data.end()
    ids = np.array([row[0] for row in rows], dtype=np.int64)
    return ids, np.array([row[1:] for row in rows], dtype=np.float64).reshape(-1, 3)
