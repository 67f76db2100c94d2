# SPDX-License-Identifier: Apache-2.0
"""HDF5 files that appear whole or not at all, hold the same bytes for the same content, and survive a full disk.

The HDF5 library ends the whole process (segmentation fault) when a write fails, with its own file drivers as well as with a
Python file that raises. So it writes to a :class:`_PatientFile`, which never fails: what the disk refuses stays in memory, and the
refusal is raised from Python, where it can be handled.
"""

from __future__ import annotations

import errno
import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from depthbench.errors import DepthbenchError
from depthbench.formats.atomic import write_aside
from depthbench.formats.limits import MOST_ARRAY_BYTES

_MOST_UNPACKED = 1100
"""Bytes that one byte of gzip can stand for (1032), and some more."""
_MARGIN_BYTES = 4096


class _PatientFile(io.RawIOBase):
    """A file for the HDF5 library to write to: refused writes are remembered, overlaid on reads, and told later."""

    def __init__(self, path: Path) -> None:
        self._file = io.FileIO(path, "w+")
        self._refused: list[tuple[int, bytes]] = []
        self._position = 0
        self.error: OSError | None = None

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_END:
            offset += max([self._file.seek(0, io.SEEK_END), *(start + len(data) for start, data in self._refused)])
        self._position = offset
        return offset

    def tell(self) -> int:
        return self._position

    def write(self, data: Any) -> int:
        size = len(data)
        if self.error is None:
            try:
                self._file.seek(self._position)
                done = 0
                while done < size:  # a nearly full disk takes the first part of a block
                    done += self._file.write(memoryview(data)[done:])
            except OSError as error:
                self.error = error
        if self.error is not None:
            self._refused.append((self._position, bytes(data)))
        self._position += size
        return size

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        view[:] = bytes(len(view))
        self._file.seek(self._position)
        self._file.readinto(view)
        for start, data in self._refused:
            low, high = max(start, self._position), min(start + len(data), self._position + len(view))
            if low < high:
                view[low - self._position : high - self._position] = data[low - start : high - start]
        self._position += len(view)
        return len(view)

    def truncate(self, size: int | None = None) -> int:
        size = self._position if size is None else size
        if self.error is None:
            try:
                self._file.truncate(size)
            except OSError as error:
                self.error = error
        return size

    def flush(self) -> None:
        """Nothing waits here: writes are unbuffered."""

    def close(self) -> None:
        self._file.close()
        super().close()


def _created(sink: _PatientFile, name: str) -> h5py.File:
    """Create an HDF5 file in the format of HDF5 1.10, which has checksummed metadata, and without time stamps.

    Below h5py's own ``File`` because its older versions always stamp the root group.
    """
    creation, access = h5py.h5p.create(h5py.h5p.FILE_CREATE), h5py.h5p.create(h5py.h5p.FILE_ACCESS)
    creation.set_obj_track_times(False)
    access.set_libver_bounds(h5py.h5f.LIBVER_V110, h5py.h5f.LIBVER_V110)
    access.set_fclose_degree(h5py.h5f.CLOSE_STRONG)
    access.set_fileobj_driver(h5py.h5fd.fileobj_driver, sink)
    return h5py.File(h5py.h5f.create(name.encode(), h5py.h5f.ACC_TRUNC, creation, access))


@contextmanager
def writing(path: str | Path) -> Iterator[tuple[h5py.File, Callable[[], None]]]:
    """Yield a new HDF5 file that is renamed onto ``path`` when the block ends well, and a function that raises if the disk refused a write.

    Call the function from time to time: what the disk refused is held in memory until then.

    Raises
    ------
    DepthbenchError
        If the disk is full; ``path`` is then as it was before.
    """
    path = Path(path)
    with write_aside(path) as temporary:
        sink = _PatientFile(temporary)

        def check() -> None:
            if sink.error is not None:
                raise sink.error

        try:
            with _created(sink, path.name) as file:
                yield file, check
            check()
        finally:
            sink.close()


def new_group(parent: h5py.Group, name: str) -> h5py.Group:
    """Create a group that carries no time stamp (older h5py would write one)."""
    properties = h5py.h5p.create(h5py.h5p.GROUP_CREATE)
    properties.set_obj_track_times(False)
    return h5py.Group(h5py.h5g.create(parent.id, name.encode(), gcpl=properties))


