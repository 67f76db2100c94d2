# SPDX-License-Identifier: Apache-2.0
"""What lies in object storage, beside what lies in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from click.testing import CliRunner

from depthbench.cli import cli
from depthbench.generators.store import ObjectStore

OF_RUNS = ("units", "logs", "runs", "run-logs", "run.json", "log.jsonl", ".lock")
"""Files and folders that tell of runs, with times and machines."""


def everything(url: str) -> dict[str, bytes]:
    """Name -> content of all that lies there, but for what tells of runs."""
    store = ObjectStore(url)
    found = store._files.find(store._root)
    names = [path.removeprefix(f"{store._root}/") for path in found]
    return store.read(name for name in names if name.split("/")[0] not in OF_RUNS)


def in_folder(folder: Path) -> dict[str, bytes]:
    """The same of a folder."""
    paths = [(path.relative_to(folder), path) for path in folder.rglob("*") if path.is_file()]
    return {name.as_posix(): path.read_bytes() for name, path in paths if name.parts[0] not in OF_RUNS}


def run(*words: object, code: int = 0) -> str:
    """Run a command and return what it prints."""
    done = CliRunner().invoke(cli, [str(word) for word in words], catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done.output


def same_in_both(words: Sequence[object], url: str, folder: Path, code: int = 0) -> str:
    """Run a command into the storage and into a folder, hold the two against each other, and return what ``status`` tells of the first."""
    for out in (url, folder):
        run(*words, "--out", out, code=code)
    assert everything(url) == in_folder(folder)
    return run("status", url)
