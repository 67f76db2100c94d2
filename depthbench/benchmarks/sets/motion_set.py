# SPDX-License-Identifier: Apache-2.0
"""What a set of the task ``motion`` is: masks with camera positions for models, depths for protocols."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from depthbench.benchmarks.sets.evaluation_set import EvaluationSet
from depthbench.tasks import MotionSample


@dataclass(frozen=True)
class MotionTruth:
    """What a protocol may look at.

    Attributes
    ----------
    id : str
    depth_m : float
        Depth of the object at the final pose.
    travel_m : float
        How far the camera went over the observations that the model sees.
    """

    id: str
    depth_m: float
    travel_m: float


class MotionSet(EvaluationSet, Protocol):
    """What ``eval --set`` needs of a motion set, beyond what every set has."""

    def observations(self, sample_id: str) -> MotionSample:
        """Return what a model may see: masks and camera positions."""

    def truth(self, sample_id: str) -> MotionTruth:
        """Return what a protocol scores against; decodes no image."""
