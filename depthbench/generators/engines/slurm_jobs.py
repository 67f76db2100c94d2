# SPDX-License-Identifier: Apache-2.0
"""``--engine slurm``: units as an array of Slurm jobs, through submitit.

A job that is preempted or reaches its time limit is put into the queue again and goes on where it stopped. Jobs end with this process
if it is interrupted; those that a killed one has left are cancelled by the next run before it submits its own.
"""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from depthbench.errors import DepthbenchError, MissingExtraError
from depthbench.formats.json_file import read_json, write_json
from depthbench.generators.engines.choice import Choice
from depthbench.generators.engines.on_node import Answer, Batch, batches, lost, take, work
from depthbench.generators.engines.units import Failure, Listen, Need, Rules, Unit

MOST_JOBS = 1000
"""In an array; Slurm's own default limit."""
USUAL_MINUTES = 240
"""Time limit of a job, unless ``--slurm timeout_min=...`` says another; one that reaches it goes on in the queue."""
MOST_TIMEOUTS = 1000
SECONDS_BETWEEN_LOOKS = 2.0
JOBS_FILE = "jobs.json"


class Requeued:
    """Does a batch; when Slurm takes the machine away, submitit asks it what to put into the queue: the same."""

    def __call__(self, batch: Batch) -> Answer:
        """Do a batch."""
        return work(batch)

    def checkpoint(self, batch: Batch) -> Any:
        """Return what is to be submitted anew."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self, batch)


def run(units: Sequence[Unit], choice: Choice, need: Need, rules: Rules, folder: Path, listen: Listen) -> list[Failure]:
    """Do all units.

    Raises
    ------
    DepthbenchError
        If submitit or Slurm is absent, Slurm refuses the jobs, or there is a fault that only the user can mend.
    """
    try:
        import submitit
    except ImportError as error:
        raise MissingExtraError("submitit", "slurm", "--engine slurm") from error
    if ":" in need.device:
        raise DepthbenchError(
            f"--device {need.device} names one GPU; Slurm chooses which: give {need.device.split(':')[0]}"
        )
    told = dict(choice.slurm)
    cluster = told.pop("cluster", "slurm")
    notes = folder.resolve() / "logs" / "slurm"
    try:
        executor = submitit.AutoExecutor(folder=notes, cluster=cluster, slurm_max_num_timeout=MOST_TIMEOUTS)
        executor.update_parameters(**_parameters(need, told))
    except (RuntimeError, NameError, TypeError, ValueError, AssertionError) as error:
        raise DepthbenchError(f"--engine slurm: {str(error).splitlines()[0]}") from error
    _cancel_former(executor, notes)
    todo = batches(units, choice, need, rules, folder, need.workers or MOST_JOBS, MOST_JOBS)
    try:
        return _Jobs(executor, notes, rules.tries).do(todo, folder, listen)
    except (OSError, submitit.core.utils.FailedJobError) as error:
        raise DepthbenchError(f"--engine slurm: the jobs were refused: {error}") from error


def _parameters(need: Need, told: dict[str, str]) -> dict[str, Any]:
    """Return submitit's parameters: those the work needs, and what the user says."""
    usual: dict[str, Any] = {
        "name": "depthbench",
        "timeout_min": USUAL_MINUTES,
        "cpus_per_task": need.cores or (1 if need.light else 8),
    }
    if need.device.upper() != "CPU":
        usual["gpus_per_node"] = 1
    if need.workers:
        usual["slurm_array_parallelism"] = need.workers
    known = (
        "name",
        "nodes",
        "timeout_min",
        "mem_gb",
        "cpus_per_task",
        "gpus_per_node",
        "tasks_per_node",
        "stderr_to_stdout",
    )
    for key, value in told.items():
        name = key if key in known or key.startswith("slurm_") else f"slurm_{key}"
        usual[name] = int(value) if value.isdecimal() else value
    return usual


def _cancel_former(executor: Any, notes: Path) -> None:
    """Cancel jobs that a run that was killed has left: they would do the same units."""
    if not (notes / JOBS_FILE).is_file():
        return
    for job_id in read_json(notes / JOBS_FILE):
        job = executor.job_class(folder=notes, job_id=job_id)
        with contextlib.suppress(Exception):  # of a job that is long gone
            job.cancel(check=False)
    (notes / JOBS_FILE).unlink()


class _Jobs:
    def __init__(self, executor: Any, notes: Path, tries: int) -> None:
        self.executor, self.notes, self.tries = executor, notes, tries
        self.under_way: dict[Any, Batch] = {}
        self.tried: Counter[Batch] = Counter()

    def do(self, todo: list[Batch], folder: Path, listen: Listen) -> list[Failure]:
        failures: list[Failure] = []
        try:
            self._submit(todo)
            while self.under_way:
                finished = [job for job in self.under_way if job.done()]
                again = []
                for job in finished:
                    batch = self.under_way.pop(job)
                    try:
                        answer = job.result()
                    except Exception as error:
                        reason = f"job {job.job_id} ended without an answer: {' '.join(str(error).split())[:300]}"
                        listen("", {"event": "crash", "item": None, "reason": reason})
                        if self.tried[batch] < self.tries:
                            again.append(batch)
                        else:
                            failures += lost(batch, reason, folder, listen)
                    else:
                        failures += take(answer, listen)
                if again:
                    self._submit(again)
                if not finished:
                    time.sleep(SECONDS_BETWEEN_LOOKS)
        finally:
            for job in self.under_way:
                job.cancel(check=False)
        return failures

    def _submit(self, todo: list[Batch]) -> None:
        self.tried.update(todo)
        jobs = self.executor.map_array(Requeued(), todo)
        self.under_way |= dict(zip(jobs, todo, strict=True))
        write_json(self.notes / JOBS_FILE, [job.job_id for job in self.under_way])
