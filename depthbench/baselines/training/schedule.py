# SPDX-License-Identifier: Apache-2.0
"""The learning rate as a function of the step alone, so that nothing of it needs to be saved."""

from __future__ import annotations

import math

from depthbench.baselines.training.config import TrainConfig

FLOOR = 0.01
"""Share of the highest rate that is left at the end."""
EPOCHS, DECLINE = 12, 0.9
"""Of the exponential schedule: parts of the run, and what each leaves of the rate."""


def learning_rate(step: int, config: TrainConfig) -> float:
    """Return the rate of update ``step`` (0, 1, ...): linear from zero over the warm-up, then falling to :data:`FLOOR`.

    ``cosine`` falls by half a wave, ``linear`` evenly (one cycle, as RAFT), ``exponential`` by a tenth in each twelfth of the run (PBS-MVSNet),
    ``constant`` not at all.
    """
    if step < config.warmup:
        return config.lr * (step + 1) / config.warmup
    done = (step - config.warmup) / max(1, config.steps - config.warmup)
    if config.schedule == "constant":
        return config.lr
    if config.schedule == "exponential":
        return config.lr * DECLINE ** int(EPOCHS * done)
    share = 0.5 * (1 + math.cos(math.pi * done)) if config.schedule == "cosine" else 1 - done
    return config.lr * (FLOOR + (1 - FLOOR) * share)
