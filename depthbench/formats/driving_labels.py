# SPDX-License-Identifier: Apache-2.0
"""Classes and instances of driving pictures, as Cityscapes-DVPS, SemKITTI-DVPS and masks of one's own write them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError
from depthbench.formats.grey_png import read_grey


@dataclass(frozen=True)
class LabelKind:
    """How a set numbers its classes.

    Attributes
    ----------
    things : range
        Classes that come in instances.
    classes : int
        Known ones are below.
    void : int
        What is no class.
    divisor : int
        A panoptic id is ``class * divisor + instance``.
    """

    things: range
    classes: int
    void: int
    divisor: int


CITYSCAPES = LabelKind(range(11, 19), 19, 32, 1000)
SEMKITTI = LabelKind(range(8), 19, 255, 1 << 16)
INSTANCES_ALONE = LabelKind(range(1), 1, 255, 1 << 16)
"""Masks of instances whose classes nobody told: all are of one class."""


@dataclass(frozen=True, eq=False)
class Labels:
    """What is where.

    Attributes
    ----------
    classes, instance : int32 (H, W)
        Instance 0 = none.
    kind : LabelKind
    """

    classes: npt.NDArray[np.int32]
    instance: npt.NDArray[np.int32]
    kind: LabelKind

    @property
    def instance_ids(self) -> npt.NDArray[np.int32]:
        """Panoptic ids where a thing has an instance, 0 elsewhere: int32 (H, W)."""
        there = np.isin(self.classes, self.kind.things) & (self.instance > 0)
        ids: npt.NDArray[np.int32] = np.where(there, self.classes * self.kind.divisor + self.instance, 0)
        return ids


def read_cityscapes_panoptic(path: Path) -> Labels:
    """Read ``gtFine_instanceTrainIds``: one channel of 16 bits, train id * 1000 + instance, 32000 = void.

    Raises
    ------
    DepthbenchError
        If the file cannot be read, is of another kind, or has a class that is none.
    """
    raw = _sixteen_bits(path, "a panoptic map (train id * 1000 + instance)").astype(np.int32)
    classes, instance = np.divmod(raw, CITYSCAPES.divisor)
    _known(path, classes, CITYSCAPES, "Is it gtFine_instanceIds? instanceTrainIds are needed.")
    stuff = (classes < CITYSCAPES.things.start) & (instance > 0)
    if stuff.any():
        odd = int(raw[stuff][0])
        raise DepthbenchError(
            f"{path}: {odd} is an instance of the class {odd // CITYSCAPES.divisor}, which has none (classes 0 to 10 are stuff); "
            "another encoding?"
        )
    return Labels(classes, instance, CITYSCAPES)


def read_semkitti_labels(class_path: Path, instance_path: Path) -> Labels:
    """Read ``gtFine_class`` (255 = void) and ``gtFine_instance``, one channel of 8 or 16 bits each.

    Raises
    ------
    DepthbenchError
        If a file cannot be read, sizes differ, or a class is none.
    """
    classes, instance = (_eight_or_sixteen(path).astype(np.int32) for path in (class_path, instance_path))
    if classes.shape != instance.shape:
        raise DepthbenchError(
            f"{instance_path}: of {instance.shape[1]}x{instance.shape[0]}, and {class_path.name} of {classes.shape[1]}x{classes.shape[0]}; "
            "both are of one picture"
        )
    _known(class_path, classes, SEMKITTI, "Classes are 0 to 18, and 255 for what is ignored.")
    return Labels(classes, instance, SEMKITTI)


def read_id_map(path: Path) -> Labels:
    """Read masks of instances in one map of 8 or 16 bits, 0 = none.

    Raises
    ------
    DepthbenchError
        If the file cannot be read.
    """
    return labels_of_ids(_eight_or_sixteen(path).astype(np.int32))


def labels_of_ids(ids: npt.NDArray[np.int32]) -> Labels:
    """Return the labels of a map of instances alone."""
    return Labels(np.where(ids > 0, 0, INSTANCES_ALONE.void).astype(np.int32), ids, INSTANCES_ALONE)


def read_depth_256(path: Path) -> npt.NDArray[np.float32]:
    """Read depth in 1/256 m of a 16-bit PNG, as KITTI and both DVPS sets write it; 0 becomes NaN. float32 (H, W), exact.

    Raises
    ------
    DepthbenchError
        If the file cannot be read, or is no single channel of 16 bits.
    """
    raw = _sixteen_bits(path, "depth in 1/256 m")
    depth_m = raw.astype(np.float32) / np.float32(256)
    depth_m[raw == 0] = np.nan
    return depth_m


def check_sizes(paths: Sequence[Path], maps: Sequence[npt.NDArray[np.generic]]) -> None:
    """Refuse maps of one picture that differ in size.

    Raises
    ------
    DepthbenchError
        Naming the files and sizes.
    """
    for path, map_ in zip(paths, maps, strict=True):
        if map_.shape[:2] != maps[0].shape[:2]:
            here, first = (f"{m.shape[1]}x{m.shape[0]}" for m in (map_, maps[0]))
            raise DepthbenchError(
                f"{path}: of {here}, and {paths[0].name} of {first}; files of one picture share a size: "
                "take both from the same archive, resized neither or both"
            )


def _sixteen_bits(path: Path, what: str) -> npt.NDArray[np.uint16]:
    try:
        raw: npt.NDArray[np.uint16] = read_grey(path, 16)
    except DepthbenchError as error:
        if "an image of mode" not in str(error):
            raise
        raise DepthbenchError(
            f"{error}: {what} lies in 16 bits, and what was saved in fewer, or in colour, is lost; take the file of the "
            "archive, and copy it or save it as it was read (mode I;16, cv2.IMREAD_UNCHANGED)"
        ) from error
    return raw


def _eight_or_sixteen(path: Path) -> npt.NDArray[np.generic]:
    try:
        map_: npt.NDArray[np.generic] = read_grey(path, 16)
    except DepthbenchError as error:
        if "an image of mode" not in str(error):
            raise
        map_ = read_grey(path, 8)
    return map_


def _known(path: Path, classes: npt.NDArray[np.int32], kind: LabelKind, remedy: str) -> None:
    odd = (classes >= kind.classes) & (classes != kind.void)
    if odd.any():
        raise DepthbenchError(
            f"{path}: the class {int(classes[odd][0])}, where there are 0 to {kind.classes - 1} and {kind.void} (void). {remedy}"
        )
