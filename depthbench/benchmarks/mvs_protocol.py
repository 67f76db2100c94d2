# SPDX-License-Identifier: Apache-2.0
"""Protocols of the task ``mvs``: depth maps of views against the truth, and the fused cloud of a scene against a reference."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from depthbench.benchmarks.metrics.point_cloud import DTU_RULES, CloudRules
from depthbench.benchmarks.protocol_base import BaseProtocol, BaseRegion
from depthbench.errors import unknown_name
from depthbench.fusion.rules import PRESETS, FusionRules

VIEW_METRIC = re.compile(r"mean_(?P<mean>mm|intervals)|within_(?P<limit>\d+(\.\d+)?)_(?P<unit>mm|intervals)|coverage")
RUN_METRICS = ("run_time_s", "memory_gb")
CLOUD_METRICS = (
    "acc",
    "comp",
    "overall",
    "acc_median",
    "comp_median",
    "acc_clamped",
    "comp_clamped",
    "acc_kept",
    "comp_kept",
    "precision",
    "recall",
    "f_score",
)


@dataclass(frozen=True, kw_only=True)
class MvsProtocol(BaseProtocol):
    """A protocol of the task ``mvs``.

    Attributes
    ----------
    metrics : tuple of str
        Of views: ``mean_mm`` and ``mean_intervals`` (mean absolute error over pixels with an answer), ``within_X_mm`` and
        ``within_X_intervals`` (per cent of the pixels of known truth; no answer is wrong), ``coverage``. Of runs: ``run_time_s`` (of ``forward``)
        and ``memory_gb`` (its peak), as ``eval`` noted them. Of clouds: :data:`CLOUD_METRICS`.
    regions : tuple of BaseRegion
        Of the group ``view``: ``all``, ``sure`` (surer than ``confidence``) and ``run``; of the group ``cloud``: ``cloud``.
    fusion : str
        A preset of :mod:`.fusion.rules`.
    confidence : float
        What the region ``sure`` asks for.
    cloud : {"matlab", "dtueval"}
        Which of DTU's evaluations.
    """

    regions: tuple[BaseRegion, ...]
    fusion: str
    confidence: float
    cloud: Literal["matlab", "dtueval"]

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.fusion not in PRESETS:
            raise unknown_name(f"fusion preset of protocol {self.name}", self.fusion, PRESETS)

    @property
    def scored_regions(self) -> tuple[BaseRegion, ...]:
        """Of views and of clouds."""
        return self.regions

    @property
    def fusion_rules(self) -> FusionRules:
        """The thresholds of the preset."""
        return PRESETS[self.fusion]

    @property
    def cloud_rules(self) -> CloudRules:
        """How clouds are compared."""
        return DTU_RULES[self.cloud]

    def knows(self, metric: str) -> bool:
        """Tell whether it is one of views or of clouds."""
        return metric in (*CLOUD_METRICS, *RUN_METRICS) or VIEW_METRIC.fullmatch(metric) is not None

    def denominator(self, metric: str) -> str:
        """Return which count of pixels a metric was divided by."""
        return "estimated" if metric.startswith("mean_") else "pixels"
