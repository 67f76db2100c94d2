# SPDX-License-Identifier: Apache-2.0
"""Rows of PLY files, as binary numbers or as text."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError
from depthbench.formats.ply_header import TYPE_NAMES, Element

Table = npt.NDArray[Any]


class BinaryRows:
    """The tables of a binary file, one after the other."""

    def __init__(self, handle: IO[bytes], path: str | Path, order: str) -> None:
        self._handle, self._path, self._order = handle, path, order

    def read(self, element: Element) -> Table:
        """Read the next table."""
        if element.plain:
            return _native(self._rows(element, element.dtype(self._order), element.count))
        start = self._handle.tell()
        lengths = self._first_lengths(element)
        self._handle.seek(start)
        dtype = element.dtype(self._order, lengths)
        room = self._handle.seek(0, 2) - start
        self._handle.seek(start)
        if element.count * dtype.itemsize <= room:
            rows = self._rows(element, dtype, element.count)
            if _equal_lengths(rows):
                return _native(rows)
            self._handle.seek(start)
        return self._ragged(element)

    def _rows(self, element: Element, dtype: np.dtype[Any], count: int) -> Table:
        if not dtype.itemsize:
            raise DepthbenchError(f"{self._path}: the table '{element.name}' has no properties")
        there = (os.fstat(self._handle.fileno()).st_size - self._handle.tell()) // dtype.itemsize
        if there < count:
            raise DepthbenchError(f"{self._path}: cut short: {there} of {count} rows of '{element.name}' are there")
        return np.fromfile(self._handle, dtype, count)

    def _number(self, element: Element, code: str, count: int = 1) -> npt.NDArray[Any]:
        return self._rows(element, np.dtype(self._order + code), count)

    def _first_lengths(self, element: Element) -> list[int]:
        """Lengths of the lists of the first row."""
        lengths = []
        for one in element.properties if element.count else ():
            lengths.append(int(self._number(element, one.length_code)[0]) if one.length_code else 1)
            self._handle.seek(lengths[-1] * np.dtype(one.code).itemsize, 1)
        lists = [one for one in element.properties if one.length_code]
        found = [length for length, one in zip(lengths, element.properties, strict=False) if one.length_code]
        return found or [0] * len(lists)

    def _ragged(self, element: Element) -> Table:
        table = _ragged_table(element)
        for row in range(element.count):
            for one in element.properties:
                length = int(self._number(element, one.length_code)[0]) if one.length_code else 1
                values = self._number(element, one.code, length).astype(one.code)
                table[one.name][row] = values if one.length_code else values[0]
        return table


class TextRows:
    """The tables of a text file: its numbers in order, whatever lines they stand on."""

    def __init__(self, handle: IO[bytes], path: str | Path) -> None:
        self._path = path
        try:
            # float64 holds every integer type of the format exactly
            self._numbers = np.array(handle.read().split(), dtype=np.float64)
        except ValueError as error:
            raise DepthbenchError(f"{path}: holds no number where one belongs ({error})") from error
        self._at = 0

    def read(self, element: Element) -> Table:
        """Read the next table."""
        lengths = self._first_lengths(element)
        width = len(element.properties) + sum(lengths)
        left = self._numbers[self._at :]
        if element.count * width <= len(left):
            rows = left[: element.count * width].reshape(element.count, width)
            table = np.empty(element.count, element.dtype("=", lengths))
            column = 0
            for name in table.dtype.names or ():
                shape = table.dtype[name].shape
                taken = shape[0] if shape else 1
                part = rows[:, column : column + taken] if shape else rows[:, column]
                table[name] = self._fitting(part, table.dtype[name].base, name)
                column += taken
            if _equal_lengths(table):
                self._at += element.count * width
                return _native(table)
        elif element.plain:
            there = len(left) // max(width, 1)
            raise DepthbenchError(
                f"{self._path}: cut short: {there} of {element.count} rows of '{element.name}' are there"
            )
        return self._ragged(element)

    def _fitting(self, values: npt.NDArray[Any], dtype: np.dtype[Any], name: str) -> npt.NDArray[Any]:
        """Values of a column; those that its type cannot hold are refused."""
        if dtype.kind in "iu":
            limits = np.iinfo(dtype)
            if not ((values >= limits.min) & (values <= limits.max)).all():
                raise DepthbenchError(f"{self._path}: a value of '{name}' is no {TYPE_NAMES[dtype.str[1:]]}")
        with np.errstate(over="ignore"):
            return values.astype(dtype)

    def _take(self, element: Element, count: int) -> npt.NDArray[Any]:
        values = self._numbers[self._at : self._at + count]
        if len(values) < count:
            raise DepthbenchError(f"{self._path}: cut short within '{element.name}'")
        self._at += count
        return values

    def _first_lengths(self, element: Element) -> list[int]:
        at, lengths = self._at, []
        for one in element.properties:
            if one.length_code:
                there = element.count and at < len(self._numbers)
                lengths.append(max(0, int(self._numbers[at])) if there else 0)
                at += lengths[-1]
            at += 1
        return lengths

    def _ragged(self, element: Element) -> Table:
        table = _ragged_table(element)
        for row in range(element.count):
            for one in element.properties:
                length = int(self._take(element, 1)[0]) if one.length_code else 1
                values = self._fitting(self._take(element, length), np.dtype(one.code), one.name)
                table[one.name][row] = values if one.length_code else values[0]
        return table


def _ragged_table(element: Element) -> Table:
    return np.empty(element.count, [(one.name, object if one.length_code else one.code) for one in element.properties])


def _equal_lengths(rows: Table) -> bool:
    """Whether every list is as long as the row type says."""
    names = [name for name in rows.dtype.names or () if name.endswith(":length")]
    return all((rows[name] == rows.dtype[name.removesuffix(":length")].shape[0]).all() for name in names)


def _native(rows: Table) -> Table:
    """Rows in native byte order, without the lengths of lists; a view of the same memory where the file allows it."""
    names = [name for name in rows.dtype.names or () if not name.endswith(":length")]
    chosen: Table = rows[names]
    return chosen if chosen.dtype.isnative else chosen.astype(chosen.dtype.newbyteorder("="))
