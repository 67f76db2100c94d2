# SPDX-License-Identifier: Apache-2.0
"""Cityscapes-DVPS and SemKITTI-DVPS (Qiao et al., CVPR 2021), and the sequences of ``generate dvps-twin`` in the former's layout."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.benchmarks.sets.depth_truth import DepthTruth
from depthbench.camera import Intrinsics
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.formats.driving_frames import SPLITS, VIDEO, DrivingFrame, find_frames, read_labels
from depthbench.formats.driving_labels import Labels, check_sizes, read_depth_256
from depthbench.formats.image import read_rgb
from depthbench.formats.json_file import read_json
from depthbench.tasks import MonoSample, Task

MOST_PROBLEMS = 5
_NOMINAL = Intrinsics(2048, 1024, 2262.5, 2265.3, 1097.0, 513.1)
"""About what the cameras of Cityscapes have, for frames whose camera file is not there."""
_CITYSCAPES_HEIGHT_M, _KITTI_HEIGHT_M, _TWIN_HEIGHT_M = 1.22, 1.65, 1.32
"""Of the cameras over the road, about; the twin's are 1.17 to 1.47."""


def instance_masks(labels: Labels) -> dict[str, Any]:
    """Return the areas of protocols: instances (things with an id), and all else; pixels of no class (void) are background."""
    instance = labels.instance_ids > 0
    return {"instance": instance, "background": ~instance}


class DvpsSet(ABC):
    """Frames in the layout of a DVPS set.

    Parameters
    ----------
    root : Path
        Holds ``video_sequence/SPLIT``.
    split : {"val", "train", "test"}
    """

    task: Task = "mono"
    default_protocol = "dvps-80"
    name = ""
    kind = ""
    source = ""
    official: dict[str, int] = {}  # noqa: RUF012

    def __init__(self, root: Path, split: str = "val") -> None:
        if split not in SPLITS:
            raise unknown_name(f"split of {self.name}", split, SPLITS)
        self.root, self.label, self._split = root, split, split
        found = find_frames(root, self.kind, split)
        self._frames = {frame.id: frame for frame in found.frames}
        self.problems = found.problems
        self.notes: list[str] = []
        if split in self.official and len(self._frames) != self.official[split]:
            self.notes.append(f"{len(self._frames)} frames, the official {split} split has {self.official[split]}")
        self.notes += found.problems[:MOST_PROBLEMS]
        if len(found.problems) > MOST_PROBLEMS:
            self.notes.append(f"and {len(found.problems) - MOST_PROBLEMS} more files that are not as they should be")
        if not self._frames and found.problems:
            raise DepthbenchError(f"{root}: no frame of {self.name} is whole. {found.problems[0]}")

    @classmethod
    def examine(cls, root: Path) -> list[str]:
        """Return what is wrong with the files of a folder, for ``depthbench list sets``."""
        return [problem for split in SPLITS for problem in find_frames(root, cls.kind, split).problems][:MOST_PROBLEMS]

    def ids(self) -> list[str]:
        """Return what the files' names begin with."""
        return list(self._frames)

    def frame(self, sample_id: str) -> DrivingFrame:
        """Return the files of a frame."""
        return self._frames[sample_id]

    def image_path(self, sample_id: str) -> Path:
        """Return where the picture lies."""
        return self._frames[sample_id].image

    def camera(self, sample_id: str, width: int, height: int) -> Intrinsics | None:
        """Return the camera of a picture of this size, where it is known."""
        return self._camera(self._frames[sample_id], width, height)[0]

    def depth_and_labels(self, sample_id: str) -> tuple[npt.NDArray[np.float32], Labels]:
        """Return depth, float32 (H, W), NaN = unknown, and what is where.

        Raises
        ------
        DepthbenchError
            If a file cannot be read, or they differ in size.
        """
        frame = self._frames[sample_id]
        depth_m, labels = read_depth_256(frame.depth), read_labels(frame)
        check_sizes([frame.labels[0], frame.depth], [labels.classes, depth_m])
        return depth_m, labels

    def view(self, sample_id: str) -> MonoSample:
        """Return picture and camera."""
        frame = self._frames[sample_id]
        image = read_rgb(frame.image)
        intrinsics, known = self._camera(frame, image.shape[1], image.shape[0])
        return MonoSample(sample_id, image, intrinsics, known)

    def truth(self, sample_id: str) -> DepthTruth:
        """Return depth, with the areas of instances and background."""
        depth_m, labels = self.depth_and_labels(sample_id)
        return DepthTruth(sample_id, depth_m, masks=instance_masks(labels))

    def files(self, sample_id: str) -> list[Path]:
        """Return the files of a frame."""
        return self._frames[sample_id].files

    @abstractmethod
    def _camera(self, frame: DrivingFrame, width: int, height: int) -> tuple[Intrinsics | None, dict[str, Any]]:
        """Return the camera of a picture of this size, where it is known, and what else is known of it."""


