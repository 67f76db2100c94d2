# SPDX-License-Identifier: Apache-2.0
"""Object storage (``s3://bucket/x`` and whatever else fsspec knows): whole objects are put, got, listed and removed, nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from depthbench.errors import DepthbenchError, MissingExtraError

_AT_ONCE = 128
"""Objects that are under way, and in memory, at one time."""


def is_url(out: str | Path) -> bool:
    """Tell whether an output is no folder of this machine."""
    return "://" in str(out)


class ObjectStore:
    """What lies under a URL. An object appears whole or not at all, which is what resuming rests on.

    Raises
    ------
    DepthbenchError
        If fsspec, or its package for this kind of storage, is absent, or the storage does not answer.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        try:
            import fsspec
        except ImportError as error:
            raise MissingExtraError("fsspec", "s3", f"--out {url}") from error
        try:
            self._files, self._root = fsspec.core.url_to_fs(self.url, use_listings_cache=False)
        except ImportError as error:
            raise DepthbenchError(f'--out {url}: {error}; for s3, pip install "depthbench[s3]"') from error
        except ValueError as error:
            raise DepthbenchError(f"--out {url}: {error}") from error

    def names(self, folder: str) -> set[str]:
        """Return the names of the objects directly in a folder."""
        with self._told():
            try:
                found: Iterable[str] = self._files.ls(f"{self._root}/{folder}", detail=False, refresh=True)
            except FileNotFoundError:
                return set()
            return {path.rpartition("/")[2] for path in found} - {""}

    def read(self, names: Iterable[str]) -> dict[str, bytes]:
        """Return the objects of these names that are there."""
        paths = [f"{self._root}/{name}" for name in names]
        if not paths:
            return {}
        with self._told():
            found = self._files.cat(paths, on_error="return")
        return {path.removeprefix(f"{self._root}/"): data for path, data in found.items() if isinstance(data, bytes)}

    def read_json(self, folder: str) -> list[dict[str, Any]]:
        """Return all JSON objects of a folder, in the order of their names."""
        names = sorted(f"{folder}/{name}" for name in self.names(folder) if name.endswith(".json"))
        read = self.read(names)
        return [json.loads(read[name]) for name in names if name in read]

    def write(self, name: str, data: bytes) -> None:
        """Put an object."""
        with self._told():
            self._files.pipe_file(f"{self._root}/{name}", data)

    def put(self, path: Path, name: str) -> None:
        """Put a file."""
        with self._told():
            self._files.put_file(str(path), f"{self._root}/{name}")

    def get(self, name: str, path: Path) -> bool:
        """Get an object as a file, whole or not at all; False where there is none."""
        from depthbench.formats.atomic import write_bytes

        found = self.read([name])
        for data in found.values():
            write_bytes(path, data)
        return bool(found)

    def put_all(self, folder: Path, names: Sequence[str]) -> None:
        """Put files of a folder under their own names, many at once."""
        for start in range(0, len(names), _AT_ONCE):
            some = names[start : start + _AT_ONCE]
            with self._told():
                self._files.put([str(folder / name) for name in some], [f"{self._root}/{name}" for name in some])

    def get_all(self, names: Sequence[str], folder: Path) -> None:
        """Get objects as files of a folder, each whole or not at all; those that are not there are left out."""
        from depthbench.formats.atomic import write_bytes

        for start in range(0, len(names), _AT_ONCE):
            for name, data in self.read(names[start : start + _AT_ONCE]).items():
                write_bytes(folder / name, data, durable=False)

    def remove(self, name: str) -> None:
        """Remove an object that is there."""
        with self._told():
            self._files.rm_file(f"{self._root}/{name}")

    def _told(self) -> _Told:
        return _Told(self.url)


class _Told:
    """Turns a fault of the storage into a line for the user."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Exception) and not isinstance(error, FileNotFoundError):
            raise DepthbenchError(f"{self.url}: the storage does not answer as it should: {error}") from error
        if isinstance(error, FileNotFoundError):
            raise DepthbenchError(f"{self.url}: not there ({error}); make the bucket first") from error
