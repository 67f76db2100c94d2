# SPDX-License-Identifier: Apache-2.0
"""MVSNet's folder: ``images/%08d.jpg``, ``cams/%08d_cam.txt``, ``pair.txt``; and ``views.json``, which says where views come from."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from depthbench.formats.json_file import write_json
from depthbench.formats.mvs_pairs import Pairs, write_pairs
from depthbench.formats.mvsnet_cam import MvsCamera, write_mvsnet_camera

_JPEG_QUALITY = 95


@dataclass(frozen=True)
class View:
    """A view of the folder: its id, what the picture was called, its camera and its size (width, height) in pixels."""

    id: int
    name: str
    camera: MvsCamera
    size: tuple[int, int]


def picture_path(out: Path, view: int) -> Path:
    """Return where the picture of a view lies."""
    return out / "images" / f"{view:08d}.jpg"


def write_folder(out: Path, views: Sequence[View], pairs: Pairs) -> None:
    """Write all of a folder but the pictures."""
    for view in views:
        write_mvsnet_camera(out / "cams" / f"{view.id:08d}_cam.txt", view.camera)
    write_pairs(out / "pair.txt", pairs)
    told = [{"id": view.id, "name": view.name, "width": view.size[0], "height": view.size[1]} for view in views]
    write_json(out / "views.json", told)


def as_jpeg(rgb: npt.NDArray[np.uint8]) -> bytes:
    """Encode a picture with as little loss as is sensible."""
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, format="JPEG", quality=_JPEG_QUALITY, subsampling=0)
    return buffer.getvalue()
