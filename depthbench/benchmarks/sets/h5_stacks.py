# SPDX-License-Identifier: Apache-2.0
"""Focal stacks in one HDF5 file with a dataset per split, as DDFF12 and the 4D light fields come."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError
from depthbench.formats.hdf5_file import child, faults_named

_REMEDY = "fetch it again"


class H5Stacks:
    """The first file in a folder that has a dataset of this name.

    Parameters
    ----------
    root : Path
    key : str
        Such as ``stack_val``: (n, N, H, W, 3), 0 to 255, of any number type.
    hint : str
        What to do where there is none.

    Raises
    ------
    DepthbenchError
        If there is none, or a file cannot be read.
    """

    def __init__(self, root: Path, key: str, hint: str) -> None:
        self.key = key
        for path in sorted([*root.glob("*.h5"), *root.glob("*.hdf5")]):
            with faults_named(path, "HDF5 file", _REMEDY), h5py.File(path, "r") as file:
                if key in file:
                    self.path, self.shape = path, child(file, key, h5py.Dataset).shape
                    break
        else:
            raise DepthbenchError(f"{root}: no HDF5 file with the dataset '{key}'. {hint}")
        if len(self.shape) != 5 or self.shape[-1] != 3:
            raise DepthbenchError(
                f"{self.path}: '{key}' has the shape {self.shape}, not (samples, planes, height, width, 3)"
            )

    def __len__(self) -> int:
        return int(self.shape[0])

    def read(self, key: str, index: int | None = None) -> npt.NDArray[Any] | None:
        """Return one entry of a dataset, or all of it; None where the file does not have it.

        Raises
        ------
        DepthbenchError
            If it cannot be read, or has no such entry.
        """
        with faults_named(self.path, "HDF5 file", _REMEDY), h5py.File(self.path, "r") as file:
            if key not in file:
                return None
            held = child(file, key, h5py.Dataset)
            if index is not None and index >= len(held):
                raise DepthbenchError(f"{self.path}: '{key}' has {len(held)} entries, and sample {index} is asked for")
            return np.asarray(held[()] if index is None else held[index])

    def pictures(self, index: int) -> npt.NDArray[np.uint8]:
        """Return a stack as uint8 (N, H, W, 3)."""
        return as_bytes(self.read(self.key, index))


def as_bytes(values: npt.NDArray[Any] | None) -> npt.NDArray[np.uint8]:
    """Round numbers from 0 to 255 to uint8."""
    assert values is not None
    return values if values.dtype == np.uint8 else np.clip(np.rint(values), 0, 255).astype(np.uint8)
