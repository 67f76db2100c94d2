# SPDX-License-Identifier: Apache-2.0
"""8-bit RGB images: files of common kinds come in as uint8 RGB (H, W, 3); PNG goes out."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from depthbench.errors import DepthbenchError
from depthbench.formats.atomic import write_bytes
from depthbench.formats.limits import check_pixels

KINDS = ("PNG", "JPEG", "BMP", "PPM", "TIFF", "WEBP", "GIF")
"""What is decoded. Pillow knows kinds that start other programs (PostScript)."""


@contextmanager
def opened(source: str | Path | IO[bytes], name: str | Path) -> Iterator[Image.Image]:
    """Yield a Pillow image whose pixels are not decoded yet; what goes wrong in the block names the file.

    Raises
    ------
    DepthbenchError
        If it is absent, of none of :data:`KINDS`, damaged, or has too many pixels (:mod:`depthbench.formats.limits`).
    """
    try:
        with warnings.catch_warnings():
            # sizes are checked here, and odd metadata is no concern of who wants pixels
            warnings.simplefilter("ignore")
            with Image.open(source, formats=KINDS) as image:
                check_pixels(*image.size, name)
                yield image
    except FileNotFoundError as error:
        raise DepthbenchError(f"{name}: no such file") from error
    except DepthbenchError:
        raise
    except UnidentifiedImageError as error:
        raise DepthbenchError(f"{name}: not a readable image (not an image)") from error
    except Exception as error:  # decoders of damaged files raise anything
        raise DepthbenchError(f"{name}: not a readable image ({error})") from error


def image_size(path: str | Path) -> tuple[int, int]:
    """Return width and height of an image file without decoding it.

    Raises
    ------
    DepthbenchError
        As :func:`opened`.
    """
    with opened(path, path) as image:
        return image.size


def decode_rgb(data: bytes, name: str = "image") -> npt.NDArray[np.uint8]:
    """Decode an encoded image (PNG, JPEG, ...) to uint8 RGB (H, W, 3).

    Raises
    ------
    DepthbenchError
        If the bytes are not an image or are cut short; ``name`` is told.
    """
    with opened(io.BytesIO(data), name) as image:
        return np.asarray(image.convert("RGB"))


def read_rgb(path: str | Path) -> npt.NDArray[np.uint8]:
    """Read an image file as uint8 RGB (H, W, 3); greyscale is repeated over the channels, alpha dropped.

    Raises
    ------
    DepthbenchError
        If the file is absent, not an image, or truncated; the message names it.
    """
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError as error:
        raise DepthbenchError(f"{path}: no such file") from error
    return decode_rgb(data, str(path))


def encode_png(image: npt.NDArray[np.generic], level: int = 4) -> bytes:
    """Encode uint8 (H, W), (H, W, 3) or uint16 (H, W) as PNG; ``level`` is the zlib level, 4 is near the best for its time."""
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(image)).save(buffer, format="PNG", compress_level=level)
    return buffer.getvalue()


def encode_png_16(image: npt.NDArray[np.uint16], level: int = 2) -> bytes:
    """Encode uint16 (H, W, 3) as a PNG of 16 bits a channel, which Pillow reads (as 8 bits) but does not write."""
    height, width, _ = image.shape
    # filter 2 of PNG, each byte less the one above it, modulo 256
    rows = np.ascontiguousarray(image, dtype=">u2").view(np.uint8).reshape(height, 6 * width)
    lines = np.full((height, 1 + 6 * width), 2, dtype=np.uint8)
    lines[:, 1:] = np.diff(rows, axis=0, prepend=np.zeros((1, 6 * width), dtype=np.uint8))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines.tobytes(), level)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def write_png(path: str | Path, image: npt.NDArray[np.generic]) -> None:
    """Write uint8 (H, W), (H, W, 3) or uint16 (H, W) to a PNG file, atomically."""
    write_bytes(path, encode_png(image))
