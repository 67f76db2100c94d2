# SPDX-License-Identifier: Apache-2.0
"""Second half of ``eval``, and all of ``score``: saved predictions against a set's truth, sample by sample."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from depthbench.benchmarks.allocator import keep_freed_memory
from depthbench.benchmarks.protocol_base import BaseProtocol
from depthbench.benchmarks.sets.evaluation_set import EvaluationSet, group_of
from depthbench.benchmarks.task import Values, bench_task
from depthbench.errors import DepthbenchError

MOST_THREADS = 8
"""Each holds one sample in memory, which at Middlebury's full size is about 200 MB."""


@dataclass(frozen=True)
class SampleResult:
    """What came of one sample.

    Attributes
    ----------
    id : str
    reason : str
        Why it failed; empty when it did not.
    values : dict
        Region -> metric -> value; empty when it failed.
    group : str
        Its group in the set, or empty.
    """

    id: str
    reason: str = ""
    values: Values = field(default_factory=dict)
    group: str = ""

    @property
    def failed(self) -> bool:
        """Whether there are no values."""
        return bool(self.reason)


def score_folder(
    protocol: BaseProtocol,
    opened: EvaluationSet,
    ids: Sequence[str],
    folder: Path,
    failures: Mapping[str, str] | None = None,
    strict: bool = False,
    track: Callable[[Sequence[str], str], Iterable[str]] = lambda items, _: items,
) -> list[SampleResult]:
    """Score every sample's saved prediction.

    Parameters
    ----------
    failures : mapping, optional
        Samples that failed before, with the reason; they are not looked for.

    Raises
    ------
    DepthbenchError
        At the first sample that fails, if ``strict``; otherwise failed samples are named in their result.
    """
    keep_freed_memory()
    task = bench_task(opened.task)
    saved = task.saved(folder)

    def result_of(sample_id: str) -> SampleResult:
        group = group_of(opened, sample_id)
        if failures and sample_id in failures:
            return SampleResult(sample_id, failures[sample_id], group=group)
        try:
            return SampleResult(sample_id, values=task.score(protocol, opened, sample_id, saved), group=group)
        except DepthbenchError as error:
            if strict:
                raise
            return SampleResult(sample_id, str(error), group=group)

    # Decoding and array arithmetic let go of the interpreter's lock, so threads do run side by side.
    pool = ThreadPoolExecutor(min(MOST_THREADS, os.cpu_count() or 1))
    try:
        pending = {sample_id: pool.submit(result_of, sample_id) for sample_id in ids}
        return [pending[sample_id].result() for sample_id in track(ids, "score")]
    finally:
        pool.shutdown(cancel_futures=True)
