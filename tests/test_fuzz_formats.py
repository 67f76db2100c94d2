# SPDX-License-Identifier: Apache-2.0
"""Whatever bytes a reader is given, it answers with data or with DepthbenchError: mutated files and random bytes.

``DEPTHBENCH_FUZZ=2000`` tries so many mutations of every file instead of a few.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import re
import shutil
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from format_examples import READERS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from depthbench.errors import DepthbenchError

EXAMPLES = int(os.environ.get("DEPTHBENCH_FUZZ", "8"))
HDF5 = ("driving shard", "focal shard", "mask shard", "NYU labelled", "samples, HDF5", "shard")
EXTREMES = [
    b"",
    b"\0",
    b"-1",
    b"0",
    b"nan",
    b"-inf",
    b"1e999",
    b"99999999999999999999",
    b"9" * 5000,
    b"x",
    b"[" * 20000,
]
fuzzed = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)


@functools.cache
def valid(name: str) -> tuple[Path, bytes]:
    """Return a valid file, written once, and its bytes."""
    if name == "EXR":
        pytest.importorskip("OpenEXR")
    folder = Path(tempfile.mkdtemp(prefix="depthbench-fuzz-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = READERS[name][0](folder)
    return path, path.read_bytes()


def answers(read: Callable[[Path], object], path: Path) -> None:
    """Read, and let nothing but the documented error pass."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        with contextlib.suppress(DepthbenchError):
            read(path)


@st.composite
def mutation(draw: st.DrawFn, data: bytes) -> bytes:
    """Change, cut, insert, repeat bytes, or put an extreme in the place of a number."""
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(data)) | st.integers(0, min(len(data), 256)))
        match draw(st.sampled_from(["bytes", "cut", "insert", "remove", "repeat", "number", "word"])):
            case "bytes":
                new = draw(st.binary(min_size=1, max_size=8))
                data = data[:at] + new + data[at + len(new) :]
            case "cut":
                data = data[:at]
            case "insert":
                data = data[:at] + draw(st.sampled_from(EXTREMES) | st.binary(max_size=40)) + data[at:]
            case "remove":
                data = data[:at] + data[at + draw(st.integers(1, 64)) :]
            case "repeat":
                data = data[:at] + data[max(0, at - draw(st.integers(1, 64))) :]
            case "number":
                size, byte = draw(st.sampled_from([1, 2, 4, 8])), draw(st.sampled_from([0x00, 0x7F, 0x80, 0xFF]))
                data = data[:at] + bytes([byte]) * size + data[at + size :]
            case _:
                if words := [*re.finditer(rb"[-+\w.]+", data[:100_000])]:
                    word = draw(st.sampled_from(words))
                    data = data[: word.start()] + draw(st.sampled_from(EXTREMES)) + data[word.end() :]
    return data


@pytest.mark.parametrize("name", READERS)
def test_the_examples_are_valid(name: str) -> None:
    path, _ = valid(name)
    READERS[name][1](path)


@pytest.mark.parametrize("name", READERS)
@fuzzed
@given(st.data())
def test_mutated_files(name: str, data: st.DataObject) -> None:
    path, good = valid(name)
    try:
        path.write_bytes(data.draw(mutation(good)))
        answers(READERS[name][1], path)
    finally:
        path.write_bytes(good)


@pytest.mark.parametrize("name", READERS)
@settings(fuzzed, max_examples=max(5, EXAMPLES // 4))
@given(noise=st.binary(max_size=300))
def test_random_bytes_with_and_without_a_good_beginning(name: str, noise: bytes) -> None:
    path, good = valid(name)
    try:
        for content in (noise, good[: len(good) // 8] + noise, good[:16] + noise):
            path.write_bytes(content)
            answers(READERS[name][1], path)
    finally:
        path.write_bytes(good)


def places(file: h5py.File) -> list[str]:
    """Return all groups and datasets, by their paths."""
    found: list[str] = []
    file.visit(found.append)
    return sorted(found)


VALUES = [
    np.zeros(0, "u1"), np.zeros((3, 4)), np.int64(-1), np.float64("nan"), np.int64(2**62), np.bytes_(b"\xff"), np.bytes_(b"["),
    np.bytes_(b"null"), "text", np.array([1, 2], "S1"), np.zeros(2, [("a", "i4")]), h5py.Empty("f"), np.zeros((2, 2), bool),
]  # fmt: skip


@pytest.mark.parametrize("name", HDF5)
@settings(fuzzed, max_examples=6 * EXAMPLES)
@given(st.data())
def test_hdf5_files_of_another_structure(name: str, data: st.DataObject) -> None:
    """Objects removed, exchanged, linked elsewhere, of other types and sizes; attributes removed or changed."""
    path, good = valid(name)
    try:
        with h5py.File(path, "r+") as file:
            for _ in range(data.draw(st.integers(1, 2))):
                place = data.draw(st.sampled_from([*places(file), "/"]))
                change = data.draw(st.sampled_from(["attribute", "value", "remove", "soft", "outside", "huge", "swap"]))
                attributes = sorted(file[place].attrs) if (place in file and place != "/") or place == "/" else []
                if change == "attribute" and attributes:
                    key = data.draw(st.sampled_from(attributes))
                    del file[place].attrs[key]
                    if data.draw(st.booleans()):
                        file[place].attrs[key] = data.draw(st.sampled_from(VALUES))
                elif place == "/" or change == "attribute":
                    continue
                elif change == "swap":
                    other = data.draw(st.sampled_from(places(file)))
                    if not (other.startswith(place) or place.startswith(other)):
                        del file[place]
                        file[place] = file[other]
                else:
                    del file[place]
                    if change == "value":
                        file[place] = data.draw(st.sampled_from(VALUES))
                    elif change == "soft":
                        file[place] = h5py.SoftLink("/" + data.draw(st.sampled_from(["ids", "nowhere", place])))
                    elif change == "outside":
                        file[place] = h5py.ExternalLink("/etc/hostname", "/")
                    elif change == "huge":
                        shape = data.draw(st.sampled_from([(2**40,), (2**20, 2**20), (2**16, 2**16, 3)]))
                        kind = data.draw(st.sampled_from(["u1", "f4", "f8", "S9"]))
                        file.create_dataset(place, shape=shape, dtype=kind, chunks=True, compression="gzip")
        answers(READERS[name][1], path)
    finally:
        path.write_bytes(good)
