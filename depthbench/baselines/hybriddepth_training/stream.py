# SPDX-License-Identifier: Apache-2.0
"""The endless stream of training samples: sample k follows from the seed, k and the data alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from depthbench.baselines.hybriddepth.inputs import focus_values
from depthbench.baselines.hybriddepth.midas import LEAST
from depthbench.baselines.hybriddepth_training.config import HybridConfig
from depthbench.baselines.hybriddepth_training.source import Stacks
from depthbench.errors import DepthbenchError


def target(depth_m: Tensor, config: HybridConfig) -> tuple[Tensor, Tensor]:
    """Return true values (H, W) in the network's quantity, 0 where they do not count, and where they do.

    Parameters
    ----------
    depth_m : float32 (H, W)
        NaN = unknown, +inf = sky.
    """
    near = depth_m > config.truth_near_m
    if config.quantity == "depth":
        valid = near & (depth_m < config.truth_far_m)
        return torch.where(valid, depth_m, torch.zeros_like(depth_m)), valid
    valid = near & ((depth_m < config.truth_far_m) | (depth_m.isinf() & math.isinf(config.truth_far_m)))
    values = (config.per / depth_m).clamp(min=LEAST)
    return torch.where(valid, values, torch.zeros_like(values)), valid


class StackStream:
    """Crops of stacks from several sources by their weights.

    Parameters
    ----------
    sources : sequence of Stacks
    config : HybridConfig
    seed : int
    """

    def __init__(self, sources: Sequence[Stacks], config: HybridConfig, seed: int) -> None:
        weights = np.array([source.weight for source in sources])
        self._sources, self._shares = list(sources), weights / weights.sum()
        self._config, self._seed = config, seed

    def sample(self, step: int, number: int) -> dict[str, Any]:
        """Return one sample.

        Returns
        -------
        dict
            ``picture`` float32 (3, h, w), ``stack`` (N, 3, h, w), ``focus`` (N,), ``truth`` (1, h, w) in the network's quantity, 0
            where ``valid`` bool (1, h, w) is not.
        """
        rng = np.random.default_rng(np.random.SeedSequence([self._seed, number]))
        source = self._sources[int(rng.choice(len(self._sources), p=self._shares))]
        found = source.stack(int(rng.integers(len(source))), number)
        return sample_of(rng, found, self._config, source.word)


def sample_of(rng: np.random.Generator, found: dict[str, Any], config: HybridConfig, word: str) -> dict[str, Any]:
    """Cut a sample out of a stack and change it.

    Raises
    ------
    DepthbenchError
        If the stack is smaller than a sample, or has another number of planes.
    """
    what = f"{word}, {found['id']}"
    stack, depth_m = found["stack"], found["depth_m"]
    if len(stack) != config.planes:
        raise DepthbenchError(
            f"{what}: {len(stack)} planes, the settings ask for {config.planes}: --option planes={len(stack)}"
        )
    height, width = depth_m.shape
    free = height - config.crop_height, width - config.crop_width
    if min(free) < 0:
        raise DepthbenchError(
            f"{what}: {width}x{height}, smaller than a sample of {config.crop_width}x{config.crop_height}: --option crop_width=... "
            "--option crop_height=..."
        )
    top, left = (int(rng.integers(room + 1)) for room in free)
    mirrored = config.flip and rng.random() < 0.5
    gain = float(config.gain ** rng.uniform(-1, 1))

    def cut(values: Tensor) -> Tensor:
        part = values[..., top : top + config.crop_height, left : left + config.crop_width]
        return part.flip(-1) if mirrored else part

    truth, valid = target(cut(depth_m), config)
    focus = focus_values(found["focus_m"].double().numpy(), config, f"{what}: ")
    return {
        "picture": (gain * cut(found["all_in_focus"])).clamp(max=1),
        "stack": (gain * cut(stack)).clamp(max=1),
        "focus": torch.from_numpy(focus.astype(np.float32)),
        "truth": truth[None].contiguous(),
        "valid": valid[None].contiguous(),
    }
