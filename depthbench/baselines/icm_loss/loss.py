# SPDX-License-Identifier: Apache-2.0
"""The loss of clusters, and its sum with that of depth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import torch

from depthbench.baselines.hybriddepth.losses import silog
from depthbench.baselines.icm_loss.matching import matched, pair_costs
from depthbench.baselines.icm_loss.target import LevelTarget

Reduction = Literal["mean", "literal"]


@dataclass(frozen=True)
class Matches:
    """How the instances of one picture found clusters, for logs and pictures.

    Attributes
    ----------
    clusters, instances : tuple of int
        Pairs, instances by their rows of G.
    without_cluster : int
        Instances beyond the number of clusters.
    vanished : int
        Instances that have no cell at this level.
    """

    clusters: tuple[int, ...]
    instances: tuple[int, ...]
    without_cluster: int
    vanished: int


def icm_loss(
    attention: torch.Tensor, targets: Sequence[LevelTarget], reduction: Reduction = "mean"
) -> tuple[torch.Tensor, list[Matches]]:
    """Return the loss of one level over a batch (mean over its pictures), and each picture's matches.

    Parameters
    ----------
    attention : float (B, N, h, w) or (B, N, P)
        How much each cell belongs to each cluster; not negative. Computed in float32 at least, whatever comes in, under autocast too.
    targets : LevelTarget of each picture
    reduction : {"mean", "literal"}
        ``mean``: over matched pairs and valid cells. ``literal``: sum over matched pairs and valid cells, divided by N, as the paper
        writes it: hundreds at a quarter of 256x512, beside an error of depth below 10.

    Notes
    -----
    Cells without depth enter neither rows, norms nor sums. Instances of no cell at this level are left out. Clusters without a
    partner are free. A picture without instances adds 0, through which gradients flow (so that every parameter has one).
    """
    rows = attention.flatten(2)
    rows = rows.float() if rows.dtype in (torch.float16, torch.bfloat16) else rows
    with torch.autocast(rows.device.type, enabled=False):
        found = [_of_picture(row, target, reduction) for row, target in zip(rows, targets, strict=True)]
    return torch.stack([loss for loss, _ in found]).mean(), [matches for _, matches in found]


def _of_picture(row: torch.Tensor, target: LevelTarget, reduction: Reduction) -> tuple[torch.Tensor, Matches]:
    if row.shape[1] != len(target.valid):
        raise ValueError(f"attention over {row.shape[1]} cells, targets over {len(target.valid)}")
    cells = torch.nonzero(target.valid).squeeze(1)
    matrix = target.matrix(cells).to(row.dtype)
    there = torch.nonzero(matrix.sum(dim=1) > 0).squeeze(1)
    vanished = target.count - len(there)
    if not len(there):
        return 0 * row.sum(), Matches((), (), 0, vanished)
    costs = pair_costs(row[:, cells], matrix[there])
    n, m = matched(costs)
    chosen = costs[n, m]
    loss = chosen.mean() / len(cells) if reduction == "mean" else chosen.sum() / len(row)
    pairs = tuple(n.tolist()), tuple(there[m].tolist())
    return loss, Matches(*pairs, max(0, len(there) - len(row)), vanished)


def total_loss(
    depth_m: torch.Tensor,
    truth_m: torch.Tensor,
    attentions: Mapping[int, torch.Tensor],
    targets: Mapping[int, Sequence[LevelTarget]],
    icm_weight: float = 1.0,
    reduction: Reduction = "mean",
) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Return SILog of the depth plus ``icm_weight`` times the sum of the levels' losses, and the parts (detached).

    Parameters
    ----------
    depth_m : float (B, ...)
        Positive.
    truth_m : float (B, ...)
        NaN, infinite or not positive = unknown.
    attentions : stride -> (B, N, h, w)
    targets : stride -> targets of each picture
        Strides of the attentions, at least.
    icm_weight : float
        0: depth alone; the clusters are then not even matched.
    """
    depth = silog(depth_m, truth_m, torch.isfinite(truth_m) & (truth_m > 0))
    parts = {"silog": depth.detach()}
    total = depth
    if icm_weight:
        for stride, attention in attentions.items():
            loss, _ = icm_loss(attention, targets[stride], reduction)
            parts[f"icm_{stride}"] = loss.detach()
            total = total + icm_weight * loss
    return total, parts | {"total": total.detach()}
