# SPDX-License-Identifier: Apache-2.0
"""A prepared folder of driving frames, read frame by frame."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from pathlib import Path

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError
from depthbench.formats.driving_shard import DrivingRecord, read_driving_record, shard_ids
from depthbench.generators.config_file import generator_of, read_config
from depthbench.generators.driving_shards.prepare import GENERATOR, SHARDS, TargetConfig


def holds_driving_frames(folder: Path) -> bool:
    """Tell whether ``depthbench prepare dvps`` made a folder."""
    return generator_of(folder) == GENERATOR


def read_target_config(folder: Path) -> TargetConfig:
    """Return what decided the targets of a folder.

    Raises
    ------
    DepthbenchError
        If another program made it, or another version.
    """
    return read_config(folder, GENERATOR, TargetConfig.from_json)


class DrivingFolder:
    """Random access to the frames of a folder; nothing is held open, so it pickles and forks.

    Parameters
    ----------
    folder : path
        What ``depthbench prepare dvps --out`` made.

    Raises
    ------
    DepthbenchError
        If there is no shard, or one is damaged.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._paths = sorted((self.folder / SHARDS).glob("*.h5"))
        if not self._paths:
            raise DepthbenchError(
                f"{folder}: no shard of driving frames; make some with `depthbench prepare dvps --out {folder}`"
            )
        names = [shard_ids(path) for path in self._paths]
        self.ids = [name for shard in names for name in shard]
        self._ends = list(accumulate(map(len, names)))

    def __len__(self) -> int:
        return len(self.ids)

    def record(self, index: int, *only: str) -> DrivingRecord:
        """Return a frame, or the named parts of it (:func:`.driving_shard.read_driving_record`).

        Raises
        ------
        IndexError
            If there is no such frame.
        """
        index = index + len(self) if index < 0 else index
        if not 0 <= index < len(self):
            raise IndexError(f"frame {index} of {len(self)}")
        shard = bisect_right(self._ends, index)
        return read_driving_record(self._paths[shard], index - (self._ends[shard - 1] if shard else 0), only)

    def depth(self, index: int) -> npt.NDArray[np.float32]:
        """Return depth, float32 (H, W), metres, NaN = unknown."""
        raw = self.record(index, "depth").depth
        depth_m = raw.astype(np.float32) / np.float32(256)
        depth_m[raw == 0] = np.nan
        return depth_m
