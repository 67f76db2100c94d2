# SPDX-License-Identifier: Apache-2.0
"""Samples of a split into shards of a given size; what is finished stays, what is not is written again."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from depthbench.errors import DepthbenchError
from depthbench.formats.atomic import sweep
from depthbench.formats.hdf5_samples import hdf5_samples_writer
from depthbench.formats.sample_parts import Parts, encode_part
from depthbench.formats.sample_shard import SUFFIXES, open_sample_shard
from depthbench.formats.tar_shard import index_path, tar_shard_writer
from depthbench.processors import usable_cores
from depthbench.release.kind import Listed, ReleaseKind

_WRITERS: dict[str, Callable[[Path], AbstractContextManager[Any]]] = {
    "tar": tar_shard_writer,
    "hdf5": hdf5_samples_writer,
}
_AHEAD = 4
"""Samples that are encoded beside each other, per core."""


@dataclass(frozen=True)
class PackedShard:
    """A finished shard and the samples in it, in order."""

    path: Path
    samples: tuple[Listed, ...]


def shuffled(listed: Sequence[Listed]) -> list[Listed]:
    """Return samples in an order that depends on nothing but their ids, as good as random: streaming in order mixes scenes."""
    return sorted(listed, key=lambda one: hashlib.sha256(one.id.encode()).digest())


def pack(
    kind: ReleaseKind,
    listed: Sequence[Listed],
    folder: Path,
    stem: str,
    container: str,
    most_bytes: int,
    done: Callable[[], None],
) -> list[PackedShard]:
    """Write samples, in this order, to ``folder/stem-000000.tar`` and so on.

    A shard ends before the sample that would make it larger than ``most_bytes``; one sample alone may be larger.

    Parameters
    ----------
    done : callable
        Called once for each sample that is now there.

    Raises
    ------
    DepthbenchError
        If a sample cannot be read, or the disk is full.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sweep(folder)
    paths = (folder / f"{stem}-{number:06d}{SUFFIXES[container]}" for number in count())
    shards: list[PackedShard] = []
    start = 0
    for path in paths:
        held = _finished(path, listed[start:])
        if not held:
            break
        shards.append(PackedShard(path, tuple(listed[start : start + held])))
        start += held
        for _ in range(held):
            done()
    for stale in folder.glob(f"{stem}-*"):
        if not any(stale in (shard.path, index_path(shard.path)) for shard in shards):
            stale.unlink()
    paths = (folder / f"{stem}-{number:06d}{SUFFIXES[container]}" for number in count(len(shards)))
    stream = _encoded(kind, listed[start:], container)
    waiting = next(stream, None)
    while waiting is not None:
        path, taken = next(paths), 0
        with _WRITERS[container](path) as writer:
            while waiting is not None and (not taken or writer.size + waiting[2] <= most_bytes):
                writer.add(waiting[0].id, waiting[1])
                taken += 1
                done()
                waiting = next(stream, None)
        shards.append(PackedShard(path, tuple(listed[start : start + taken])))
        start += taken
    return shards


def _finished(path: Path, expected: Sequence[Listed]) -> int:
    """Return how many of the expected samples a shard holds; 0 where it is absent, not whole, or of others."""
    if not path.is_file():
        return 0
    try:
        ids = open_sample_shard(path).ids
    except DepthbenchError:
        return 0
    return len(ids) if ids == tuple(one.id for one in expected[: len(ids)]) else 0


def _encoded(kind: ReleaseKind, listed: Sequence[Listed], container: str) -> Iterator[tuple[Listed, Parts, int]]:
    """Yield (sample, its parts as the container takes them, about how many bytes they come to)."""
    cores = usable_cores()
    with ThreadPoolExecutor(cores) as pool:
        ahead: deque[tuple[Listed, Future[tuple[Parts, int]]]] = deque()
        for one in listed:
            ahead.append((one, pool.submit(_prepared, kind.read(one), container)))
            if len(ahead) > _AHEAD * cores:
                first, future = ahead.popleft()
                yield first, *future.result()
        while ahead:
            first, future = ahead.popleft()
            yield first, *future.result()


def _prepared(parts: Parts, container: str) -> tuple[Parts, int]:
    encoded = {part: encode_part(part, value) for part, value in parts.items()}
    size = sum(512 + 512 * -(-len(data) // 512) for data in encoded.values())
    return (encoded if container == "tar" else parts), size
