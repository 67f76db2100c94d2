# SPDX-License-Identifier: Apache-2.0
"""The four sets of ODMS (Griffin and Corso, ECCV 2020), one by one and together, from folders of PNGs, compact files or shards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from depthbench.benchmarks.sets.motion_set import MotionTruth
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.formats.mask_shard import read_mask_shard
from depthbench.formats.odms_compact import read_compact
from depthbench.formats.odms_folder import Clip, Mask, read_clip
from depthbench.tasks import MotionSample, Task

SPLITS = ("test", "val")
OBSERVATIONS = 10
"""Frames that the public evaluation picks from each example; fewer are picked from these."""

ROBOT_WINDOWS = (10, 15, 20, 25, 30)
OFFICIAL_EXAMPLES = {
    "robot": {"test": 2640, "val": 1760},
    "driving": {"test": 750, "val": 500},
    "normal": {"test": 3000, "val": 2000},
    "perturb": {"test": 3000, "val": 2000},
}
SOURCE = (
    "Get https://github.com/griffbr/ODMS (for non-commercial research) and unpack it, so that "
    "<root>/data/{part}/<example>/*.png exist; or make sets of your own with `depthbench generate odms`."
)


def pick(frames: int, n: int) -> list[int]:
    """Return which n of so many frames the public evaluation takes: evenly spread, rounded down, both ends among them."""
    return [int(index) for index in np.linspace(0, frames - 1, n)]


@dataclass(frozen=True)
class _Example:
    """Frames of a clip, final pose first."""

    clip: Clip
    frames: Sequence[int]


def _windows(name: str, clip: Clip) -> dict[str, range]:
    """Return the examples of a clip: id -> frames. One of all frames, but for robot every window of certain lengths."""
    if name != "robot":
        return {clip.name: range(len(clip))}
    return {
        f"{clip.name}/{length}-{start:02d}": range(start, start + length)
        for length in ROBOT_WINDOWS
        for start in range(len(clip) - length + 1)
    }


def _chosen(frames: range, n: int | str) -> Sequence[int]:
    """Return the frames that are observed; all of them where there are fewer than n (reading the sample refuses that)."""
    if n == "all":
        return frames
    if len(frames) > OBSERVATIONS:
        frames_picked = [frames[index] for index in pick(len(frames), OBSERVATIONS)]
    else:
        frames_picked = list(frames)
    if len(frames_picked) <= int(n):
        return frames_picked
    return [frames_picked[index] for index in pick(len(frames_picked), int(n))]


def find_part(root: Path, split: str, part: str) -> Path | None:
    """Return the folder, the compact file or the first shard that a part of the data lies in; None where it is in none."""
    for path in (root / "data" / split / part, root / split / part, root / f"{split}_{part}.npz"):
        if path.exists():
            return path
    return next(iter(_shards(root, split, part)), None)


def _shards(root: Path, split: str, part: str) -> list[Path]:
    """List the shards that ``depthbench generate odms`` made of a part, in order."""
    return sorted((root / "shards").glob(f"{split}-{part}-[0-9]*.h5"))


def _no_mask(_: int) -> Mask:
    raise IndexError("a clip without frames has no mask")


def _read_clips(root: Path, split: str, name: str, problems: list[str]) -> list[Clip]:
    """Find a part of the data in any form and read its clips, in the order of their names.

    A folder that cannot be read is added to ``problems`` and stands as a clip without frames: it must not hide the others.

    Raises
    ------
    DepthbenchError
        If it is there in no form; the message names where it was looked for.
    """
    place = find_part(root, split, name)
    if place is not None and place.suffix == ".h5":
        return [clip for path in _shards(root, split, name) for clip in read_mask_shard(path).clips(path)]
    if place is not None and place.is_file():
        return read_compact(place)
    if place is not None:
        clips = []
        for path in sorted(path for path in place.iterdir() if path.is_dir()):
            try:
                clips.append(read_clip(path))
            except DepthbenchError as error:
                problems.append(str(error))
                clips.append(Clip(path.name, np.empty(0), np.empty(0), _no_mask, ()))
        return clips
    there = [other for other in SPLITS if find_part(root, other, name)]
    hint = f" The {there[0]} split is there: --set-option split={there[0]}." if there else ""
    source = SOURCE.replace("{part}", f"{split}/{name}")
    expected = root / "data" / split / name
    raise DepthbenchError(f"{expected}: not there (nor {split}_{name}.npz).{hint} {source}")


class Odms:
    """Masks of one object from a camera that approaches it; the truth is its depth at the final pose.

    Parameters
    ----------
    root : Path
        Holds ``data/{val,test}/{robot,driving,normal,perturb}/<example>/*.png`` as its authors publish it, or one compact
        file per part, such as ``val_robot.npz`` (:mod:`depthbench.formats.odms_compact`), or the shards of
        ``depthbench generate odms``.
    split : {"test", "val"}
    n : int or "all"
        Observations that a model sees, from 2 to 10, picked as the public evaluation does; ``all``: every frame.
    """

    source = SOURCE.replace("{part}", "{val,test}/{robot,driving,normal,perturb}")
    task: Task = "motion"
    name = "odms"
    default_protocol = "odms"
    parts: tuple[str, ...] = tuple(OFFICIAL_EXAMPLES)

    def __init__(self, root: Path, split: str = "test", n: int | str = OBSERVATIONS) -> None:
        if split not in SPLITS:
            raise unknown_name("split of ODMS", split, SPLITS)
        if n != "all" and not (isinstance(n, int) and 2 <= n <= OBSERVATIONS):
            raise DepthbenchError(f"n={n}: a depth from motion takes 2 to {OBSERVATIONS} observations, or 'all' frames")
        self.root = root
        self.label = f"{split}-n{n}"
        self.notes: list[str] = []
        self._n = n
        self._examples: dict[str, _Example] = {}
        for part in self.parts:
            examples = {
                (f"{part}/" if len(self.parts) > 1 else "") + example_id: _Example(clip, _chosen(frames, n))
                for clip in _read_clips(root, split, part, self.notes)
                for example_id, frames in _windows(part, clip).items()
            }
            official = OFFICIAL_EXAMPLES[part][split]
            if len(examples) != official:
                self.notes.append(f"{part}: {len(examples)} examples, the official {split} set has {official}")
            self._examples |= examples
        # windows of one clip share their frames
        self._mask = lru_cache(maxsize=64)(lambda clip, index: clip.read(index))

    def ids(self) -> list[str]:
        """Return every example: the clip's name, and for robot the window's length and first frame."""
        return list(self._examples)

    def group(self, sample_id: str) -> str:
        """Return which of the four sets it is of, where they are evaluated together."""
        return sample_id.split("/")[0] if len(self.parts) > 1 else ""

    def observations(self, sample_id: str) -> MotionSample:
        """Return masks and positions.

        Raises
        ------
        DepthbenchError
            If there are too few frames, a file cannot be read, or masks differ in size.
        """
        example = self._examples[sample_id]
        wanted = 2 if self._n == "all" else int(self._n)
        if len(example.frames) < wanted:
            told = f"{len(example.frames)} masks, and {wanted} are asked for (--set-option n=...)"
            raise DepthbenchError(f"{self.root}: {example.clip.name}: {told}")
        masks = [self._mask(example.clip, index) for index in example.frames]
        for index, mask in zip(example.frames, masks, strict=True):
            if mask.shape != masks[0].shape:
                told = " and ".join(f"{m.shape[1]}x{m.shape[0]}" for m in (masks[0], mask))
                raise DepthbenchError(f"{example.clip.name}, frame {index}: masks of different sizes, {told}")
        behind = example.clip.behind_m[list(example.frames)]
        return MotionSample(sample_id, np.stack(masks), behind[0] - behind)

    def truth(self, sample_id: str) -> MotionTruth:
        """Return the depth at the final pose."""
        example = self._examples[sample_id]
        behind = example.clip.behind_m[list(example.frames)]
        return MotionTruth(sample_id, float(example.clip.depth_m[example.frames[0]]), float(np.ptp(behind)))

    def files(self, sample_id: str) -> list[Path]:
        """Return the files of the clip that the example is of."""
        return list(self._examples[sample_id].clip.files)


class Robot(Odms):
    """Windows of a robot's approaches to 80 scenes, the camera's distance measured."""

    name = "odms-robot"
    parts = ("robot",)


class Driving(Odms):
    """Cars and the like before a driving camera (SYNTHIA); they may move."""

    name = "odms-driving"
    parts = ("driving",)


class Normal(Odms):
    """Simulated shapes."""

    name = "odms-normal"
    parts = ("normal",)


class Perturb(Odms):
    """Simulated shapes, each mask dilated or eroded."""

    name = "odms-perturb"
    parts = ("perturb",)
