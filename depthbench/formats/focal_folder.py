# SPDX-License-Identifier: Apache-2.0
"""A focal stack as a folder of plain files, which ``--set focus-folder`` and most public code read.

::

    <name>/00.png ...            near to far, 8 or 16 bits
    <name>/focus_distance.txt    a number for each picture, metres; "inf" is infinity
    <name>/all_in_focus.png
    <name>/depth.pfm             metres, NaN = unknown; or depth.png, 16 bits, millimetres, 0 = unknown
    <name>/camera.json           lens, intrinsics and all that is known of the stack
"""

from __future__ import annotations

import os
import secrets
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.formats.atomic import TEMPORARY_MARK, write_bytes
from depthbench.formats.focal_record import FocalRecord
from depthbench.formats.image import encode_png_16, write_png
from depthbench.formats.json_file import write_json
from depthbench.formats.pfm import write_pfm

DEPTH_FILES = ("pfm", "png")
MOST_MM = 65535


def write_focal_folder(folder: Path, record: FocalRecord, depth_file: str = "pfm") -> None:
    """Write a stack as a folder that appears whole or not at all.

    Parameters
    ----------
    folder : Path
        Must not be there.
    depth_file : {"pfm", "png"}
        Whole precision, or millimetres up to 65.535 m (farther is written as unknown).
    """
    aside = folder.with_name(f"{TEMPORARY_MARK}{secrets.token_hex(4)}-{folder.name}")
    for number, picture in enumerate(record.stack):
        path = aside / f"{number:02d}.png"
        if picture.dtype == np.uint8:
            write_png(path, picture)
        else:
            write_bytes(path, encode_png_16(picture))
    write_bytes(aside / "focus_distance.txt", "".join(f"{metres:.9g}\n" for metres in record.focus_m).encode())
    write_png(aside / "all_in_focus.png", record.all_in_focus)
    if depth_file == "pfm":
        write_pfm(aside / "depth.pfm", record.depth_m)
    else:
        write_png(aside / "depth.png", millimetres(record.depth_m))
    write_json(aside / "camera.json", camera_json(record))
    os.replace(aside, folder)


def millimetres(depth_m: npt.NDArray[np.float32]) -> npt.NDArray[np.uint16]:
    """Return depth in whole millimetres; what is unknown, nearer than half of one or beyond 65.535 m is 0."""
    scaled = np.rint(np.nan_to_num(1000.0 * depth_m.astype(np.float64), nan=0.0, posinf=0.0))
    whole: npt.NDArray[np.uint16] = np.where(scaled <= MOST_MM, scaled, 0).astype(np.uint16)
    return whole


def camera_json(record: FocalRecord) -> dict[str, Any]:
    """Return what ``camera.json`` holds."""
    return {
        "id": record.id,
        "intrinsics": asdict(record.intrinsics) if record.intrinsics else None,
        "focus_m": [float(metres) if np.isfinite(metres) else "inf" for metres in record.focus_m],
        **dict(record.meta),
    }
