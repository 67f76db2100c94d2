# SPDX-License-Identifier: Apache-2.0
"""The stream as an endless PyTorch dataset of batches: nothing is stored, sample k follows from the configuration and k."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from depthbench.errors import MissingExtraError
from depthbench.generators.odms.config import OdmsConfig
from depthbench.generators.odms.examples import make_examples

try:
    import torch
    from torch.utils.data import IterableDataset, get_worker_info
except ImportError as error:
    raise MissingExtraError("torch", "torch", "the stream of masks") from error


class OdmsStream(IterableDataset[dict[str, Any]]):
    """Batches ``start``, ``start + step``, ... without end; the workers of a loader share them out.

    Batch b holds the samples b * batch_size to (b + 1) * batch_size - 1. Whole batches come from here, because thousands of
    samples a second leave no time to collate them one by one: give it to a loader with ``batch_size=None``.

    Parameters
    ----------
    config : OdmsConfig
    batch_size : int
    start, step : int
        First batch and distance to the next: rank and number of processes for distributed training, or where to go on.

    Notes
    -----
    A batch is a dict of

    - ``masks``: uint8 (B, n, 112, 112), covered shares 0 to 255, the nearest view first
    - ``camera_move_m``: float32 (B, n), how much farther away the camera was than at the final pose; 0 first
    - ``depth_m``: float32 (B,), the truth: depth at the final pose
    - ``index``: int64 (B,), the numbers of the samples
    """

    def __init__(self, config: OdmsConfig, batch_size: int, *, start: int = 0, step: int = 1) -> None:
        self.config, self.batch_size, self.start, self.step = config, batch_size, start, step

    def __iter__(self) -> Iterator[dict[str, Any]]:
        worker = get_worker_info()
        place, workers = (worker.id, worker.num_workers) if worker else (0, 1)
        batch = self.start + place * self.step
        while True:
            index = np.arange(batch * self.batch_size, (batch + 1) * self.batch_size)
            made = make_examples(self.config, index)
            yield {
                "masks": torch.from_numpy(made.masks),
                "camera_move_m": torch.from_numpy(made.camera_move_m),
                "depth_m": torch.from_numpy(made.depth_m),
                "index": torch.from_numpy(index),
            }
            batch += workers * self.step
