# SPDX-License-Identifier: Apache-2.0
"""What a user sees while it trains: a bar on a terminal, lines elsewhere, curves in tensorboard where that is installed."""

from __future__ import annotations

import datetime
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from depthbench.baselines.training.config import TrainConfig


def _line(values: Mapping[str, float]) -> str:
    return "  ".join(f"{name} {value:.4g}" for name, value in values.items())


class Report:
    """Progress on stderr, curves in ``OUT/tensorboard``; a silent one says nothing.

    Parameters
    ----------
    config : TrainConfig
    out : Path
    start : int
        Step that the run continues from.
    silent : bool
        For the processes that do not lead.
    """

    def __init__(self, config: TrainConfig, out: Path, start: int, silent: bool) -> None:
        self.config, self.silent = config, silent
        self._last = time.monotonic(), start
        self._bar: Any = None
        self._curves: Any = None
        if silent:
            return
        try:
            from torch.utils.tensorboard import SummaryWriter

            # rows written after the checkpoint that a run continues from are replaced
            self._curves = SummaryWriter(str(out / "tensorboard"), purge_step=start)  # type: ignore[no-untyped-call]
        except ImportError:
            self._curves = None
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
            self._bar = Progress(*columns, console=Console(stderr=True))
            self._task = self._bar.add_task("", total=config.steps, completed=start)
            self._bar.start()

    def step(self, done: int) -> None:
        """Tell that ``done`` steps are done."""
        if self._bar:
            self._bar.update(self._task, completed=done)

    def row(self, done: int, values: Mapping[str, float], kind: str = "train") -> None:
        """Show means since the last row, or a validation's measures."""
        if self.silent:
            return
        if self._curves:
            for name, value in values.items():
                self._curves.add_scalar(f"{kind}/{name}", value, done)
        if kind != "train":
            self.say(f"step {done}/{self.config.steps}  {kind}  {_line(values)}")
            return
        now = time.monotonic()
        rate = (done - self._last[1]) / max(1e-9, now - self._last[0])
        self._last = now, done
        left = datetime.timedelta(seconds=round((self.config.steps - done) / max(rate, 1e-9)))
        if self._bar:
            self._bar.update(self._task, description=f"loss {values['loss']:.4g}  {rate:.2f} steps/s")
            return
        self.say(f"step {done}/{self.config.steps}  {_line(values)}  {rate:.2f} steps/s  {left} left")

    def say(self, sentence: str) -> None:
        """Print a line."""
        if self.silent:
            return
        if self._bar:
            self._bar.console.print(sentence, highlight=False)
        else:
            print(sentence, file=sys.stderr, flush=True)

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._bar:
            self._bar.stop()
        if self._curves:
            self._curves.close()
