# SPDX-License-Identifier: Apache-2.0
"""Where the frames of Cityscapes-DVPS and SemKITTI-DVPS lie: names that are kept to the letter, and what is wrong with others.

::

    video_sequence/SPLIT/000000_000000_munster_000105_000004_leftImg8bit.png
                                                             gtFine_instanceTrainIds.png, depth.png      (Cityscapes-DVPS)
    video_sequence/SPLIT/000008_000000_leftImg8bit.png
                                       gtFine_class.png, gtFine_instance.png, depth_718.8560180664062.png  (SemKITTI-DVPS)

The number in the name of a depth map of SemKITTI-DVPS is the focal length in pixels.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from depthbench.formats.driving_labels import Labels, read_cityscapes_panoptic, read_semkitti_labels

VIDEO = "video_sequence"
SPLITS = ("train", "val", "test")
_CITYSCAPES = re.compile(
    r"(?P<id>(?P<sequence>\d{6})_\d{6}_[A-Za-z-]+_\d{6}_\d{6})_(?P<part>leftImg8bit|gtFine_instanceTrainIds|depth)\.png"
)
_SEMKITTI = re.compile(
    r"(?P<id>(?P<sequence>\d{6})_\d{6})_(?P<part>leftImg8bit|gtFine_class|gtFine_instance|depth_(?P<focal>\d+(\.\d+)?))\.png"
)
_NO_FOCAL = re.compile(r"\d{6}_\d{6}_depth(_[^_]*)?\.png")
_PARTS = {
    "cityscapes": ("leftImg8bit", "gtFine_instanceTrainIds", "depth"),
    "semkitti": ("leftImg8bit", "gtFine_class", "gtFine_instance", "depth"),
}
_FOCAL_TOLERANCE = 1e-3


@dataclass(frozen=True)
class DrivingFrame:
    """Files of one frame.

    Attributes
    ----------
    id : str
        What its files' names begin with.
    sequence : str
    image, depth : Path
    labels : tuple of Path
        One panoptic map, or classes and instances.
    focal_px : float or None
        Where a name tells it.
    """

    id: str
    sequence: str
    image: Path
    depth: Path
    labels: tuple[Path, ...]
    focal_px: float | None = None

    @property
    def files(self) -> list[Path]:
        """All of them."""
        return [self.image, self.depth, *self.labels]


@dataclass(frozen=True)
class FrameList:
    """Frames that are whole, in the order of their names, and what is wrong with other files, a sentence each."""

    frames: tuple[DrivingFrame, ...]
    problems: tuple[str, ...] = ()


@dataclass
class _Found:
    sequence: str
    parts: dict[str, Path] = field(default_factory=dict)
    focal_px: float | None = None


def find_frames(root: Path, kind: str, split: str) -> FrameList:
    """Find the frames of a split.

    Parameters
    ----------
    root : Path
        Holds ``video_sequence``, or is it.
    kind : {"cityscapes", "semkitti"}
    split : {"train", "val", "test"}
    """
    folder = (root if root.name == VIDEO else root / VIDEO) / split
    pattern = _CITYSCAPES if kind == "cityscapes" else _SEMKITTI
    found: dict[str, _Found] = {}
    problems = []
    for path in sorted(folder.glob("*.png")):
        match = pattern.fullmatch(path.name)
        if match is None:
            problems.append(_misnamed(path, kind))
            continue
        here = found.setdefault(match["id"], _Found(match["sequence"]))
        part = match["part"]
        if kind == "semkitti" and match["focal"]:
            part = "depth"
            if part in here.parts:
                problems.append(
                    f"{path}: a second depth map of the frame, with another focal length in its name than {here.parts[part].name}; "
                    "remove one"
                )
                continue
            here.focal_px = float(match["focal"])
        here.parts[part] = path
    frames = []
    for name, here in found.items():
        missing = [part for part in _PARTS[kind] if part not in here.parts]
        if missing:
            problems.append(f"{folder / name}_*.png: no {', '.join(missing)}; unpack the whole archive again")
            continue
        image, *labels, depth = (here.parts[part] for part in _PARTS[kind])
        frames.append(DrivingFrame(name, here.sequence, image, depth, tuple(labels), here.focal_px))
    return FrameList(tuple(frames), (*problems, *_changing_focal(frames)))


def _misnamed(path: Path, kind: str) -> str:
    if kind == "semkitti" and _NO_FOCAL.fullmatch(path.name):
        stem = "_".join(path.name.split("_")[:2])
        return (
            f"{path}: no focal length in the name; SemKITTI-DVPS calls it {stem}_depth_FOCAL.png, with the focal length in pixels, such "
            f"as {stem}_depth_718.8560180664062.png: copy the file of the archive under its own name"
        )
    if (_SEMKITTI if kind == "cityscapes" else _CITYSCAPES).fullmatch(path.name):
        other = "SemKITTI-DVPS" if kind == "cityscapes" else "Cityscapes-DVPS"
        return f"{path}: named as in {other}; is this the folder of that set?"
    names = ", ".join(
        f"..._{part}{'_FOCAL' if part == 'depth' and kind == 'semkitti' else ''}.png" for part in _PARTS[kind]
    )
    beginning = "000000_000000_munster_000105_000004" if kind == "cityscapes" else "000008_000000"
    return f"{path}: not a name of the set, which are {beginning} and so on, then {names}"


def _changing_focal(frames: list[DrivingFrame]) -> list[str]:
    """Tell frames whose focal length is not that of their sequence's first: one camera drove through it."""
    first: dict[str, DrivingFrame] = {}
    problems = []
    for frame in frames:
        other = first.setdefault(frame.sequence, frame)
        if frame.focal_px is None or other.focal_px is None:
            continue
        if abs(frame.focal_px - other.focal_px) > _FOCAL_TOLERANCE * other.focal_px:
            problems.append(
                f"{frame.depth}: a focal length of {frame.focal_px:g} px, and {other.depth.name} of the same sequence {other.focal_px:g}; "
                "one of the names is wrong, or sequences were mixed"
            )
    return problems


def read_labels(frame: DrivingFrame) -> Labels:
    """Read the labels of a frame.

    Raises
    ------
    DepthbenchError
        See :mod:`.driving_labels`.
    """
    if len(frame.labels) == 1:
        return read_cityscapes_panoptic(frame.labels[0])
    return read_semkitti_labels(*frame.labels)
