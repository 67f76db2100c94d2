# SPDX-License-Identifier: Apache-2.0
"""Protocols of the task ``motion``: depth at the final pose, in per cent of the truth."""

from __future__ import annotations

from dataclasses import dataclass

from depthbench.benchmarks.protocol_base import BaseProtocol, BaseRegion

METRICS = ("percent_error", "median_percent_error", "failures")


@dataclass(frozen=True, kw_only=True)
class MotionProtocol(BaseProtocol):
    """A protocol of the task ``motion``.

    Attributes
    ----------
    metrics : tuple of str
        ``percent_error`` (mean over samples), ``median_percent_error`` (median), ``failures`` (per cent of samples without
        an answer).
    regions : tuple of BaseRegion
        All samples, and the samples of each group.
    failure_percent_error : float
        The error of an answer that is not finite. It is in the mean, so that no answer is never better than a bad one.
    """

    regions: tuple[BaseRegion, ...]
    failure_percent_error: float

    @property
    def scored_regions(self) -> tuple[BaseRegion, ...]:
        """All samples, and each group."""
        return self.regions

    def knows(self, metric: str) -> bool:
        """Tell whether it is one of :data:`METRICS`."""
        return metric in METRICS

    def denominator(self, metric: str) -> str:
        """Return nothing that a sample counts: there is one answer to each."""
        raise KeyError(metric)
