# SPDX-License-Identifier: Apache-2.0
"""Scans of DTU's layout as samples for training: a view, its best sources, a light, true depth."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from depthbench.baselines.pbs_training.readers import open_scans
from depthbench.baselines.stereo_training.source import split_reference
from depthbench.benchmarks.sets.dtu import parse_numbers
from depthbench.benchmarks.sets.mvs_set import MvsTruth
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.formats.dtu_splits import SPLITS
from depthbench.tasks import MvsView

KIND = "dtu"


class Scans:
    """The views of one word of ``--data`` or ``--val``: ``[dtu:]ROOT[@SCANS][:WEIGHT]``.

    ROOT has DTU's training layout, or is what ``prepare dtu`` made of it. SCANS are numbers (``1-6,9``) or DTU's split ``train``, ``val``,
    ``test``; without: all that are there.

    Raises
    ------
    DepthbenchError
        If there is no such folder or scan, or nothing to learn from.
    """

    def __init__(self, word: str) -> None:
        kind, root, self.weight, mark = split_reference(word)
        if kind not in ("", KIND):
            raise unknown_name("kind of data", kind, [KIND])
        self.word, self.root = word, Path(root).expanduser().resolve()
        if not self.root.is_dir():
            raise DepthbenchError(
                f"{root}: no such folder; data are [dtu:]ROOT[@SCANS] in DTU's training layout (Rectified, Cameras, Depths or Depths_raw), or "
                "what `depthbench prepare dtu` made of it; `depthbench generate dtu-twin` makes such a folder"
            )
        self._reader = open_scans(self.root)
        self.scans = self._chosen(mark, self._reader.scans())
        self._sources = {scan: self._reader.sources(scan) for scan in self.scans}
        self._items = [
            (scan, view) for scan in self.scans for view in self._sources[scan] if self._reader.lights(scan, view)
        ]
        if not self._items:
            raise DepthbenchError(f"{word}: no view with source views")

    def _chosen(self, mark: str, there: list[int]) -> list[int]:
        if not mark:
            return there
        asked = list(SPLITS[mark]) if mark in SPLITS else parse_numbers(mark)
        found = [scan for scan in asked if scan in there]
        absent = sorted(set(asked) - set(there))
        if not found or (absent and mark not in SPLITS):
            raise DepthbenchError(f"{self.word}: no scan {absent[0]} in {self.root}; there are {_ranges(there)}")
        return found

    def __len__(self) -> int:
        return len(self._items)

    def lights(self, place: int) -> list[int]:
        """Return the lights in which a view was taken."""
        return self._reader.lights(*self._items[place])

    def views(self, place: int, sources: int, light: int) -> tuple[MvsView, list[MvsView], MvsTruth]:
        """Read a view, so many of its sources in the same light (one again where it has fewer), and its true depth."""
        scan, view = self._items[place]
        reader = self._reader
        chosen = [source for source in self._sources[scan][view] if light in reader.lights(scan, source)][:sources]
        # samples of a batch have as many views each
        chosen += [chosen[0]] * (sources - len(chosen))
        reference, *others = (reader.view(scan, number, light) for number in (view, *chosen))
        return reference, others, reader.truth(scan, view)

    def spread(self, most: int) -> list[int]:
        """Return the places of at most so many views, evenly among all; 0: all."""
        count = min(most or len(self), len(self))
        return [int(place) for place in np.linspace(0, len(self) - 1, count)]

    def manifest(self) -> dict[str, Any]:
        """Return what it is: scans, and a fingerprint of the views' files by size."""
        digest = hashlib.sha256()
        for item in self._items:
            digest.update(self._reader.stamp(*item).encode() + b"\n")
        told = {"kind": KIND, "layout": self._reader.layout, "scans": self.scans, "views": len(self)}
        return told | {"weight": self.weight, "files_sha256": digest.hexdigest()}


def _ranges(numbers: list[int]) -> str:
    return f"{numbers[0]} to {numbers[-1]} ({len(numbers)})" if len(numbers) > 1 else str(numbers[0])
