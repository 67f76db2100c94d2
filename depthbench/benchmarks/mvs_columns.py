# SPDX-License-Identifier: Apache-2.0
"""How tables call measures of multi-view stereo: title and unit."""

from __future__ import annotations

from depthbench.benchmarks.mvs_protocol import CLOUD_METRICS, VIEW_METRIC

_NAMED = {
    "run_time_s": ("Time", "s"),
    "memory_gb": ("Memory", "GB"),
    "f_score": ("F", "%"),
    "precision": ("Precision", "%"),
    "recall": ("Recall", "%"),
}
_UNITS = {"mm": "mm", "intervals": "intervals"}


def mvs_column(metric: str) -> tuple[str, str] | None:
    """Return title and unit of a measure of views, clouds or runs; None for others."""
    if metric in _NAMED:
        return _NAMED[metric]
    if metric in CLOUD_METRICS:
        return metric.replace("_", " ").capitalize(), "%" if metric.endswith("kept") else "mm"
    match = VIEW_METRIC.fullmatch(metric)
    if match and match["mean"]:
        return "Error", _UNITS[match["mean"]]
    if match and match["limit"]:
        return f"<{match['limit']} {_UNITS[match['unit']]}", "%"
    return None
