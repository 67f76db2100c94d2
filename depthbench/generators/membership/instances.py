# SPDX-License-Identifier: Apache-2.0
"""The instances of a picture and their median depths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError
from depthbench.generators.membership.steps import STEPS_PER_M, steps_of

IdMap = npt.NDArray[np.integer[Any]]
WithoutDepth = Literal["drop", "binary"]

_LARGEST_TABLE = 1 << 22
"""Ids below this are counted in a table, others by sorting; and so are depths of all instances together."""


@dataclass(frozen=True, eq=False)
class Instances:
    """Instances in ascending order of their ids: row i of every target is instance i.

    Attributes
    ----------
    ids : int64 (M,)
    centroid_m : float32 (M,)
        Lower median of the valid depths; NaN = the instance has none and was kept (``without_depth="binary"``).
    area : int64 (M,)
        Pixels with and without depth.
    dropped : tuple of int
        Ids that have no row: without depth, or beyond the largest that were asked for.
    """

    ids: npt.NDArray[np.int64]
    centroid_m: npt.NDArray[np.float32]
    area: npt.NDArray[np.int64]
    dropped: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)


def valid_depth(depth_m: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.bool_]:
    """Tell where a depth map has a depth: finite and positive."""
    valid: npt.NDArray[np.bool_] = np.isfinite(depth_m) & (depth_m > 0)
    return valid


def find_instances(
    ids: IdMap,
    depth_m: npt.NDArray[np.float32],
    most: int | None = None,
    without_depth: WithoutDepth = "drop",
) -> tuple[Instances, npt.NDArray[np.int32]]:
    """Find instances and their centroids at full resolution.

    Parameters
    ----------
    ids : int (H, W)
        Instance of every pixel; 0 = none.
    depth_m : float32 (H, W)
        NaN, infinite or not positive = unknown.
    most : int or None
        Keep only so many, the largest by area (of equal ones the lower id).
    without_depth : {"drop", "binary"}
        Whether an instance without any valid depth loses its row, or keeps it with a centroid of NaN.

    Returns
    -------
    Instances
    int32 (H, W)
        Row of every pixel; -1 = none.

    Raises
    ------
    DepthbenchError
        If the maps differ in size, or an id is negative.
    """
    if ids.shape != depth_m.shape or ids.ndim != 2:
        raise DepthbenchError(f"instance ids {ids.shape} and depth {depth_m.shape} must be maps of one size")
    flat, depth = ids.ravel(), np.ascontiguousarray(depth_m, dtype=np.float32).ravel()
    there, area, row = _rows(flat)
    inside = np.flatnonzero((row >= 0) & valid_depth(depth))
    centroid_m = _lower_medians(row[inside], depth[inside], len(there))
    keep = ~np.isnan(centroid_m) if without_depth == "drop" else np.ones(len(there), dtype=np.bool_)
    if most is not None and np.count_nonzero(keep) > most:
        kept = np.flatnonzero(keep)
        keep[np.delete(kept, np.argsort(-area[kept], kind="stable")[:most])] = False
    if not keep.all():
        renumbered = np.where(keep, np.cumsum(keep) - 1, -1)
        row = np.append(renumbered, -1)[row]
    dropped = tuple(int(number) for number in there[~keep])
    found = Instances(there[keep], centroid_m[keep], area[keep], dropped)
    return found, row.astype(np.int32).reshape(ids.shape)


def _rows(
    flat: npt.NDArray[Any],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Return ids, areas, and the row of every pixel (-1 = none)."""
    if flat.size and flat.min() < 0:
        raise DepthbenchError(f"instance ids must not be negative, and {flat.min()} is among them; 0 = no instance")
    if not flat.size or flat.max() < _LARGEST_TABLE:
        counts = np.bincount(flat)
        counts[:1] = 0
        there = np.flatnonzero(counts)
        number = np.full(len(counts), -1, dtype=np.int32)
        number[there] = np.arange(len(there))
        return there, counts[there], number[flat]
    there, inverse, counts = np.unique(flat, return_inverse=True, return_counts=True)
    none = int(there[0] == 0)
    row = np.maximum(inverse.ravel() - none, -1).astype(np.int32)
    return there[none:].astype(np.int64), counts[none:], row


def _lower_medians(row: npt.NDArray[np.int32], depth: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.float32]:
    """Lower median per row, NaN where a row has none: from a histogram where depth comes in steps, else by a sort."""
    step = steps_of(depth)
    if step is not None and count * (int(step.max()) + 1) <= _LARGEST_TABLE:
        return _counted_medians(row, step, count)
    return _sorted_medians(row, depth, count)


def _counted_medians(row: npt.NDArray[np.int32], step: npt.NDArray[np.int32], count: int) -> npt.NDArray[np.float32]:
    width = int(step.max()) + 1
    reached = np.bincount(row * width + step, minlength=count * width).reshape(count, width).cumsum(axis=1)
    sizes = reached[:, -1]
    medians = (reached > (sizes[:, None] - 1) // 2).argmax(axis=1) / np.float32(STEPS_PER_M)
    return np.where(sizes > 0, medians, np.nan).astype(np.float32)


def _sorted_medians(row: npt.NDArray[np.int32], depth: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.float32]:
    """One sort by row and depth together: the bits of positive floats order as the floats do, so both fit into one unsigned key."""
    key = (row.astype(np.uint64) << np.uint64(32)) | depth.view(np.uint32)
    key.sort()
    sizes = np.bincount(row, minlength=count)
    middle = np.cumsum(sizes) - sizes + (sizes - 1) // 2
    medians = np.full(count, np.nan, dtype=np.float32)
    there = sizes > 0
    medians[there] = (key[middle[there]] & np.uint64(0xFFFFFFFF)).astype(np.uint32).view(np.float32)
    return medians
