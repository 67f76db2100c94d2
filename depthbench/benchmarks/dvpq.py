# SPDX-License-Identifier: Apache-2.0
"""Predicted panoptic ids and depth of a driving set's frames, scored by DVPQ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from depthbench.benchmarks.metrics.panoptic import (
    DIVISOR,
    Absent,
    Overlaps,
    SegmentSums,
    class_mean,
    count_overlaps,
    depth_checked,
    match_segments,
    merged,
)
from depthbench.benchmarks.sets.dvps import DvpsSet
from depthbench.errors import DepthbenchError
from depthbench.formats.depth_files import read_depth_prediction
from depthbench.formats.driving_labels import CITYSCAPES, LabelKind, read_depth_256
from depthbench.formats.grey_png import read_grey
from depthbench.formats.image import opened

DEFAULT_K = {"cityscapes": (1, 2, 3, 4), "semkitti": (1, 5, 10, 20)}
INLIER_RATIOS = (1.25, 1.1)
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class DvpqResult:
    """Scores in per cent.

    Attributes
    ----------
    cells : mapping
        (k, limit) -> (all classes, things, stuff).
    windows : mapping
        k -> number of windows.
    depth_quality : mapping
        t -> share of pixels with max(p / g, g / p) <= t, over all frames together.
    """

    cells: Mapping[tuple[int, float], tuple[float, float, float]]
    windows: Mapping[int, int]
    depth_quality: Mapping[float, float]

    @property
    def mean(self) -> tuple[float, float, float]:
        """DVPQ: means over all k and limits."""
        whole, things, stuff = np.array(list(self.cells.values())).mean(axis=0).tolist()
        return whole, things, stuff


def read_panoptic_prediction(
    folder: Path, frame: str, kind: LabelKind
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Read the predicted classes and instances of a frame, int32 (H, W) each.

    ``<frame>_cat.png`` and ``<frame>_ins.png``, one channel of 8 or 16 bits each; or one other PNG whose name begins with the frame's:
    of 16 bits with ``class * 1000 + instance``, or in colour with the class in the first and the instance in the second channel.

    Raises
    ------
    DepthbenchError
        If there is none, more than one, or it cannot be read.
    """
    pair = [folder / f"{frame}_{part}.png" for part in ("cat", "ins")]
    if any(path.is_file() for path in pair):
        classes, instance = (_grey(path) for path in pair)
        if classes.shape != instance.shape:
            raise DepthbenchError(f"{pair[1]}: not of the size of {pair[0].name}")
        return classes, instance
    others = ("depth", "leftImg8bit")
    named = sorted(folder.glob(f"{frame}*.png"))
    found = [path for path in named if not any(part in path.name.removeprefix(frame) for part in others)]
    if len(found) != 1:
        told = (
            ", ".join(path.name for path in found)
            or f"no {frame}_cat.png with {frame}_ins.png, nor another {frame}*.png"
        )
        raise DepthbenchError(f"{folder}: one panoptic prediction of the frame is needed: {told}")
    with opened(found[0], found[0]) as image:
        colour = image.mode in ("RGB", "RGBA")
        values = np.asarray(image) if colour else None
    if values is not None:
        return values[..., 0].astype(np.int32), values[..., 1].astype(np.int32)
    if kind is not CITYSCAPES:
        raise DepthbenchError(
            f"{found[0]}: one channel, where class and instance are needed: {frame}_cat.png and {frame}_ins.png"
        )
    classes, instance = np.divmod(read_grey(found[0], 16).astype(np.int32), kind.divisor)
    return classes, instance


def _grey(path: Path) -> npt.NDArray[np.int32]:
    with opened(path, path) as image:
        bits = 16 if image.mode.startswith("I") else 8
    values: npt.NDArray[np.int32] = read_grey(path, bits).astype(np.int32)
    return values


