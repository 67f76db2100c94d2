# SPDX-License-Identifier: Apache-2.0
"""A release held against what Hugging Face takes, and the plan of its upload; nothing is sent."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from depthbench.errors import DepthbenchError
from depthbench.formats.json_file import read_json, write_json
from depthbench.release.manifest import read_manifest
from depthbench.release.registry import REGISTRY_FILE, read_registry

MOST_FILE_BYTES = 20 * 10**9
MOST_ENTRIES = 10_000
MOST_FILES = 100_000
FILES_PER_COMMIT = 50
LARGE_BYTES = 10 * 10**6
"""Files above it go to large-file storage whatever their kind."""
UPLOAD_FILE = "upload.json"
_REPO = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")


@dataclass(frozen=True)
class Upload:
    """What would be sent.

    Attributes
    ----------
    repo : str
        ``user/name`` of a dataset.
    files : int
    bytes : int
    large : int
        Files that go to large-file storage.
    commits : tuple of tuple of str
        Paths of each commit: the shards first, so that the card never names what is not there.
    verified : bool
        Whether the last ``depthbench verify`` found all well.
    """

    repo: str
    files: int
    bytes: int
    large: int
    commits: tuple[tuple[str, ...], ...]
    verified: bool


def plan_upload(folder: Path, repo: str) -> Upload:
    """Check a release against the limits and write ``upload.json`` into it.

    Raises
    ------
    DepthbenchError
        If it is no release, a file is missing or too large, a folder has too many entries, or its check found something wrong.
    """
    if not _REPO.fullmatch(repo):
        raise DepthbenchError(f"--repo {repo}: write it as user/name")
    read_manifest(folder)
    names = [*read_registry(folder), REGISTRY_FILE]
    sizes = {}
    for name in names:
        path = folder / name
        if path.is_symlink() or not path.is_file():
            raise DepthbenchError(f"{path}: missing, or a link; `depthbench verify {folder}` tells all that is wrong")
        sizes[name] = path.stat().st_size
        if sizes[name] >= MOST_FILE_BYTES:
            raise DepthbenchError(
                f"{path}: {sizes[name]:,} bytes, {MOST_FILE_BYTES:,} at most; release again with a smaller --shard-size"
            )
    entries: Counter[str] = Counter()
    for entry in {str(parent / child) for name in names for parent, child in _steps(name)}:
        entries[str(PurePosixPath(entry).parent)] += 1
    for place, count in entries.most_common():
        if count >= MOST_ENTRIES:
            raise DepthbenchError(
                f"{folder / place}: {count:,} entries, fewer than {MOST_ENTRIES:,} are taken; release again with a larger --shard-size"
            )
    if len(names) >= MOST_FILES:
        raise DepthbenchError(
            f"{folder}: {len(names):,} files, fewer than {MOST_FILES:,} are taken; give a larger --shard-size"
        )
    checked = folder / "verify.json"
    verified = False
    if checked.is_file():
        told = read_json(checked)
        verified = isinstance(told, dict) and told.get("ok") is True
        if not verified:
            raise DepthbenchError(
                f"{checked}: the last check found something wrong; mend it and run `depthbench verify {folder}` again"
            )
    order = sorted(names, key=lambda name: (("/" not in name), name))
    commits = tuple(tuple(order[k : k + FILES_PER_COMMIT]) for k in range(0, len(order), FILES_PER_COMMIT))
    large = sum(size > LARGE_BYTES or name.endswith((".tar", ".h5", ".npy", ".png")) for name, size in sizes.items())
    upload = Upload(repo, len(names), sum(sizes.values()), large, commits, verified)
    write_json(folder / UPLOAD_FILE, asdict(upload))
    return upload


def _steps(name: str) -> list[tuple[PurePosixPath, str]]:
    """Return every (folder, entry in it) on the way to a file."""
    path = PurePosixPath(name)
    return [(one.parent, one.name) for one in (path, *path.parents) if one.name]


def upload_command(folder: Path, repo: str) -> str:
    """Return the command of Hugging Face's own tool that sends it; hidden files and reports stay."""
    return f"hf upload-large-folder {repo} {folder} --repo-type dataset --exclude '.*' verify.json upload.json"
