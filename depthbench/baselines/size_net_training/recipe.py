# SPDX-License-Identifier: Apache-2.0
"""The recipe of ``size-net``: the mean of what is measured, the per cent error of depth, judged on held-out sets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from depthbench.baselines.odn.examples import read_held_out
from depthbench.baselines.s2m2.weights import load_strictly
from depthbench.baselines.size_net.measures import log_sizes
from depthbench.baselines.size_net.model import read_state
from depthbench.baselines.size_net.network import SizeNet
from depthbench.baselines.size_net_training.config import SizeNetConfig
from depthbench.baselines.size_net_training.stream import SizeStream
from depthbench.baselines.training.recipe import Batch, Inputs
from depthbench.errors import DepthbenchError

STREAM = "odms"
"""What ``--data`` is called."""
MOST_LOG = 2.0
"""Of ln(estimate / truth) beyond which an error grows no more: there a gradient only shakes."""


def relative_error(log_depth: Tensor, truth_m: Tensor, behind_m: Tensor) -> Tensor:
    """Return absolute errors over truths, (B,), of estimates ln(d / D)."""
    log_truth = (truth_m / (behind_m[:, -1] - behind_m[:, 0])).log()
    return ((log_depth - log_truth).clamp(max=MOST_LOG).exp() - 1).abs()


class SizeNetRecipe:
    """One loss, on sizes."""

    Config: ClassVar[type[Any]] = SizeNetConfig
    presets: ClassVar[Path] = Path(__file__).with_name("presets")

    def __init__(self, config: SizeNetConfig, inputs: Inputs, seed: int) -> None:
        if inputs.data != (STREAM,):
            raise DepthbenchError(
                f"--data {' '.join(inputs.data) or '(none)'}: size-net learns from the stream of masks alone, --data {STREAM}"
            )
        if inputs.masks:
            raise DepthbenchError("--masks: nothing of size-net learns from pictures; its masks are drawn")
        self.config = config
        self._stream = SizeStream(config, seed)
        held, self._val = read_held_out(inputs.val, config.observations, config.val_examples)
        self._held = {name: (log_sizes(one.masks.numpy()), one.behind_m, one.depth_m) for name, one in held.items()}

    def network(self) -> SizeNet:
        """Return a fresh network."""
        return SizeNet()

    def initialise(self, network: nn.Module, path: Path) -> str:
        """Fill it from another checkpoint of size-net."""
        state, told = read_state(path)
        load_strictly(network, state, path)
        return told.get("licence", "unknown")

    def stream(self) -> SizeStream:
        """Return the training samples."""
        return self._stream

    def losses(self, network: nn.Module, batch: Batch) -> dict[str, Tensor]:
        """Return the mean relative error: equation 21, without the hundred."""
        log_depth = network(batch["sizes"], batch["behind_m"])
        return {"relative error": relative_error(log_depth, batch["depth_m"], batch["behind_m"]).mean()}

    def validate(self, network: nn.Module, device: torch.device) -> dict[str, float]:
        """Measure the mean per cent error of each set, and as ``score`` their mean."""
        means = {}
        for name, (sizes, behind_m, depth_m) in self._held.items():
            log_depth = network(sizes.to(device), behind_m.to(device)).double().cpu()
            estimate = log_depth.exp() * (behind_m[:, -1] - behind_m[:, 0])
            means[name] = float((100 * (estimate - depth_m).abs() / depth_m).mean())
        return {"score": sum(means.values()) / len(means), **means} if means else {}

    def manifest(self) -> list[dict[str, Any]]:
        """Return the streams' configurations and the held-out sets."""
        data = [{"use": "data", **json.loads(json.dumps(kind.to_json()))} for kind in self._stream.kinds]
        return [*data, *self._val]

    def metadata(self) -> dict[str, str]:
        """Return what it learnt from."""
        return {"data": json.dumps([kind.to_json() for kind in self._stream.kinds], sort_keys=True)}
