# SPDX-License-Identifier: Apache-2.0
"""Held-out views at full size: errors in the scene's unit and in intervals between planes, and what a constant would have got."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch

from depthbench.baselines.pbs_mvsnet.network import PbsNet
from depthbench.benchmarks.metrics.mvs_depth import depth_errors

METRICS = ("mean_mm", "within_2_mm", "within_8_mm", "mean_intervals")
SURE = 0.8


def measure(network: PbsNet, samples: Iterable[dict[str, Any]], device: torch.device) -> dict[str, float]:
    """Return means over views of :data:`METRICS`, of ``sure_mean_mm`` (confidence above 0.8) with ``sure`` (its share, %), and of ``constant_mm``.

    ``constant_mm`` is the error of the view's own median depth everywhere. ``score`` is mean_mm.
    """
    rows: list[dict[str, float]] = []
    for sample in samples:
        shown = (sample[name][None].to(device) for name in ("pictures", "carried", "limits"))
        answer = network(*shown)
        depth, confidence = (part[0].float().cpu().numpy() for part in (answer.depth, answer.confidence))
        valid = sample["valid"].numpy()
        truth = np.where(valid, sample["truth"].numpy(), np.float32(np.nan))
        interval = float(sample["limits"][1] - sample["limits"][0]) / (network.settings.planes - 1)
        row = depth_errors(depth, truth, interval, METRICS)
        sure = depth_errors(depth, truth, interval, METRICS, confidence > SURE)
        constant = float(np.abs(truth[valid] - np.median(truth[valid])).mean())
        share = 100 * sure["pixels"] / row["pixels"]
        rows.append({key: row[key] for key in METRICS} | {"sure_mean_mm": sure["mean_mm"], "sure": share, "constant_mm": constant})  # fmt: skip
    if not rows:
        return {}
    means = {key: float(np.nanmean([row[key] for row in rows])) for key in rows[0] if any(np.isfinite(row[key]) for row in rows)}  # fmt: skip
    return {"score": means["mean_mm"], **means}
