# SPDX-License-Identifier: Apache-2.0
"""``eval`` and ``score`` as functions: predict, score, and write record, per-sample CSV, table and pictures.

::

    OUT/predictions/<id>.pfm, model.json, times.jsonl
    OUT/<protocol>/record.json, samples.csv, table.md, pictures.png
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from depthbench.baselines.loading import LoadedModel
from depthbench.benchmarks.options import parse_sweep
from depthbench.benchmarks.predict import Overwrite, identity, predict, read_times
from depthbench.benchmarks.protocol_base import BaseProtocol
from depthbench.benchmarks.records import build_record, write_record
from depthbench.benchmarks.score import SampleResult, score_folder
from depthbench.benchmarks.sets.evaluation_set import EvaluationSet, is_blind, no_truth
from depthbench.benchmarks.tables import record_table, render
from depthbench.benchmarks.task import bench_task
from depthbench.errors import DepthbenchError
from depthbench.formats.atomic import write_bytes

Track = Callable[[Sequence[str], str], Iterable[str]]


@dataclass(frozen=True)
class Outcome:
    """What an evaluation leaves: the record, where it lies, and what failed."""

    record: dict[str, Any]
    path: Path
    failed: list[SampleResult]


def _first(items: Sequence[str], _: str) -> Iterable[str]:
    return items


def check_tasks(model_task: str, opened: EvaluationSet, protocol: BaseProtocol, model: str) -> None:
    """Refuse a model, a set and a protocol of different tasks.

    Raises
    ------
    DepthbenchError
        Naming the tasks.
    """
    tasks = {
        f"model {model}": model_task,
        f"set {opened.name}": opened.task,
        f"protocol {protocol.name}": opened.task if protocol.serves(opened.task) else protocol.task,
    }
    if len(set(tasks.values())) > 1:
        told = ", ".join(f"{name} is for '{task}'" for name, task in tasks.items())
        raise DepthbenchError(f"different tasks cannot be evaluated together: {told}")


def ends_or_sweep(
    model: Any, options: Mapping[str, Any], sweep: str | None, protocol: BaseProtocol
) -> list[dict[str, bool | int | float | str]]:
    """Return the options to add, run by run: a sweep's; both ends of a steered model where a protocol asks for both; none.

    Parameters
    ----------
    model : class
        Steered where it has an attribute ``steered_by``, the option's name.
    options : mapping
        What the user chose; an option that is among them is not swept unasked.
    sweep : str or None
        ``key=value,value``.

    Raises
    ------
    DepthbenchError
        If the sweep is not of this form, or its option was also given a single value.
    """
    if sweep:
        key, values = parse_sweep(sweep)
        if key in options:
            raise DepthbenchError(f"'{key}' is both swept and given as --model-option {key}={options[key]}; drop one")
        return [{key: value} for value in values]
    steered_by = getattr(model, "steered_by", "")
    if steered_by and steered_by not in options and protocol.both_ends:
        return [{steered_by: 0}, {steered_by: 1}]
    return [{}]


def set_folder_name(opened: EvaluationSet) -> str:
    """Return the set's name with its label, as output folders are called."""
    return "-".join(part for part in (opened.name, opened.label) if part)


def _of_scenes(
    opened: EvaluationSet, protocol: BaseProtocol, ids: Sequence[str], folder: Path, out: Path, track: Track
) -> list[SampleResult]:
    """Return results of what several samples make together, where the task has such."""
    task = bench_task(opened.task)
    score: Callable[..., list[SampleResult]] | None = getattr(task, "score_scenes", None)
    return score(protocol, opened, ids, task.saved(folder), out, track) if score else []


def _finish(
    out: Path,
    folder: Path,
    model: Mapping[str, Any],
    opened: EvaluationSet,
    protocol: BaseProtocol,
    results: list[SampleResult],
    track: Track,
) -> Outcome:
    target = out / protocol.name.replace("/", "-")
    results = results + _of_scenes(opened, protocol, [result.id for result in results], folder, target, track)
    record = build_record(model, opened, protocol, results, read_times(folder))
    write_record(target / "record.json", record)
    write_bytes(target / "table.md", render(record_table(record), "md").encode())
    task = bench_task(opened.task)
    task.draw(target / "pictures.png", protocol, opened, results, task.saved(folder))
    return Outcome(record, target / "record.json", [result for result in results if result.failed])


def evaluate(
    loaded: LoadedModel,
    opened: EvaluationSet,
    protocol: BaseProtocol,
    out: Path,
    limit: int | None = None,
    overwrite: Overwrite = "never",
    strict: bool = False,
    track: Track = _first,
) -> Outcome:
    """Predict what is not yet predicted, score everything, write the results below ``out``.

    Raises
    ------
    DepthbenchError
        If tasks differ, ``out`` holds another model's predictions, or (``strict``) a sample fails.
    """
    check_tasks(loaded.model.task, opened, protocol, loaded.name)
    ids, folder = opened.ids()[:limit], out / "predictions"
    failures = predict(loaded, opened, ids, folder, overwrite, strict, track)
    results = score_folder(protocol, opened, ids, folder, failures, strict, track)
    told = {"label": loaded.label, **identity(loaded, opened)}
    return _finish(out, folder, told, opened, protocol, results, track)


def predict_only(
    loaded: LoadedModel,
    opened: EvaluationSet,
    protocol: BaseProtocol,
    out: Path,
    limit: int | None = None,
    overwrite: Overwrite = "never",
    strict: bool = False,
    track: Track = _first,
) -> tuple[Path, dict[str, str]]:
    """Predict what is not yet predicted of a set without public truth; return the folder, and why samples failed.

    Raises
    ------
    DepthbenchError
        As :func:`evaluate`.
    """
    check_tasks(loaded.model.task, opened, protocol, loaded.name)
    ids, folder = opened.ids()[:limit], out / "predictions"
    failures = predict(loaded, opened, ids, folder, overwrite, strict, track)
    task = bench_task(opened.task)
    done = [sample_id for sample_id in ids if sample_id not in failures]
    whole = _of_scenes(opened, protocol, done, folder, out, track)
    failures |= {result.id: result.reason for result in whole if result.failed}
    task.preview(out / "pictures.png", opened, ids, task.saved(folder))
    return folder, failures


def score_only(
    folder: Path,
    opened: EvaluationSet,
    protocol: BaseProtocol,
    out: Path,
    limit: int | None = None,
    strict: bool = False,
    track: Track = _first,
    label: str = "",
) -> Outcome:
    """Score a folder of predictions that anyone made; write the results below ``out``.

    Raises
    ------
    DepthbenchError
        If the folder is absent, or (``strict``) a sample fails.
    """
    if not folder.is_dir():
        raise DepthbenchError(f"{folder}: no such folder of predictions")
    if is_blind(opened):
        raise no_truth(opened.name, opened.label)
    check_tasks(opened.task, opened, protocol, str(folder))
    ids = opened.ids()[:limit]
    results = score_folder(protocol, opened, ids, folder, None, strict, track)
    told: dict[str, Any] = {
        "label": label or folder.name,
        "model": None,
        "reference": str(folder.resolve()),
        "options": {},
    }
    return _finish(out, folder, told, opened, protocol, results, track)
