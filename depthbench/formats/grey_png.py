# SPDX-License-Identifier: Apache-2.0
"""Single-channel PNG of 8 or 16 bits: masks, object maps and KITTI's disparity live in them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError
from depthbench.formats.image import opened


def read_grey(path: str | Path, bits: int) -> npt.NDArray[Any]:
    """Read a one-channel PNG as it stands, without any scaling.

    Parameters
    ----------
    path : path
        The file.
    bits : {8, 16}
        The depth that the file must have; 1-bit files pass as 8 (0 and 255).

    Returns
    -------
    uint8 or uint16 (H, W)

    Raises
    ------
    DepthbenchError
        If the file is absent, no image, cut short, coloured or of the other depth; the message names it.
    """
    return _grey(path, bits, path)


def decode_grey(data: bytes, bits: int, name: str = "image") -> npt.NDArray[Any]:
    """Decode an encoded one-channel PNG as :func:`read_grey` reads a file; ``name`` is told where it is none."""
    return _grey(io.BytesIO(data), bits, name)


def _grey(source: str | Path | IO[bytes], bits: int, name: str | Path) -> npt.NDArray[Any]:
    with opened(source, name) as image:
        mode = image.mode
        if bits == 8 and mode in ("1", "L"):
            return np.asarray(image if mode == "L" else image.convert("L"))
        if bits == 16 and mode.startswith("I"):
            return _sixteen_bits(name, np.asarray(image))
    raise DepthbenchError(f"{name}: an image of mode {mode} where one channel of {bits} bits is needed")


def _sixteen_bits(path: str | Path, values: npt.NDArray[Any]) -> npt.NDArray[np.uint16]:
    """Return values of any integer type as uint16; what would wrap around is refused."""
    if values.dtype != np.uint16 and values.size and not 0 <= values.min() <= values.max() <= 65535:
        odd = values.max() if values.max() > 65535 else values.min()
        raise DepthbenchError(
            f"{path}: holds {odd}, which 16 bits do not; save it as a PNG of 16 bits, with values from 0 to 65535"
        )
    return values.astype(np.uint16, copy=False)
