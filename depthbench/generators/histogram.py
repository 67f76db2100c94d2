# SPDX-License-Identifier: Apache-2.0
"""Counts of values that do not fit in memory together: what quantiles and pictures of a whole set are made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

_LOG_LOW, _LOG_HIGH, _BINS = -3.0, 5.0, 4096
_COARSE = 64


@dataclass
class LogHistogram:
    """Counts over log10 from 1e-3 to 1e5; bins are 0.45 % wide. Values at or below 0 are counted apart, as ``zeros``.

    Attributes
    ----------
    counts : int64 (4096,)
    zeros : int
    total : float
        Sum of all values.
    low, high : float
        Least and largest value; inf and -inf before there is one.
    """

    counts: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(_BINS, dtype=np.int64))
    zeros: int = 0
    total: float = 0.0
    low: float = np.inf
    high: float = -np.inf

    def add(self, values: npt.NDArray[Any]) -> None:
        """Count finite values of any shape."""
        if not values.size:
            return
        positive = values[values > 0]
        self.zeros += values.size - positive.size
        logs = np.log10(np.maximum(positive, 10.0**_LOG_LOW))
        place = ((logs - _LOG_LOW) * (_BINS / (_LOG_HIGH - _LOG_LOW))).astype(np.intp)
        self.counts += np.bincount(np.minimum(place, _BINS - 1), minlength=_BINS)
        self.total += float(values.sum(dtype=np.float64))
        self.low, self.high = min(self.low, float(values.min())), max(self.high, float(values.max()))

    def merge(self, other: LogHistogram) -> None:
        """Add another's counts."""
        self.counts += other.counts
        self.zeros += other.zeros
        self.total += other.total
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)

    def __len__(self) -> int:
        return self.zeros + int(self.counts.sum())

    def quantile(self, q: float) -> float:
        """Return a quantile to the width of a bin, within the true range; NaN where nothing was counted."""
        if not len(self):
            return np.nan
        rank = q * len(self) - self.zeros
        if rank <= 0 and self.zeros:
            return 0.0
        place = int(np.searchsorted(np.cumsum(self.counts), rank))
        middle = 10.0 ** (_LOG_LOW + (place + 0.5) * (_LOG_HIGH - _LOG_LOW) / _BINS)
        return float(np.clip(middle, self.low, self.high))

    def described(self, quantiles: tuple[float, ...]) -> dict[str, Any]:
        """Return low, quantiles, high, mean and a histogram of 64 bins as plain data; NaN where nothing was counted."""
        total = len(self)
        edges = 10.0 ** np.linspace(_LOG_LOW, _LOG_HIGH, _COARSE + 1)
        share = self.counts.reshape(_COARSE, -1).sum(axis=1) / max(total, 1)
        return {
            "low": self.low if total else np.nan,
            **{f"q{round(100 * q):02d}": self.quantile(q) for q in quantiles},
            "high": self.high if total else np.nan,
            "mean": self.total / total if total else np.nan,
            "histogram": {"edges": edges.tolist(), "share": share.tolist()},
        }


def described(values: npt.NDArray[Any], quantiles: tuple[float, ...], edges: npt.NDArray[Any]) -> dict[str, Any]:
    """Return the same of values that are all at hand, with exact quantiles and the histogram's bins as given."""
    values = values[np.isfinite(values)].astype(np.float64)
    if not values.size:
        return LogHistogram().described(quantiles)
    counts, _ = np.histogram(values, edges)
    return {
        "low": float(values.min()),
        **{f"q{round(100 * q):02d}": float(np.quantile(values, q, method="inverted_cdf")) for q in quantiles},
        "high": float(values.max()),
        "mean": float(values.mean()),
        "histogram": {"edges": edges.tolist(), "share": (counts / values.size).tolist()},
    }
