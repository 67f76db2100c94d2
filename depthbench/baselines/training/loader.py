# SPDX-License-Identifier: Apache-2.0
"""From a stream to batches, from any step on, whatever the number of workers and processes."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

from torch.utils.data import DataLoader, Dataset, default_collate

from depthbench.baselines.training.config import TrainConfig
from depthbench.baselines.training.distributed import Group
from depthbench.baselines.training.recipe import Stream
from depthbench.errors import DepthbenchError


class _Numbered(Dataset[dict[str, Any]]):
    """A stream as the map (step, number) -> sample; whole parts at once where the stream has a method ``samples``."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream

    def __getitem__(self, index: tuple[int, int]) -> dict[str, Any]:
        return self.stream.sample(*index)

    def __getitems__(self, part: list[tuple[int, int]]) -> Any:
        together = getattr(self.stream, "samples", None)
        return together(part) if together else [self[index] for index in part]


def _stacked(made: Any) -> Any:
    return made if isinstance(made, dict) else default_collate(made)


class Parts:
    """The parts of batches that a process works through: lists of (step, number), ``accumulate`` of them for each step.

    Step s uses the samples s B ... (s + 1) B - 1 in every division of the work.

    Raises
    ------
    DepthbenchError
        If a batch cannot be divided evenly.
    """

    def __init__(self, config: TrainConfig, group: Group, start: int) -> None:
        shares = config.accumulate * group.size
        if config.batch % shares:
            raise DepthbenchError(
                f"batch={config.batch}: not a multiple of {shares} (accumulate={config.accumulate} times "
                f"{group.size} processes)"
            )
        self.config, self.group, self.start = config, group, start
        self.part = config.batch // shares

    def __len__(self) -> int:
        return (self.config.steps - self.start) * self.config.accumulate

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        for step in range(self.start, self.config.steps):
            for turn in range(self.config.accumulate):
                first = step * self.config.batch + (turn * self.group.size + self.group.rank) * self.part
                yield [(step, first + place) for place in range(self.part)]


def _leave_interrupts_to_the_trainer(_: int) -> None:
    # terminals and schedulers signal the whole group: a worker that ends at once breaks the step that the trainer finishes
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def load(stream: Stream, config: TrainConfig, group: Group, start: int) -> Iterator[Any]:
    """Yield the stacked parts of this process, from step ``start`` on."""
    loader = DataLoader(
        _Numbered(stream),
        batch_sampler=Parts(config, group, start),
        num_workers=config.workers,
        collate_fn=_stacked,
        worker_init_fn=_leave_interrupts_to_the_trainer,
        pin_memory=group.device.type == "cuda",
    )
    return iter(loader)
