# SPDX-License-Identifier: Apache-2.0
"""Reads what :mod:`.survey` sums up: from a folder, or from object storage."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from depthbench.errors import DepthbenchError
from depthbench.formats.json_file import read_json
from depthbench.generators.config_file import CONFIG_FILE, generator_of
from depthbench.generators.engines.sidecar import UNITS
from depthbench.generators.engines.stored import RUNS
from depthbench.generators.run_files import in_order, read_runs
from depthbench.generators.store import ObjectStore, is_url
from depthbench.generators.survey import Survey, survey

WHAT = {
    "odms": "examples",
    "focal-stack": "stacks",
    "dvps-twin": "frames",
    "dtu-twin": "views",
    "dvps": "frames",
    "prepare-dtu": "scans",
    "prepare-mvs": "views",
}
"""Generator -> what its samples are called; "pairs" else."""


def look(place: str) -> tuple[Survey, str]:
    """Return how far a folder, or a place in object storage, is, and what its samples are called.

    Raises
    ------
    DepthbenchError
        If nothing is generated there, or its units were not noted.
    """
    if is_url(place):
        store = ObjectStore(place)
        config = store.read([CONFIG_FILE]).get(CONFIG_FILE)
        if config is None:
            raise DepthbenchError(
                f"{place}: holds no {CONFIG_FILE}; did a `depthbench generate` or `prepare` with --out {place} begin it?"
            )
        generator = str(json.loads(config).get("generator"))
        runs = in_order(store.read_json(RUNS))
        sidecars = store.read_json(UNITS)
    else:
        folder = Path(place)
        if not (folder / CONFIG_FILE).is_file():
            raise DepthbenchError(
                f"{folder / CONFIG_FILE}: no such file; did a `depthbench generate` or `prepare` with --out {place} begin it?"
            )
        if not (folder / UNITS).is_dir() and any(folder.glob("shards/*.h5")):
            raise DepthbenchError(
                f"{folder}: has shards and no {UNITS}/, in which units of work are noted: an earlier depthbench made it; "
                f"`depthbench stats {place}` tells what is there"
            )
        generator = generator_of(folder)
        runs = read_runs(folder)
        sidecars = [_settled(folder, told) for told in _read(folder / UNITS)]
    return survey(sidecars, runs, datetime.now(UTC)), WHAT.get(generator, "pairs")


def _read(folder: Path) -> list[dict[str, Any]]:
    found = []
    for path in sorted(folder.glob("*.json")):
        with contextlib.suppress(DepthbenchError):  # a sidecar tells, it decides nothing
            found.append(read_json(path))
    return found


def _settled(folder: Path, told: dict[str, Any]) -> dict[str, Any]:
    """Correct the sidecar of a unit whose attempt was lost after its shard was written, and before it could be told."""
    shard = folder / "shards" / f"{told['unit']}.h5"
    if told["state"] != "running" or not told["attempts"] or not shard.is_file():
        return told
    if shard.stat().st_mtime < datetime.fromisoformat(told["attempts"][-1]["begun"]).timestamp():
        return told
    import h5py

    try:
        with h5py.File(shard) as file:
            made = len(file["ids"]) if "ids" in file else told["made"]
    except OSError:
        return told
    return told | {"state": "done", "made": made}
