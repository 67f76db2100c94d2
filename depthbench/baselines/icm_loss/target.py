# SPDX-License-Identifier: Apache-2.0
"""Membership targets as tensors."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from depthbench.generators.membership.levels import MembershipMap


@dataclass(frozen=True, eq=False)
class LevelTarget:
    """Targets of one picture at one level, over its cells in the order of rows.

    Attributes
    ----------
    row : int64 (P,)
        Instance of each cell; -1 = background or not valid.
    value : float32 (P,)
        Membership in it; 0 where there is none.
    valid : bool (P,)
        Cells that count.
    count : int
        Instances of the picture, M.
    """

    row: torch.Tensor
    value: torch.Tensor
    valid: torch.Tensor
    count: int

    def to(self, device: torch.device | str) -> LevelTarget:
        """Return it on a device."""
        return LevelTarget(self.row.to(device), self.value.to(device), self.valid.to(device), self.count)

    def matrix(self, cells: torch.Tensor | None = None) -> torch.Tensor:
        """Return G, float32 (M, P), or its columns ``cells``."""
        row, value = (self.row, self.value) if cells is None else (self.row[cells], self.value[cells])
        made = value.new_zeros(self.count, len(row))
        inside = torch.nonzero(row >= 0).squeeze(1)
        made[row[inside], inside] = value[inside]
        return made


def level_target(level: MembershipMap, count: int) -> LevelTarget:
    """Turn a map of a picture with ``count`` instances into tensors."""
    valid = torch.from_numpy(level.valid.ravel())
    row = torch.from_numpy(level.row.ravel()).long()
    value = torch.nan_to_num(torch.from_numpy(level.value.ravel()))
    return LevelTarget(torch.where(valid, row, -1), value, valid, count)
