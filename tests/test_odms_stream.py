# SPDX-License-Identifier: Apache-2.0
"""The endless dataset: the same samples whatever the number of workers, ranks and starts."""

from __future__ import annotations

import itertools

import numpy as np
import torch

from depthbench.generators.odms.config import OdmsConfig
from depthbench.generators.odms.examples import make_examples
from depthbench.generators.odms.stream import OdmsStream

CONFIG = OdmsConfig(seed=5, observations=3, perturb=True)


def test_batches_hold_the_samples_of_their_numbers() -> None:
    for number, batch in enumerate(itertools.islice(OdmsStream(CONFIG, 4), 3)):
        index = np.arange(4 * number, 4 * number + 4)
        made = make_examples(CONFIG, index)
        assert batch["index"].tolist() == index.tolist()
        np.testing.assert_array_equal(batch["masks"].numpy(), made.masks)
        assert batch["masks"].dtype == torch.uint8
        np.testing.assert_allclose(batch["depth_m"] + batch["camera_move_m"][:, -1], made.distance_m[:, -1], rtol=1e-6)
        assert (batch["camera_move_m"][:, 0] == 0).all()


def test_workers_ranks_and_starts_share_one_stream() -> None:
    """No sample twice, none left out; each worker's batches are those that one process gives."""
    alone = list(itertools.islice(OdmsStream(CONFIG, 4), 6))
    loader = torch.utils.data.DataLoader(OdmsStream(CONFIG, 4), batch_size=None, num_workers=2)
    shared = {int(batch["index"][0]): batch for batch in itertools.islice(loader, 6)}
    assert sorted(shared) == [0, 4, 8, 12, 16, 20]
    for batch in alone:
        assert torch.equal(batch["masks"], shared[int(batch["index"][0])]["masks"])
    ranks = [itertools.islice(OdmsStream(CONFIG, 4, start=rank, step=2), 3) for rank in range(2)]
    assert sorted(int(batch["index"][0]) for rank in ranks for batch in rank) == [0, 4, 8, 12, 16, 20]
    later = next(iter(OdmsStream(CONFIG, 4, start=5)))
    assert torch.equal(later["masks"], alone[5]["masks"])
