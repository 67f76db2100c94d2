# SPDX-License-Identifier: Apache-2.0
"""What a set of the task ``focus`` is: stacks without truth for models, depth for protocols; and how pictures become a stack."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from depthbench.benchmarks.sets.depth_truth import DepthTruth
from depthbench.benchmarks.sets.evaluation_set import EvaluationSet
from depthbench.errors import DepthbenchError
from depthbench.formats.image import read_rgb
from depthbench.tasks import FocusPolicy, FocusSample

INFINITE_M = 1000.0
"""Focus distances from here on are infinity: lens drivers report some such number."""
LEAKS = "focus planes span each picture's true depth range (gt-range): the model is told the range of the answer"


class FocusSet(EvaluationSet, Protocol):
    """What ``eval --set`` needs of a set of focal stacks, beyond what every set has.

    Attributes
    ----------
    focus_policy : FocusPolicy
        How the focus distances of all its stacks were chosen; empty = not said.
    """

    focus_policy: FocusPolicy

    def stack(self, sample_id: str) -> FocusSample:
        """Return what a model may see: pictures and their focus distances."""

    def truth(self, sample_id: str) -> DepthTruth:
        """Return what a protocol scores against; decodes no picture."""


def policy_notes(policy: FocusPolicy) -> list[str]:
    """Return what must stand under every table of a set whose focus distances were chosen so."""
    if policy == "gt-range":
        return [LEAKS]
    return [f"focus planes: {policy}"] if policy else []


def pick_planes(planes: int, n: int) -> list[int]:
    """Return which n of so many planes are shown: evenly spread, rounded down, both ends among them (of 10, 5: 0 2 4 6 9).

    Raises
    ------
    DepthbenchError
        If n is not from 2 to ``planes``.
    """
    if not 2 <= n <= planes:
        raise DepthbenchError(f"n={n}: these stacks have {planes} planes, and depth from focus takes at least 2")
    return [int(index) for index in np.linspace(0, planes - 1, n)]


def make_stack(
    sample_id: str,
    pictures: npt.NDArray[np.uint8],
    focus_m: npt.NDArray[np.float64],
    where: str | Path,
    n: int | None = None,
    **known: Any,
) -> FocusSample:
    """Bring pictures with their distances into ascending order.

    Parameters
    ----------
    pictures : uint8 (N, H, W, 3)
        In the order of ``focus_m``, which may go up or down.
    where : path
        Named in errors: what the distances were read from.
    n : int or None
        Show only so many (:func:`pick_planes`).
    known : other fields of the sample

    Raises
    ------
    DepthbenchError
        If there is one plane only, a distance for each picture is lacking, or distances go up and down, repeat, or are not
        positive.
    """
    told = f"{where}: {sample_id}"
    if len(pictures) != len(focus_m):
        raise DepthbenchError(f"{told}: {len(pictures)} pictures and {len(focus_m)} focus distances")
    if len(pictures) < 2:
        raise DepthbenchError(
            f"{told}: one plane only; depth from focus needs pictures focused at two distances or more"
        )
    if not (focus_m > 0).all():
        raise DepthbenchError(f"{told}: focus distances must be positive, not {_listed(focus_m)}")
    steps = np.diff(1 / focus_m)
    if (steps > 0).all():
        pictures, focus_m = pictures[::-1], focus_m[::-1]
    elif not (steps < 0).all():
        raise DepthbenchError(
            f"{told}: the order of the pictures disagrees with their focus distances, which go up and down or repeat: "
            f"{_listed(focus_m)}; sort the pictures' names by distance"
        )
    if n is not None:
        chosen = pick_planes(len(pictures), n)
        pictures, focus_m = pictures[chosen], focus_m[chosen]
    return FocusSample(sample_id, np.ascontiguousarray(pictures), np.ascontiguousarray(focus_m), **known)


def _listed(focus_m: npt.NDArray[np.float64]) -> str:
    return ", ".join(f"{metres:.4g}" for metres in focus_m) + " m"


def read_pictures(paths: Sequence[Path]) -> npt.NDArray[np.uint8]:
    """Read the pictures of a stack: uint8 (N, H, W, 3).

    Raises
    ------
    DepthbenchError
        If one cannot be read, or sizes differ; the message names the file.
    """
    pictures = [read_rgb(path) for path in paths]
    for path, picture in zip(paths, pictures, strict=True):
        if picture.shape != pictures[0].shape:
            sizes = ", ".join(f"{shape[1]}x{shape[0]}" for shape in (picture.shape, pictures[0].shape))
            raise DepthbenchError(
                f"{path}: not of the size of {paths[0].name} ({sizes}); a stack's pictures share one size"
            )
    return np.stack(pictures) if pictures else np.empty((0, 0, 0, 3), np.uint8)


def metres(distances: npt.ArrayLike, unit_m: float = 1.0) -> npt.NDArray[np.float64]:
    """Return focus distances in metres; what is beyond :data:`INFINITE_M` is infinity."""
    values = np.asarray(distances, dtype=np.float64) * unit_m
    return np.where(values >= INFINITE_M, np.inf, values)
