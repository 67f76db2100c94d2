# SPDX-License-Identifier: Apache-2.0
"""The processes that train together, as ``torchrun`` starts them; one alone is a group of one."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import distributed, nn

PATIENCE = datetime.timedelta(hours=2)
"""How long the others wait while the first one validates."""


@dataclass(frozen=True)
class Group:
    """A process's place.

    Attributes
    ----------
    rank, size : int
        Its number and how many there are; number 0 writes, prints and validates.
    device : torch.device
    """

    rank: int
    size: int
    device: torch.device

    @property
    def leads(self) -> bool:
        """Whether this process writes and prints."""
        return self.rank == 0

    def spread(self, module: nn.Module) -> nn.Module:
        """Return the module so that gradients are averaged over the processes, and weights start as the first one's."""
        if self.size == 1:
            return module
        return nn.parallel.DistributedDataParallel(module)

    def any(self, flag: bool) -> bool:
        """Return whether any process raises the flag: all must leave the loop in the same step."""
        if self.size == 1:
            return flag
        raised = torch.tensor(float(flag), device=self.device)
        distributed.all_reduce(raised, op=distributed.ReduceOp.MAX)
        return bool(raised.item())

    def mean(self, values: torch.Tensor) -> torch.Tensor:
        """Return the mean of a tensor over the processes."""
        if self.size > 1:
            distributed.all_reduce(values)
        return values / self.size


@contextmanager
def joined(device: torch.device) -> Iterator[Group]:
    """Join the group that ``torchrun`` tells of in the environment; on GPUs each process takes its own."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield Group(0, 1, device)
        return
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=PATIENCE)
    try:
        yield Group(distributed.get_rank(), size, device)
    finally:
        distributed.destroy_process_group()
