# SPDX-License-Identifier: Apache-2.0
"""PLY, the Stanford polygon format: tables of named columns (vertices, faces), as text or as packed binary numbers.

A header in ASCII names the elements in the order in which they lie in the file, each with its count and its properties; a
property is a number, or a list of numbers with its length before it. Reading takes text and both byte orders; writing makes
text or little-endian binary. Tables whose rows have equal lengths (points; meshes of triangles alone) are read and written
as whole arrays.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError
from depthbench.formats.atomic import write_aside
from depthbench.formats.ply_header import BYTE_ORDERS, TYPES, declared, length_name, read_header
from depthbench.formats.ply_rows import BinaryRows, TextRows

Table = npt.NDArray[Any]
"""Structured array (N,) with one field per property; a list property is a field of shape (k,)."""

_ROWS_AT_A_TIME = 65536


def read_ply(path: str | Path, elements: Collection[str] | None = None) -> dict[str, Table]:
    """Read the tables of a PLY file.

    Parameters
    ----------
    path : path
    elements : names or None
        Tables that are wanted, such as ``["vertex"]``; what follows the last of them is not read. None: all.

    Returns
    -------
    dict
        Name -> structured array in native byte order, one field per property, values as they stand. A list property whose
        lengths are equal throughout is a field of shape (k,), otherwise a field of objects, each a 1-D array (slow to read).

    Raises
    ------
    DepthbenchError
        If the file is absent, not PLY, cut short, lacks a wanted table, or holds words where numbers belong.
    """
    try:
        with open(path, "rb") as handle:
            kind, announced = read_header(handle, path)
            absent = sorted(set(elements or ()) - {element.name for element in announced})
            if absent:
                there = ", ".join(element.name for element in announced)
                raise DepthbenchError(f"{path}: this PLY file has no table '{absent[0]}'; it has: {there}")
            wanted = {element.name for element in announced} if elements is None else set(elements)
            last = max((place for place, element in enumerate(announced) if element.name in wanted), default=-1)
            body = TextRows(handle, path) if kind == "ascii" else BinaryRows(handle, path, BYTE_ORDERS[kind])
            tables = {element.name: body.read(element) for element in announced[: last + 1]}
            return {name: table for name, table in tables.items() if name in wanted}
    except OSError as error:
        raise DepthbenchError(f"{path}: cannot be read: {error.strerror}") from error


def table_of(**columns: npt.ArrayLike) -> Table:
    """Put columns of equal length side by side; a column of shape (N, k) becomes a list property.

    >>> table_of(x=np.zeros(2, np.float32), red=np.zeros(2, np.uint8)).dtype.names
    ('x', 'red')
    """
    arrays = {name: np.asarray(values) for name, values in columns.items()}
    table = np.empty(
        len(next(iter(arrays.values()))), [(name, values.dtype, values.shape[1:]) for name, values in arrays.items()]
    )
    for name, values in arrays.items():
        if len(values) != len(table):
            raise ValueError(f"column {name} has {len(values)} rows, others {len(table)}")
        table[name] = values
    return table


def columns_of(table: Table, *names: str) -> npt.NDArray[Any]:
    """Return number columns side by side, (N, len(names)): ``columns_of(read_ply(path)["vertex"], "x", "y", "z")``.

    Raises
    ------
    DepthbenchError
        If a column is absent; the message names those that are there.
    """
    there = table.dtype.names or ()
    for name in names:
        if name not in there:
            raise DepthbenchError(f"this PLY table has no property '{name}'; it has: {', '.join(there)}")
    return np.stack([table[name] for name in names], axis=-1)


def write_ply(
    path: str | Path, tables: Mapping[str, Table], *, text: bool = False, comments: Sequence[str] = ()
) -> None:
    """Write tables (structured arrays, see :func:`table_of`) to a PLY file, atomically.

    Parameters
    ----------
    path : path
    tables : mapping
        ``{"vertex": ..., "face": ...}``, in this order. A field of shape (k,) becomes a list property with a ``uchar`` length
        (``int`` where k > 255).
    text : bool
        Write ASCII; otherwise little-endian binary. Both give back the same values.
    comments : sequence of str
        Lines for the header.

    Raises
    ------
    ValueError
        If a field is of a type that PLY does not have (64-bit integers, bool), or a comment has more than one line.
    """
    header = ["ply", f"format {'ascii' if text else 'binary_little_endian'} 1.0"]
    for comment in comments:
        if "\n" in comment or "\r" in comment:
            raise ValueError(f"a comment of a PLY file is one line: {comment!r}")
        header.append(f"comment {comment}")
    packed = {}
    for name, table in tables.items():
        header.append(f"element {name} {len(table)}")
        header += [declared(column, table.dtype[column]) for column in table.dtype.names or ()]
        packed[name] = _packed_dtype(table)
    with write_aside(path) as temporary, open(temporary, "wb") as handle:
        handle.write("\n".join([*header, "end_header", ""]).encode("ascii", errors="replace"))
        for name, table in tables.items():
            for start in range(0, len(table), _ROWS_AT_A_TIME):
                rows = _packed(table[start : start + _ROWS_AT_A_TIME], packed[name])
                handle.write(_as_text(rows) if text else rows.tobytes())


def _packed_dtype(table: Table) -> np.dtype[Any]:
    """Type of a row in a little-endian file: no gaps, lengths before lists."""
    fields: list[Any] = []
    for name in table.dtype.names or ():
        dtype = table.dtype[name]
        if dtype.shape:
            fields.append((f"{name}:length", "<" + TYPES[length_name(dtype)]))
        fields.append((name, "<" + dtype.base.str[1:], dtype.shape))
    return np.dtype(fields)


def _packed(rows: Table, dtype: np.dtype[Any]) -> Table:
    if rows.dtype == dtype:
        return rows
    out = np.empty(len(rows), dtype)
    for name in dtype.names or ():
        list_name = name.removesuffix(":length")
        out[name] = rows[name] if name in (rows.dtype.names or ()) else rows.dtype[list_name].shape[0]
    return out


def _as_text(rows: Table) -> bytes:
    """Rows as lines; as many digits as give back the same number."""
    words, columns = [], []
    for name in rows.dtype.names or ():
        values = rows[name].reshape(len(rows), -1)
        kind = {"f4": "%.9g", "f8": "%.17g"}.get(rows.dtype[name].base.str[1:], "%d")
        words += [kind] * values.shape[1]
        columns += values.T.tolist()
    line = " ".join(words) + "\n"
    flat = [value for row in zip(*columns, strict=True) for value in row]
    return (line * len(rows) % tuple(flat)).encode("ascii")
