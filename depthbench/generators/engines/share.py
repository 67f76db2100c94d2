# SPDX-License-Identifier: Apache-2.0
"""Which units a run takes where a scheduler starts several runs beside each other: ``--shard-index I --num-shards N``."""

from __future__ import annotations

from dataclasses import dataclass

from depthbench.errors import DepthbenchError


@dataclass(frozen=True)
class Share:
    """Share ``index`` of ``count``; all shares together are every unit once.

    Raises
    ------
    DepthbenchError
        If there is no such share.
    """

    index: int = 0
    count: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.index < self.count:
            raise DepthbenchError(f"--shard-index {self.index}: of {self.count} shares there are 0 to {self.count - 1}")

    @property
    def mark(self) -> str:
        """What the names of this run's own files end in; nothing where the share is the whole."""
        return "" if self.count == 1 else f"-{self.index:04d}-of-{self.count:04d}"

    def takes(self, number: int) -> bool:
        """Tell whether a unit, by its number, is of this share; it stays so when more units are added.

        Every ``count`` units in a row go to different shares, each time shifted by one: kinds of scenes come in turn, and no
        share gets one kind alone.
        """
        return (number + number // self.count) % self.count == self.index


WHOLE = Share()
