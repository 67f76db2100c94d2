# SPDX-License-Identifier: Apache-2.0
"""What a set of any task is: ids, truth for protocols, the files of each sample, and what the record says of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from depthbench.benchmarks.boards import BOARDS
from depthbench.errors import DepthbenchError
from depthbench.tasks import Task

_EDGE_BYTES = 4096


class EvaluationSet(Protocol):
    """What ``eval --set`` needs of every set; each task adds how a model sees a sample (see :mod:`..task`).

    Attributes
    ----------
    name : str
        The name in the table of sets; with ``label`` added it names the output folder and the record.
    label : str
        What tells apart differently configured sets of one name (resolution, folder), or empty.
    root : Path
    notes : sequence of str
        Sentences that must stand under every table of this set.
    """

    task: Task
    name: str
    label: str
    default_protocol: str
    root: Path
    notes: Sequence[str]

    def ids(self) -> list[str]:
        """Return every sample's id, in a fixed order, those with missing files included."""

    def truth(self, sample_id: str) -> Any:
        """Return what a protocol scores against; decodes no image."""

    def files(self, sample_id: str) -> list[Path]:
        """Return the files that make up a sample."""


def is_blind(opened: EvaluationSet) -> bool:
    """Tell whether a set is a test split whose truth stays with its authors (its attribute ``blind``)."""
    return bool(getattr(opened, "blind", False))


def no_truth(set_name: str, split: str) -> DepthbenchError:
    """Build the error for the truth of a split that has none in public."""
    remedy = "`depthbench submit` packs its predictions for the official board" if set_name in BOARDS else ""
    return DepthbenchError(f"the {split} split of {set_name} has no public truth" + (f": {remedy}" if remedy else ""))


def group_of(opened: EvaluationSet, sample_id: str) -> str:
    """Return the group of a sample (a condition under which it was taken); empty where a set has no method ``group``."""
    tell = getattr(opened, "group", None)
    return str(tell(sample_id)) if tell else ""


def manifest_sha256(opened: EvaluationSet) -> str:
    """Return a fingerprint of a set: sha256 over every sample's id and its files' names, sizes, first and last 4 KiB.

    Cheap on purpose (two small reads per file); a change in the middle of a file that leaves its size alone goes unseen.
    An absent file enters as absent.
    """
    digest = hashlib.sha256()
    seen: dict[Path, bytes] = {}
    for sample_id in opened.ids():
        digest.update(sample_id.encode() + b"\n")
        for path in opened.files(sample_id):
            if path not in seen:
                seen[path] = _edges(path)
            digest.update(str(path.relative_to(opened.root)).encode() + b"\0" + seen[path])
    return digest.hexdigest()


def _edges(path: Path) -> bytes:
    try:
        with open(path, "rb") as handle:
            size = handle.seek(0, 2)
            handle.seek(0)
            head = handle.read(_EDGE_BYTES)
            handle.seek(max(size - _EDGE_BYTES, 0))
            return hashlib.sha256(b"%d" % size + head + handle.read(_EDGE_BYTES)).digest()
    except OSError:
        return b"absent"
