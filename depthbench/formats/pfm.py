# SPDX-License-Identifier: Apache-2.0
"""PFM, the portable float map of Paul Debevec's tools, as Middlebury, SceneFlow and ETH3D use it for disparity.

``Pf`` (one channel) or ``PF`` (three), width, height and scale in ASCII, then float32 rows from the *bottom* row up. The
sign of the scale is the byte order (negative = little-endian). Its magnitude is a unit that no stereo tool applies
(Middlebury's files say -1/255 and hold plain pixels), so it is read and ignored.
"""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError
from depthbench.formats.atomic import write_bytes

_GAP = rb"(?:[ \t\r\n\f\v]|#[^\r\n]*[\r\n])+"
_HEADER = re.compile(
    rb"(P[Ff])"
    + _GAP
    + rb"([0-9]{1,9})"
    + _GAP
    + rb"([0-9]{1,9})"
    + _GAP
    + rb"([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)(\r?\s)"
)
_LONGEST_HEADER = 4096
_ROWS_AT_ONCE = 1000
"""Systems take 1024 at most."""


def read_pfm(path: str | Path) -> npt.NDArray[np.float32]:
    """Read a PFM file.

    Header fields may be split by any whitespace and by ``#`` comments; one whitespace character (or CR LF) ends the header.

    Returns
    -------
    float32 (H, W) or (H, W, 3)
        Top row first, native byte order; NaN and infinities as they stand in the file (Middlebury: +inf = unknown).

    Raises
    ------
    DepthbenchError
        If the file is absent, not PFM, cut short or too long; the message names it.
    """
    try:
        with Path(path).open("rb") as file:
            return _read(path, file)
    except OSError as error:
        raise DepthbenchError(f"{path}: cannot be read: {error.strerror}") from error


def _read(path: str | Path, file: BinaryIO) -> npt.NDArray[np.float32]:
    match = _HEADER.match(file.read(_LONGEST_HEADER))
    if match is None:
        raise DepthbenchError(f"{path}: not a PFM file (no header of 'Pf' or 'PF', width, height, scale)")
    kind, width_text, height_text, scale_text, end = match.groups()
    width, height, channels = int(width_text), int(height_text), 3 if kind == b"PF" else 1
    try:
        scale = float(scale_text)
    except ValueError as error:
        raise DepthbenchError(f"{path}: the PFM scale '{scale_text.decode()}' is not a number") from error
    if width == 0 or height == 0 or scale == 0:
        raise DepthbenchError(f"{path}: a PFM of {width} x {height} pixels and scale {scale:g} holds nothing")
    start, size, held = match.end(), 4 * width * height * channels, file.seek(0, os.SEEK_END)
    if len(end) == 2 and held - start == size - 1:
        start -= 1  # a lone CR ended the header; the first sample merely begins like whitespace
    if held - start != size:
        raise DepthbenchError(
            f"{path}: {held - start} bytes of samples where {width} x {height} x {channels} need {size}: "
            "the file is damaged, fetch or write it again"
        )
    shape = (height, width, channels) if channels == 3 else (height, width)
    samples = np.empty(shape, dtype="<f4" if scale < 0 else ">f4")
    _read_rows(file, start, list(samples[::-1]))
    return samples.astype(np.float32, copy=False)


def _read_rows(file: BinaryIO, start: int, rows: list[npt.NDArray[Any]]) -> None:
    """Fill rows in their order in the file: each lands in its place, without a copy of the whole file in between."""
    if not hasattr(os, "preadv"):
        file.seek(start)
        for row in rows:
            file.readinto(row)  # type: ignore[attr-defined]
        return
    for first in range(0, len(rows), _ROWS_AT_ONCE):
        some = rows[first : first + _ROWS_AT_ONCE]
        got = os.preadv(file.fileno(), some, start + first * some[0].nbytes)  # type: ignore[arg-type]
        if got != len(some) * some[0].nbytes:
            raise OSError(errno.EIO, "the file became shorter while it was read")


def encode_pfm(array: npt.NDArray[Any]) -> bytes:
    """Return float (H, W) or (H, W, 3), top row first, as a little-endian float32 PFM of scale -1.

    Non-finite values stay as they are.

    Raises
    ------
    ValueError
        If the array has another shape.
    """
    if array.ndim not in (2, 3) or array.size == 0 or (array.ndim == 3 and array.shape[2] != 3):
        raise ValueError(f"PFM holds (H, W) or (H, W, 3), not {array.shape}")
    kind = "PF" if array.ndim == 3 else "Pf"
    header = f"{kind}\n{array.shape[1]} {array.shape[0]}\n-1.0\n".encode()
    return header + np.ascontiguousarray(array[::-1], dtype="<f4").tobytes()


def write_pfm(path: str | Path, array: npt.NDArray[Any]) -> None:
    """Write a PFM file atomically, see :func:`encode_pfm`."""
    write_bytes(path, encode_pfm(array))


def holes_as_inf(disp_px: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a map with +inf for NaN, as Middlebury's and ETH3D's tools mark a hole."""
    return np.where(np.isnan(disp_px), np.float32(np.inf), disp_px)
