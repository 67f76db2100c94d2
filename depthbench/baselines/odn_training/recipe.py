# SPDX-License-Identifier: Apache-2.0
"""The recipes of the ODN networks: one L1 loss on the stream of masks, the checkpoint picked by the mean error over held-out sets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from depthbench.baselines.odn import formulation
from depthbench.baselines.odn.configurations import CONFIGURATIONS
from depthbench.baselines.odn.examples import read_held_out
from depthbench.baselines.odn.network import ODN
from depthbench.baselines.odn.statistics import restate
from depthbench.baselines.odn.weights import as_float32, description
from depthbench.baselines.odn_training.config import OdnConfig
from depthbench.baselines.odn_training.stream import MaskStream
from depthbench.baselines.odn_training.validation import AT_ONCE, measure
from depthbench.baselines.s2m2.weights import load_strictly
from depthbench.baselines.training.recipe import Batch, Inputs
from depthbench.baselines.weights_file import read_weights
from depthbench.errors import DepthbenchError
from depthbench.generators.odms.config import OdmsConfig

STREAM = "odms"
"""What ``--data`` is called."""
BEYOND = 2**40
"""First sample of the stream that batch norms are restated with: far behind those that any run learns from."""


class OdnRecipe:
    """What all share."""

    Config: ClassVar[type[Any]] = OdnConfig
    presets: ClassVar[Path] = Path(__file__).with_name("presets")
    name: ClassVar[str]

    def __init__(self, config: OdnConfig, inputs: Inputs, seed: int) -> None:
        if inputs.data != (STREAM,):
            raise DepthbenchError(
                f"--data {' '.join(inputs.data) or '(none)'}: {self.name} learns from the stream of masks alone, --data {STREAM}"
            )
        if inputs.masks:
            raise DepthbenchError(f"--masks: nothing of {self.name} learns from pictures; its masks are drawn")
        self.config = config
        self._is = CONFIGURATIONS[self.name]
        self._data = OdmsConfig(
            seed=seed, observations=config.observations, perturb=self._is.perturb, augment=config.augment
        )
        held, self._val = read_held_out(inputs.val, config.observations, config.val_examples)
        self._held = {group: examples.cleaned() for group, examples in held.items()} if config.clean else held
        self.best_of = tuple(self._held) if len(self._held) > 1 else ()

    def network(self) -> ODN:
        """Return a fresh network."""
        config = self.config
        return ODN(config.observations, self._is.formulation, self._is.radial, config.head)

    def initialise(self, network: nn.Module, path: Path) -> str:
        """Fill it from a checkpoint of the same shape; one that sees the radial image may start from one that does not, as that one."""
        read, told = read_weights(path)
        state = as_float32(read)
        first = state.get("conv1.weight")
        if self._is.radial and first is not None and first.shape[1] == self.config.observations:
            state["conv1.weight"] = F.pad(first, (0, 0, 0, 0, 0, 1))
        load_strictly(network, state, path)
        return told.get("licence", "unknown")

    def stream(self) -> MaskStream:
        """Return the training samples."""
        return MaskStream(self._data)

    def losses(self, network: nn.Module, batch: Batch) -> dict[str, Tensor]:
        """Return the mean absolute error of the network's number: equations 11 to 13."""
        number = network(batch["masks"], batch["behind_m"])
        return {"l1": F.l1_loss(number, formulation.target(self._is.formulation, batch["depth_m"], batch["behind_m"]))}

    def validate(self, network: nn.Module, device: torch.device) -> dict[str, float]:
        """Restate the batch norms of the weights that are to be kept, then measure on every held-out set."""
        if self.config.restate_examples:
            restate(network, self._fresh(device))
        assert isinstance(network, ODN)
        return measure(network, self._held, device) if self._held else {}

    def _fresh(self, device: torch.device) -> Iterator[tuple[Tensor, Tensor]]:
        stream = self.stream()
        for first in range(0, self.config.restate_examples, AT_ONCE):
            numbers = range(first, min(first + AT_ONCE, self.config.restate_examples))
            made = stream.samples([(0, BEYOND + number) for number in numbers])
            yield made["masks"].to(device), made["behind_m"].to(device)

    def manifest(self) -> list[dict[str, Any]]:
        """Return the stream's configuration and the held-out sets."""
        return [{"use": "data", **json.loads(json.dumps(self._data.to_json()))}, *self._val]

    def metadata(self) -> dict[str, str]:
        """Return what the network is like, and what it learnt from."""
        learnt = {"perturb": str(self._is.perturb).lower(), "augment": ",".join(self.config.augment)}
        learnt["clean"] = str(self.config.clean).lower()
        size = description(self.config.observations, self._is.formulation, self._is.radial, self.config.head)
        return size | learnt | {"data": json.dumps(self._data.to_json(), sort_keys=True)}


class OdnL(OdnRecipe):
    """ODN_l."""

    name = "odn-l"


class OdnLp(OdnRecipe):
    """ODN_lp."""

    name = "odn-lp"


class OdnLr(OdnRecipe):
    """ODN_lr."""

    name = "odn-lr"


class OdnDbar(OdnRecipe):
    """ODN_dbar."""

    name = "odn-dbar"


class OdnDbarp(OdnRecipe):
    """ODN_dbarp."""

    name = "odn-dbarp"


class OdnD(OdnRecipe):
    """ODN_d."""

    name = "odn-d"


class OdnDp(OdnRecipe):
    """ODN_dp."""

    name = "odn-dp"
