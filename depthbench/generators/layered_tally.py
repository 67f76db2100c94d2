# SPDX-License-Identifier: Apache-2.0
"""One shard in numbers that add up: counts over the pixels of each environment, and one row per sample."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt

from depthbench.formats.layered_record import EYES
from depthbench.formats.shard import ShardReader
from depthbench.generators.histogram import LogHistogram
from depthbench.layers import MAX_LAYERS, Layers, SurfaceClass, Visibility

COLUMNS = (
    "see_through_area", "luma_mean", "luma_q01", "luma_q50", "luma_q99", "largest_disparity_share",
    "baseline_m", "hfov_deg", "height_m", "pitch_deg", "roll_deg",
)  # fmt: skip
"""What is known of each sample: of its left eye, but for the baseline. Luma is 0.2126 R + 0.7152 G + 0.0722 B of the 8-bit
picture; height is above z = 0, pitch is upwards."""

NEAR_M, NEAR_DEG = 0.02, 1.0
"""Two views of a scene that differ by less than both show nearly the same."""

_LUMA = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)


@dataclass
class PixelTally:
    """Counts over the pixels of both eyes; luma of the left one alone."""

    scenes: int = 0
    pixels: int = 0
    reflective: int = 0
    count: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(MAX_LAYERS + 1, dtype=np.int64))
    classes: npt.NDArray[np.int64] = field(
        default_factory=lambda: np.zeros((MAX_LAYERS, len(SurfaceClass)), dtype=np.int64)
    )
    visibility: npt.NDArray[np.int64] = field(
        default_factory=lambda: np.zeros((MAX_LAYERS, len(Visibility)), dtype=np.int64)
    )
    luma: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(256, dtype=np.int64))
    disparity: LogHistogram = field(default_factory=LogHistogram)
    refraction: LogHistogram = field(default_factory=LogHistogram)
    material_points: Counter[str] = field(default_factory=Counter)
    material_scenes: Counter[str] = field(default_factory=Counter)

    def add_layers(self, layers: Layers) -> None:
        """Count one eye's layers."""
        self.pixels += layers.disp_px[0].size
        self.count += np.bincount(layers.count.ravel(), minlength=MAX_LAYERS + 1)
        for k in range(len(layers.disp_px)):
            self.classes[k] += np.bincount(layers.surface_class[k].ravel(), minlength=len(SurfaceClass))
            self.visibility[k] += np.bincount(layers.visibility[k].ravel(), minlength=len(Visibility))
        self.disparity.add(layers.disp_px[np.isfinite(layers.disp_px)])

    def merge(self, other: PixelTally) -> None:
        """Add another's counts."""
        self.scenes += other.scenes
        self.pixels += other.pixels
        self.reflective += other.reflective
        self.disparity.merge(other.disparity)
        self.refraction.merge(other.refraction)
        self.material_points.update(other.material_points)
        self.material_scenes.update(other.material_scenes)
        for name in ("count", "classes", "visibility", "luma"):
            getattr(self, name).__iadd__(getattr(other, name))


@dataclass
class ShardTally:
    """What a shard holds, or why it cannot be read.

    Attributes
    ----------
    path : Path
    fault : str
        "" where it is sound; nothing of a damaged shard is counted.
    environments : dict
        Environment -> its pixels; of plates, condition -> its pixels, for these are what such a set compares.
    ids, of_environment : list of str
    rows : float32 (N, len(COLUMNS))
    digests : list of bytes
        Of each left picture's pixels.
    redrawn : int
    resolutions : Counter
    near : list of (id, id)
        Pairs of views of the scene within NEAR_M and NEAR_DEG, but for those of one configuration (:mod:`.plates`), which
        share their cameras on purpose.
    """

    path: Path
    fault: str = ""
    environments: dict[str, PixelTally] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)
    of_environment: list[str] = field(default_factory=list)
    rows: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, len(COLUMNS)), dtype=np.float32))
    digests: list[bytes] = field(default_factory=list)
    redrawn: int = 0
    resolutions: Counter[str] = field(default_factory=Counter)
    near: list[tuple[str, str]] = field(default_factory=list)


def material_family(surface_name: str) -> str:
    """Return ``metal_brushed`` of ``bench 14: legs / metal_brushed.010``: the material's name without Blender's number."""
    return re.sub(r"\.\d{3,}$", "", surface_name.rpartition(" / ")[2])


