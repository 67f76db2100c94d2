# SPDX-License-Identifier: Apache-2.0
"""Predicted disparity in files: PFM, 16-bit PNG (value = disparity * 256, 0 = hole) or NPY.

depthbench itself saves PFM and writes a hole (NaN in memory) as +inf, which is what the tools of Middlebury and ETH3D
take for "no estimate". What is read comes back as the file has it, since protocols differ in what NaN, -inf, negative
and huge values mean.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError
from depthbench.formats.kitti_png import read_kitti_disparity
from depthbench.formats.pfm import holes_as_inf, read_pfm, write_pfm

SUFFIXES = (".pfm", ".png", ".npy")


def read_npy(path: Path, dtype: Any = np.float32) -> npt.NDArray[Any]:
    """Read an NPY file of numbers as ``dtype``, of any shape.

    Raises
    ------
    DepthbenchError
        If the file is absent, damaged, or holds no numbers; the message names it.
    """
    try:
        with open(path, "rb") as file:
            array: npt.NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)  # type: ignore[no-untyped-call]
    except FileNotFoundError as error:
        raise DepthbenchError(f"{path}: no such file") from error
    except Exception as error:  # the header is parsed as Python, whose errors are many
        raise DepthbenchError(f"{path}: not a readable NPY file ({error})") from error
    if array.dtype.kind not in "fiu":
        raise DepthbenchError(f"{path}: an NPY file of numbers is needed")
    return array.astype(dtype, copy=False)


def read_disparity(path: str | Path) -> npt.NDArray[np.float32]:
    """Read one predicted disparity map, by its suffix.

    Returns
    -------
    float32 (H, W)
        PFM and NPY: the values as they stand. PNG: pixels, NaN where the file has 0.

    Raises
    ------
    DepthbenchError
        If the file is absent, damaged, of an unknown suffix, or not one channel; the message names it.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix == ".pfm":
        disp_px = read_pfm(path)
    elif suffix == ".png":
        disp_px = read_kitti_disparity(path)
    elif suffix == ".npy":
        disp_px = read_npy(path)
    else:
        raise DepthbenchError(f"{path}: unknown kind of file; predictions are {', '.join(SUFFIXES)}")
    if disp_px.ndim != 2:
        raise DepthbenchError(f"{path}: an array of shape {disp_px.shape} where (height, width) is needed")
    return disp_px


def write_disparity(path: str | Path, disp_px: npt.NDArray[Any]) -> None:
    """Save a prediction (H, W) as PFM, atomically; NaN (a hole) is written as +inf."""
    write_pfm(path, holes_as_inf(disp_px))


def find_prediction(folder: str | Path, sample_id: str) -> Path:
    """Return the file in ``folder`` that holds the prediction of a sample.

    ``<id>.pfm``, ``<id>.png`` and ``<id>.npy`` are looked for, then Middlebury's upload layout ``<id>/disp0*.pfm``.

    Raises
    ------
    DepthbenchError
        If there is none, or more than one.
    """
    stem = Path(folder) / sample_id
    found = [path for suffix in SUFFIXES if (path := stem.with_name(stem.name + suffix)).is_file()]
    if not found and stem.is_dir():
        found = sorted(stem.glob("disp0*.pfm"))
    if not found:
        raise DepthbenchError(f"{stem}.pfm: no prediction (nor .png, .npy)")
    if len(found) > 1:
        raise DepthbenchError(
            f"{found[0]}: more than one prediction for this sample ({', '.join(p.name for p in found)})"
        )
    return found[0]
