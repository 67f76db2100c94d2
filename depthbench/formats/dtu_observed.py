# SPDX-License-Identifier: Apache-2.0
"""Where DTU's scans were observed: ``ObsMask{N}_10.mat`` (voxels that count) and ``Plane{N}.mat`` (the table), MAT files of version 5."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.io

from depthbench.errors import DepthbenchError
from depthbench.formats.atomic import write_aside

_HEADING, _HEADING_BYTES = b"MATLAB 5.0 MAT-file, written by depthbench", 116


@dataclass(frozen=True)
class Observed:
    """The part of space in which a scan is judged.

    Attributes
    ----------
    mask : bool (X, Y, Z)
        Voxels in which predicted points count (``ObsMask``).
    box_mm : float64 (2, 3)
        Centres of the first and the last voxel (``BB``).
    resolution_mm : float
        Edge of a voxel (``Res``).
    plane : float64 (4,)
        ``P``: reference points with ``P . (x, y, z, 1) > 0`` lie above the table and count.
    """

    mask: npt.NDArray[np.bool_]
    box_mm: npt.NDArray[np.float64]
    resolution_mm: float
    plane: npt.NDArray[np.float64]


def read_observed(mask_path: str | Path, plane_path: str | Path) -> Observed:
    """Read both files of a scan.

    Raises
    ------
    DepthbenchError
        If a file is absent, no MAT file of version 5, or lacks a variable, or one has another shape than it must.
    """
    held = _read(mask_path, "ObsMask", "BB", "Res")
    mask, box, resolution = held["ObsMask"], held["BB"], held["Res"]
    if mask.ndim != 3 or box.shape != (2, 3) or resolution.size != 1:
        raise DepthbenchError(
            f"{mask_path}: ObsMask {mask.shape}, BB {box.shape}, Res {resolution.shape}, where (X, Y, Z), (2, 3), (1, 1) belong"
        )
    box, size = box.astype(np.float64), float(resolution.reshape(-1)[0])
    if not (size > 0 and np.isfinite(box).all() and (box[1] > box[0]).all()):
        raise DepthbenchError(f"{mask_path}: no box: from {box[0]} to {box[1]} in steps of {size}")
    plane = _read(plane_path, "P")["P"].astype(np.float64).reshape(-1)
    if plane.shape != (4,) or not np.isfinite(plane).all():
        raise DepthbenchError(f"{plane_path}: P has {plane.size} numbers, a plane has 4")
    return Observed(mask.astype(bool), box, size, plane)


def write_observed(mask_path: str | Path, plane_path: str | Path, observed: Observed) -> None:
    """Write both files, atomically, as :func:`read_observed` and DTU's own code read them."""
    contents = (
        (
            mask_path,
            {
                "ObsMask": observed.mask.astype(np.uint8),
                "BB": observed.box_mm,
                "Res": np.array([[observed.resolution_mm]]),
            },
        ),
        (plane_path, {"P": observed.plane.reshape(4, 1)}),
    )
    for path, variables in contents:
        with write_aside(path) as temporary:
            scipy.io.savemat(temporary, variables, appendmat=False, do_compression=True)
            with open(
                temporary, "r+b"
            ) as file:  # scipy writes the time of day there: the same values give the same bytes
                file.write(_HEADING.ljust(_HEADING_BYTES))


def _read(path: str | Path, *names: str) -> dict[str, Any]:
    try:
        held: dict[str, Any] = scipy.io.loadmat(path, variable_names=names, appendmat=False)
    except FileNotFoundError as error:
        raise DepthbenchError(f"{path}: no such file") from error
    except NotImplementedError as error:
        raise DepthbenchError(f"{path}: a MAT file of version 7.3; save it with -v7") from error
    except Exception as error:  # a damaged file can raise anything
        raise DepthbenchError(f"{path}: not a MAT file ({error}); fetch it again") from error
    lacking = [name for name in names if name not in held]
    if lacking:
        raise DepthbenchError(f"{path}: no variable '{lacking[0]}' in this MAT file")
    return held
