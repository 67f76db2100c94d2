# SPDX-License-Identifier: Apache-2.0
"""Evaluation as the public code does it: it never leaves training mode.

So its batch norms use the statistics of the whole set that is evaluated, and a fifth of the last features is dropped at random. It is
there to be compared with, nothing else: a depth then depends on what else is in the set.
"""

from __future__ import annotations

import zlib

import torch
from torch import Tensor

from depthbench.baselines.odn.examples import open_motion, read_examples
from depthbench.baselines.odn.network import ODN
from depthbench.baselines.odn.statistics import restate
from depthbench.errors import DepthbenchError


def adopt_statistics(network: ODN, word: str) -> None:
    """Give a network the statistics of one set, in one batch, and switch dropout on.

    Parameters
    ----------
    network : ODN
    word : str
        ``SET:ROOT`` or ``SET:ROOT@val``, one of the four: the public code evaluates each by itself.
    """
    place, _, split = word.partition("@")
    groups = read_examples(open_motion(place, network.observations, split or "test"))
    if len(groups) > 1:
        raise DepthbenchError(f"as_released={word}: one set by itself, such as odms-{next(iter(groups))}")
    [examples] = groups.values()
    restate(network, examples.batches(len(examples.masks)))
    network.dropout.train()


def seed_of(masks: Tensor) -> int:
    """Return a seed that follows from the masks, so that what is dropped does not depend on the order of examples."""
    return zlib.crc32(masks.cpu().numpy().tobytes())


def run_released(network: ODN, masks: Tensor, behind_m: Tensor) -> Tensor:
    """Run the network with dropout that follows from its input."""
    with torch.random.fork_rng(devices=[masks.device] if masks.device.type == "cuda" else []):
        torch.manual_seed(seed_of(masks))
        number: Tensor = network(masks, behind_m)
        return number
