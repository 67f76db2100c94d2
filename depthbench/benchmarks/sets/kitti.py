# SPDX-License-Identifier: Apache-2.0
"""KITTI's Eigen split (Eigen et al., NeurIPS 2014) with annotated depth: 652 of its 697 test pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from depthbench.benchmarks.sets.depth_truth import DepthTruth
from depthbench.benchmarks.sets.dvps import instance_masks
from depthbench.camera import Intrinsics
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.formats.coco_masks import CocoMasks
from depthbench.formats.driving_labels import Labels, check_sizes, labels_of_ids, read_depth_256, read_id_map
from depthbench.formats.image import read_rgb
from depthbench.formats.kitti_eigen import (
    ANNOTATED,
    RAW,
    EigenLine,
    find_below,
    find_list,
    read_camera,
    read_eigen_list,
)
from depthbench.tasks import MonoSample, Task

SPLITS = {"test": 652, "train": 23158}
CAMERA_HEIGHT_M = 1.65
KB_CROP = (352, 1216)
FRAMES = ("full", "kb")


def kb_crop(height: int, width: int) -> tuple[slice, slice]:
    """Return rows and columns of the crop of 352 x 1216 that KITTI's depth benchmark has: at the bottom, in the middle.

    Raises
    ------
    DepthbenchError
        If the picture is smaller.
    """
    rows, columns = KB_CROP
    if height < rows or width < columns:
        raise DepthbenchError(f"a picture of {width}x{height} is smaller than KITTI's crop of {columns}x{rows}")
    left = (width - columns) // 2
    return slice(height - rows, height), slice(left, left + columns)


class Kitti:
    """Raw pictures, annotated depth and a list of the split below one folder.

    Parameters
    ----------
    root : Path
        Holds ``2011_09_26/...`` (also below ``raw``), ``2011_09_26_drive_0002_sync/proj_depth/...`` (also below ``train`` and ``val`` of
        ``data_depth_annotated``), and ``kitti_eigen_test.txt``.
    split : {"test", "train"}
    frame : {"full", "kb"}
        The whole picture; or its crop of 352 x 1216, truth too.
    masks : str
        Masks of instances: a JSON file in COCO's form, or a folder with a PNG of ids per picture, named as the raw data is. Empty:
        ``instances.json`` or ``instances`` of the root, where there is one. Where there are masks every picture has some, or an empty map.
    split_file : str
        Another list.
    """

    source = (
        "Get the raw data and the annotated depth maps of KITTI (cvlibs.net), so that <root>/2011_09_26/..., "
        "<root>/2011_09_26_drive_0002_sync/proj_depth/... and <root>/kitti_eigen_test.txt exist."
    )
    task: Task = "mono"
    name = "kitti"
    default_protocol = "kitti-eigen-garg"

    def __init__(
        self, root: Path, split: str = "test", frame: str = "full", masks: str = "", split_file: str = ""
    ) -> None:
        if split not in SPLITS:
            raise unknown_name("split of KITTI", split, SPLITS)
        if frame not in FRAMES:
            raise unknown_name("frame of KITTI", frame, FRAMES)
        self.root = root
        self._crop = frame == "kb"
        listed = read_eigen_list(Path(split_file) if split_file else find_list(root, split))
        self._lines = {line.id: line for line in listed if line.depth is not None}
        self.problems: tuple[str, ...] = ()
        self._masks = self._open_masks(masks)
        self.label = "-".join([split, *(["kb"] if self._crop else []), *([Path(masks).stem] if masks else [])])
        without = len(listed) - len(self._lines)
        self.notes = (
            [f"{without} of {len(listed)} pictures of the list have no depth and are left out"] if without else []
        )
        if len(self._lines) != SPLITS[split]:
            self.notes.append(f"{len(self._lines)} pictures, the {split} part of the Eigen split has {SPLITS[split]}")
        if self._masks is None:
            self.notes.append("no masks of instances: areas of instances and background are left out")

    def _open_masks(self, masks: str) -> CocoMasks | Path | None:
        places = [Path(masks)] if masks else [self.root / "instances.json", self.root / "instances"]
        for path in places:
            if path.is_file():
                return CocoMasks(path)
            if path.is_dir():
                return path
        if masks:
            raise DepthbenchError(f"{masks}: no such file or folder of masks")
        return None

    def ids(self) -> list[str]:
        """Return drive, camera and frame of every picture with depth."""
        return list(self._lines)

    def _image_path(self, line: EigenLine) -> Path:
        return find_below(self.root, RAW, line.image)

    def _depth_path(self, line: EigenLine) -> Path:
        return find_below(self.root, ANNOTATED, str(line.depth))

    def view(self, sample_id: str) -> MonoSample:
        """Return picture and camera: the calibration of its day, or the list's focal length and the middle of the picture."""
        image = read_rgb(self.image_path(sample_id))
        height, width, _ = image.shape
        camera = self.camera(sample_id, width, height)
        known = {"camera_height_m": CAMERA_HEIGHT_M}
        if self._crop and camera is not None:
            rows, columns = kb_crop(height, width)
            image = np.ascontiguousarray(image[rows, columns])
            camera = Intrinsics(
                KB_CROP[1], KB_CROP[0], camera.fx, camera.fy, camera.cx - columns.start, camera.cy - rows.start
            )
        return MonoSample(sample_id, image, camera, known)

    def labels(self, sample_id: str) -> Labels | None:
        """Return the masks of a whole picture, None where the set has no masks at all.

        Raises
        ------
        DepthbenchError
            If they cannot be read, or lack this picture.
        """
        line = self._lines[sample_id]
        if isinstance(self._masks, CocoMasks):
            ids = self._masks.id_map(line.image)
            if ids is None:
                raise DepthbenchError(
                    f"{self._masks.path}: does not name the picture {line.image}; one without instances is listed without annotations"
                )
            return labels_of_ids(ids)
        path = self._mask_path(line)
        return None if path is None else read_id_map(path)

    def _mask_path(self, line: EigenLine) -> Path | None:
        return self._masks / Path(line.image).with_suffix(".png") if isinstance(self._masks, Path) else None

    def image_path(self, sample_id: str) -> Path:
        """Return where the picture lies."""
        return self._image_path(self._lines[sample_id])

    def camera(self, sample_id: str, width: int, height: int) -> Intrinsics | None:
        """Return the camera of a whole picture of this size: of its day's calibration, or as the list has it."""
        line = self._lines[sample_id]
        return read_camera(self.root, line, width, height) or Intrinsics.centred(width, height, line.focal_px)

    def depth_and_labels(self, sample_id: str) -> tuple[npt.NDArray[np.float32], Labels | None]:
        """Return the depth of a whole picture, float32 (H, W), NaN = unknown, and its masks where there are some.

        Raises
        ------
        DepthbenchError
            If a file cannot be read, or they differ in size.
        """
        line = self._lines[sample_id]
        depth_m, labels = read_depth_256(self._depth_path(line)), self.labels(sample_id)
        if labels is not None:
            mask_path = self._masks.path if isinstance(self._masks, CocoMasks) else self._mask_path(line)
            check_sizes([self._depth_path(line), mask_path or self.root], [depth_m, labels.instance])
        return depth_m, labels

    def truth(self, sample_id: str) -> DepthTruth:
        """Return depth, with areas where there are masks."""
        depth_m, labels = self.depth_and_labels(sample_id)
        masks = instance_masks(labels) if labels is not None else {}
        if self._crop:
            crop = kb_crop(*depth_m.shape)
            depth_m, masks = depth_m[crop], {name: mask[crop] for name, mask in masks.items()}
        return DepthTruth(sample_id, depth_m, masks=masks)

    def files(self, sample_id: str) -> list[Path]:
        """Return the files of a picture, masks among them where they lie below the root."""
        line = self._lines[sample_id]
        mask = self._masks.path if isinstance(self._masks, CocoMasks) else self._mask_path(line)
        kept = [mask] if mask is not None and mask.is_relative_to(self.root) else []
        return [self._image_path(line), self._depth_path(line), *kept]
