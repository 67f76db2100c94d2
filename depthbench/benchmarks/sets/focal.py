# SPDX-License-Identifier: Apache-2.0
"""Any folder of shards that ``depthbench generate focal-stack`` made."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from depthbench.benchmarks.sets.depth_truth import DepthTruth
from depthbench.benchmarks.sets.focus_set import pick_planes, policy_notes
from depthbench.errors import DepthbenchError
from depthbench.formats.focal_record import eight_bits
from depthbench.formats.focal_shard import FocalShard
from depthbench.generators.focal.stack_set import load_set, shards
from depthbench.tasks import FocusPolicy, FocusSample, Task

TOLD = ("source", "lens", "focus", "renderer", "psf", "faults")
"""What of a stack's record a model may see: nothing that was measured on the depth."""


class Focal:
    """The finished shards of a folder.

    Parameters
    ----------
    root : Path
    n : int
        Show only so many planes of each stack; 0: all.
    """

    source = "Make stacks with `depthbench generate focal-stack --from folder --root my_rgbd --out <root>`."
    task: Task = "focus"
    name = "focal"
    default_protocol = "depth"

    def __init__(self, root: Path, n: int = 0) -> None:
        self.root = root
        self._n = n or None
        self.focus_policy: FocusPolicy = load_set(root).config.planes.policy  # type: ignore[assignment]
        self.label = "-".join([root.resolve().name, *([f"n{n}"] if n else [])])
        self.notes = policy_notes(self.focus_policy)

    @cached_property
    def _places(self) -> dict[str, tuple[FocalShard | None, Path, int]]:
        """Where each stack is: its shard and its index in it."""
        places: dict[str, tuple[FocalShard | None, Path, int]] = {}
        for path in shards(self.root):
            try:
                shard = FocalShard(path)
            except DepthbenchError as error:
                # One damaged shard must not hide the others: its stacks' names are in it, so it stands as one failure.
                places[path.relative_to(self.root).with_suffix("").as_posix()] = (None, path, 0)
                self.notes.append(str(error))
                continue
            places |= {name: (shard, path, index) for index, name in enumerate(shard.ids)}
        return places

    def ids(self) -> list[str]:
        """Return the stacks of every shard, in the shards' order."""
        return list(self._places)

    def _shard(self, sample_id: str) -> tuple[FocalShard, int]:
        shard, path, index = self._places[sample_id]
        return shard or FocalShard(path), index  # a damaged one tells again what is wrong

    def stack(self, sample_id: str) -> FocusSample:
        """Return the pictures, near to far."""
        shard, index = self._shard(sample_id)
        record = shard.read(index)
        planes = pick_planes(len(record.stack), self._n) if self._n else list(range(len(record.stack)))
        return FocusSample(
            sample_id,
            eight_bits(record.stack[planes]),
            record.focus_m[planes],
            record.all_in_focus,
            record.intrinsics,
            self.focus_policy,
            {key: record.meta[key] for key in TOLD},
        )

    def truth(self, sample_id: str) -> DepthTruth:
        """Return the depth as measured: holes are unknown."""
        shard, index = self._shard(sample_id)
        return DepthTruth(sample_id, shard.depth_m(index))

    def files(self, sample_id: str) -> list[Path]:
        """Return the shard that the stack lies in."""
        return [self._places[sample_id][1]]
