# SPDX-License-Identifier: Apache-2.0
"""A bar on a terminal, one line per tenth elsewhere; both on stderr, so that stdout holds the table alone."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def track(items: Sequence[T], what: str) -> Iterator[T]:
    """Yield ``items``, telling how far it is."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import track as bar

        yield from bar(items, description=what, console=Console(stderr=True), transient=True)
        return
    step = max(1, len(items) // 10)
    for number, item in enumerate(items, start=1):
        yield item
        if number % step == 0 or number == len(items):
            print(f"{what}: {number}/{len(items)}", file=sys.stderr, flush=True)
