# SPDX-License-Identifier: Apache-2.0
"""Targets at full resolution and at strides, two numbers per pixel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from depthbench.generators.membership.instances import IdMap, Instances, WithoutDepth, find_instances, valid_depth
from depthbench.generators.membership.values import own_membership

STRIDES = (4, 8, 16)


@dataclass(frozen=True, eq=False)
class MembershipMap:
    """The matrix G of one level.

    Attributes
    ----------
    row : int32 (h, w)
        The instance of each cell; -1 = background. It means nothing where ``value`` is NaN.
    value : float32 (h, w)
        Membership in that instance; 0 in the background; NaN = no depth: the cell is no part of any loss.
    """

    row: npt.NDArray[np.int32]
    value: npt.NDArray[np.float32]

    @property
    def valid(self) -> npt.NDArray[np.bool_]:
        """Cells that count, bool (h, w)."""
        return ~np.isnan(self.value)

    def expanded(self, count: int) -> npt.NDArray[np.float32]:
        """Return G as a matrix, float32 (count, h, w); 0 where a cell does not count."""
        matrix = np.zeros((count, *self.row.shape), dtype=np.float32)
        y, x = np.nonzero(self.valid & (self.row >= 0))
        matrix[self.row[y, x], y, x] = self.value[y, x]
        return matrix


@dataclass(frozen=True, eq=False)
class Membership:
    """Targets of a picture: its instances, and a map per stride."""

    instances: Instances
    levels: Mapping[int, MembershipMap]


def membership_targets(
    ids: IdMap,
    depth_m: npt.NDArray[np.float32],
    strides: Sequence[int] = STRIDES,
    fuzziness: float = 2.0,
    sparse: bool = False,
    most: int | None = None,
    without_depth: WithoutDepth = "drop",
) -> Membership:
    """Make the targets of a picture.

    A level of stride s has ceil(H / s) x ceil(W / s) cells of s x s pixels.

    Parameters
    ----------
    ids, depth_m, most, without_depth
        See :func:`.instances.find_instances`.
    strides : sequence of int
        1 is the picture itself.
    fuzziness : float
        m of fuzzy C-means, above 1.
    sparse : bool
        False: a cell takes id and depth of its centre pixel (row and column s // 2 of it), for dense depth. True: of the pixels that
        have depth it takes the commonest id (background is one; of equally common ones the lower row, background first) and the mean
        depth of that id's pixels; for lidar, of which the centre pixel alone would keep a twentieth.

    Raises
    ------
    DepthbenchError
        If the maps differ in size, an id is negative, or the fuzziness is not above 1.
    """
    found, row = find_instances(ids, depth_m, most, without_depth)
    at_stride = _commonest if sparse else _centre
    levels = {}
    for stride in strides:
        rows, depths = (row, depth_m) if stride == 1 else at_stride(row, depth_m, stride, found)
        levels[stride] = _level(rows, depths, found, fuzziness)
    return Membership(found, levels)


def _counts(row: npt.NDArray[np.int32], depth_m: npt.NDArray[np.float32], found: Instances) -> npt.NDArray[np.bool_]:
    """Pixels that count: those with depth, and those of kept instances that have none at all."""
    counts = valid_depth(depth_m)
    blank = np.isnan(found.centroid_m)
    return counts | np.append(blank, False)[row] if blank.any() else counts


def _level(
    row: npt.NDArray[np.int32], depth_m: npt.NDArray[np.float32], found: Instances, fuzziness: float
) -> MembershipMap:
    counts = _counts(row, depth_m, found)
    value = np.where(counts, np.float32(0), np.float32(np.nan))
    inside = counts & (row >= 0)
    value[inside] = own_membership(depth_m[inside], row[inside], found.centroid_m, fuzziness)
    return MembershipMap(row, value)


def _centre(
    row: npt.NDArray[np.int32], depth_m: npt.NDArray[np.float32], stride: int, _: Instances
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    ys, xs = (np.minimum(np.arange(0, size, stride) + stride // 2, size - 1) for size in row.shape)
    picked = np.ix_(ys, xs)
    return row[picked], depth_m[picked]


def _commonest(
    row: npt.NDArray[np.int32], depth_m: npt.NDArray[np.float32], stride: int, found: Instances
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    height, width = (-(-size // stride) for size in row.shape)
    kinds = len(found) + 1
    y, x = np.nonzero(_counts(row, depth_m, found))
    kind = row[y, x] + 1
    key = ((y // stride) * width + x // stride) * kinds + kind
    pixels = np.bincount(key, minlength=height * width * kinds).reshape(-1, kinds)
    sums = np.bincount(key, depth_m[y, x], minlength=height * width * kinds).reshape(-1, kinds)
    winner = pixels.argmax(axis=1)
    cells = np.arange(len(winner))
    with np.errstate(invalid="ignore"):
        mean_m = sums[cells, winner] / pixels[cells, winner]
    return (winner - 1).astype(np.int32).reshape(height, width), mean_m.astype(np.float32).reshape(height, width)
