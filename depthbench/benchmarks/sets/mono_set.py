# SPDX-License-Identifier: Apache-2.0
"""What a set of the task ``mono`` is: single pictures without truth for models, depth for protocols."""

from __future__ import annotations

from typing import Protocol

from depthbench.benchmarks.sets.depth_truth import DepthTruth
from depthbench.benchmarks.sets.evaluation_set import EvaluationSet
from depthbench.tasks import MonoSample


class MonoSet(EvaluationSet, Protocol):
    """What ``eval --set`` needs of a set of single pictures, beyond what every set has."""

    def view(self, sample_id: str) -> MonoSample:
        """Return what a model may see."""

    def truth(self, sample_id: str) -> DepthTruth:
        """Return what a protocol scores against; decodes no picture."""
