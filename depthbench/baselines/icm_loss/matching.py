# SPDX-License-Identifier: Apache-2.0
"""Which cluster stands for which instance."""

from __future__ import annotations

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment

CLAMP = 1e-6
"""Normalised entries are kept within [CLAMP, 1 - CLAMP]: a row of a single cell would have an entry 1, and an infinite logarithm."""


def normalised(rows: torch.Tensor) -> torch.Tensor:
    """Divide rows (.., P) by their Euclidean norm; a row of zeros stays one."""
    unit: torch.Tensor = rows / rows.norm(dim=-1, keepdim=True).clamp_min(1e-12)
    return unit


def pair_costs(clusters: torch.Tensor, instances: torch.Tensor) -> torch.Tensor:
    """Return the binary cross-entropy of every cluster with every instance, summed over cells: (N, M).

    With rows a, g divided by their norms: ``-sum_j [g_j log a_j + (1 - g_j) log(1 - a_j)]``, as one product of matrices:
    ``-(log a - log(1 - a)) g^T - sum_j log(1 - a_j)``.

    Parameters
    ----------
    clusters : float (N, P)
        Rows of the attention, not negative, over valid cells.
    instances : float (M, P)
        Rows of G.
    """
    a = normalised(clusters).clamp(CLAMP, 1 - CLAMP)
    absent = torch.log1p(-a)
    return -((a.log() - absent) @ normalised(instances).T) - absent.sum(dim=1, keepdim=True)


def matched(costs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return clusters and instances of the cheapest one-to-one assignment: min(N, M) pairs, two int64 tensors.

    Costs (N, M) are taken off the graph and to the CPU; what is not finite counts as dear.
    """
    plain = np.nan_to_num(costs.detach().double().cpu().numpy(), nan=1e12, posinf=1e12, neginf=-1e12)
    n, m = linear_sum_assignment(plain)
    return torch.from_numpy(n).to(costs.device), torch.from_numpy(m).to(costs.device)
