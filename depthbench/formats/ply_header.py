# SPDX-License-Identifier: Apache-2.0
"""Headers of PLY files: which tables follow, of how many rows, with which properties."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np

from depthbench.errors import DepthbenchError

TYPES = {
    **{"char": "i1", "uchar": "u1", "short": "i2", "ushort": "u2", "int": "i4", "uint": "u4", "float": "f4", "double": "f8"},
    **{"int8": "i1", "uint8": "u1", "int16": "i2", "uint16": "u2", "int32": "i4", "uint32": "u4"},
    **{"float32": "f4", "float64": "f8"},
}  # fmt: skip
TYPE_NAMES = {code: name for name, code in reversed(TYPES.items())}
BYTE_ORDERS = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}
_LONGEST_LINE = 4096


@dataclass(frozen=True)
class Property:
    """One column: its type and, for a list, the type of its length."""

    name: str
    code: str
    length_code: str = ""


@dataclass
class Element:
    """One table as the header announces it."""

    name: str
    count: int
    properties: list[Property] = field(default_factory=list)

    @property
    def plain(self) -> bool:
        """Whether every row has the same bytes: no lists."""
        return not any(one.length_code for one in self.properties)

    def dtype(self, order: str, lengths: Sequence[int] = ()) -> np.dtype[Any]:
        """Type of a row in the file; ``lengths`` of its lists, whose length is a field of its own before each."""
        fields: list[Any] = []
        left = list(lengths)
        for one in self.properties:
            if one.length_code:
                fields.append((f"{one.name}:length", order + one.length_code))
                fields.append((one.name, order + one.code, (left.pop(0),)))
            else:
                fields.append((one.name, order + one.code))
        return np.dtype(fields)


def read_header(handle: IO[bytes], path: str | Path) -> tuple[str, list[Element]]:
    """Read up to ``end_header`` and return the format and the elements."""
    kind, elements = "", list[Element]()
    for number, words in enumerate(_header_lines(handle, path)):
        match words:
            case ["ply"] if number == 0:
                continue
            case _ if number == 0:
                raise DepthbenchError(f"{path}: not a PLY file (its first line is not 'ply')")
            case ["format", kind, _] if kind in BYTE_ORDERS:
                continue
            case [("comment" | "obj_info"), *_] | []:
                continue
            case ["element", name, count] if count.isdecimal():
                elements.append(Element(name, int(count)))
            case ["property", "list", length, code, name] if elements and length in TYPES and code in TYPES:
                elements[-1].properties.append(Property(name, TYPES[code], TYPES[length]))
            case ["property", code, name] if elements and code in TYPES:
                elements[-1].properties.append(Property(name, TYPES[code]))
            case ["end_header"]:
                break
            case _:
                raise DepthbenchError(
                    f"{path}: line {number + 1} of the PLY header is not understood: {' '.join(words)}"
                )
    if not kind:
        raise DepthbenchError(f"{path}: its PLY header names no format")
    for element in elements:
        names = [one.name for one in element.properties]
        if len(set(names)) < len(names):
            raise DepthbenchError(f"{path}: two properties of '{element.name}' have one name")
    return kind, elements


def _header_lines(handle: IO[bytes], path: str | Path) -> Iterator[list[str]]:
    """Yield the header's lines as words; some writers end lines with CR LF."""
    while line := handle.readline(_LONGEST_LINE):
        yield line.decode("ascii", errors="replace").split()
    raise DepthbenchError(f"{path}: not a PLY file, or cut short in its header (no 'end_header')")


def declared(name: str, dtype: np.dtype[Any]) -> str:
    """Return the header line of a property."""
    code = dtype.base.str[1:]
    if code not in TYPE_NAMES or re.search(r"\s", name) or len(dtype.shape) > 1:
        raise ValueError(f"PLY has no type for property {name!r} ({dtype})")
    return (
        f"property list {length_name(dtype)} {TYPE_NAMES[code]} {name}"
        if dtype.shape
        else f"property {TYPE_NAMES[code]} {name}"
    )


def length_name(dtype: np.dtype[Any]) -> str:
    """Return the type of a list property's length."""
    return "uchar" if dtype.shape[0] < 256 else "int"
