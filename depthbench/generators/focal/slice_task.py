# SPDX-License-Identifier: Apache-2.0
"""A worker's task: make the stacks of one slice, and store them as a shard or as folders."""

from __future__ import annotations

import contextlib
import json
import shutil
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

from depthbench.blender_scenes.worker import WorkerContext
from depthbench.errors import DepthbenchError
from depthbench.formats.focal_folder import write_focal_folder
from depthbench.formats.focal_record import FocalRecord
from depthbench.formats.focal_shard import FocalShard, write_focal_shard
from depthbench.formats.json_file import to_json
from depthbench.generators.blender_check import require_blender
from depthbench.generators.engines.devices import worker_arguments
from depthbench.generators.engines.units import Need
from depthbench.generators.focal.config import FocalConfig
from depthbench.generators.focal.cycles import trace_stacks
from depthbench.generators.focal.make import make_stack
from depthbench.generators.focal.sources import Source, SourceOptions, open_source
from depthbench.generators.focal.stack_set import STAGING, Slice, StackSet, shard_path, stack_folder


def source_of(config: FocalConfig, root: Path) -> Source:
    """Open the source of a configuration."""
    return open_source(config.source, root, SourceOptions(config.depth_unit_m, config.fov_deg, config.split))


@lru_cache(maxsize=1)
def _source_of_run(config: str, root: str, run: str) -> Source:
    """Open a source once for all slices of a run: what lies in it may be another when the next one begins."""
    return source_of(StackSet.from_json(json.loads(config)).config, Path(root))


def make_slice(job: dict[str, Any], context: WorkerContext) -> None:
    """Make the stacks ``numbers`` of a slice.

    The job has ``asked`` (:meth:`.stack_set.StackSet.to_json`), ``root``, ``folder``, ``slice``, ``first``, ``names``, ``numbers``,
    ``strict``, ``threads``, ``device`` and ``run`` (the same for all slices of a run). It tells ``made`` of every stack, ``left-out`` of
    a frame that cannot be used, ``camera`` of its first one, ``traced`` of what Blender tells, and ``written`` at the end.
    """
    asked, folder = StackSet.from_json(job["asked"]), Path(job["folder"])
    part = Slice(job["slice"], job["first"], tuple(job["names"]))
    source = _source_of_run(to_json(job["asked"]), job["root"], job["run"])
    began = time.monotonic()
    staging = folder / STAGING / f"slice-{part.number:06d}"
    numbers = _still_missing(asked, part, folder, job["numbers"])
    if numbers and asked.config.renderer == "cycles":
        require_blender()
        arguments = worker_arguments(Need(job["device"]))
        trace_stacks(
            asked.config,
            source,
            numbers,
            staging,
            arguments,
            lambda unit, event: context.send("traced", of=unit, what=event),
            folder / "logs",
        )
    stacks = _Stacks(asked, source, part, staging, job, context)
    if asked.layout == "shards":
        attrs = {"config": asked.config.to_json(), "first": part.first}
        if numbers:
            write_focal_shard(shard_path(folder, part.number), stacks.of(numbers), attrs)
        context.send("settled", items=list(FocalShard(shard_path(folder, part.number)).ids))
    else:
        for record in stacks.of(numbers):
            write_focal_folder(stack_folder(folder, record.id), record, asked.layout.removeprefix("folders-"))
        context.send("settled", items=[name for name in part.names if stack_folder(folder, name).is_dir()])
    shutil.rmtree(staging, ignore_errors=True)
    with contextlib.suppress(OSError):  # other slices are under way, or nothing was traced
        staging.parent.rmdir()
    context.send("written", slice=part.number, took_s=round(time.monotonic() - began, 3))


def _still_missing(asked: StackSet, part: Slice, folder: Path, numbers: list[int]) -> list[int]:
    """Leave out what is there since the slice was handed out for the first time."""
    if asked.layout != "shards":
        return [number for number in numbers if not stack_folder(folder, part.names[number - part.first]).is_dir()]
    path = shard_path(folder, part.number)
    return [] if path.is_file() and set(part.names) <= set(FocalShard(path).ids) else numbers


class _Stacks:
    def __init__(
        self, asked: StackSet, source: Source, part: Slice, staging: Path, job: dict[str, Any], context: WorkerContext
    ) -> None:
        self.asked, self.source, self.part, self.staging, self.context = asked, source, part, staging, context
        self.strict, self.threads = bool(job["strict"]), int(job["threads"])

    def of(self, numbers: Sequence[int]) -> Iterator[FocalRecord]:
        """Yield stacks in order; name and leave out frames that cannot be used."""
        told = False
        for number, waiting in self._ahead(numbers):
            try:
                record = waiting.result()
            except DepthbenchError as error:
                if self.strict:
                    raise
                self.context.send("left-out", frame=self.part.names[number - self.part.first], reason=str(error))
                continue
            if not told:
                told = True
                self.context.send("camera", lines=camera_lines(record))
            yield record
            self.context.send("made", made=1)

    def _ahead(self, numbers: Sequence[int]) -> Iterator[tuple[int, Future[FocalRecord]]]:
        """Yield frames in order, while threads make the stacks of those that follow (the inner loops let go of Python's lock)."""

        def make(number: int) -> FocalRecord:
            return make_stack(self.asked.config, self.source.read(number), number, self.staging)

        ahead: deque[tuple[int, Future[FocalRecord]]] = deque()
        pool = ThreadPoolExecutor(self.threads)
        try:
            for number in numbers:
                ahead.append((number, pool.submit(make, number)))
                if len(ahead) > self.threads:
                    yield ahead.popleft()
            yield from ahead
        finally:
            pool.shutdown(cancel_futures=True)


def camera_lines(record: FocalRecord) -> list[str]:
    """Say how strong the blur of a stack is, and what cannot be."""
    lens, widest = record.meta["lens"], record.meta["measured"]["widest_radius_px"]
    lines = [
        f"{lens['camera']}: {1000 * lens['focal_m']:.4g} mm f/{lens['f_number']:g}, {lens['px_per_dioptre']:.3g} px of diameter "
        f"per dioptre; {record.id} has discs up to {widest:.1f} px of radius"
    ]
    if widest < 1:
        lines.append(
            "note: nothing is blurred by as much as a pixel; nearer planes, a wider aperture or larger pictures would show more"
        )
    return lines + [f"note: {doubt}" for doubt in lens["doubts"]]