def read_predicted_depth(folder: Path, frame: str) -> npt.NDArray[np.float32]:
    """Read the predicted depth of a frame, float32 (H, W), NaN = none: what ``eval`` saved, or ``<frame>*depth*.png`` in 1/256 m.

    Raises
    ------
    DepthbenchError
        If there is none, more than one, or it cannot be read.
    """
    found = sorted(folder.glob(f"{frame}*depth*.png"))
    if len(found) > 1:
        raise DepthbenchError(f"{found[1]}: a second depth map of the frame beside {found[0].name}; remove one")
    if found:
        return read_depth_256(found[0])
    return read_depth_prediction(folder, frame).depth_m


def score_dvpq(
    opened_set: DvpsSet,
    panoptic: Path,
    depth: Path,
    k: Sequence[int],
    limits: Sequence[float],
    absent: Absent,
    limit: int | None = None,
    track: Callable[[Sequence[str]], Iterable[str]] = lambda ids: ids,
) -> DvpqResult:
    """Score a folder of predictions, frame by frame.

    Raises
    ------
    DepthbenchError
        If a prediction is absent, damaged, or of another size than the truth; or no sequence is as long as a window.
    """
    ids = opened_set.ids()[:limit]
    sequences: dict[str, dict[float, list[Overlaps]]] = {}
    inliers, pixels = dict.fromkeys(INLIER_RATIOS, 0), 0
    kind = None
    for name in track(ids):
        truth_m, labels = opened_set.depth_and_labels(name)
        kind = labels.kind
        classes, instance = read_panoptic_prediction(panoptic, name, kind)
        depth_m = read_predicted_depth(depth, name)
        for what, map_ in (("panoptic", classes), ("depth", depth_m)):
            if map_.shape != truth_m.shape:
                sizes = " and the truth ".join(f"{m.shape[1]}x{m.shape[0]}" for m in (map_, truth_m))
                raise DepthbenchError(f"{name}: the predicted {what} is {sizes}")
        truth_ids = labels.classes.astype(np.int64) * DIVISOR + labels.instance
        frames = sequences.setdefault(opened_set.frame(name).sequence, {each: [] for each in limits})
        for each in limits:
            ids_there = depth_checked(classes, instance, depth_m, truth_m, each, kind)
            frames[each].append(count_overlaps(truth_ids, ids_there))
        known = np.isfinite(truth_m)
        p, g = depth_m[known].astype(np.float64), truth_m[known].astype(np.float64)
        pixels += len(g)
        for ratio in INLIER_RATIOS:
            inliers[ratio] += int(np.count_nonzero((p > 0) & (p <= ratio * g) & (p * ratio >= g)))
    if kind is None:
        raise DepthbenchError(f"{opened_set.root}: no frame to score")
    cells, windows = {}, {}
    for length in k:
        for each in limits:
            sums, count = _over_windows([frames[each] for frames in sequences.values()], length, kind)
            windows[length] = count
            cells[length, each] = _means(sums.quality(absent), kind, absent)
    quality = {ratio: 100 * count / pixels if pixels else float("nan") for ratio, count in inliers.items()}
    return DvpqResult(cells, windows, quality)


def _over_windows(sequences: Iterable[Sequence[Overlaps]], length: int, kind: LabelKind) -> tuple[SegmentSums, int]:
    sums, count = SegmentSums.zero(kind.classes), 0
    for frames in sequences:
        for start in range(len(frames) - length + 1):
            sums += match_segments(merged(frames[start : start + length]), kind)
            count += 1
    if not count:
        raise DepthbenchError(f"no sequence has {length} frames: choose a smaller --k")
    return sums, count


def _means(quality: Floats, kind: LabelKind, absent: Absent) -> tuple[float, float, float]:
    things = np.zeros(kind.classes, dtype=np.bool_)
    things[kind.things.start : kind.things.stop] = True
    whole, of_things, of_stuff = (
        100 * class_mean(part, absent) for part in (quality, quality[things], quality[~things])
    )
    return whole, of_things, of_stuff
