# SPDX-License-Identifier: Apache-2.0
"""A sample as named parts, each of which can stand in a file of its own: pictures, arrays, one JSON object.

What a part is, its name's ending says: ``left.png`` and ``left.jpg`` are encoded pictures (bytes), ``left.npz`` holds arrays, ``json`` is
an object. As bytes, arrays are an NPZ file. Elements of several bytes are stored by *byte planes*, which deflate to half the size:
the array ``disp_px`` of float32 (H, W) is stored as uint8 (4, H, W) under the name ``disp_px:f4``. By hand::

    planes = np.load("id.left.npz")["disp_px:f4"]
    disp_px = np.moveaxis(planes, 0, -1).copy().view("<f4")[..., 0]

The same parts give the same bytes, as long as zlib is the same.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError
from depthbench.formats.json_file import to_json
from depthbench.formats.limits import MOST_ARRAY_BYTES, MOST_TEXT_BYTES

Part = Any
"""bytes of a picture, a mapping of name -> array, or a JSON object."""
Parts = Mapping[str, Part]

PART_NAME = re.compile(r"(?:[a-z0-9_]{1,40}\.)?(?:png|jpg|npz|json)")
PICTURES = ("png", "jpg")
SAMPLE_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
"""Without a dot: WebDataset ends a sample's key at the first one."""

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_DEFLATE_LEVEL = 4
_PLANES = ("u2", "u4", "u8", "i2", "i4", "i8", "f2", "f4", "f8")


def encode_part(name: str, value: Part) -> bytes:
    """Return a part as the bytes of a file."""
    if name.endswith(PICTURES):
        return bytes(value)
    if name.endswith("npz"):
        return _encode_arrays(value)
    return (to_json(value, indent=None) + "\n").encode()


def decode_part(name: str, data: bytes, where: str) -> Part:
    """Undo :func:`encode_part`; pictures stay encoded.

    Raises
    ------
    DepthbenchError
        If the bytes are damaged, or would unpack to more than is reasonable; ``where`` is told.
    """
    if name.endswith(PICTURES):
        return data
    try:
        return _decode_arrays(data) if name.endswith("npz") else _decode_object(data)
    except Exception as error:  # archives and headers of arrays raise anything
        raise DepthbenchError(f"{where}: its {name} is not readable ({error})") from error


def _encode_arrays(arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=_DEFLATE_LEVEL) as archive:
        for name, array in arrays.items():
            values, stored = np.asarray(array), name
            if values.dtype.str[1:] in _PLANES:
                stored = f"{name}:{values.dtype.str[1:]}"
                little = np.asarray(values, dtype=values.dtype.newbyteorder("<"), order="C")
                values = np.moveaxis(little.reshape(*little.shape, 1).view(np.uint8), -1, 0)
            entry = zipfile.ZipInfo(f"{stored}.npy", _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            member = io.BytesIO()
            np.lib.format.write_array(member, np.asarray(values, order="C"), allow_pickle=False)  # type: ignore[no-untyped-call]
            archive.writestr(entry, member.getvalue(), compresslevel=_DEFLATE_LEVEL)
    return buffer.getvalue()


def _decode_arrays(data: bytes) -> dict[str, npt.NDArray[Any]]:
    arrays = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        if sum(entry.file_size for entry in entries) > MOST_ARRAY_BYTES:
            raise ValueError(f"it unpacks to more than {MOST_ARRAY_BYTES} bytes")
        for entry in entries:
            member = io.BytesIO(archive.read(entry))
            values: npt.NDArray[Any] = np.lib.format.read_array(member, allow_pickle=False)  # type: ignore[no-untyped-call]
            name, _, kind = entry.filename.removesuffix(".npy").partition(":")
            if kind:
                if kind not in _PLANES or values.dtype != np.uint8 or values.shape[:1] != (int(kind[1:]),):
                    raise ValueError(f"'{entry.filename}' holds no byte planes")
                values = np.ascontiguousarray(np.moveaxis(values, 0, -1)).view(f"<{kind}")[..., 0]
            arrays[name] = values
    return arrays


def _decode_object(data: bytes) -> dict[str, Any]:
    if len(data) > MOST_TEXT_BYTES:
        raise ValueError(f"larger than {MOST_TEXT_BYTES} bytes")
    content = json.loads(data.decode())
    if not isinstance(content, dict):
        raise ValueError("not an object")
    return content
