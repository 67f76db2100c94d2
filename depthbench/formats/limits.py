# SPDX-License-Identifier: Apache-2.0
"""How large a file that anyone may have made is allowed to be, or to become when it is unpacked.

A few kilobytes can announce, or unpack to, more than any machine holds. What is refused here is far beyond what honest files need.
"""

from __future__ import annotations

from pathlib import Path

from depthbench.errors import DepthbenchError

MOST_PIXELS = 2**27
"""Of a picture or a map: 16384 x 8192."""

MOST_ARRAY_BYTES = 2**31
"""Of one array that is read as a whole."""

MOST_TEXT_BYTES = 2**28
"""Of a text file that is parsed as a whole: JSON records, cameras, lists."""


def read_limited(path: str | Path, most_bytes: int, kind: str) -> bytes:
    """Return a file's bytes.

    Raises
    ------
    DepthbenchError
        If it is absent, cannot be read, or has more bytes than a file of this ``kind`` may have.
    """
    try:
        with open(path, "rb") as file:
            data = file.read(most_bytes + 1)
    except FileNotFoundError as error:
        raise DepthbenchError(f"{path}: no such file") from error
    except OSError as error:
        raise DepthbenchError(f"{path}: cannot be read: {error.strerror}") from error
    if len(data) > most_bytes:
        raise DepthbenchError(f"{path}: larger than {most_bytes} bytes, which no {kind} needs to be; it is not read")
    return data


def check_pixels(width: int, height: int, name: str | Path) -> None:
    """Refuse a picture of more than :data:`MOST_PIXELS`, before anything of it is decoded.

    Raises
    ------
    DepthbenchError
        Naming the picture and its size.
    """
    if width * height > MOST_PIXELS:
        raise DepthbenchError(
            f"{name}: a picture of {width}x{height} pixels, more than {MOST_PIXELS}; it is not decoded"
        )
