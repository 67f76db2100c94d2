# SPDX-License-Identifier: Apache-2.0
"""A split of a release as a map-style PyTorch dataset, and a sampler that continues in the middle of an epoch."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from depthbench.errors import DepthbenchError, MissingExtraError
from depthbench.formats.hdf5_samples import Hdf5Samples
from depthbench.formats.sample_shard import open_sample_shard
from depthbench.formats.tar_shard import TarShard
from depthbench.release.kind import kind_named
from depthbench.release.manifest import read_manifest, split_named

try:
    from torch.utils.data import Dataset, Sampler
except ImportError as error:
    raise MissingExtraError("torch", "torch", "reading a release as tensors") from error

_OPEN_SHARDS = 64


class ReleaseDataset(Dataset[dict[str, Any]]):
    """Samples of a split, read from its shards on demand, in any order.

    Nothing is held open between processes: it pickles, forks and spawns, and each worker opens what it reads. The indices of tars are
    mapped into memory and shared by all workers.

    Parameters
    ----------
    folder : path
        What ``depthbench release --out`` made.
    split : str
    transform : callable or None
        Applied to each sample's dict; its answer is returned.
    **options
        Of the kind of data. Layered pairs: ``fields``, ``images``, ``layers`` of
        :class:`depthbench.generators.layered_dataset.LayeredDataset`, whose samples these are; parts that no field needs are not read.
        Masks: ``masks`` bool (n, 480, 640), ``distance_m`` (n,), ``depth_m``. Stacks: those of :mod:`depthbench.generators.focal.dataset`.
        Drives: ``strides``, ``fuzziness`` of :func:`depthbench.release.kinds.driving.frame_tensors`. Scans: ``picture``, ``lights`` of
        :func:`depthbench.release.scan_tensors.view_tensors`.

    Raises
    ------
    DepthbenchError
        If it is no release, the split is unknown, or (when read) a shard is damaged.
    """

    def __init__(
        self,
        folder: str | Path,
        split: str,
        *,
        transform: Callable[[dict[str, Any]], Any] | None = None,
        **options: Any,
    ) -> None:
        self.folder, self.split, self.transform, self.options = Path(folder), split, transform, options
        manifest = read_manifest(folder)
        shards = split_named(manifest, split).shards
        self._kind = kind_named(manifest.generator)
        self._parts = self._kind.needed(**options)
        self._paths = [self.folder / shard.file for shard in shards]
        self._ends = list(accumulate(shard.samples for shard in shards))
        self._open: OrderedDict[int, TarShard | Hdf5Samples] = OrderedDict()

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_open": OrderedDict()}

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __getitem__(self, index: int) -> Any:
        index = index + len(self) if index < 0 else index
        if not 0 <= index < len(self):
            raise IndexError(f"sample {index} of {len(self)}")
        number = bisect_right(self._ends, index)
        shard, place = self._shard(number), index - (self._ends[number - 1] if number else 0)
        if place >= len(shard):
            raise DepthbenchError(
                f"{shard.path}: holds {len(shard)} samples, fewer than release.json says; fetch it again"
            )
        sample = self._kind.tensors(shard.read(place, self._parts), **self.options)
        return self.transform(sample) if self.transform else sample

    @property
    def ids(self) -> list[str]:
        """Names of the samples, in order; the indices of all shards are read, no sample is."""
        return [name for number in range(len(self._paths)) for name in self._shard(number).ids]

    def _shard(self, number: int) -> TarShard | Hdf5Samples:
        """Return a shard's reader, keeping the latest open: a set may have more shards than a process may have files."""
        shard = self._open.pop(number, None) or open_sample_shard(self._paths[number])
        self._open[number] = shard
        if len(self._open) > _OPEN_SHARDS:
            self._open.popitem(last=False)[1].close()
        return shard


class ResumableSampler(Sampler[int]):
    """Numbers of samples in the order of an epoch, shared among processes, from any place on.

    The order of an epoch is that of its seed and number alone; process r of R takes every R-th of what is left. So training may stop
    anywhere and continue with another number of processes, and no sample of the epoch is seen twice or left out. (With ``even``, the last
    few, fewer than R, are left out, so that all processes take equally many steps; another few in the next epoch.)

    Parameters
    ----------
    length : int
        Of the dataset.
    shuffle : bool
    seed : int
    rank, processes : int
        Of ``torch.distributed``; 0 and 1 without it.
    even : bool

    Notes
    -----
    A loader fetches ahead, so only the training loop knows what was used: give :meth:`state_dict` how many samples of this epoch this
    process has taken. After an epoch ends, the next iteration is the next epoch.
    """

    def __init__(
        self, length: int, *, shuffle: bool = True, seed: int = 0, rank: int = 0, processes: int = 1, even: bool = True
    ) -> None:
        if not 0 <= rank < processes:
            raise ValueError(f"rank {rank} of {processes} processes")
        self.length, self.shuffle, self.seed = length, shuffle, seed
        self.rank, self.processes, self.even = rank, processes, even
        self.epoch, self._start = 0, 0

    def _left(self) -> Any:
        """Everything that is left of the epoch, of all processes."""
        order = np.arange(self.length)
        if self.shuffle:
            order = np.random.default_rng([self.seed, self.epoch]).permutation(self.length)
        left = order[self._start :]
        return left[: len(left) - len(left) % self.processes] if self.even else left

    def __len__(self) -> int:
        left = self.length - self._start
        return left // self.processes if self.even else -(-(left - self.rank) // self.processes)

    def __iter__(self) -> Iterator[int]:
        mine = self._left()[self.rank :: self.processes].tolist()
        yield from mine
        self.epoch, self._start = self.epoch + 1, 0

    def set_epoch(self, epoch: int) -> None:
        """Begin an epoch at its beginning."""
        self.epoch, self._start = epoch, 0

    def state_dict(self, taken: int) -> dict[str, int]:
        """Return where the epoch is when every process has taken ``taken`` samples since the sampler began or was loaded."""
        return {
            "epoch": self.epoch,
            "start": self._start + taken * self.processes,
            "seed": self.seed,
            "length": self.length,
        }

    def load_state_dict(self, state: Mapping[str, int]) -> None:
        """Continue where :meth:`state_dict` was told to be.

        Raises
        ------
        ValueError
            If the state is of another seed or length.
        """
        if (state["seed"], state["length"]) != (self.seed, self.length):
            raise ValueError(
                f"the state is of {state['length']} samples and seed {state['seed']}, not {self.length} and {self.seed}"
            )
        self.epoch, self._start = state["epoch"], min(state["start"], self.length)
