# SPDX-License-Identifier: Apache-2.0
"""Samples in a plain tar file, named as WebDataset wants them, with an index of where each part lies.

``NAME.tar`` holds ``<id>.<part>`` (:mod:`depthbench.formats.sample_parts`), the parts of a sample next to each other. ``NAME.index.npy``
holds a structured array (N,): ``id``, and for each part two int64, offset and size of its bytes in the tar; 0, 0 where a sample lacks
the part. So any sample is read at once, and the tar can also be streamed from its beginning.

The same samples give the same bytes: no times, no owners.
"""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError
from depthbench.formats.atomic import write_aside, write_bytes
from depthbench.formats.sample_parts import PART_NAME, SAMPLE_ID, Part, decode_part

SUFFIX = ".tar"
_INDEX_SUFFIX = ".index.npy"
_BLOCK = 512
_LONGEST_NAME = 100
_TAIL = 2**17
"""Zeros after the end, which tar allows: some programs take a file with the end of a zip (NPZ) in its last 64 KiB for a zip."""


def index_path(path: Path) -> Path:
    """Return where the index of a tar lies."""
    return path.with_name(path.name.removesuffix(SUFFIX) + _INDEX_SUFFIX)


class TarShardWriter:
    """Takes samples, one after the other.

    Attributes
    ----------
    size : int
        Bytes written so far.
    ids : list of str
    """

    def __init__(self, archive: tarfile.TarFile) -> None:
        self._archive = archive
        self._places: list[dict[str, tuple[int, int]]] = []
        self.ids: list[str] = []

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return int(self._archive.offset)

    def add(self, sample_id: str, parts: Mapping[str, bytes]) -> None:
        """Append a sample."""
        places = {}
        for part, data in parts.items():
            entry = tarfile.TarInfo(f"{sample_id}.{part}")
            if len(entry.name) > _LONGEST_NAME:
                raise ValueError(f"'{entry.name}' is too long a name for a tar file")
            entry.size, entry.mode = len(data), 0o644
            places[part] = (self.size + _BLOCK, len(data))
            self._archive.addfile(entry, io.BytesIO(data))
        self._places.append(places)
        self.ids.append(sample_id)

    def index(self) -> npt.NDArray[Any]:
        """Return the index of what was written."""
        names = sorted({part for places in self._places for part in places})
        fields: list[Any] = [("id", f"S{max(map(len, self.ids), default=1)}"), *((part, "<i8", (2,)) for part in names)]
        table = np.zeros(len(self.ids), dtype=fields)
        table["id"] = [sample_id.encode() for sample_id in self.ids]
        for part in names:
            table[part] = [places.get(part, (0, 0)) for places in self._places]
        return table


@contextmanager
def tar_shard_writer(path: Path) -> Iterator[TarShardWriter]:
    """Yield what takes the samples of a shard; tar and index appear, in this order, when the block ends well.

    Raises
    ------
    DepthbenchError
        If the disk is full.
    """
    with write_aside(path) as temporary, open(temporary, "wb") as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            writer = TarShardWriter(archive)
            yield writer
        file.write(bytes(_TAIL))
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, writer.index(), allow_pickle=False)  # type: ignore[no-untyped-call]
    write_bytes(index_path(path), buffer.getvalue())


