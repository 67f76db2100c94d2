# SPDX-License-Identifier: Apache-2.0
"""Maps of membership as files hold them: four bytes a cell, where the matrix has 4 M (M instances: M times smaller)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from depthbench.errors import DepthbenchError
from depthbench.generators.membership.levels import MembershipMap

SCALE = 65534
"""Values are stored as 1 + rint(value * SCALE), 0 = does not count: off by 1 / 131068 at most."""
MOST_INSTANCES = 65535


def pack_map(level: MembershipMap) -> npt.NDArray[np.uint16]:
    """Return uint16 (2, h, w): row + 1 (0 = background), and the value.

    Raises
    ------
    DepthbenchError
        If there are more instances than 16 bits number.
    """
    if level.row.size and level.row.max() >= MOST_INSTANCES:
        raise DepthbenchError(f"{level.row.max() + 1} instances in one picture; {MOST_INSTANCES} can be stored")
    value = np.where(level.valid, 1 + np.rint(np.nan_to_num(level.value) * SCALE), 0)
    packed: npt.NDArray[np.uint16] = np.stack([np.where(level.valid, level.row + 1, 0), value]).astype(np.uint16)
    return packed


def unpack_map(packed: npt.NDArray[np.uint16]) -> MembershipMap:
    """Return the map of :func:`pack_map`."""
    row, value = packed.astype(np.int32)
    return MembershipMap(row - 1, np.where(value > 0, (value - 1) / SCALE, np.nan).astype(np.float32))
