# SPDX-License-Identifier: Apache-2.0
"""Output to object storage: a unit is made in a scratch folder of the machine that does it, and its files are put there whole.

A unit's sidecar, which names its files, is put after them; the listing of sidecars, and of shards, is the resume state. A run keeps its
books (``config.json``, ``run.json``, ``log.jsonl``, and what belongs to the set as a whole) in a scratch folder of its own, brought from the
storage and back; of what is stored it has ``stored/UNIT.json``: which items the unit's files answer for, and those that cannot be made.
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
from depthbench.formats.atomic import TEMPORARY_MARK
from depthbench.formats.json_file import read_json, write_json
from depthbench.generators.config_file import CONFIG_FILE, PLAN_FILE
from depthbench.generators.engines.share import Share
from depthbench.generators.engines.sidecar import UNITS, sidecar_path
from depthbench.generators.engines.units import Event, Listen, Unit
from depthbench.generators.run_files import LOG_FILE, RUN_FILE, marked
from depthbench.generators.store import ObjectStore, is_url
from depthbench.registry import load_object

TASK = "depthbench.generators.engines.stored:make_and_store"
STORED = "stored"
RUNS, LOGS = "runs", "run-logs"
MAKING = "making"
_OF_A_RUN = (UNITS, STORED, "logs", "staging")
"""Folders that are of a run or of a unit under way, and are not put into the storage."""


@contextmanager
def folder_for(out: str | Path, share: Share, *more: str) -> Iterator[tuple[Path, str]]:
    """Yield the folder that a run keeps its books in, and the URL of the storage; the output folder and "" where it is a folder.

    ``more`` names further files of a run, which it may also remove.

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
    run, log = marked(Path(RUN_FILE), share).name, marked(Path(LOG_FILE), share).name
    own = {f"{RUNS}/{run}": run, f"{LOGS}/{log}": log}
    of_set = [CONFIG_FILE, PLAN_FILE, *(marked(Path(name), share).name for name in more)]
    there = {name for name, here in ({name: name for name in of_set} | own).items() if store.get(name, books / here)}
    for told in _sidecars(store):
        note_stored(books, told["unit"], told)
    try:
        yield books, url
    except DepthbenchError as error:
        here, there_too = (f"{place}/{CONFIG_FILE}" for place in (books, url))
        raise DepthbenchError(str(error).replace(here, there_too)) from error
    finally:
        _put_common(store, books)
        for name, here in own.items():
            if (books / here).is_file():
                store.put(books / here, name)
        for name in there.difference(own):
            if not (books / name).is_file():
                store.remove(name)


def _put_common(store: ObjectStore, books: Path) -> None:
    """Put what belongs to the set as a whole: configuration, plan, and what a task of its own has no part in."""
    runs = tuple(Path(name).stem for name in (RUN_FILE, LOG_FILE))
    names = [name for name in _files(books) if "/" in name or not name.startswith((".", *runs))]
    store.put_all(books, names)


def _files(folder: Path) -> list[str]:
    """Name the files of a folder that are whole, and to be kept."""
    names = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return [
        name.as_posix()
        for name in names
        if name.parts[0] not in _OF_A_RUN and not any(part.startswith(TEMPORARY_MARK) for part in name.parts)
    ]


def _sidecars(store: ObjectStore) -> Iterator[dict[str, Any]]:
    """Yield the sidecars of units that are in the storage; one whose shard somebody has removed is not."""
    shards = store.names("shards")
    for told in store.read_json(UNITS):
        shard = f"{told['unit']}.h5"
        removed = str(told.get("stored")).endswith(f"/shards/{shard}") and shard not in shards
        if told.get("stored") and told.get("settled") is not None and not removed:
            yield told


def work_folder(work: str) -> Path:
    """Return the scratch folder of units on this machine."""
    return _scratch("work", work)


def _scratch(kind: str, text: str) -> Path:
    return Path(tempfile.gettempdir()) / f"depthbench-{kind}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def note_stored(books: Path, unit: str, told: dict[str, Any]) -> None:
    """Remember that a unit's shard is in the storage."""
    write_json(books / STORED / f"{unit}.json", {"items": told["settled"], "without": told.get("without") or {}})


def stored(folder: Path, unit: str) -> dict[str, Any] | None:
    """Return ``items`` and ``without`` of a unit that is in the storage; None where it is not, or there is no storage."""
    path = folder / STORED / f"{unit}.json"
    return dict(read_json(path)) if path.is_file() else None


def stored_items(folder: Path, unit: str) -> set[Any]:
    """Return the items of a unit that are in the storage."""
    return set((stored(folder, unit) or {"items": ()})["items"])


def for_storage(units: Sequence[Unit], url: str, books: Path) -> tuple[list[Unit], str]:
    """Return units that put their files into the storage, and the name of their scratch folders.

    Raises
    ------
    DepthbenchError
        If the storage does not answer.
    """
    store = ObjectStore(url)
    _put_common(store, books)
    for path in books.glob(f"{Path(RUN_FILE).stem}*.json"):
        store.put(path, f"{RUNS}/{path.name}")
    work = url + ((books / CONFIG_FILE).read_text() if (books / CONFIG_FILE).is_file() else "")
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
    """A worker's task: bring here what the storage has of the unit, do the unit's own task, and put its files back."""
    folder, store, output = work_folder(job["work"]) / MAKING / job["name"], ObjectStore(job["url"]), job["output"]
    folder.mkdir(parents=True, exist_ok=True)
    there = [output] if output else _files_of(store, job["name"])
    store.get_all(there, folder)
    brought = {name: (folder / name).stat().st_mtime_ns for name in there if (folder / name).is_file()}
    load_object(job["inner"])({**job, "folder": str(folder), "task": job["inner"]}, context)
    made = [name for name in _files(folder) if name == output or not output]
    store.put_all(folder, [name for name in made if (folder / name).stat().st_mtime_ns != brought.get(name)])
    if made:
        context.send("stored", at=f"{job['url']}/{output}".rstrip("/"), files=made)
    shutil.rmtree(folder)


def _files_of(store: ObjectStore, unit: str) -> list[str]:
    """Name the files that a unit has in the storage."""
    name = sidecar_path(Path(), unit).as_posix()
    return [file for told in store.read([name]).values() for file in json.loads(told).get("files", ())]