class TarShard:
    """Random access to the samples of a tar with its index.

    Files are opened at the first question, and anew after pickling or a fork. The index is mapped, not read: processes share it.

    Raises
    ------
    DepthbenchError
        From every method: if a file is absent, cut short, damaged, or the index is not that of this tar.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._index: npt.NDArray[Any] | None = None
        self._handle, self._pid = -1, 0

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path, "_index": None, "_handle": -1, "_pid": 0}

    def __len__(self) -> int:
        return len(self.index)

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the next question opens it again."""
        if self._handle >= 0 and self._pid == os.getpid():
            os.close(self._handle)
        self._handle = -1

    @property
    def index(self) -> npt.NDArray[Any]:
        """The index, see the module."""
        if self._index is None:
            self._index = self._checked_index()
        return self._index

    @property
    def ids(self) -> tuple[str, ...]:
        """The samples' ids, in order."""
        return tuple(name.decode() for name in self.index["id"])

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts that samples have; some may lack some."""
        return (self.index.dtype.names or ())[1:]

    def read(self, place: int, parts: Sequence[str] | None = None) -> dict[str, Part]:
        """Return parts of the sample at a place, by name; all that it has, or those asked for that it has."""
        row = self.index[place]
        found = {}
        for part in self.parts if parts is None else parts:
            if part not in self.parts:
                continue
            start, size = (int(number) for number in row[part])
            if start:
                where = f"{self.path}: {row['id'].decode(errors='replace')}"
                found[part] = decode_part(part, self._bytes(start, size), where)
        return found

    def _bytes(self, start: int, size: int) -> bytes:
        try:
            if self._handle < 0 or self._pid != os.getpid():
                self._handle, self._pid = os.open(self.path, os.O_RDONLY), os.getpid()
            data = os.pread(self._handle, size, start)
            while 0 < len(data) < size and (more := os.pread(self._handle, size - len(data), start + len(data))):
                data += more
        except OSError as error:
            raise DepthbenchError(f"{self.path}: cannot be read: {error.strerror}") from error
        if len(data) < size:
            raise DepthbenchError(f"{self.path}: cut short; fetch it again")
        return data

    def _checked_index(self) -> npt.NDArray[Any]:
        path = index_path(self.path)
        try:
            table = np.load(path, mmap_mode="r", allow_pickle=False)
            held = self.path.stat().st_size
        except FileNotFoundError as error:
            raise DepthbenchError(f"{error.filename}: no such file; fetch it again") from error
        except Exception as error:  # headers of arrays are parsed as Python, whose errors are many
            raise DepthbenchError(f"{path}: not a readable index ({error}); fetch it again") from error
        if not isinstance(table, np.ndarray) or table.ndim != 1 or not _is_index(table.dtype):
            raise DepthbenchError(f"{path}: not the index of a tar; fetch it again")
        for part in (table.dtype.names or ())[1:]:
            start, size = table[part][:, 0], table[part][:, 1]
            if (start < 0).any() or (size < 0).any() or (size > held).any() or (start > held - size).any():
                raise DepthbenchError(f"{path}: tells of places that {self.path.name} does not have; fetch both again")
        return table

    def members(self) -> Iterator[tuple[str, int, int]]:
        """Yield (name, offset, size) of everything in the tar itself, without asking the index.

        Raises
        ------
        DepthbenchError
            If the tar is damaged, or holds anything but plain files with plain names: links, folders, paths.
        """
        try:
            with tarfile.open(self.path, "r:") as archive:
                for entry in archive:
                    sample_id, _, part = entry.name.partition(".")
                    if not (entry.isreg() and SAMPLE_ID.fullmatch(sample_id) and PART_NAME.fullmatch(part)):
                        raise DepthbenchError(f"{self.path}: '{entry.name}' is no part of a sample; do not unpack it")
                    yield entry.name, entry.offset_data, entry.size
        except DepthbenchError:
            raise
        except FileNotFoundError as error:
            raise DepthbenchError(f"{self.path}: no such file; fetch it again") from error
        except Exception as error:  # damaged headers raise anything
            raise DepthbenchError(f"{self.path}: not a readable tar file ({error}); fetch it again") from error


def _is_index(dtype: np.dtype[Any]) -> bool:
    names = dtype.names or ()
    parts = [dtype[name] for name in names[1:]]
    return (
        names[:1] == ("id",)
        and dtype["id"].kind == "S"
        and all(part.base == np.dtype("<i8") and part.shape == (2,) for part in parts)
        and all(PART_NAME.fullmatch(name) for name in names[1:])
    )