class CityscapesDvps(DvpsSet):
    """See :class:`DvpsSet`.

    Cameras are read from Cityscapes' own ``camera/SPLIT/CITY/CITY_000105_000004_camera.json``, where they lie below the root; elsewhere
    a nominal one is told.
    """

    source = "Get Cityscapes-DVPS (github.com/joe-siyuan-qiao/ViP-DeepLab) and unpack it, so that <root>/video_sequence/val/*.png exist."
    name = "cityscapes-dvps"
    kind = "cityscapes"
    official = {"train": 2400, "val": 300, "test": 300}  # noqa: RUF012

    def _camera(self, frame: DrivingFrame, width: int, height: int) -> tuple[Intrinsics | None, dict[str, Any]]:
        city, sequence, number = frame.id.split("_")[2:]
        folder = self.root.parent if self.root.name == VIDEO else self.root
        path = folder / "camera" / self._split / city / f"{city}_{sequence}_{number}_camera.json"
        if not path.is_file():
            return _NOMINAL.resized(width, height), {"camera": "nominal", "camera_height_m": _CITYSCAPES_HEIGHT_M}
        told = read_json(path)
        try:
            inside, outside = told["intrinsic"], told["extrinsic"]
            # pixels of 2048x1024
            fx, fy, cx, cy = (float(inside[key]) for key in ("fx", "fy", "u0", "v0"))
            known = {"camera_height_m": float(outside["z"]), "camera_pitch_deg": math.degrees(float(outside["pitch"]))}
        except (KeyError, TypeError, ValueError) as error:
            raise DepthbenchError(f"{path}: not a camera file of Cityscapes ({error})") from error
        return Intrinsics(2048, 1024, fx, fy, cx, cy).resized(width, height), known


class SemkittiDvps(DvpsSet):
    """See :class:`DvpsSet`; the focal length is the one in the depth map's name, the principal point the middle of the picture."""

    source = "Get SemKITTI-DVPS (github.com/joe-siyuan-qiao/ViP-DeepLab) and unpack it, so that <root>/video_sequence/val/*.png exist."
    name = "semkitti-dvps"
    kind = "semkitti"
    official = {"train": 19130, "val": 4071, "test": 4342}  # noqa: RUF012

    def _camera(self, frame: DrivingFrame, width: int, height: int) -> tuple[Intrinsics | None, dict[str, Any]]:
        if frame.focal_px is None:
            return None, {}
        return Intrinsics.centred(width, height, frame.focal_px), {"camera_height_m": _KITTI_HEIGHT_M}


class DvpsTwin(DvpsSet):
    """Sequences of ``depthbench generate dvps-twin``; cameras are those of ``frames/SPLIT/<id>.json``."""

    source = "Make it with `depthbench generate dvps-twin --out <root>`."
    name = "dvps-twin"
    kind = "cityscapes"

    def _camera(self, frame: DrivingFrame, width: int, height: int) -> tuple[Intrinsics | None, dict[str, Any]]:
        path = self._record_path(frame)
        if not path.is_file():
            return None, {}
        told = read_json(path)
        try:
            intrinsics = Intrinsics(**told["intrinsics"])
            ahead_up = float(told["cam_to_world"][2][2])
            height_m = float(told.get("camera_height_m", _TWIN_HEIGHT_M))
        except (KeyError, TypeError, IndexError, ValueError) as error:
            raise DepthbenchError(f"{path}: not a record of `generate dvps-twin` ({error})") from error
        pitch_deg = math.degrees(math.asin(-min(max(ahead_up, -1.0), 1.0)))
        known = {"camera_height_m": height_m, "camera_pitch_deg": pitch_deg}
        return intrinsics.resized(width, height), known

    def _record_path(self, frame: DrivingFrame) -> Path:
        return self.root / "frames" / self._split / f"{frame.id}.json"

    def files(self, sample_id: str) -> list[Path]:
        """Return the files of a frame, its record among them."""
        frame = self._frames[sample_id]
        return [*frame.files, self._record_path(frame)]
