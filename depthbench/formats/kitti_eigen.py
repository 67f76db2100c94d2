# SPDX-License-Identifier: Apache-2.0
"""The Eigen split of KITTI: lists of pictures with their depth and focal length, and where the archives put them.

A line of a list (as BTS, AdaBins and iDisc have them) is ``picture depth focal_px``, with ``None`` for a picture without depth: of the
697 test pictures 45 have none, 652 are left.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from depthbench.camera import Intrinsics
from depthbench.errors import DepthbenchError
from depthbench.formats.limits import MOST_TEXT_BYTES, read_limited

_DRIVE = re.compile(
    r"(?P<day>\d{4}_\d\d_\d\d)/(?P<drive>\d{4}_\d\d_\d\d_drive_\d{4}_sync)/image_0(?P<camera>[23])/data/(?P<frame>\d{10})\.(png|jpg)"
)
RAW = ("", "raw", "raw_data", "kitti_raw", "kitti_raw_data")
ANNOTATED = ("", "train", "val", "depth", "data_depth_annotated", "data_depth_annotated/train", "data_depth_annotated/val",
             "depth/train", "depth/val", "gts")  # fmt: skip
"""Folders below the root in which paths of a list are looked for."""
FOCAL_TOLERANCE = 0.01
LISTS = ("kitti_eigen_{split}.txt", "eigen_{split}_files_with_gt.txt")


@dataclass(frozen=True)
class EigenLine:
    """One picture of a list.

    Attributes
    ----------
    image : str
        Path below the raw data.
    depth : str or None
        Path below the annotated depth.
    focal_px : float
    """

    image: str
    depth: str | None
    focal_px: float

    @property
    def id(self) -> str:
        """Drive, camera and frame: ``2011_09_26_drive_0002_sync/image_02/0000000069``."""
        match = _DRIVE.fullmatch(self.image)
        assert match is not None
        return f"{match['drive']}/image_0{match['camera']}/{match['frame']}"

    @property
    def day(self) -> str:
        """Day of the drive, by which KITTI's cameras are calibrated."""
        return self.image.partition("/")[0]

    @property
    def camera(self) -> str:
        """``02`` or ``03``."""
        return self.image.split("/image_")[1][:2]


def read_eigen_list(path: Path) -> list[EigenLine]:
    """Read a list of the split.

    Raises
    ------
    DepthbenchError
        If it cannot be read, or a line is not of this form; the message names file and line.
    """
    try:
        text = read_limited(path, MOST_TEXT_BYTES, "list of pictures").decode("utf-8")
    except UnicodeDecodeError as error:
        raise DepthbenchError(f"{path}: not a list of the Eigen split ({error})") from error
    lines = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if not words:
            continue
        where = f"{path}, line {number}"
        if len(words) != 3:
            raise DepthbenchError(
                f"{where}: {len(words)} words; a line is: picture depth focal_px (depth None where there is none)"
            )
        if not _DRIVE.fullmatch(words[0]):
            raise DepthbenchError(
                f"{where}: '{words[0]}' is not a picture of KITTI's raw data, such as 2011_09_26/2011_09_26_drive_0002_sync/image_02/data/0000000069.png"
            )
        try:
            focal_px = float(words[2])
        except ValueError as error:
            raise DepthbenchError(f"{where}: '{words[2]}' is no focal length in pixels") from error
        if not 100 < focal_px < 10_000:
            raise DepthbenchError(f"{where}: a focal length of {focal_px:g} px cannot be (KITTI's are 707 to 722)")
        lines.append(EigenLine(words[0], None if words[1] == "None" else words[1], focal_px))
    return lines


def find_list(root: Path, split: str) -> Path:
    """Return the list of a split in the root folder.

    Raises
    ------
    DepthbenchError
        If there is none.
    """
    names = [name.format(split=split) for name in LISTS]
    for name in names:
        if (root / name).is_file():
            return root / name
    raise DepthbenchError(
        f"{root}: no list of the Eigen split ({' or '.join(names)}); take it from the repositories of iDisc (splits/kitti) or BTS, so that "
        f"<root>/{names[0]} exists, or name yours by --set-option split_file=FILE"
    )


def find_below(root: Path, folders: tuple[str, ...], path: str) -> Path:
    """Return where a path of a list lies; where it is nowhere, the first place that it might be."""
    names = [path, str(Path(path).with_suffix(".jpg"))] if "/data/" in path else [path]
    for folder in folders:
        for name in names:
            if (root / folder / name).is_file():
                return root / folder / name
    return root / path


def read_camera(root: Path, line: EigenLine, width: int, height: int) -> Intrinsics | None:
    """Read the calibration of a picture's day from ``calib_cam_to_cam.txt``; None where there is no such file.

    Raises
    ------
    DepthbenchError
        If the file cannot be understood, or has another focal length than the list.
    """
    path = find_below(root, RAW, f"{line.day}/calib_cam_to_cam.txt")
    if not path.is_file():
        return None
    key = f"P_rect_{line.camera}:"
    for text in read_limited(path, MOST_TEXT_BYTES, "calibration").decode("utf-8", "replace").splitlines():
        if text.startswith(key):
            break
    else:
        raise DepthbenchError(f"{path}: has no line {key}; take calib_cam_to_cam.txt of KITTI's raw data")
    try:
        numbers = [float(word) for word in text.split()[1:]]
        fx, cx, fy, cy = numbers[0], numbers[2], numbers[5], numbers[6]
    except (ValueError, IndexError) as error:
        raise DepthbenchError(f"{path}: the line {key} does not hold the 12 numbers of a projection") from error
    if abs(fx - line.focal_px) > FOCAL_TOLERANCE * fx:
        raise DepthbenchError(
            f"{path}: a focal length of {fx:g} px, and the list has {line.focal_px:g} for {line.id}; list and calibration are of different days or sizes"
        )
    return Intrinsics(width, height, fx, fy, cx, cy)
