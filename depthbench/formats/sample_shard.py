# SPDX-License-Identifier: Apache-2.0
"""Shards of samples of parts, in whichever container they are."""

from __future__ import annotations

from pathlib import Path

from depthbench.errors import unknown_name
from depthbench.formats.hdf5_samples import SUFFIX as HDF5_SUFFIX
from depthbench.formats.hdf5_samples import Hdf5Samples
from depthbench.formats.tar_shard import SUFFIX as TAR_SUFFIX
from depthbench.formats.tar_shard import TarShard

SUFFIXES = {"tar": TAR_SUFFIX, "hdf5": HDF5_SUFFIX}
"""Container -> suffix of its shards."""


def open_sample_shard(path: Path) -> TarShard | Hdf5Samples:
    """Return the reader of a shard.

    Raises
    ------
    DepthbenchError
        If the suffix is none of a shard; faults of the file are told when it is asked.
    """
    if path.suffix == TAR_SUFFIX:
        return TarShard(path)
    if path.suffix == HDF5_SUFFIX:
        return Hdf5Samples(path)
    raise unknown_name("suffix of a shard", path.suffix, SUFFIXES.values())
