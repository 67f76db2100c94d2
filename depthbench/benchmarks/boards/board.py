# SPDX-License-Identifier: Apache-2.0
"""What a board wants: which samples, and the files of each one's answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from depthbench.benchmarks.sets.stereo_set import StereoSet


@dataclass(frozen=True)
class Part:
    """Samples that belong together: all of them are submitted, or none.

    Attributes
    ----------
    options : mapping
        Options of the set that open it.
    official : int or None
        How many samples the board has of it, where known.
    """

    options: Mapping[str, Any]
    official: int | None


@dataclass(frozen=True)
class Answer:
    """One sample's prediction, on its way into the archive.

    Attributes
    ----------
    id : str
    opened : StereoSet
        The part that it belongs to.
    disp_px : float32 (H, W)
        As large as the left picture; NaN = no estimate.
    seconds : float or None
        What it took, where the board asks.
    dense : bool
        Whether no answer of the whole submission has a hole.
    """

    id: str
    opened: StereoSet
    disp_px: npt.NDArray[np.float32]
    seconds: float | None
    dense: bool


class Board(Protocol):
    """Writes one answer the way a board wants it.

    Attributes
    ----------
    parts : tuple of Part
    wants_seconds, wants_method, takes_holes : bool
        Whether run times and the method's name belong into the archive, and whether holes have a mark in its files.
    most_px : float
        Largest disparity that its files hold; larger ones are held at it, and told.
    """

    parts: tuple[Part, ...]
    wants_seconds: bool
    wants_method: bool
    takes_holes: bool
    most_px: float

    def files(self, answer: Answer, method: str) -> Iterator[tuple[str, bytes]]:
        """Yield (path in the archive, contents) for one answer."""
