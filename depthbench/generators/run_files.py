# SPDX-License-Identifier: Apache-2.0
"""What a run leaves beside its samples: ``log.jsonl`` (everything that happened), ``run.json`` (who, what, when)."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import depthbench
from depthbench.errors import DepthbenchError
from depthbench.formats.json_file import read_json, to_json, write_json
from depthbench.generators.engines.share import WHOLE, Share

LOG_FILE = "log.jsonl"
RUN_FILE = "run.json"
"""Runs of a share have files of their own: ``log-0003-of-0016.jsonl``, ``run-0003-of-0016.json``."""


class RunLog:
    """Appends one JSON object per line; a line cut short by a kill is closed, so that it spoils no other."""

    def __init__(self, folder: Path, share: Share = WHOLE) -> None:
        self.path = marked(folder / LOG_FILE, share)
        torn = self.path.is_file() and self.path.stat().st_size > 0 and self.path.read_bytes()[-1:] != b"\n"
        self._file = open(self.path, "ab", buffering=0)  # noqa: SIM115
        if torn:
            self._write(b"\n")

    def add(self, **values: Any) -> None:
        """Append a line with the time.

        Raises
        ------
        DepthbenchError
            If the disk is full.
        """
        self._write((to_json({"time": now(), **values}, indent=None) + "\n").encode())

    def _write(self, data: bytes) -> None:
        try:
            self._file.write(data)
        except OSError as error:
            raise DepthbenchError(
                f"{self.path}: {error.strerror}; free some space and run the same command again, it continues"
            ) from error


def read_log(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of ``log.jsonl``, of all runs and shares, leaving out what a kill cut short."""
    for path in _all(folder / LOG_FILE):
        with open(path, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                try:
                    entry = json.loads(line)
                except json.JSONDecodeError:
                    continue
                if isinstance(entry, dict):
                    yield entry


def read_runs(folder: Path) -> list[dict[str, Any]]:
    """Return the records of all runs and shares, the one that began last at the end."""
    return in_order(read_json(path) for path in _all(folder / RUN_FILE))


def in_order(records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the runs of some ``run.json``, the one that began last at the end."""
    return sorted((run for record in records for run in record["runs"]), key=lambda run: str(run.get("start", "")))


def marked(path: Path, share: Share) -> Path:
    """Return what a file is called in the run of a share."""
    return path.with_stem(path.stem + share.mark)


def _all(path: Path) -> list[Path]:
    return [*([path] if path.is_file() else []), *sorted(path.parent.glob(f"{path.stem}-*-of-*{path.suffix}"))]


def now() -> str:
    """Return the time in UTC, ISO 8601, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


@contextlib.contextmanager
def recorded_run(
    folder: Path, device: str, workers: int, share: Share = WHOLE, **more: Any
) -> Iterator[dict[str, Any]]:
    """Keep the record of a run in ``run.json``: begun now, ended when this context is left, however that comes about.

    Parameters
    ----------
    folder : Path
    device : str
    workers : int
    share : Share
    more : dict
        Further entries of the record.

    Yields
    ------
    dict
        What the run adds to its record (``made``, ...); its ``status`` there overrides *finished*.
    """
    record, told = run_record(device, workers) | more, {"status": "finished"}
    add_run(folder, record, share)
    status = "failed"
    try:
        yield told
        status = told["status"]
    except KeyboardInterrupt:
        status = "interrupted"
        raise
    finally:
        with contextlib.suppress(OSError, DepthbenchError):
            add_run(folder, record | told | {"end": now(), "status": status}, share)


def run_record(device: str, workers: int) -> dict[str, Any]:
    """Describe this run: command, versions, commit, machine."""
    return {
        "start": now(),
        "end": None,
        "status": "running",
        "command": shlex.join(["depthbench", *sys.argv[1:]]),
        "versions": {name: _version(name) for name in ("depthbench", "bpy", "numpy", "embreex", "trimesh", "h5py")},
        "commit": source_commit(),
        "python": platform.python_version(),
        "machine": {
            "system": platform.platform(),
            "processor": processor_name(),
            "cores": os.cpu_count(),
        },
        "device": device,
        "workers": workers,
    }


def add_run(folder: Path, record: dict[str, Any], share: Share = WHOLE) -> None:
    """Write a run's record as the last of ``run.json``; a record with the same start is replaced."""
    path = marked(folder / RUN_FILE, share)
    runs = read_json(path)["runs"] if path.is_file() else []
    write_json(path, {"runs": [*(run for run in runs if run["start"] != record["start"]), record]})


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def source_commit() -> str | None:
    """Return the git commit of the source that runs, ``+`` if it was changed; None outside a checkout."""
    root = Path(depthbench.__file__).parents[1]
    if not (root / ".git").exists():
        return None
    try:
        head = subprocess.run(
            [
                "git",
                "--no-optional-locks",
                "-C",
                str(root),
                "describe",
                "--always",
                "--dirty=+",
                "--abbrev=40",
                "--exclude=*",
            ],
            capture_output=True,
            text=True,
            timeout=10,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return head.stdout.strip() or None


def processor_name() -> str:
    """Return the processor's name as the system tells it."""
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
