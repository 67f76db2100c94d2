# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C and SIGTERM as a wish that is granted after the current step; a second Ctrl-C is obeyed at once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Wish:
    """Whether someone asked to stop."""

    def __init__(self) -> None:
        self.stop = False

    def note(self, number: int, frame: FrameType | None) -> None:
        """Take a signal."""
        if self.stop and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.stop = True


@contextmanager
def listening() -> Iterator[Wish]:
    """Listen while the block runs; then signals do what they did before."""
    wish = Wish()
    before = {number: signal.signal(number, wish.note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield wish
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
