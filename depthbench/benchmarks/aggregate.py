# SPDX-License-Identifier: Apache-2.0
"""Values of samples into one per region and metric, with a bootstrap interval; a mean over missing values is none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from depthbench.benchmarks.protocol import Protocol
from depthbench.benchmarks.score import SampleResult

SEED = 0
RESAMPLES = 1000
Floats = npt.NDArray[np.float64]


def _denominator(metric: str, protocol: Protocol) -> str:
    """Return the count that a metric was divided by."""
    if metric in ("epe", "rmse"):
        return "pixels" if protocol.prediction.holes == "interpolate-background" else "estimated"
    if metric == "d1" or metric.startswith("bad"):
        return "pixels" if protocol.bad_denominator == "truth" else "estimated"
    return "pixels"


def _mean(values: Floats, weights: Floats, squared: bool, counts: Floats | None = None) -> Any:
    """Weighted mean; with ``counts`` (B, N), how often each sample was drawn, that of B resamples."""
    powered = values**2 if squared else values
    total = weights if counts is None else counts * weights
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (total @ powered) / total.sum(axis=-1)
    return np.sqrt(mean) if squared else mean


def _resample_counts(n: int) -> Floats:
    """How often each of n samples is drawn in each of the resamples: float64 (RESAMPLES, n); the same every time."""
    rng = np.random.default_rng([SEED, n])
    return rng.multinomial(n, np.full(n, 1 / n), size=RESAMPLES).astype(np.float64)


def _summary(protocol: Protocol, region: str, metric: str, results: Sequence[SampleResult]) -> dict[str, Any]:
    values, weights, shares = [], [], []
    missing = empty = 0
    count_key = _denominator(metric, protocol)
    pooled = metric in protocol.average.pooled
    for result in results:
        got = result.values.get(region)
        if got is None:
            missing += 1
        elif got["pixels"] == 0:
            empty += 1
            if protocol.average.empty == "zero" and not pooled:
                values.append(0.0)
                weights.append(protocol.average.weights.get(result.id, 1.0))
        elif not math.isfinite(got[metric]):
            missing += 1
        else:
            values.append(got[metric])
            weights.append(protocol.average.weights.get(result.id, 1.0))
            shares.append(float(got[count_key]))
    told: dict[str, Any] = {"mean": None, "samples": len(values), "missing": missing, "empty": empty}
    if missing or not values:
        return told
    value, weight = np.array(values), np.array(shares if pooled else weights)
    squared = pooled and metric == "rmse"
    told["mean"] = float(_mean(value, weight, squared))
    if not pooled and protocol.average.weights:
        told["plain_mean"] = float(value.mean())
    if len(values) > 1:
        resampled = _mean(value, weight, squared, _resample_counts(len(values)))
        told["low"], told["high"] = (float(end) for end in np.nanpercentile(resampled, [2.5, 97.5]))
    return told


def aggregate(protocol: Protocol, results: Sequence[SampleResult]) -> dict[str, dict[str, dict[str, Any]]]:
    """Aggregate every region and metric by the protocol's rule.

    Returns
    -------
    dict
        Region -> metric -> ``mean`` (None as soon as one sample has no value), ``low`` and ``high`` (95 % percentile
        bootstrap over samples, 1000 resamples, fixed seed; from two samples on), ``plain_mean`` (unweighted, where the
        protocol weighs samples), ``samples`` (in the mean), ``missing`` (failed or without a value), ``empty`` (no pixel of
        the region). Optional regions that no sample has are left out. A region of a group is about its samples alone.
    """
    scored = [result for result in results if not result.failed]
    regions = [
        region.name
        for region in protocol.pixels.regions
        if any(region.name in result.values for result in scored) or not (scored or region.optional)
    ]
    groups = {region.name: region.group for region in protocol.pixels.regions}
    among = {region: [result for result in results if groups[region] in ("", result.group)] for region in regions}
    return {
        region: {metric: _summary(protocol, region, metric, among[region]) for metric in protocol.metrics}
        for region in regions
    }
