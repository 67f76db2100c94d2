# SPDX-License-Identifier: Apache-2.0
"""Fuzzy C-means membership of pixels in the instance that they are part of."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError
from depthbench.generators.membership.steps import STEPS_PER_M, steps_of

LEAST_M = 1 / 512
"""Least distance between a depth and a centroid: half the step of 1/256 m in which the depth files are written."""
_CHUNK = 4096


def check_fuzziness(fuzziness: float) -> None:
    """Refuse a fuzziness that is not above 1.

    Raises
    ------
    DepthbenchError
        Saying so.
    """
    if not (fuzziness > 1 and math.isfinite(fuzziness)):
        raise DepthbenchError(f"fuzziness {fuzziness:g}: fuzzy C-means takes a number above 1 (2 is usual)")


def own_membership(
    depth_m: npt.NDArray[np.floating[Any]],
    row: npt.NDArray[np.integer[Any]],
    centroid_m: npt.NDArray[np.floating[Any]],
    fuzziness: float = 2.0,
) -> npt.NDArray[np.float32]:
    """Return each pixel's membership in its own instance.

    The softmax over k of ``-2 / (m - 1) log max(|x - c_k|, LEAST_M)``, in float64: nothing is divided, nothing overflows. It depends on
    the depth and the row alone, and files hold depth in steps of 1/256 m, so such depths are computed once per step and looked up.

    Parameters
    ----------
    depth_m : float (n,)
        Valid depths.
    row : int (n,)
        The instance that each is part of.
    centroid_m : float (M,)
        NaN = an instance without depth: no part of any sum, and 1 on its own pixels.
    fuzziness : float
        m, above 1; towards 1 memberships become 0 or 1.

    Returns
    -------
    float32 (n,)
        In [0, 1].

    Raises
    ------
    DepthbenchError
        If the fuzziness is not above 1.
    """
    check_fuzziness(fuzziness)
    power = 2 / (fuzziness - 1)
    blank = np.isnan(centroid_m)
    if blank.any():
        values = np.ones(len(row), dtype=np.float32)
        with_depth = np.flatnonzero(~blank[row])
        number = np.cumsum(~blank) - 1
        values[with_depth] = own_membership(depth_m[with_depth], number[row[with_depth]], centroid_m[~blank], fuzziness)
        return values
    centres = centroid_m.astype(np.float64)
    step = steps_of(depth_m) if len(depth_m) > _CHUNK else None
    if step is not None:
        return _looked_up(step, row, centres, power)
    x = depth_m.astype(np.float64)
    values = np.empty(len(x), dtype=np.float32)
    for start in range(0, len(x), _CHUNK):
        part = slice(start, start + _CHUNK)
        table = _memberships(x[part], centres, power)
        values[part] = table[row[part], np.arange(table.shape[1])]
    return values


def _looked_up(
    step: npt.NDArray[np.int32], row: npt.NDArray[np.integer[Any]], centres: npt.NDArray[np.float64], power: float
) -> npt.NDArray[np.float32]:
    there = np.flatnonzero(np.bincount(step))
    column = np.zeros(there[-1] + 1, dtype=np.int32)
    column[there] = np.arange(len(there))
    table = np.empty((len(centres), len(there)), dtype=np.float32)
    for start in range(0, len(there), _CHUNK):
        part = slice(start, start + _CHUNK)
        table[:, part] = _memberships(there[part] / STEPS_PER_M, centres, power)
    values: npt.NDArray[np.float32] = table.ravel()[row * np.intp(len(there)) + column[step]]
    return values


def _memberships(x: npt.NDArray[np.float64], centres: npt.NDArray[np.float64], power: float) -> npt.NDArray[np.float64]:
    """Return float64 (M, n): memberships of every depth in every instance; columns sum to 1."""
    logs: npt.NDArray[np.float64] = -power * np.log(np.maximum(np.abs(x[None] - centres[:, None]), LEAST_M))
    logs -= logs.max(axis=0)
    np.exp(logs, out=logs)
    logs /= logs.sum(axis=0)
    return logs
