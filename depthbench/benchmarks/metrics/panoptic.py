# SPDX-License-Identifier: Apache-2.0
"""Video panoptic quality with depth (Qiao et al., CVPR 2021): segments matched over windows of frames.

A segment over a window of frames is a tube: all pixels of one id in them. So what matching needs, how many pixels a true and a
predicted id share, is counted once per frame and added up over each window; the public scripts count anew in every window.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from depthbench.formats.driving_labels import LabelKind

Absent = Literal["skip", "zero", "nan"]
Floats = npt.NDArray[np.float64]
DIVISOR = 1 << 20
"""An id here is class * DIVISOR + instance, whatever the set's own divisor is."""


@dataclass(frozen=True, eq=False)
class Overlaps:
    """How many pixels each pair of a true and a predicted id shares.

    Attributes
    ----------
    truth, predicted : int64 (P,)
    pixels : int64 (P,)
    """

    truth: npt.NDArray[np.int64]
    predicted: npt.NDArray[np.int64]
    pixels: npt.NDArray[np.int64]


def count_overlaps(truth: npt.NDArray[np.integer[Any]], predicted: npt.NDArray[np.integer[Any]]) -> Overlaps:
    """Count the pixels of each pair in one frame; both (H, W)."""
    names, truth_number = np.unique(truth, return_inverse=True)
    others, predicted_number = np.unique(predicted, return_inverse=True)
    counts = np.bincount(
        truth_number.ravel() * len(others) + predicted_number.ravel(), minlength=len(names) * len(others)
    )
    there = np.flatnonzero(counts)
    return Overlaps(
        names[there // len(others)].astype(np.int64), others[there % len(others)].astype(np.int64), counts[there]
    )


def merged(frames: Iterable[Overlaps]) -> Overlaps:
    """Add up the pairs of several frames."""
    frames = list(frames)
    pairs = np.stack([np.concatenate([f.truth for f in frames]), np.concatenate([f.predicted for f in frames])])
    names, place = np.unique(pairs, axis=1, return_inverse=True)
    pixels = np.zeros(names.shape[1], dtype=np.int64)
    np.add.at(pixels, place.ravel(), np.concatenate([f.pixels for f in frames]))
    return Overlaps(names[0], names[1], pixels)


@dataclass(frozen=True, eq=False)
class SegmentSums:
    """Sums per class, float64 (C,): IoU of matched segments, their number, false and missed ones; they add."""

    iou: Floats
    tp: Floats
    fp: Floats
    fn: Floats

    @classmethod
    def zero(cls, classes: int) -> SegmentSums:
        """Return sums of nothing."""
        return cls(*(np.zeros(classes) for _ in range(4)))

    def __add__(self, other: SegmentSums) -> SegmentSums:
        return SegmentSums(self.iou + other.iou, self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)

    def quality(self, absent: Absent = "skip") -> Floats:
        """Return panoptic quality per class: sum of IoU / (TP + FP / 2 + FN / 2).

        A class without any segment is NaN (``skip``: left out of means; ``nan``: means of it are NaN too, as the Cityscapes-DVPS script
        has it) or 0 (``zero``: the SemKITTI-DVPS script and PolyphonicFormer).
        """
        below = self.tp + 0.5 * self.fp + 0.5 * self.fn
        with np.errstate(invalid="ignore"):
            quality: Floats = np.where(below > 0, self.iou / np.where(below > 0, below, 1), np.nan)
        return np.nan_to_num(quality) if absent == "zero" else quality


def class_mean(quality: Floats, absent: Absent = "skip") -> float:
    """Mean over classes; NaN where there is none, or by ``nan`` where one is NaN."""
    kept = quality[np.isfinite(quality)] if absent == "skip" else quality
    return float(kept.mean()) if kept.size else float("nan")


def match_segments(overlaps: Overlaps, kind: LabelKind) -> SegmentSums:
    """Match segments of one class whose IoU is above 0.5.

    Pixels that are void in the truth count in no union; a predicted segment that lies for more than half in void is not false. As in
    the public scripts the void of unions is that without an instance alone.
    """
    sums = SegmentSums.zero(kind.classes)
    truth, predicted, pixels = overlaps.truth, overlaps.predicted, overlaps.pixels
    truth_names, truth_place = np.unique(truth, return_inverse=True)
    other_names, other_place = np.unique(predicted, return_inverse=True)
    truth_area = np.bincount(truth_place, pixels, len(truth_names))
    other_area = np.bincount(other_place, pixels, len(other_names))
    void = truth // DIVISOR == kind.void
    in_void = np.bincount(other_place, pixels * void, len(other_names))
    in_plain_void = np.bincount(other_place, pixels * (truth == kind.void * DIVISOR), len(other_names))
    union = truth_area[truth_place] + other_area[other_place] - pixels - in_plain_void[other_place]
    same = (truth // DIVISOR == predicted // DIVISOR) & ~void & (truth // DIVISOR < kind.classes)
    iou = np.where(same, pixels / np.maximum(union, 1), 0.0)
    matched = iou > 0.5
    classes = (truth[matched] // DIVISOR).astype(int)
    np.add.at(sums.iou, classes, iou[matched])
    np.add.at(sums.tp, classes, 1)
    missed = np.setdiff1d(truth_names, truth[matched])
    missed_class = missed // DIVISOR
    np.add.at(sums.fn, missed_class[(missed_class < kind.classes) & (missed_class != kind.void)].astype(int), 1)
    false = ~np.isin(other_names, predicted[matched]) & (in_void <= 0.5 * other_area)
    false_class = other_names[false] // DIVISOR
    np.add.at(sums.fp, false_class[false_class < kind.classes].astype(int), 1)
    return sums


def depth_checked(
    classes: npt.NDArray[np.integer[Any]],
    instance: npt.NDArray[np.integer[Any]],
    depth_m: npt.NDArray[np.floating[Any]],
    truth_m: npt.NDArray[np.floating[Any]],
    limit: float,
    kind: LabelKind,
) -> npt.NDArray[np.int64]:
    """Return predicted ids, int64 (H, W), of which pixels with a relative error of depth above ``limit`` are of no class.

    Pixels without true depth stay; ones without a predicted depth are wrong. Real numbers throughout: differences of unsigned integers
    would wrap around.
    """
    known = np.isfinite(truth_m) & (truth_m > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        wrong = known & ~(np.abs(depth_m.astype(np.float64) - truth_m) <= limit * truth_m)
    ids = classes.astype(np.int64) * DIVISOR + instance
    return np.where(wrong, np.int64(kind.classes) * DIVISOR, ids)


def dstq(stq: float, depth_quality: float) -> float:
    """Depth-aware segmentation and tracking quality of STQ and the share of depth inliers: (STQ^2 DQ)^(1/3) (DeepLab2)."""
    return float((stq**2 * depth_quality) ** (1 / 3))
