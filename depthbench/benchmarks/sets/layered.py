# SPDX-License-Identifier: Apache-2.0
"""Any folder that ``depthbench generate layered`` made."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from depthbench.benchmarks.sets.stereo_set import StereoTruth
from depthbench.errors import DepthbenchError
from depthbench.formats.shard import ShardReader
from depthbench.tasks import StereoSample, Task


class Layered:
    """The finished shards of a folder: ``shards/*.h5``.

    Parameters
    ----------
    root : Path
        The folder; one that holds shards directly is taken too.
    """

    source = "Make samples with `depthbench generate layered --n 4 --preset preview --out <root>`."
    task: Task = "stereo"
    name = "layered"
    default_protocol = "layered"

    def __init__(self, root: Path) -> None:
        self.root = root
        self.label = root.resolve().name
        self.notes: list[str] = []

    @cached_property
    def _places(self) -> dict[str, tuple[Path, int]]:
        """Where each sample is: its shard and its index in it."""
        places: dict[str, tuple[Path, int]] = {}
        folder = self.root / "shards" if (self.root / "shards").is_dir() else self.root
        for path in sorted(folder.glob("[!.]*.h5")):
            try:
                with ShardReader(path) as reader:
                    ids = reader.ids
            except DepthbenchError as error:
                # One damaged shard must not hide the others: its samples' names are in it, so it stands as one failure.
                ids = (path.relative_to(self.root).with_suffix("").as_posix(),)
                self.notes.append(str(error))
            places |= {sample_id: (path, index) for index, sample_id in enumerate(ids)}
        return places

    def ids(self) -> list[str]:
        """Return the samples of every shard, in the shards' order."""
        return list(self._places)

    def pair(self, sample_id: str) -> StereoSample:
        """Return both images with their rig; rendered pairs state no search range."""
        path, index = self._places[sample_id]
        with ShardReader(path) as reader:
            left, right = reader.image(index, "left"), reader.image(index, "right")
            return StereoSample(sample_id, left, right, rig=reader.rig(index), meta=reader.meta(index))

    def truth(self, sample_id: str) -> StereoTruth:
        """Return the left eye's layers; ``disp_px`` is the first one."""
        path, index = self._places[sample_id]
        with ShardReader(path) as reader:
            layers = reader.layers(index, "left")
        return StereoTruth(sample_id, layers.first(), layers=layers)

    def files(self, sample_id: str) -> list[Path]:
        """Return the shard that the sample lies in."""
        return [self._places[sample_id][0]]
