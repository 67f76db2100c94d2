# SPDX-License-Identifier: Apache-2.0
"""The record of an evaluation: everything needed to trust, compare and repeat its numbers, as strict JSON.

``schema``            name and version of this layout
``created_utc``       when
``task``              stereo, motion, focus, mvs, mono
``model``             name, reference, options, weights_sha256; for a folder of predictions: that folder
``set``               name, label, root, manifest_sha256, samples (in the whole set), notes
``protocol``          name, version, hash, and ``content``: every field of the protocol
``aggregate``         region -> metric -> mean, low, high, plain_mean, samples, missing, empty (:mod:`.aggregate`)
``samples``           id, group (or empty), reason (of failure, or empty), values (region -> metric -> number or null), run time
``run``               device, dtype, run time medians, peak memory, machine, versions, commit, command, bootstrap seed
"""

from __future__ import annotations

import csv
import dataclasses
import datetime
import importlib.metadata
import io
import math
import os
import platform
import shlex
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from depthbench import __version__
from depthbench.benchmarks import aggregate as aggregation
from depthbench.benchmarks.protocol_base import BaseProtocol
from depthbench.benchmarks.score import SampleResult
from depthbench.benchmarks.sets.evaluation_set import EvaluationSet, manifest_sha256
from depthbench.errors import DepthbenchError
from depthbench.formats.atomic import write_bytes
from depthbench.formats.json_file import read_json, write_json

SCHEMA = "depthbench-record/1"
_NEEDED = {
    "model": ("label", "model"),
    "set": ("name", "label", "manifest_sha256", "samples", "notes"),
    "protocol": ("name", "version", "hash", "content"),
    "aggregate": (),
    "samples": (),
}
"""What a table takes from a record."""


def source_commit() -> str | None:
    """Return the commit of the source tree that this package runs from, with ``-dirty`` if it was changed; None elsewhere."""
    git = [
        "git",
        "--no-optional-locks",
        "-C",
        str(Path(__file__).parent),
        "describe",
        "--always",
        "--abbrev=40",
        "--dirty",
        "--match=",
    ]
    try:
        answer = subprocess.run(git, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() or None


def package_versions() -> dict[str, str]:
    """Return the versions of what numbers depend on."""
    versions = {"python": platform.python_version(), "depthbench": __version__}
    for package in ("numpy", "opencv-python-headless", "torch", "safetensors"):
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


def circumstances() -> dict[str, Any]:
    """Return what a run must be repeated with: machine, versions, commit, command."""
    return {
        "machine": {"system": platform.platform(), "processor": platform.machine(), "cores": os.cpu_count()},
        "versions": package_versions(),
        "commit": source_commit(),
        "command": shlex.join(["depthbench", *sys.argv[1:]]),
    }


def _run(model: Mapping[str, Any], times: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    forward = [entry["forward_s"] for entry in times.values()]
    total = [entry["total_s"] for entry in times.values()]
    return {
        "device": model.get("device"),
        "dtype": model.get("dtype"),
        "forward_s_median": statistics.median(forward) if forward else None,
        "total_s_median": statistics.median(total) if total else None,
        "timed_samples": len(forward),
        "peak_bytes_max": max(
            (int(entry["peak_bytes"]) for entry in times.values() if "peak_bytes" in entry), default=None
        ),
        **circumstances(),
        "bootstrap": {"seed": aggregation.SEED, "resamples": aggregation.RESAMPLES},
    }


def build_record(
    model: Mapping[str, Any],
    opened: EvaluationSet,
    protocol: BaseProtocol,
    results: Sequence[SampleResult],
    times: Mapping[str, Mapping[str, float]] | None = None,
) -> dict[str, Any]:
    """Put a record together; ``model`` is what :func:`.predict.identity` tells, or a folder of predictions by its path."""
    times = times or {}
    return {
        "schema": SCHEMA,
        "created_utc": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "task": opened.task,
        "model": {key: model.get(key) for key in ("label", "model", "reference", "options", "weights_sha256")},
        "set": {
            "name": opened.name,
            "label": opened.label,
            "root": str(opened.root.resolve()),
            "manifest_sha256": manifest_sha256(opened),
            "samples": len(opened.ids()),
            "notes": list(opened.notes),
        },
        "protocol": {
            "name": protocol.name,
            "version": protocol.version,
            "hash": protocol.hash,
            "content": dataclasses.asdict(protocol),
        },
        "aggregate": aggregation.aggregate(protocol, results),
        "samples": [
            {
                "id": result.id,
                "group": result.group,
                "reason": result.reason,
                "values": result.values,
                "time": dict(times.get(result.id, {})),
            }
            for result in results
        ],
        "run": _run(model, {r.id: times[r.id] for r in results if r.id in times}),
    }


def read_record(path: Path) -> dict[str, Any]:
    """Read a record.

    Raises
    ------
    DepthbenchError
        If the file is absent, not JSON, not a record, or of another version.
    """
    record = read_json(path)
    if not isinstance(record, dict) or "schema" not in record:
        raise DepthbenchError(f"{path}: not a record of depthbench (no key 'schema')")
    if record["schema"] != SCHEMA:
        raise DepthbenchError(f"{path}: a record of the layout {record['schema']}, this depthbench reads {SCHEMA}")
    for key, inner in _NEEDED.items():
        part = record.get(key)
        lacking = [name for name in inner if not isinstance(part, dict) or name not in part]
        if part is None or lacking:
            told = f"{key}: {', '.join(lacking)}" if lacking else key
            raise DepthbenchError(f"{path}: a damaged record (no {told}); score again")
    return record


def write_record(path: Path, record: Mapping[str, Any]) -> None:
    """Write a record (atomically), and beside it ``samples.csv`` with one row per sample."""
    write_json(path, dict(record))
    write_bytes(path.with_name("samples.csv"), samples_csv(record).encode())


def samples_csv(record: Mapping[str, Any]) -> str:
    """Return the per-sample values as CSV: id, reason, then ``region/metric`` columns; empty = no value."""
    regions = record["aggregate"]
    counted = {key for sample in record["samples"] for cells in sample["values"].values() for key in cells}
    counts = [key for key in ("pixels", "estimated", "positive") if key in counted]
    columns = [(region, key) for region in regions for key in (*counts, *regions[region])]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["id", "reason", *(f"{region}/{key}" for region, key in columns)])
    for sample in record["samples"]:
        cells = [sample["values"].get(region, {}).get(key) for region, key in columns]
        writer.writerow([sample["id"], sample["reason"], *(_cell(value) for value in cells)])
    return out.getvalue()


def _cell(value: float | None) -> str:
    return "" if value is None or not math.isfinite(value) else f"{value:.9g}"
