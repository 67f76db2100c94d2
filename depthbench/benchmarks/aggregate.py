# SPDX-License-Identifier: Apache-2.0
"""Values of samples into one per region and metric, with a bootstrap interval; a mean over missing values is none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.benchmarks.protocol_base import BaseProtocol
from depthbench.benchmarks.score import SampleResult

SEED = 0
RESAMPLES = 1000
Floats = npt.NDArray[np.float64]


@dataclass
class _Stratum:
    """Values that are averaged together; ``pixels`` are each sample's count that the metric was divided by."""

    values: list[float] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    pixels: list[float] = field(default_factory=list)

    def add(self, value: float, weight: float, pixels: float = 0.0) -> None:
        self.values.append(value)
        self.weights.append(weight)
        self.pixels.append(pixels)


def _mean(values: Floats, weights: Floats, squared: bool, counts: Floats | None = None) -> Any:
    """Weighted mean; with ``counts`` (B, N), how often each sample was drawn, that of B resamples."""
    powered = values**2 if squared else values
    total = weights if counts is None else counts * weights
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (total @ powered) / total.sum(axis=-1)
    return np.sqrt(mean) if squared else mean


def _median(values: Floats, counts: Floats | None = None) -> Any:
    """Median; with ``counts`` (B, N) that of B resamples, whose sizes are all N."""
    if counts is None:
        return np.median(values)
    order = np.argsort(values)
    reached = np.cumsum(counts[:, order], axis=1)
    n = len(values)
    below, above = (np.argmax(reached >= rank, axis=1) for rank in ((n + 1) // 2, n // 2 + 1))
    return (values[order][below] + values[order][above]) / 2


def _resample_counts(n: int, stratum: int = 0) -> Floats:
    """How often each of n samples is drawn in each of the resamples: float64 (RESAMPLES, n); the same every time."""
    rng = np.random.default_rng([SEED, n] + [stratum] * (stratum > 0))
    return rng.multinomial(n, np.full(n, 1 / n), size=RESAMPLES).astype(np.float64)


def _summary(protocol: BaseProtocol, region: str, metric: str, results: Sequence[SampleResult]) -> dict[str, Any]:
    strata: dict[str, _Stratum] = {}
    missing = empty = 0
    reduction = protocol.reduction(metric)
    pooled, squared = reduction.startswith("pooled"), reduction in ("quadratic", "pooled-squares")
    if reduction.startswith("batched"):
        return _batched_summary(protocol, region, metric, results, reduction == "batched-squares")
    for result in results:
        got = result.values.get(region)
        stratum = result.group if protocol.average.balance == "groups" else ""
        weight = protocol.average.weights.get(result.id, 1.0)
        if got is None:
            missing += 1
        elif got.get("pixels") == 0 and not (protocol.counts_without_pixels(metric) and math.isfinite(got[metric])):
            empty += 1
            if protocol.average.empty == "zero" and not pooled:
                strata.setdefault(stratum, _Stratum()).add(0.0, weight)
        elif not math.isfinite(got[metric]):
            missing += 1
        else:
            pixels = float(got[protocol.denominator(metric)]) if pooled else 0.0
            strata.setdefault(stratum, _Stratum()).add(got[metric], weight, pixels)
    count = sum(len(stratum.values) for stratum in strata.values())
    told: dict[str, Any] = {"mean": None, "samples": count, "missing": missing, "empty": empty}
    if missing or not count:
        return told

    def statistic(stratum: _Stratum, counts: Floats | None = None) -> Any:
        values = np.array(stratum.values)
        if reduction == "median":
            return _median(values, counts)
        return _mean(values, np.array(stratum.pixels if pooled else stratum.weights), squared, counts)

    told["mean"] = float(np.mean([statistic(stratum) for stratum in strata.values()]))
    if not pooled and protocol.average.weights:
        told["plain_mean"] = float(np.mean([np.mean(stratum.values) for stratum in strata.values()]))
    if all(len(stratum.values) > 1 for stratum in strata.values()):
        drawn = [statistic(s, _resample_counts(len(s.values), k)) for k, s in enumerate(strata.values())]
        told["low"], told["high"] = (float(end) for end in np.nanpercentile(np.mean(drawn, axis=0), [2.5, 97.5]))
    return told


def _batched_summary(
    protocol: BaseProtocol, region: str, metric: str, results: Sequence[SampleResult], squared: bool
) -> dict[str, Any]:
    """As :func:`_summary`: pixels are pooled in each batch of successive samples; batches weigh as many samples as have a pixel."""
    values, weights = [], []
    missing = empty = 0
    for start in range(0, len(results), protocol.average.batch):
        batch = _Stratum()
        for result in results[start : start + protocol.average.batch]:
            got = result.values.get(region)
            if got is not None and got.get("pixels") == 0:
                empty += 1
            elif got is None or not math.isfinite(got[metric]):
                missing += 1
            else:
                batch.add(got[metric], 1.0, float(got[protocol.denominator(metric)]))
        if batch.values:
            values.append(float(_mean(np.array(batch.values), np.array(batch.pixels), squared)))
            weights.append(float(len(batch.values)))
    told: dict[str, Any] = {"mean": None, "samples": int(sum(weights)), "missing": missing, "empty": empty}
    if missing or not values:
        return told
    told["mean"] = float(_mean(np.array(values), np.array(weights), squared=False))
    if len(values) > 1:
        drawn = _mean(np.array(values), np.array(weights), False, _resample_counts(len(values)))
        told["low"], told["high"] = (float(end) for end in np.nanpercentile(drawn, [2.5, 97.5]))
    return told


def aggregate(protocol: BaseProtocol, results: Sequence[SampleResult]) -> dict[str, dict[str, dict[str, Any]]]:
    """Aggregate every region and metric by the protocol's rule.

    Returns
    -------
    dict
        Region -> metric -> ``mean`` (None as soon as one sample has no value), ``low`` and ``high`` (95 % percentile
        bootstrap over samples, 1000 resamples, fixed seed; from two samples on), ``plain_mean`` (unweighted, where the
        protocol weighs samples), ``samples`` (in the mean), ``missing`` (failed or without a value), ``empty`` (no pixel of
        the region). What ``mean`` is, is the protocol's ``reduction``: of metrics called ``median_...`` the median over samples. Where the protocol balances
        groups, each is the mean of the groups' own. Optional regions that no sample has are left out. Where pixels are pooled in batches, the interval is over batches. A region of a group is about its samples alone.
    """
    scored = [result for result in results if not result.failed]
    regions = [
        region.name
        for region in protocol.scored_regions
        if any(region.name in result.values for result in scored) or not (scored or region.optional)
    ]
    groups = {region.name: region.group for region in protocol.scored_regions}
    among = {region: [result for result in results if groups[region] in ("", result.group)] for region in regions}
    return {
        region: {metric: _summary(protocol, region, metric, among[region]) for metric in protocol.metrics}
        for region in regions
    }
