# SPDX-License-Identifier: Apache-2.0
"""Depth maps in files: PFM or NPY in metres, 16-bit PNG in thousandths of a metre (0 = unknown), and predictions by name.

depthbench saves predictions as ``<id>.pfm``: float32 metres, NaN = hole. One that is right only up to scale and shift
says so in its name: ``<id>.affine-depth.pfm``, ``<id>.affine-disparity.pfm``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError
from depthbench.formats.disparity_files import read_npy
from depthbench.formats.grey_png import read_grey
from depthbench.formats.pfm import read_pfm, write_pfm
from depthbench.tasks import DepthKind, DepthPrediction

SUFFIXES = (".pfm", ".npy", ".png")
PLAUSIBLE_M = (0.05, 100.0)
"""Where the median of a depth map in metres is looked for; outside it the unit is most likely another."""

KINDS: dict[DepthKind, str] = {
    "metric": "",
    "affine-depth": ".affine-depth",
    "affine-disparity": ".affine-disparity",
}
"""What a prediction may be, and what stands before the suffix of its file."""
FloatMap = npt.NDArray[np.float32]


def read_depth(path: str | Path, unit_m: float | None = None) -> FloatMap:
    """Read a depth map by its suffix.

    Parameters
    ----------
    unit_m : float or None
        Metres per unit of the file; None: 1 for PFM and NPY, 0.001 for PNG.

    Returns
    -------
    float32 (H, W)
        Metres; values that are not positive are NaN (unknown), +inf stays.

    Raises
    ------
    DepthbenchError
        If the file is absent, damaged, of an unknown suffix, or not one channel; the message names it.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix == ".pfm":
        values = read_pfm(path)
    elif suffix == ".npy":
        values = read_npy(path)
    elif suffix == ".png":
        values = read_grey(path, 16).astype(np.float32)
    else:
        raise DepthbenchError(f"{path}: unknown kind of file; depth is {', '.join(SUFFIXES)}")
    if values.ndim != 2:
        raise DepthbenchError(f"{path}: an array of shape {values.shape} where (height, width) is needed")
    unit_m = unit_m or (0.001 if suffix == ".png" else 1.0)
    with np.errstate(invalid="ignore"):
        return np.where(values > 0, values * np.float32(unit_m), np.float32(np.nan))


def check_unit(depth_m: npt.NDArray[Any], path: str | Path, remedy: str) -> None:
    """Refuse a depth map whose median is not plausible in metres; one without a finite value passes.

    Raises
    ------
    DepthbenchError
        Saying the median and, with ``remedy``, how to give the unit.
    """
    known = depth_m[np.isfinite(depth_m)]
    median = float(np.median(known)) if known.size else 1.0
    low, high = PLAUSIBLE_M
    if not low <= median <= high:
        raise DepthbenchError(
            f"{path}: the median depth would be {median:.4g} m, outside {low:g} to {high:g} m: another unit? {remedy}"
        )


def prediction_path(folder: str | Path, sample_id: str, kind: DepthKind = "metric") -> Path:
    """Return where :func:`write_depth_prediction` saves a prediction."""
    return Path(folder) / f"{sample_id}{KINDS[kind]}.pfm"


def write_depth_prediction(folder: str | Path, sample_id: str, prediction: DepthPrediction) -> None:
    """Save a prediction as PFM, atomically."""
    write_pfm(prediction_path(folder, sample_id, prediction.kind), prediction.depth_m)


def find_depth_prediction(folder: str | Path, sample_id: str) -> tuple[Path, DepthKind]:
    """Return the file in ``folder`` that holds the prediction of a sample, and its kind.

    Raises
    ------
    DepthbenchError
        If there is none, or more than one.
    """
    stem = Path(folder) / sample_id
    named = [(stem.with_name(stem.name + told + suffix), kind) for kind, told in KINDS.items() for suffix in SUFFIXES]
    found = [(path, kind) for path, kind in named if path.is_file()]
    if not found:
        raise DepthbenchError(f"{stem}.pfm: no prediction (nor .npy, .png in mm)")
    if len(found) > 1:
        names = ", ".join(path.name for path, _ in found)
        raise DepthbenchError(f"{found[0][0]}: more than one prediction for this sample ({names})")
    return found[0]


def read_depth_prediction(folder: str | Path, sample_id: str) -> DepthPrediction:
    """Read a saved prediction; values of an affine one may be negative and stay as they are.

    Raises
    ------
    DepthbenchError
        As :func:`find_depth_prediction` and :func:`read_depth`.
    """
    path, kind = find_depth_prediction(folder, sample_id)
    if kind == "metric" and path.suffix == ".png":
        return DepthPrediction(read_depth(path))
    values = read_pfm(path) if path.suffix == ".pfm" else read_npy(path) if path.suffix == ".npy" else None
    if values is None:
        raise DepthbenchError(f"{path}: a prediction up to scale and shift is .pfm or .npy")
    if values.ndim != 2:
        raise DepthbenchError(f"{path}: an array of shape {values.shape} where (height, width) is needed")
    return DepthPrediction(values, kind)
