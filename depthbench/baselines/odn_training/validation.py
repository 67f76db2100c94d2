# SPDX-License-Identifier: Apache-2.0
"""Per cent error at the final pose on whole sets, as the protocol ``odms`` has it."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from depthbench.baselines.odn import formulation
from depthbench.baselines.odn.examples import MotionExamples
from depthbench.baselines.odn.network import ODN

FAILURE_PERCENT = 100.0
"""What an answer counts that is not finite."""
AT_ONCE = 128


def percent_errors(network: ODN, examples: MotionExamples, device: torch.device) -> Tensor:
    """Return 100 |estimate - truth| / truth of each example, float64 (E,)."""
    depths = []
    for masks, behind_m in examples.batches(AT_ONCE):
        behind_m = behind_m.to(device)
        number = network(masks.to(device), behind_m).double()
        depths.append(formulation.depth(network.formulation, number, behind_m).cpu())
    errors = 100 * (torch.cat(depths) - examples.depth_m).abs() / examples.depth_m
    return errors.nan_to_num(FAILURE_PERCENT, FAILURE_PERCENT)


def measure(network: ODN, groups: Mapping[str, MotionExamples], device: torch.device) -> dict[str, float]:
    """Return the mean error of each set, and as ``score`` their mean, whatever the sets' sizes."""
    means = {name: float(percent_errors(network, examples, device).mean()) for name, examples in groups.items()}
    return {"score": sum(means.values()) / len(means), **means}
