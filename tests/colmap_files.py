# SPDX-License-Identifier: Apache-2.0
"""A small scene as COLMAP writes it, as text and as binary, by plain writers after its documentation."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from depthbench.formats.colmap import CAMERA_MODELS, ColmapCamera, ColmapImage, ColmapModel, pose_of

QUATERNIONS = [(1.0, 0.0, 0.0, 0.0), (0.99, 0.01, 0.12, -0.02), (0.98, -0.02, -0.15, 0.05), (0.97, 0.1, 0.1, 0.05)]


def small_model(seed: int = 0, camera: ColmapCamera | None = None) -> ColmapModel:
    """Four views with gaps in their ids, 60 points, some observed twice by a view, some by none."""
    rng = np.random.default_rng(seed)
    camera = camera or ColmapCamera("PINHOLE", 64, 48, (60.0, 61.0, 32.0, 24.0))
    ids = np.sort(rng.choice(np.arange(3, 500), 60, replace=False)).astype(np.int64)
    points = rng.uniform((-1, -1, 4), (1, 1, 7), (60, 3))
    images = {}
    for number, quaternion in enumerate(QUATERNIONS):
        pose = pose_of(quaternion, rng.uniform(-0.5, 0.5, 3))
        seen = rng.choice(ids, 40)
        seen[::7] = -1
        observed = rng.uniform(0, 48, (40, 2))
        images[2 + 3 * number] = ColmapImage(f"b {9 - number}.jpg", 7, pose, observed, seen)
    return ColmapModel({7: camera}, images, ids, points)


def quaternion_of(number: int) -> np.ndarray:
    return np.array(QUATERNIONS[number]) / np.linalg.norm(QUATERNIONS[number])


def write_text(folder: Path, model: ColmapModel) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["# comment"]
    for i, c in model.cameras.items():
        lines.append(f"{i} {c.model} {c.width} {c.height} {' '.join(map(repr, c.params))}")
    (folder / "cameras.txt").write_text("\n".join(lines) + "\n")
    lines = ["# comment"]
    for number, (i, image) in enumerate(model.images.items()):
        pose = [*quaternion_of(number), *image.world_to_cam[:3, 3]]
        lines.append(f"{i} {' '.join(repr(float(v)) for v in pose)} {image.camera_id} {image.name}")
        observed = zip(image.observed_px, image.point_ids, strict=True)
        lines.append(" ".join(f"{float(x)!r} {float(y)!r} {p}" for (x, y), p in observed))
    (folder / "images.txt").write_text("\n".join(lines) + "\n")
    rows = [
        f"{i} {' '.join(repr(float(v)) for v in p)} 1 2 3 0.5 1 1 2 2"
        for i, p in zip(model.point_ids, model.points, strict=True)
    ]
    (folder / "points3D.txt").write_text("\n".join(reversed(rows)) + "\n")


def write_binary(folder: Path, model: ColmapModel) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    data = struct.pack("<Q", len(model.cameras))
    for i, c in model.cameras.items():
        number, params = CAMERA_MODELS[c.model]
        data += struct.pack(f"<iiQQ{params}d", i, number, c.width, c.height, *c.params)
    (folder / "cameras.bin").write_bytes(data)
    data = struct.pack("<Q", len(model.images))
    for number, (i, image) in enumerate(model.images.items()):
        data += struct.pack("<i4d3di", i, *quaternion_of(number), *image.world_to_cam[:3, 3], image.camera_id)
        data += image.name.encode() + b"\0" + struct.pack("<Q", len(image.point_ids))
        for (x, y), p in zip(image.observed_px, image.point_ids, strict=True):
            data += struct.pack("<ddq", x, y, p)
    (folder / "images.bin").write_bytes(data)
    data = struct.pack("<Q", len(model.points))
    for number, (i, point) in enumerate(zip(model.point_ids, model.points, strict=True)):
        length = number % 4
        data += struct.pack("<Q3d3BdQ", i, *point, 1, 2, 3, 0.5, length) + struct.pack(
            f"<{2 * length}i", *range(2 * length)
        )
    (folder / "points3D.bin").write_bytes(data)
