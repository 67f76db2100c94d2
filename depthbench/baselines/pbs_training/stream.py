# SPDX-License-Identifier: Apache-2.0
"""The endless stream of training samples: sample k follows from the seed, k and the data alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from depthbench.baselines.pbs_mvsnet.inputs import map_camera, map_size, network_inputs
from depthbench.baselines.pbs_training.config import PbsConfig
from depthbench.baselines.pbs_training.source import Scans
from depthbench.benchmarks.metrics.mvs_depth import truth_at
from depthbench.benchmarks.sets.mvs_set import MvsTruth
from depthbench.errors import DepthbenchError
from depthbench.tasks import MvsView


class ViewStream:
    """Views of several sources by their weights, each in a light drawn anew."""

    def __init__(self, sources: Sequence[Scans], config: PbsConfig, seed: int) -> None:
        weights = np.array([source.weight for source in sources])
        self._sources, self._shares = list(sources), weights / weights.sum()
        self._config, self._seed = config, seed

    def sample(self, step: int, number: int) -> dict[str, Any]:
        """Return one sample, see :func:`sample_of`; all samples of a step are of one level."""
        rng = np.random.default_rng(np.random.SeedSequence([self._seed, number]))
        level = int(np.random.default_rng([self._seed, step]).integers(self._config.levels))
        source = self._sources[int(rng.choice(len(self._sources), p=self._shares))]
        place = int(rng.integers(len(source)))
        light = int(rng.choice(source.lights(place)))
        return sample_of(*source.views(place, self._config.sources, light), self._config, level)


def sample_of(
    reference: MvsView, sources: Sequence[MvsView], truth: MvsTruth, config: PbsConfig, level: int = 0
) -> dict[str, Any]:
    """Turn views into what the network is shown, and the truth into what it is asked for.

    Returns
    -------
    dict
        ``pictures`` float32 (N, 3, H, W), ``carried`` (N - 1, 3, 4), ``limits`` (2,), ``truth`` (H/4, W/4), 0 where ``valid`` bool is not: where
        depth is unknown or outside the limits.

    Raises
    ------
    DepthbenchError
        If no pixel has a true depth within the limits.
    """
    size = map_size(reference.size, config.size, level)
    pictures, carried, limits = network_inputs(reference, sources, size)
    true = torch.from_numpy(truth_at(truth.depth, truth.intrinsics, size[::-1], map_camera(reference, size).intrinsics))
    valid = (true >= limits[0]) & (true <= limits[1])
    if not valid.any():
        raise DepthbenchError(
            f"{truth.id}: no pixel has a true depth between {limits[0]:g} and {limits[1]:g}, the camera's range: other units?"
        )
    return {
        "pictures": pictures,
        "carried": carried,
        "limits": limits,
        "truth": torch.where(valid, true, torch.zeros_like(true)),
        "valid": valid,
    }
