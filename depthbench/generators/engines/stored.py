# SPDX-License-Identifier: Apache-2.0
"""Output to object storage: a unit is made in a scratch folder of the machine that does it, and its shard is put there whole.

The listing of the storage, with the sidecars beside the shards, is the resume state. A run keeps its books (``config.json``, ``run.json``,
``log.jsonl``) in a scratch folder of its own, brought from the storage and back; of what is stored it has ``stored/UNIT.json``: which
items the shard answers for, and those that cannot be made.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from depthbench.blender_scenes.worker import WorkerContext
from depthbench.errors import DepthbenchError
from depthbench.formats.json_file import read_json, write_json
from depthbench.generators.config_file import CONFIG_FILE, PLAN_FILE
from depthbench.generators.engines.share import Share
from depthbench.generators.engines.units import Event, Listen, Unit
from depthbench.generators.run_files import LOG_FILE, RUN_FILE, marked
from depthbench.generators.store import ObjectStore, is_url
from depthbench.registry import load_object

TASK = "depthbench.generators.engines.stored:make_and_store"
STORED = "stored"
RUNS, LOGS = "runs", "run-logs"


@contextmanager
def folder_for(out: str | Path, share: Share) -> Iterator[tuple[Path, str]]:
    """Yield the folder that a run keeps its books in, and the URL of the storage; the output folder and "" where it is a folder.

    Raises
    ------
    DepthbenchError
        If the storage does not answer.
    """
    if not is_url(out):
        yield Path(out), ""
        return
    url = str(out).rstrip("/")
    store = ObjectStore(url)
    books = _scratch("books", url + share.mark)
    shutil.rmtree(books, ignore_errors=True)
    books.mkdir(parents=True)
    own = {CONFIG_FILE: CONFIG_FILE, PLAN_FILE: PLAN_FILE}
    run, log = marked(Path(RUN_FILE), share).name, marked(Path(LOG_FILE), share).name
    brought = own | {f"{RUNS}/{run}": run, f"{LOGS}/{log}": log}
    for name, here in brought.items():
        store.get(name, books / here)
    for told in _sidecars(store):
        if told.get("stored") and told.get("settled") is not None:
            note_stored(books, told["unit"], told)
    try:
        yield books, url
    finally:
        for name, here in brought.items():
            if (books / here).is_file():
                store.put(books / here, name)


def _sidecars(store: ObjectStore) -> Iterator[dict[str, Any]]:
    """Yield the sidecars of the shards that are in the listing."""
    from depthbench.generators.engines.sidecar import UNITS

    names = sorted(f"{UNITS}/{name.partition('.')[0]}.json" for name in store.names("shards"))
    for data in store.read(names).values():
        yield json.loads(data)


def work_folder(work: str) -> Path:
    """Return the scratch folder of units on this machine."""
    return _scratch("work", work)


def _scratch(kind: str, text: str) -> Path:
    return Path(tempfile.gettempdir()) / f"depthbench-{kind}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def note_stored(books: Path, unit: str, told: dict[str, Any]) -> None:
    """Remember that a unit's shard is in the storage."""
    write_json(books / STORED / f"{unit}.json", {"items": told["settled"], "without": told.get("without") or {}})


def stored(shard: Path) -> dict[str, Any] | None:
    """Return ``items`` and ``without`` of a shard that is in the storage; None where it is not, or there is no storage."""
    path = shard.parent.parent / STORED / f"{shard.stem}.json"
    return dict(read_json(path)) if path.is_file() else None


def for_storage(units: Sequence[Unit], url: str, books: Path) -> tuple[list[Unit], str]:
    """Return units that put their shards into the storage, and the name of their scratch folders.

    Raises
    ------
    DepthbenchError
        If units do not make one shard each, or the storage does not answer.
    """
    if any(not unit.output for unit in units):
        raise DepthbenchError(
            f"--out {url}: object storage takes shards alone, not this layout; give a folder, or --layout shards"
        )
    store = ObjectStore(url)
    for name in (CONFIG_FILE, PLAN_FILE):
        store.put(books / name, name)
    for path in books.glob(f"{Path(RUN_FILE).stem}*.json"):
        store.put(path, f"{RUNS}/{path.name}")
    work = url + (books / CONFIG_FILE).read_text()
    more = {"url": url, "work": work}
    return [
        replace(unit, task=TASK, job={**unit.job, **more, "inner": unit.task, "output": unit.output}) for unit in units
    ], work


def noting(books: Path, listen: Listen) -> Listen:
    """Return a listener that keeps the books of what is stored, and hands on."""
    settled: dict[str, Event] = {}

    def note(unit: str, event: Event) -> None:
        if event["event"] == "settled":
            settled[unit] = event
        elif event["event"] == "stored" and unit in settled:
            told = settled.pop(unit)
            note_stored(books, unit, {"settled": told["items"], "without": told.get("without")})
        listen(unit, event)

    return note


def make_and_store(job: dict[str, Any], context: WorkerContext) -> None:
    """A worker's task: bring the unit's shard here if there is one, do the unit's own task, and put the shard back."""
    folder, store, output = work_folder(job["work"]), ObjectStore(job["url"]), job["output"]
    folder.mkdir(parents=True, exist_ok=True)
    store.get(output, folder / output)
    load_object(job["inner"])({**job, "folder": str(folder), "task": job["inner"]}, context)
    store.put(folder / output, output)
    (folder / output).unlink()
    context.send("stored", at=f"{job['url']}/{output}")
