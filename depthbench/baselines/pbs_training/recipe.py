# SPDX-License-Identifier: Apache-2.0
"""The recipe of PBS-MVSNet: the mean absolute error of the depth (eq. 7), in intervals between planes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from depthbench.baselines.pbs_mvsnet.network import PbsNet
from depthbench.baselines.pbs_mvsnet.weights import load_network
from depthbench.baselines.pbs_training.config import PbsConfig
from depthbench.baselines.pbs_training.source import Scans
from depthbench.baselines.pbs_training.stream import ViewStream, sample_of
from depthbench.baselines.pbs_training.validation import measure
from depthbench.baselines.s2m2.weights import load_strictly
from depthbench.baselines.training.recipe import Batch, Inputs
from depthbench.errors import DepthbenchError


class PbsRecipe:
    """One network at one level or several; the pyramid of depth maps has nothing to learn."""

    Config: ClassVar[type[Any]] = PbsConfig
    presets: ClassVar[Path] = Path(__file__).with_name("presets")

    def __init__(self, config: PbsConfig, inputs: Inputs, seed: int) -> None:
        if inputs.masks:
            raise DepthbenchError("--masks: nothing of pbs-mvsnet learns from masks")
        self.config, self._seed = config, seed
        self._data = [Scans(word) for word in inputs.data]
        self._val = [Scans(word) for word in inputs.val]
        for held in self._val:
            for source in self._data:
                both = sorted(set(held.scans) & set(source.scans)) if held.root == source.root else []
                if both:
                    raise DepthbenchError(
                        f"--val {held.word}: scan {both[0]} is what it learns from; name others, as in --data {source.root}@1-6 --val {held.root}@7-8"
                    )

    def network(self) -> PbsNet:
        """Return a fresh network."""
        return PbsNet(self.config.network)

    def initialise(self, network: nn.Module, path: Path) -> str:
        """Fill it from a checkpoint of the same sizes."""
        other, told = load_network(path)
        load_strictly(network, other.state_dict(), path)
        return told.get("licence", "unknown")

    def stream(self) -> ViewStream:
        """Return the training samples."""
        return ViewStream(self._data, self.config, self._seed)

    def losses(self, network: nn.Module, batch: Batch) -> dict[str, Tensor]:
        """Return the mean absolute error over pixels of known depth; each sample counts alike."""
        answer = network(batch["pictures"], batch["carried"], batch["limits"])
        valid, limits = batch["valid"], batch["limits"]
        interval = (limits[:, 1] - limits[:, 0]) / (self.config.planes - 1)
        error = torch.where(valid, (answer.depth - batch["truth"]).abs(), torch.zeros_like(answer.depth))
        of_each = error.sum(dim=(1, 2)) / valid.sum(dim=(1, 2))
        return {"intervals": (of_each / interval).mean()}

    def validate(self, network: nn.Module, device: torch.device) -> dict[str, float]:
        """Measure the finest level on held-out views, in each scan's middle light."""
        assert isinstance(network, PbsNet)
        samples = (
            sample_of(
                *held.views(place, self.config.sources, held.lights(place)[len(held.lights(place)) // 2]), self.config
            )
            for held in self._val
            for place in held.spread(self.config.val_views)
        )
        return measure(network, samples, device)

    def manifest(self) -> list[dict[str, Any]]:
        """Return the scans that it learns from, and those held out."""
        return [{"use": use, **source.manifest()} for use, sources in (("data", self._data), ("val", self._val)) for source in sources]  # fmt: skip

    def metadata(self) -> dict[str, str]:
        """Return what the network is like, and what it was shown."""
        config = self.config
        shown = {"sources": config.sources, "size": config.size, "levels": config.levels}
        return config.network.to_text() | {f"trained_{key}": str(value) for key, value in shown.items()}
