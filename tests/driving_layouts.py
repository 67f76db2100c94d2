# SPDX-License-Identifier: Apache-2.0
"""Small driving scenes in the true layouts and encodings of Cityscapes-DVPS, SemKITTI-DVPS and KITTI, written with Pillow alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

SIZE = (32, 64)
FOCAL = "718.8560180664062"
DRIVE = "2011_09_26_drive_0002_sync"
KITTI_FOCAL = 721.5377


def scene(seed: int, size: tuple[int, int] = SIZE) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Picture, raw depth (1/256 m, 0 = unknown), class and instance: road, sky, two cars, a person, and a patch of no class."""
    rng = np.random.default_rng(seed)
    height, width = size
    y = np.arange(height)[:, None] + np.zeros((1, width))
    depth_m = np.where(y > height // 2, 2.0 * height / np.maximum(2 * y - height, 1), 0)
    classes = np.where(y > height // 2, 0, 10)
    instance = np.zeros(size, int)
    boxes = ((13, 1, 0.5, 0.9, 0.05, 0.35, 8.0), (13, 2, 0.5, 0.75, 0.5, 0.7, 21.5), (11, 1, 0.4, 0.95, 0.8, 0.9, 6.25))
    for kind, number, top, bottom, left, right, far in boxes:
        part = np.s_[int(top * height) : int(bottom * height), int(left * width) : int(right * width)]
        depth_m[part] = far + rng.integers(0, 128, depth_m[part].shape) / 256
        classes[part], instance[part] = kind, number
    classes[-2:, :8] = -1
    depth_m[0, 0] = 95.0
    raw = np.rint(depth_m * 256).astype(np.uint16)
    raw[rng.random(size) < 0.1] = 0
    return rng.integers(0, 256, (*size, 3)).astype(np.uint8), raw, classes, instance


def save(path: Path, values: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values).save(path)


def cityscapes(root: Path, frames: int = 2, split: str = "val") -> Path:
    for number in range(frames):
        image, raw, classes, instance = scene(number)
        stem = root / "video_sequence" / split / f"000000_{number:06d}_munster_000105_{4 + 5 * number:06d}"
        save(stem.with_name(stem.name + "_leftImg8bit.png"), image)
        save(stem.with_name(stem.name + "_depth.png"), raw)
        panoptic = np.where(classes < 0, 32000, classes * 1000 + instance).astype(np.uint16)
        save(stem.with_name(stem.name + "_gtFine_instanceTrainIds.png"), panoptic)
    return root


def semkitti(root: Path, frames: int = 2, split: str = "val") -> Path:
    """Labels are where depth is; car is 0, person 5, road 8."""
    names = {10: 15, 0: 8, 13: 0, 11: 5, -1: 255}
    for number in range(frames):
        image, raw, classes, instance = scene(number)
        known = raw > 0
        stem = root / "video_sequence" / split / f"000008_{number:06d}"
        its_class = np.vectorize(names.get)(classes)
        save(stem.with_name(stem.name + "_leftImg8bit.png"), image)
        save(stem.with_name(stem.name + "_gtFine_class.png"), np.where(known, its_class, 255).astype(np.uint8))
        save(stem.with_name(stem.name + "_gtFine_instance.png"), np.where(known, instance, 0).astype(np.uint16))
        save(stem.with_name(f"{stem.name}_depth_{FOCAL}.png"), raw)
    return root


def kitti(root: Path, frames: int = 2, size: tuple[int, int] = (375, 1242), masks: str = "png") -> Path:
    """Raw data, annotated depth and a list with one picture more, which has no depth."""
    lines, images, annotations = [], [], []
    for number in range(frames):
        image, raw, _, instance = scene(number, size)
        ids = instance + (instance > 0) * 10 * number
        name = f"2011_09_26/{DRIVE}/image_02/data/{number:010d}.png"
        depth = f"{DRIVE}/proj_depth/groundtruth/image_02/{number:010d}.png"
        save(root / "raw" / name, image)
        save(root / "data_depth_annotated" / "val" / depth, raw)
        lines.append(f"{name} {depth} {KITTI_FOCAL}")
        if masks == "png":
            save(root / "instances" / name, ids.astype(np.uint8))
        images.append({"id": number, "file_name": name, "height": size[0], "width": size[1]})
        for each in np.unique(ids[ids > 0]):
            annotations.append({"image_id": number, "category_id": 3, "segmentation": run_lengths(ids == each)})
    if masks == "json":
        (root / "instances.json").write_text(json.dumps({"images": images, "annotations": annotations}))
    lines.append(f"2011_09_26/{DRIVE}/image_02/data/{frames:010d}.png None {KITTI_FOCAL}")
    (root / "kitti_eigen_test.txt").write_text("\n".join(lines) + "\n")
    return root


def run_lengths(mask: np.ndarray) -> dict[str, object]:
    """COCO's plain run lengths, column by column, written out."""
    counts, now, length = [], False, 0
    for value in mask.T.ravel():
        if bool(value) != now:
            counts.append(length)
            now, length = bool(value), 0
        length += 1
    return {"size": list(mask.shape), "counts": [*counts, length]}
