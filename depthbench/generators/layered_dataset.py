# SPDX-License-Identifier: Apache-2.0
"""A generated layered folder as a map-style PyTorch dataset."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, Literal

from depthbench.errors import MissingExtraError
from depthbench.formats.shard import ShardReader
from depthbench.generators.layered_folder import shard_paths
from depthbench.layers import MAX_LAYERS

try:
    from torch.utils.data import Dataset
except ImportError as error:
    raise MissingExtraError("torch", "torch", "reading a layered folder as tensors") from error

from depthbench.generators.layered_tensors import (
    DEFAULT_FIELDS,
    LEFT_TRUTH,
    RIGHT_TRUTH,
    check_fields,
    layered_tensors,
)

__all__ = ["DEFAULT_FIELDS", "LEFT_TRUTH", "RIGHT_TRUTH", "LayeredDataset"]

_OPEN_SHARDS = 16


class LayeredDataset(Dataset[dict[str, Any]]):
    """Samples of a generated layered folder, read from its shards on demand.

    Nothing is held open between processes: it pickles, forks and spawns, and each worker opens what it reads.

    Parameters
    ----------
    folder : path
        What ``depthbench generate layered --out`` made; only finished shards (``shards/*.h5``) count.
    fields : sequence of str
        What to read, see below; what is not asked for is not decoded. Default: :data:`DEFAULT_FIELDS`, both pictures and
        the left eye's truth. :data:`RIGHT_TRUTH` is there too.
    images : {"float", "uint8"}
        Pictures as float32 in 0-1 or as they are.
    layers : int
        Layers of the result, 1 to 8; those farther back are dropped, missing ones are filled.
    transform : callable or None
        Applied to each sample's dict; its answer is returned.

    Notes
    -----
    A sample is a dict that the default collate stacks:

    - ``left``, ``right``: (3, H, W), RGB
    - ``disp_px``: float32 (layers, H, W), NaN where there is no layer
    - ``surface_id`` int32, ``surface_class`` uint8, ``visibility`` uint8: (layers, H, W), 0 where there is no layer
    - ``see_through``, ``reflective``: bool (H, W); ``refraction_px``: float32 (H, W)
    - the same with ``_right``, for the right eye
    - always: ``intrinsics`` float32 (3, 3), ``baseline_m`` float32, ``cam_to_world`` float64 (4, 4) of the left camera, ``id``

    Raises
    ------
    DepthbenchError
        If the folder holds no shards, a field is unknown, or (when read) a shard is damaged.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        fields: Sequence[str] = DEFAULT_FIELDS,
        images: Literal["float", "uint8"] = "float",
        layers: int = MAX_LAYERS,
        transform: Callable[[dict[str, Any]], Any] | None = None,
    ) -> None:
        check_fields(fields, layers)
        self.folder = Path(folder)
        self.fields, self.images, self.layers, self.transform = tuple(fields), images, layers, transform
        self._paths = shard_paths(folder)
        counts = []
        for path in self._paths:
            with ShardReader(path) as reader:
                counts.append(len(reader))
        self._ends = list(accumulate(counts))
        self._open: OrderedDict[int, ShardReader] = OrderedDict()

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_open": OrderedDict()}

    def __len__(self) -> int:
        return self._ends[-1]

    def __getitem__(self, index: int) -> Any:
        index = index + len(self) if index < 0 else index
        if not 0 <= index < len(self):
            raise IndexError(f"sample {index} of {len(self)}")
        shard = bisect_right(self._ends, index)
        sample = self._read(self._reader(shard), index - (self._ends[shard - 1] if shard else 0))
        return self.transform(sample) if self.transform else sample

    def _reader(self, shard: int) -> ShardReader:
        """Return a shard's reader, keeping the latest few open: a set has more shards than a process may have files."""
        reader = self._open.pop(shard, None) or ShardReader(self._paths[shard])
        self._open[shard] = reader
        if len(self._open) > _OPEN_SHARDS:
            self._open.popitem(last=False)[1].close()
        return reader

    def _read(self, reader: ShardReader, index: int) -> dict[str, Any]:
        return layered_tensors(reader, index, self.fields, self.images, self.layers)
