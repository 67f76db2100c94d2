# SPDX-License-Identifier: Apache-2.0
"""How a run is told while it goes on: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

SECONDS_BETWEEN_LINES = 30.0


class ProgressReport:
    """Tells how many samples are made, how fast, and how long it will take.

    Parameters
    ----------
    done, total : int
        Samples there at the start, and in the end.
    console : rich.console.Console or None
    what : str
        What a sample is called in the rate: "pairs".
    """

    def __init__(self, done: int, total: int, console: Console | None = None, what: str = "pairs") -> None:
        self.console = console or Console(stderr=True)
        self.done, self.total, self.what = done, total, what
        self._first = done
        self._started = self._told = time.monotonic()
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            console=self.console,
            disable=not self.console.is_terminal,
        )
        self._task = self._bar.add_task(what, total=total, completed=done, rate="")

    def __enter__(self) -> ProgressReport:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def advance(self, by: int = 1) -> None:
        """Count more samples."""
        before, self.done = self.done, self.done + by
        self._bar.update(self._task, completed=self.done, rate=self._rate())
        now = time.monotonic()
        if not self.console.is_terminal and (
            now - self._told >= SECONDS_BETWEEN_LINES or before == self._first or self.done == self.total
        ):
            self._told = now
            self.console.print(f"{self.done}/{self.total} {self.what}, {self._rate()}", highlight=False)

    def say(self, text: str) -> None:
        """Print a line, above the bar if there is one."""
        self.console.print(text, highlight=False, markup=False)

    def _rate(self) -> str:
        per_hour = 3600 * (self.done - self._first) / max(time.monotonic() - self._started, 1e-9)
        left_s = (self.total - self.done) / per_hour * 3600
        return f"{per_hour:,.0f} {self.what}/h, {duration(left_s)} left"


def duration(seconds: float) -> str:
    """Return a duration for people: ``4 s``, ``12 min``, ``3 h 05 min``, ``2 d 4 h``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"
