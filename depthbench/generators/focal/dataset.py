# SPDX-License-Identifier: Apache-2.0
"""Focal stacks as PyTorch datasets: stored ones, and ones that are rendered as they are asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from depthbench.errors import MissingExtraError
from depthbench.formats.focal_record import FocalRecord, eight_bits
from depthbench.formats.focal_shard import FocalShard
from depthbench.generators.focal.config import FocalConfig
from depthbench.generators.focal.make import make_stack
from depthbench.generators.focal.slice_task import source_of
from depthbench.generators.focal.stack_set import shards

try:
    import torch
    from torch.utils.data import Dataset
except ImportError as error:
    raise MissingExtraError("torch", "torch", "the dataset of focal stacks") from error


def tensors(record: FocalRecord) -> dict[str, Any]:
    """Return a stack as tensors.

    Returns
    -------
    dict
        ``id`` str; ``stack`` float32 (N, 3, H, W) and ``all_in_focus`` float32 (3, H, W), sRGB from 0 to 1; ``focus_m`` float32 (N,), near to
        far; ``depth_m`` float32 (H, W), NaN = unknown; ``valid`` bool (H, W), where depth is finite.
    """
    stack = np.moveaxis(eight_bits(record.stack), -1, 1) / np.float32(255)
    return {
        "id": record.id,
        "stack": torch.from_numpy(np.ascontiguousarray(stack)),
        "all_in_focus": torch.from_numpy(
            np.ascontiguousarray(np.moveaxis(record.all_in_focus, -1, 0) / np.float32(255))
        ),
        "focus_m": torch.from_numpy(record.focus_m.astype(np.float32)),
        "depth_m": torch.from_numpy(record.depth_m),
        "valid": torch.from_numpy(np.isfinite(record.depth_m)),
    }


class StoredStacks(Dataset[dict[str, Any]]):
    """The stacks of a folder of ``generate focal-stack`` (shards); items are those of :func:`tensors`."""

    def __init__(self, folder: str | Path) -> None:
        opened = [FocalShard(path) for path in shards(Path(folder))]
        self._places = [(shard, index) for shard in opened for index in range(len(shard.ids))]

    @property
    def names(self) -> list[str]:
        """Ids of the stacks."""
        return [shard.ids[index] for shard, index in self._places]

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index: int) -> dict[str, Any]:
        shard, place = self._places[index]
        return tensors(shard.read(place))


class RenderedStacks(Dataset[dict[str, Any]]):
    """Stacks of a source's frames, rendered when they are asked for: nothing is stored.

    Parameters
    ----------
    config : FocalConfig
        Of the renderer ``layered`` or ``reference``.
    root : path
        Of the source.
    fresh : bool
        Noise and misalignment of every epoch anew (:meth:`set_epoch`); otherwise item i is stack i of the stored set.
    """

    def __init__(self, config: FocalConfig, root: str | Path, fresh: bool = False) -> None:
        self.config, self.fresh, self._epoch = config, fresh, 0
        self._source = source_of(config, Path(root))

    def set_epoch(self, epoch: int) -> None:
        """Choose the random numbers of an epoch."""
        self._epoch = epoch

    @property
    def names(self) -> list[str]:
        """Ids of the frames."""
        return self._source.names

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, index: int) -> dict[str, Any]:
        seed = self.config.seed + (self._epoch if self.fresh else 0)
        return tensors(make_stack(replace(self.config, seed=seed % 2**32), self._source.read(index), index))
