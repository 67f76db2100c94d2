# SPDX-License-Identifier: Apache-2.0
"""Held-out stacks, whole: the answer of every stage, and of the constant, in metres."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch

from depthbench.baselines.hybriddepth.inputs import depth_m, focus_values, network_inputs
from depthbench.baselines.hybriddepth.network import HybridDepth
from depthbench.benchmarks.metrics.depth import DepthErrors
from depthbench.benchmarks.metrics.depth import measure as metric

STAGES = ("refined", "aligned", "focus")
METRICS = ("abs_rel", "rmse", "delta_1.25")


def measure(network: HybridDepth, stacks: Iterable[dict[str, Any]], device: torch.device) -> dict[str, float]:
    """Return means over stacks of :data:`METRICS` of each stage and of the middle plane everywhere, and as ``score`` refined_abs_rel.

    Pixels whose true depth is finite count, all of them; every stage has an answer for each.
    """
    rows: list[dict[str, float]] = []
    for found in stacks:
        picture, stack = (np.moveaxis(found[name].numpy(), -3, -1) for name in ("all_in_focus", "stack"))
        focus_m = found["focus_m"].double().numpy()
        inputs = network_inputs(picture, stack, focus_values(focus_m, network.settings, f"{found['id']}: "))
        stages = network(*(part.to(device) for part in inputs))
        truth = found["depth_m"].numpy()
        height, width = truth.shape
        answers = {
            name: depth_m(getattr(stages, name)[0, 0, :height, :width].float().cpu().numpy(), network.settings)
            for name in STAGES
        }
        answers["constant"] = np.full_like(truth, 1 / np.median(1 / focus_m))
        counts = np.isfinite(truth)
        if counts.any():
            rows.append(_row(answers, truth, counts))
    means = {key: float(np.mean([row[key] for row in rows])) for key in rows[0]} if rows else {}
    return {"score": means["refined_abs_rel"], **means} if means else {}


def _row(answers: dict[str, Any], truth: Any, counts: Any) -> dict[str, float]:
    true = truth[counts].astype(np.float64)
    row: dict[str, float] = {}
    for name, answer in answers.items():
        errors = DepthErrors(answer[counts].astype(np.float64), true, int(counts.sum()))
        row |= {f"{name}_{kind}": metric(kind, errors) for kind in METRICS}
    return row
