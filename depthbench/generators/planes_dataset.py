# SPDX-License-Identifier: Apache-2.0
"""Slanted planes as an endless PyTorch dataset: nothing is read or stored, sample i follows from the seed and i."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from depthbench.errors import MissingExtraError
from depthbench.layers import MAX_LAYERS, SurfaceClass

try:
    import torch
    import torch.nn.functional as F
    from torch.utils.data import IterableDataset, get_worker_info
except ImportError as error:
    raise MissingExtraError("torch", "torch", "scenes of planes") from error

from depthbench.generators.planes_scene import PlanesConfig, draw_scene
from depthbench.generators.planes_view import PlanesView, view


def planes_sample(
    seed: int, index: int, config: PlanesConfig | None = None, layers: int = MAX_LAYERS
) -> dict[str, Any]:
    """Make one sample, the same wherever and whenever it is made.

    Returns
    -------
    dict
        By the keys of :class:`~depthbench.generators.layered_dataset.LayeredDataset`, without its camera: ``left``, ``right`` float32 (3, H, W) in 0..1;
        ``disp_px``, ``surface_id``, ``surface_class``, ``visibility`` (layers, H, W), ``see_through`` and ``reflective`` bool
        (H, W), each also with ``_right``; ``id``.
    """
    config = config or PlanesConfig()
    scene = draw_scene(np.random.default_rng(np.random.SeedSequence([seed, index])), config)
    left = view(scene, "left", config.height, config.width)
    right = view(scene, "right", config.height, config.width)
    sample = {"left": left.image, "right": right.image, "id": f"planes-{seed}-{index}"}
    return sample | _truth(left, layers, "") | _truth(right, layers, "_right")


def _truth(seen: PlanesView, layers: int, suffix: str) -> dict[str, torch.Tensor]:
    def stacked(values: torch.Tensor, empty: float) -> torch.Tensor:
        values = values[:layers]
        return F.pad(values, (0, 0, 0, 0, 0, layers - len(values)), value=empty)

    see_through = seen.surface_class[0] >= SurfaceClass.TRANSMISSIVE
    return {
        "disp_px" + suffix: stacked(seen.disp_px, float("nan")),
        "surface_id" + suffix: stacked(seen.surface_id, 0),
        "surface_class" + suffix: stacked(seen.surface_class, 0),
        "visibility" + suffix: stacked(seen.visibility, 0),
        "see_through" + suffix: see_through,
        "reflective" + suffix: torch.zeros_like(see_through),
    }


class PlanesDataset(IterableDataset[dict[str, Any]]):
    """Samples ``start``, ``start + step``, ... without end; the workers of a loader share them out.

    Parameters
    ----------
    seed : int
    config : PlanesConfig or None
    start, step : int
        First index and distance to the next: rank and number of processes for distributed training, or where to go on.
    layers : int
        Layers of a sample.
    """

    def __init__(
        self,
        seed: int,
        config: PlanesConfig | None = None,
        *,
        start: int = 0,
        step: int = 1,
        layers: int = MAX_LAYERS,
    ) -> None:
        self.seed, self.config, self.start, self.step, self.layers = seed, config, start, step, layers

    def __iter__(self) -> Iterator[dict[str, Any]]:
        worker = get_worker_info()
        place, workers = (worker.id, worker.num_workers) if worker else (0, 1)
        index = self.start + place * self.step
        while True:
            yield planes_sample(self.seed, index, self.config, self.layers)
            index += workers * self.step
