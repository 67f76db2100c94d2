# SPDX-License-Identifier: Apache-2.0
"""``registry.txt``: every file of a release with its sha256, as pooch reads it: ``path sha256:hex`` a line."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from depthbench.errors import DepthbenchError
from depthbench.formats.atomic import write_bytes
from depthbench.formats.limits import MOST_TEXT_BYTES, read_limited

REGISTRY_FILE = "registry.txt"
_LINE = re.compile(r"(\S+) sha256:([0-9a-f]{64})")


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_of(folder: Path) -> list[str]:
    """Return every file of a release but the registry itself and hidden ones, by its path with ``/``, sorted."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    names = (path.as_posix() for path in found if not any(part.startswith(".") for part in path.parts))
    return sorted(name for name in names if name not in (REGISTRY_FILE, "verify.json", "upload.json"))


def write_registry(folder: Path, known: Mapping[str, str]) -> None:
    """Write the registry of a folder; ``known`` holds hashes that need not be computed again."""
    lines = [f"{name} sha256:{known.get(name) or file_sha256(folder / name)}\n" for name in files_of(folder)]
    write_bytes(folder / REGISTRY_FILE, "".join(lines).encode())


def read_registry(folder: Path) -> dict[str, str]:
    """Return path -> sha256.

    Raises
    ------
    DepthbenchError
        If the file is absent, or a line is something else or leads out of the folder.
    """
    path = folder / REGISTRY_FILE
    entries: dict[str, str] = {}
    for number, line in enumerate(
        read_limited(path, MOST_TEXT_BYTES, "registry").decode("utf-8", "replace").splitlines(), 1
    ):
        match = _LINE.fullmatch(line)
        if match is None or not is_inside(match[1]):
            raise DepthbenchError(f"{path}: line {number} is not 'path sha256:hex' of a file in the release")
        if match[1] in entries:
            raise DepthbenchError(f"{path}: line {number}: {match[1]} stands there twice")
        entries[match[1]] = match[2]
    return entries


def is_inside(name: str) -> bool:
    """Tell whether a path with ``/`` stays below the folder that it is relative to."""
    parts = PurePosixPath(name).parts
    return bool(parts) and not PurePosixPath(name).is_absolute() and ".." not in parts and "\\" not in name
