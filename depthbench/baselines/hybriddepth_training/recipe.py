# SPDX-License-Identifier: Apache-2.0
"""The recipe of HybridDepth.

Published: the refinement alone learns, beside a depth-from-focus branch and a relative-depth branch that others trained. Here any of the
three may learn, each by its own loss and none through another, so that one run makes all from nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from depthbench.baselines.hybriddepth.losses import focus_loss, log_error, multi_scale_gradient, relative_loss, silog
from depthbench.baselines.hybriddepth.network import BRANCHES, HybridDepth
from depthbench.baselines.hybriddepth.weights import branch_state, fill_branch, is_whole, read_plain
from depthbench.baselines.hybriddepth_training.config import OWN_WEIGHTS, HybridConfig
from depthbench.baselines.hybriddepth_training.source import Stacks
from depthbench.baselines.hybriddepth_training.stream import StackStream
from depthbench.baselines.hybriddepth_training.validation import measure
from depthbench.baselines.training.recipe import Batch, Inputs
from depthbench.baselines.weights_file import file_sha256, read_metadata
from depthbench.errors import DepthbenchError


class HybridRecipe:
    """Three branches on focal stacks."""

    Config: ClassVar[type[Any]] = HybridConfig
    presets: ClassVar[Path] = Path(__file__).with_name("presets")

    def __init__(self, config: HybridConfig, inputs: Inputs, seed: int) -> None:
        if inputs.masks:
            raise DepthbenchError("--masks: nothing of hybriddepth learns from masks")
        self.config, self._seed = config, seed
        self._data = [Stacks(word, config, seed) for word in inputs.data]
        self._val = [Stacks(word, config, seed) for word in inputs.val]
        for held in self._val:
            if held.root in {source.root for source in self._data}:
                raise DepthbenchError(f"--val {held.word}: is what it learns from; hold other scenes out")

    def network(self) -> HybridDepth:
        """Return a fresh network, branches from their files."""
        network = HybridDepth(self.config.settings, self.config.learns)
        for branch, key in OWN_WEIGHTS.items():
            if path := getattr(self.config, key):
                fill_branch(network, branch, path)
        return network

    def initialise(self, network: nn.Module, path: Path) -> str:
        """Fill it from a checkpoint of the whole of the same sizes, or of one branch; what the file lacks stays."""
        assert isinstance(network, HybridDepth)
        state = read_plain(path)
        filled = []
        for branch, name in BRANCHES.items():
            if is_whole(state) and not any(key.startswith(f"{name}.") for key in state):
                continue
            try:
                branch_state(state, branch, path)
            except DepthbenchError:
                continue
            fill_branch(network, branch, path)
            filled.append(branch)
        if not filled:
            raise DepthbenchError(f"{path}: holds no branch of hybriddepth")
        return read_metadata(path).get("licence", "unknown")

    def stream(self) -> StackStream:
        """Return the training samples."""
        return StackStream(self._data, self.config, self._seed)

    def losses(self, network: nn.Module, batch: Batch) -> dict[str, Tensor]:
        """Return the terms of the branches that learn."""
        config, truth, valid = self.config, batch["truth"], batch["valid"]
        if "focus" in config.learns and len(truth) < 2:
            raise DepthbenchError("a part of a batch has one sample, of which batch norms learn nothing: raise --batch")
        stages = network(batch["picture"], batch["stack"], batch["focus"])
        terms: dict[str, Tensor] = {}
        if "refinement" in config.learns:
            terms["silog"] = silog(stages.refined, truth, valid)
            if config.log_weight:
                terms["log"] = config.log_weight * log_error(stages.refined, truth, valid)
            mask = valid if config.mask_gradient else None
            terms["edges"] = config.gradient_weight * multi_scale_gradient(stages.refined, truth, mask)
        if "focus" in config.learns:
            terms["focus"] = config.focus_weight * focus_loss(stages.focus_all, truth, valid)
        if "relative" in config.learns:
            # where the truth does not count it is 0, of which there is no inverse
            disparity = (
                truth if config.quantity == "disparity" else 1 / torch.where(valid, truth, torch.ones_like(truth))
            )
            terms["relative"] = config.relative_weight * relative_loss(stages.relative, disparity, valid)
        return terms

    def validate(self, network: nn.Module, device: torch.device) -> dict[str, float]:
        """Measure every stage on the held-out stacks."""
        assert isinstance(network, HybridDepth)
        stacks = (held.stack(place) for held in self._val for place in held.spread(self.config.val_samples))
        return measure(network, stacks, device)

    def manifest(self) -> list[dict[str, Any]]:
        """Return sources, held-out data and the files that branches start from."""
        data = [{"use": "data", **source.manifest()} for source in self._data]
        files = [(branch, getattr(self.config, key)) for branch, key in OWN_WEIGHTS.items()]
        told = [{"use": branch, "sha256": file_sha256(path)} for branch, path in files if path]
        return data + [{"use": "val", **source.manifest()} for source in self._val] + told

    def metadata(self) -> dict[str, str]:
        """Return what the network is like, and the planes that it learnt from."""
        config = self.config
        planes = {"focus": config.focus, "planes": config.planes, "near_m": config.near_m, "far_m": config.far_m}
        return {**config.settings.to_text(), "camera": config.camera, **{key: str(v) for key, v in planes.items()}}