def tally_shard(path: Path, indices: Sequence[int]) -> ShardTally:
    """Read samples ``indices`` of a shard, one at a time.

    Raises
    ------
    DepthbenchError
        If the shard is damaged.
    """
    tally, rows, poses = ShardTally(path), [], []
    together: list[object] = []
    with ShardReader(path) as reader:
        names = {surface.id: material_family(surface.name) for surface in reader.surfaces}
        for index in indices:
            meta, rig = reader.meta(index), reader.rig(index)
            environment = str(meta.get("condition", meta.get("environment", "?")))
            pixels = tally.environments.setdefault(environment, PixelTally())
            luma = _count_left_picture(tally, pixels, reader, index)
            points, area, largest_px = _count_eyes(pixels, reader, index)
            for number in np.flatnonzero(points):
                pixels.material_points[names.get(int(number), "?")] += int(points[number])
            pose = reader.cam_to_world(index, "left")
            width = rig.intrinsics.width
            hfov_deg = 2 * np.rad2deg(np.arctan(width / 2 / rig.intrinsics.fx))
            rows.append([area, *luma, largest_px / width, rig.baseline_m, hfov_deg, pose[2, 3], *_tilt_deg(pose)])
            poses.append(pose)
            together.append(meta.get("configuration", f"{index} alone"))
            tally.ids.append(reader.ids[index])
            tally.of_environment.append(environment)
            tally.redrawn += bool(meta.get("attempt", 0))
            tally.resolutions[f"{width}x{rig.intrinsics.height}"] += 1
    for pixels in tally.environments.values():
        pixels.scenes = 1
        pixels.material_scenes.update(set(names.values()))
    tally.rows = np.array(rows, dtype=np.float32).reshape(-1, len(COLUMNS))
    tally.near = [
        (tally.ids[a], tally.ids[b])
        for a, b in combinations(range(len(poses)), 2)
        if together[a] != together[b] and _near(poses[a], poses[b])
    ]
    return tally


def _count_left_picture(tally: ShardTally, pixels: PixelTally, reader: ShardReader, index: int) -> list[float]:
    """Count the left picture's luma, note its digest; return mean, 1 %, 50 % and 99 % luma."""
    picture = reader.image(index, "left")
    tally.digests.append(hashlib.blake2b(np.ascontiguousarray(picture).tobytes(), digest_size=16).digest())
    levels = np.bincount(np.rint(picture @ _LUMA).astype(np.intp).ravel(), minlength=256)
    pixels.luma += levels
    return [luma_mean(levels), *(luma_quantile(levels, q) for q in (0.01, 0.5, 0.99))]


def _count_eyes(pixels: PixelTally, reader: ShardReader, index: int) -> tuple[npt.NDArray[np.int64], float, float]:
    """Count both eyes' truth; return layer points per surface id, the left eye's see-through share and largest disparity."""
    found = []
    points = np.zeros(0, dtype=np.int64)
    for eye in EYES:
        layers = reader.layers(index, eye)
        pixels.add_layers(layers)
        refraction_px = reader.refraction_px(index, eye)
        pixels.refraction.add(refraction_px[layers.see_through & np.isfinite(refraction_px)])
        pixels.reflective += int(reader.reflective(index, eye).sum())
        counted = np.bincount(layers.surface_id[layers.surface_id > 0], minlength=len(points))
        counted[: len(points)] += points
        points = counted
        found.append((float(layers.see_through.mean()), float(np.nanmax(layers.disp_px[0], initial=0.0))))
    return points, *found[0]


def luma_mean(levels: npt.NDArray[np.int64]) -> float:
    """Return the mean of 256 counted levels."""
    return float((levels * np.arange(256)).sum() / max(int(levels.sum()), 1))


def luma_quantile(levels: npt.NDArray[np.int64], q: float) -> float:
    """Return a quantile of 256 counted levels."""
    return float(np.searchsorted(np.cumsum(levels), q * levels.sum()))


def _tilt_deg(cam_to_world: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Return pitch (upwards) and roll (clockwise) of an OpenCV camera in a world with z up."""
    right, down, forward = cam_to_world[2, :3]
    return float(np.rad2deg(np.arcsin(np.clip(forward, -1, 1)))), float(np.rad2deg(np.arctan2(-right, -down)))


def _near(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> bool:
    """Whether two poses are within NEAR_M and NEAR_DEG."""
    if np.linalg.norm(one[:3, 3] - other[:3, 3]) >= NEAR_M:
        return False
    cosine = (np.trace(one[:3, :3].T @ other[:3, :3]) - 1) / 2
    return bool(np.rad2deg(np.arccos(np.clip(cosine, -1, 1))) < NEAR_DEG)