@contextmanager
def faults_named(path: str | Path, kind: str, remedy: str) -> Iterator[None]:
    """Turn what h5py raises on an absent, cut, foreign or damaged file into one line that names the file.

    IndexError passes: asking for a sample that is not there is the caller's fault, not the file's.
    """
    try:
        yield
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise DepthbenchError(f"{path}: cannot be read: {os.strerror(error.errno or errno.ENOENT)}") from error
    except (
        OSError,
        KeyError,
        ValueError,
        TypeError,
        RuntimeError,
        AttributeError,
        OverflowError,
        MemoryError,
    ) as error:
        reason = " ".join(str(error.args[0] if error.args else "").split()) or type(error).__name__
        raise DepthbenchError(f"{path}: not a readable {kind} ({reason}); {remedy}") from error


def child(group: h5py.Group, name: str, kind: type[Any]) -> Any:
    """Return a group or dataset that lies in this very file.

    Raises
    ------
    ValueError
        If it is a link elsewhere, has its data in another file, or is not of the ``kind`` asked for.
    KeyError
        If there is none.
    """
    link = group.get(name, getlink=True)
    if link is None:
        raise KeyError(f"{group.name}/{name} is missing")
    if not isinstance(link, h5py.HardLink):
        raise ValueError(f"{group.name}/{name} is a link to elsewhere, which is not followed")
    found = group[name]
    if not isinstance(found, kind):
        raise ValueError(f"{group.name}/{name} is not a {kind.__name__.lower()}")
    if isinstance(found, h5py.Dataset):
        if found.is_virtual or found.external:
            raise ValueError(f"{found.name} takes its data from another file, which is not followed")
        if found.shape is None or found.nbytes > _MOST_UNPACKED * found.id.get_storage_size() + _MARGIN_BYTES:
            raise ValueError(f"{found.name} announces more than its bytes can unpack to")
    return found


def texts(group: h5py.Group, name: str) -> tuple[str, ...]:
    """Read a list of texts of fixed length.

    Raises
    ------
    ValueError
        If the dataset is something else.
    """
    dataset = child(group, name, h5py.Dataset)
    if dataset.dtype.kind != "S" or dataset.ndim != 1 or dataset.nbytes > MOST_ARRAY_BYTES:
        raise ValueError(f"{dataset.name} is {dataset.dtype} {dataset.shape}, not a list of texts")
    return tuple(text.decode() for text in dataset[()])


def check_format(file: h5py.File, name: str, version: int) -> None:
    """Refuse a file of another ``format`` or ``schema_version``.

    Raises
    ------
    ValueError
        Saying which it is.
    """
    if file.attrs.get("format", b"") != name.encode():
        raise ValueError(f"its format attribute does not say '{name}'")
    if int(file.attrs["schema_version"]) != version:
        raise ValueError(f"it is of version {file.attrs['schema_version']}, this depthbench reads {version}")


def json_object(value: Any) -> dict[str, Any]:
    """Parse a JSON object that an attribute keeps as text of fixed length.

    Raises
    ------
    ValueError
        If it is something else.
    """
    if not isinstance(value, bytes):
        raise ValueError("a text in it is no text")
    data = json.loads(value.decode())
    if not isinstance(data, dict):
        raise ValueError("a JSON text in it is not an object")
    return data


def array(
    group: h5py.Group, name: str, dtype: Any = None, shape: tuple[int, ...] | None = None
) -> np.ndarray[Any, Any]:
    """Read a whole dataset after its size, and its type and shape where they are given, were checked: a damaged size never allocates.

    Raises
    ------
    ValueError
        If the dataset has another type or shape than asked for.
    """
    dataset = child(group, name, h5py.Dataset)
    dtype = dataset.dtype if dtype is None else dtype
    if dataset.dtype != np.dtype(dtype) or (shape is not None and dataset.shape != shape):
        raise ValueError(
            f"{dataset.name} is {dataset.dtype} {dataset.shape}, not {np.dtype(dtype)} {shape or ''}".strip()
        )
    if dataset.nbytes > MOST_ARRAY_BYTES:
        raise ValueError(f"{dataset.name} has {dataset.nbytes} bytes, more than {MOST_ARRAY_BYTES}")
    values: np.ndarray[Any, Any] = np.empty(dataset.shape, dtype=dtype)
    if values.size:
        dataset.read_direct(values)
    return values
