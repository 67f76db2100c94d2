# SPDX-License-Identifier: Apache-2.0
"""NYU Depth v2's labelled pictures: one file of MATLAB 7.3, which is HDF5, and the list of the official split.

``images`` uint8 (1449, 3, 640, 480), ``rawDepths`` and ``depths`` float32 (1449, 640, 480) metres, in MATLAB's order of axes; raw depth has
0 where the sensor saw nothing, ``depths`` is filled by the authors. ``splits.mat`` has ``trainNdxs`` (795) and ``testNdxs`` (654), from 1.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from depthbench.camera import Intrinsics
from depthbench.errors import DepthbenchError
from depthbench.formats.hdf5_file import child, faults_named
from depthbench.formats.rgbd import RgbdFrame

INTRINSICS = Intrinsics(640, 480, 518.857901, 519.469611, 325.582449, 253.736166)
"""Of the colour camera, from the set's toolbox (which counts pixels from 1 in MATLAB; taken as it stands, as everyone does)."""
FILE = "nyu_depth_v2_labeled.mat"
SPLITS_FILE = "splits.mat"
_REMEDY = "fetch it again (2.8 GB)"


class NyuLabelled:
    """Reads frames of the labelled file.

    Parameters
    ----------
    path : path
        Of the file; opened anew for every frame.

    Raises
    ------
    DepthbenchError
        If it is absent, cut short, or another file.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        with faults_named(self.path, "labelled file of NYU v2", _REMEDY), h5py.File(self.path, "r") as file:
            images, raw = (child(file, name, h5py.Dataset) for name in ("images", "rawDepths"))
            if images.ndim != 4 or images.shape[1] != 3 or raw.shape != (len(images), *images.shape[2:]):
                raise ValueError(f"images {images.shape} and rawDepths {raw.shape} are not those of NYU v2")
            self._count = len(images)
            self._filled = "depths" in file
            if self._filled and child(file, "depths", h5py.Dataset).shape != raw.shape:
                raise ValueError(f"depths {file['depths'].shape} and rawDepths {raw.shape} are not those of NYU v2")

    def __len__(self) -> int:
        return self._count

    def frame(self, index: int) -> RgbdFrame:
        """Return frame ``index``, from 0, with raw and filled depth."""
        with faults_named(self.path, "labelled file of NYU v2", _REMEDY), h5py.File(self.path, "r") as file:
            image = np.ascontiguousarray(child(file, "images", h5py.Dataset)[index].transpose(2, 1, 0), dtype=np.uint8)
            raw = _depth(child(file, "rawDepths", h5py.Dataset)[index])
            filled = _depth(child(file, "depths", h5py.Dataset)[index]) if self._filled else None
        height, width = raw.shape
        return RgbdFrame(f"{index + 1:04d}", image, raw, INTRINSICS.resized(width, height), filled)


def _depth(stored: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    return np.where(stored.T > 0, stored.T, np.float32(np.nan)).astype(np.float32)


def split_indices(path: str | Path, split: str) -> list[int]:
    """Return the frames of ``train`` or ``test``, counted from 0.

    Raises
    ------
    DepthbenchError
        If the file is absent or another one.
    """
    from scipy.io import loadmat

    try:
        numbers = [int(number) - 1 for number in loadmat(path)[f"{split}Ndxs"].ravel()]
    except Exception as error:  # a damaged file can raise anything
        raise DepthbenchError(f"{path}: not the list of NYU v2's splits ({error}); it comes with the set") from error
    return numbers
