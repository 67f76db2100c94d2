# SPDX-License-Identifier: Apache-2.0
"""Samples of parts in an HDF5 file: the same content as a tar of them, for those who like it in one container.

::

    /                          format = "depthbench samples", schema_version
    /ids          S..   (N,)   the samples, in order
    /samples/<id>/<part>       uint8 (bytes,): an encoded picture, or JSON; of arrays a group:
    /samples/<id>/left.npz/disp_px   each array, gzip + shuffle

No time stamps: the same samples give the same bytes as long as the libraries are the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from depthbench.formats.hdf5_file import array, check_format, child, faults_named, new_group, texts, writing
from depthbench.formats.sample_parts import PART_NAME, Part, Parts, decode_part, encode_part

SUFFIX = ".h5"
FORMAT = "depthbench samples"
SCHEMA_VERSION = 1
_REMEDY = "fetch it again"
_GROUP_BYTES = 800


class Hdf5SamplesWriter:
    """Takes samples, one after the other.

    Attributes
    ----------
    size : int
        Bytes written so far, nearly.
    ids : list of str
    """

    def __init__(self, samples: h5py.Group, check: Any) -> None:
        self._samples, self._check = samples, check
        self.size = 0
        self.ids: list[str] = []

    def add(self, sample_id: str, parts: Parts) -> None:
        """Append a sample."""
        group = new_group(self._samples, sample_id)
        for part, value in parts.items():
            if part.endswith("npz"):
                inner = new_group(group, part)
                for name, values in value.items():
                    self._put(inner, name, np.ascontiguousarray(values), packed=True)
            else:
                self._put(group, part, np.frombuffer(encode_part(part, value), dtype=np.uint8), packed=False)
        self.ids.append(sample_id)
        self._check()

    def _put(self, group: h5py.Group, name: str, values: Any, packed: bool) -> None:
        how: dict[str, Any] = {"fletcher32": True}
        if packed:
            how = {"compression": "gzip", "compression_opts": 4, "shuffle": True}
        dataset = group.create_dataset(name, data=values, **({"chunks": values.shape, **how} if values.size else {}))
        self.size += dataset.id.get_storage_size() + _GROUP_BYTES


@contextmanager
def hdf5_samples_writer(path: Path) -> Iterator[Hdf5SamplesWriter]:
    """Yield what takes the samples of a shard; it appears when the block ends well.

    Raises
    ------
    DepthbenchError
        If the disk is full.
    """
    with writing(path) as (file, check):
        file.attrs["format"] = np.bytes_(FORMAT.encode())
        file.attrs["schema_version"] = np.int64(SCHEMA_VERSION)
        writer = Hdf5SamplesWriter(new_group(file, "samples"), check)
        yield writer
        names = [name.encode() for name in writer.ids]
        file.create_dataset("ids", data=np.array(names, dtype=f"S{max(map(len, names), default=1)}"))


class Hdf5Samples:
    """Random access to the samples of a file.

    It is opened at the first question, and anew after pickling or a fork.

    Raises
    ------
    DepthbenchError
        From every method: if the file is absent, cut short, damaged, or another one.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._file: h5py.File | None = None
        self._pid = 0

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path, "_file": None, "_pid": 0}

    def __len__(self) -> int:
        return len(self.ids)

    def close(self) -> None:
        """Close the file; the next question opens it again."""
        if self._file is not None and self._pid == os.getpid():
            self._file.close()
        self._file = None

    def _opened(self) -> h5py.File:
        if self._file is None or self._pid != os.getpid():
            file = h5py.File(self.path, "r")
            try:
                check_format(file, FORMAT, SCHEMA_VERSION)
                self._ids = texts(file, "ids")
            except BaseException:
                file.close()
                raise
            self._file, self._pid = file, os.getpid()
        return self._file

    @property
    def ids(self) -> tuple[str, ...]:
        """The samples' ids, in order."""
        with faults_named(self.path, "file of samples", _REMEDY):
            self._opened()
            return self._ids

    def read(self, place: int, parts: Sequence[str] | None = None) -> dict[str, Part]:
        """Return parts of the sample at a place, by name; all that it has, or those asked for that it has."""
        with faults_named(self.path, "file of samples", _REMEDY):
            group = child(child(self._opened(), "samples", h5py.Group), self._ids[place], h5py.Group)
            found: dict[str, Part] = {}
            for part in sorted(group) if parts is None else parts:
                if part not in group:
                    continue
                if not PART_NAME.fullmatch(part):
                    raise ValueError(f"{group.name}/{part} is no part of a sample")
                if part.endswith("npz"):
                    inner = child(group, part, h5py.Group)
                    found[part] = {name: array(inner, name) for name in inner}
                else:
                    found[part] = decode_part(part, array(group, part, "u1").tobytes(), f"{self.path}: {group.name}")
            return found
