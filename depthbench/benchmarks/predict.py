# SPDX-License-Identifier: Apache-2.0
"""First half of ``eval``: run a model on a set and save every prediction, so that scoring needs the files alone.

In the folder: the predictions as their task saves them (``<id>.pfm`` per stereo pair), ``model.json`` with what made them,
``times.jsonl`` with run times and peak memory. A prediction that is there is not made again; each appears whole or not at all.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from depthbench.baselines.loading import LoadedModel
from depthbench.benchmarks.peak_memory import peak_bytes, start_peak
from depthbench.benchmarks.sets.evaluation_set import EvaluationSet, manifest_sha256
from depthbench.benchmarks.task import bench_task
from depthbench.errors import DepthbenchError
from depthbench.formats.json_file import read_json, write_json
from depthbench.tasks import Model

IDENTITY = "model.json"
TIMES = "times.jsonl"
Overwrite = Literal["never", "all"]
Track = Callable[[Sequence[str], str], Iterable[str]]


def identity(loaded: LoadedModel, opened: EvaluationSet) -> dict[str, Any]:
    """Return what decides a prediction: the model, its options and weights, and the set."""
    return {
        "model": loaded.name,
        "reference": loaded.reference,
        "options": dict(loaded.options),
        "weights_sha256": getattr(loaded.model, "weights_sha256", None),
        "device": str(getattr(loaded.model, "device", "cpu")),
        "dtype": str(getattr(loaded.model, "dtype", "float32")),
        "set": opened.name,
        "set_label": opened.label,
        "set_manifest_sha256": manifest_sha256(opened),
    }


def _claim(folder: Path, told: dict[str, Any], overwrite: Overwrite) -> None:
    """Make sure that what lies in ``folder`` was made by the same model from the same set."""
    path = folder / IDENTITY
    if overwrite == "all" and folder.exists():
        if not path.exists() and any(folder.iterdir()):
            raise DepthbenchError(
                f"{folder}: holds files that no `depthbench eval` made; remove them or choose another --out"
            )
        shutil.rmtree(folder)
    if path.exists():
        before = read_json(path)
        changed = [key for key, value in json.loads(json.dumps(told)).items() if before.get(key) != value]
        if changed:
            raise DepthbenchError(
                f"{folder}: the predictions there were made with another {', '.join(changed)}; "
                "choose another --out, or make them again with --overwrite all"
            )
    else:
        write_json(path, told)


def _synchronise() -> None:
    """Wait for the GPU where a model uses one through PyTorch, so that times mean something."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.synchronize()


def run_model(model: Model, sample: Any) -> tuple[Any, float, float]:
    """Run one sample; return the prediction, the seconds of ``forward`` alone and of all three methods.

    Raises
    ------
    DepthbenchError
        If the prediction does not fit the sample.
    """
    _synchronise()
    start = time.perf_counter()
    inputs = model.prepare(sample)
    _synchronise()
    before = time.perf_counter()
    outputs = model.forward(inputs)
    _synchronise()
    after = time.perf_counter()
    prediction = model.finish(outputs, sample)
    end = time.perf_counter()
    bench_task(model.task).check(prediction, sample)
    return prediction, after - before, end - start


def predict(
    loaded: LoadedModel,
    opened: EvaluationSet,
    ids: Sequence[str],
    folder: Path,
    overwrite: Overwrite = "never",
    strict: bool = False,
    track: Track = lambda items, _: items,
) -> dict[str, str]:
    """Save the prediction of every sample that has none yet.

    The first sample is run once more beforehand, untimed, to warm up. The model is shown no truth.

    Returns
    -------
    dict
        Sample -> reason, for those that failed: missing or damaged input, or an exception of the model.

    Raises
    ------
    DepthbenchError
        If the folder holds another model's predictions, or a sample fails and ``strict`` is set.
    """
    _claim(folder, identity(loaded, opened), overwrite)
    task = bench_task(opened.task)
    saved = task.saved(folder)
    todo = [sample_id for sample_id in ids if not saved.has(sample_id)]
    failures: dict[str, str] = {}
    warm = False
    for sample_id in track(todo, "predict"):
        try:
            sample = task.sample(opened, sample_id)
            if not warm:
                run_model(loaded.model, sample)
                warm = True
            start_peak()
            prediction, forward_s, total_s = run_model(loaded.model, sample)
            peak = peak_bytes()
        except Exception as error:
            told = isinstance(error, DepthbenchError)
            reason = str(error) if told else f"the model failed: {type(error).__name__}: {error}"
            if strict:
                raise DepthbenchError(f"{sample_id}: {reason}") from error
            failures[sample_id] = reason.splitlines()[0]
            continue
        saved.write(sample_id, prediction)
        with open(folder / TIMES, "a", encoding="utf-8") as handle:
            told_run = {"id": sample_id, "forward_s": forward_s, "total_s": total_s, "peak_bytes": peak}
            handle.write(json.dumps(told_run) + "\n")
    complete = getattr(task, "complete", None)
    if complete:
        complete(loaded.model, opened, [sample_id for sample_id in ids if sample_id not in failures], saved)
    return failures


def read_times(folder: Path) -> dict[str, dict[str, float]]:
    """Return the run times per sample, the latest run of each; a last line cut short by a kill is passed over."""
    times: dict[str, dict[str, float]] = {}
    path = folder / TIMES
    if not path.exists():
        return times
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:
            continue
        times[entry.pop("id")] = entry
    return times
