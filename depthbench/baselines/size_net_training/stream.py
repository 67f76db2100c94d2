# SPDX-License-Identifier: Apache-2.0
"""The stream of masks as measures of size: a third clean, a third dilated or eroded, a third with further faults."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from depthbench.baselines.size_net.measures import NAMES, WIDTH_SHARE, log_sizes
from depthbench.baselines.size_net_training.config import SizeNetConfig
from depthbench.generators.odms.config import OdmsConfig
from depthbench.generators.odms.examples import make_examples


class SizeStream:
    """Sizes with movements and depths.

    Parameters
    ----------
    config : SizeNetConfig
    seed : int
    """

    def __init__(self, config: SizeNetConfig, seed: int) -> None:
        self._config, self._seed = config, seed
        kinds = ({"perturb": False}, {"perturb": True}, {"perturb": True, "augment": config.faults})
        self.kinds = [OdmsConfig(seed=seed, observations=config.observations, **kind) for kind in kinds]

    def sample(self, step: int, number: int) -> dict[str, Any]:
        """Return one sample: ``sizes`` float32 (n, 17), ``behind_m`` float32 (n,), ``depth_m`` float32 (); n follows from the step."""
        return {name: values[0] for name, values in self.samples([(step, number)]).items()}

    def samples(self, part: Sequence[tuple[int, int]]) -> dict[str, Any]:
        """Return the same samples stacked; all are of one step."""
        numbers = np.array([number for _, number in part])
        n = self._config.observations
        sizes = torch.empty(len(part), n, len(NAMES))
        behind, depth = np.empty((len(part), n), np.float32), np.empty(len(part), np.float32)
        for kind, config in enumerate(self.kinds):
            places = np.flatnonzero(numbers % len(self.kinds) == kind)
            if len(places):
                made = make_examples(config, numbers[places])
                sizes[places] = log_sizes(made.masks)
                behind[places], depth[places] = made.camera_move_m, made.depth_m
        changes = [self._change(number, way) for number, way in zip(numbers, behind / behind[:, -1:], strict=True)]
        shown = self._shown(part[0][0])
        return {
            "sizes": (sizes + torch.stack(changes))[:, shown],
            "behind_m": torch.from_numpy(behind[:, shown]),
            "depth_m": torch.from_numpy(depth),
        }

    def _shown(self, step: int) -> list[int]:
        """Return which observations the examples of a step have: the first, the last, and some between."""
        rng = np.random.default_rng([self._seed, 1, step])
        n = self._config.observations
        if n == 2 or rng.random() < 0.5:
            return list(range(n))
        between = 1 + np.sort(rng.permutation(n - 2)[: rng.integers(0, n - 2)])
        return [0, *between.tolist(), n - 1]

    def _change(self, number: int, way: np.ndarray[Any, np.dtype[np.float32]]) -> Tensor:
        """Return what is added to the logarithms of an example's sizes, float32 (n, 17)."""
        rng = np.random.default_rng([self._seed, 0, number])
        n, config = len(way), self._config
        # it turns steadily one way, or there and back
        turned = way if rng.random() < 0.5 else np.sin(2 * np.pi * (rng.random() + way * rng.random()))
        widths = config.turning * rng.random() * rng.normal() * turned
        if rng.random() < 0.5:
            widths = widths + 0.3 * config.turning * rng.random() * rng.normal(size=n)
        common = config.noise * rng.random() * rng.normal(size=(n, 1))
        each = config.noise / 3 * rng.random() * rng.normal(size=(n, len(NAMES)))
        return torch.from_numpy((common + each).astype(np.float32)) + torch.from_numpy(widths.astype(np.float32)).outer(
            WIDTH_SHARE
        )
