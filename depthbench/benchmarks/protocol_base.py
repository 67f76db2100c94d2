# SPDX-License-Identifier: Apache-2.0
"""What protocols of every task share: name, version, regions, metrics, averaging, and the hash of all that bears on a number."""

from __future__ import annotations

import abc
import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from depthbench.errors import DepthbenchError, unknown_name
from depthbench.tasks import Task

Reduction = Literal["mean", "median", "quadratic", "pooled", "pooled-squares", "batched", "batched-squares"]
"""How values of samples become one: their mean or median; the root of their mean square; the mean over all pixels, of the values
or of their squares with the root of that; or the same in each batch, and the mean of that."""


PROSE = ("title", "source", "headline", "quirks")
"""Fields of a protocol that bear on no number."""


@dataclass(frozen=True)
class BaseRegion:
    """One part of every sample, or the samples of one group, scored and reported on its own.

    Attributes
    ----------
    name : str
        How reports call it.
    group : str
        The samples it holds for, where a set has groups (see :func:`.sets.evaluation_set.group_of`); empty = all. Means of
        the region are over these alone.
    optional : bool
        Left out, instead of an error, where a set does not have it.
    title : str
        How tables that compare models call it, where not by its name.
    """

    name: str
    group: str = ""
    optional: bool = False
    title: str = ""


@dataclass(frozen=True)
class AverageRule:
    """How values of samples become one.

    Attributes
    ----------
    pooled : tuple of str
        Metrics averaged over all pixels of the set (each sample weighs as many as its denominator has); others over samples.
    weights : mapping
        Weight of a sample by its id, 1 where it is not named; the plain mean is reported as well.
    empty : {"skip", "zero"}
        A sample in whose region no pixel counts: left out and counted, or a 0.
    balance : {"samples", "groups"}
        Where a region holds samples of several groups: one mean over all of them, or the mean of the groups' means.
    batch : int
        Successive samples that are pooled before they are averaged, for metrics that say so; 0 = none.
    """

    pooled: tuple[str, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    empty: Literal["skip", "zero"] = "skip"
    balance: Literal["samples", "groups"] = "samples"
    batch: int = 0


@dataclass(frozen=True, kw_only=True)
class BaseProtocol(abc.ABC):
    """A named, versioned way to turn predictions into numbers.

    Attributes
    ----------
    metrics : tuple of str
        Names that the task knows.
    headline : tuple of str
        ``region/metric`` columns of a table that compares models.
    quirks : tuple of str
        What differs from what one would expect, in a sentence each.
    """

    name: str
    version: int
    task: Task
    title: str
    source: str
    metrics: tuple[str, ...]
    average: AverageRule
    headline: tuple[str, ...]
    quirks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for metric in (*self.metrics, *self.average.pooled):
            if not self.knows(metric):
                raise DepthbenchError(f"protocol {self.name}: unknown metric '{metric}'")
        columns = {f"{region.name}/{metric}" for region in self.scored_regions for metric in self.metrics}
        for column in self.headline:
            if column not in columns:
                raise unknown_name(f"headline column of protocol {self.name}", column, columns)

    @property
    @abc.abstractmethod
    def scored_regions(self) -> Sequence[Any]:
        """The regions, in the order of reports; each has what :class:`BaseRegion` has."""

    @abc.abstractmethod
    def knows(self, metric: str) -> bool:
        """Tell whether the task has this metric."""

    @abc.abstractmethod
    def denominator(self, metric: str) -> str:
        """Return the count, among a sample's values, that a metric was divided by."""

    def serves(self, task: Task) -> bool:
        """Tell whether predictions of a task can be scored by it."""
        return task == self.task

    def reduction(self, metric: str) -> Reduction:
        """Return how values of samples become one."""
        if metric.startswith("median_"):
            return "median"
        if metric not in self.average.pooled:
            return "mean"
        return "pooled-squares" if metric == "rmse" else "pooled"

    def counts_without_pixels(self, metric: str) -> bool:
        """Tell whether a metric has a value, that enters its mean, of a sample in whose region no pixel counts."""
        return False

    @property
    def both_ends(self) -> bool:
        """Whether some regions ask for the nearest surface of a pixel and others for the farthest."""
        return False

    @property
    def hash(self) -> str:
        """The sha256 (hex) of the canonical content: prose and the choice of headline columns do not bear on it."""
        return hashlib.sha256(json.dumps(self.hashed(), sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    def hashed(self) -> dict[str, Any]:
        """Return all that bears on a number."""
        content = dataclasses.asdict(self)
        for prose in PROSE:
            del content[prose]
        for region in content.get("pixels", content)["regions"]:
            del region["title"]
            if not region["group"]:  # so that protocols without groups keep the hash that they always had
                del region["group"]
        if content["average"]["balance"] == "samples":  # likewise
            del content["average"]["balance"]
        if not content["average"]["batch"]:
            del content["average"]["batch"]
        return content

    def at_truth_scale(self, scale: int) -> Self:
        """Return the protocol that scores at every ``scale``-th pixel of the truth.

        Raises
        ------
        DepthbenchError
            If the task has no maps of disparity.
        """
        if scale == 1:
            return self
        raise DepthbenchError(
            f"protocol {self.name}: --truth-scale is for maps of disparity, and the task '{self.task}' has none"
        )
