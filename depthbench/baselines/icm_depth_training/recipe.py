# SPDX-License-Identifier: Apache-2.0
"""The recipe of icm-depth: SILog of depth, and at each stride the loss of clusters against the membership of instances."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from depthbench.baselines.hybriddepth.losses import silog
from depthbench.baselines.icm_depth.network import IcmDepth
from depthbench.baselines.icm_depth.weights import read_state
from depthbench.baselines.icm_depth_training.config import IcmConfig
from depthbench.baselines.icm_depth_training.stream import FrameStream, targets_of
from depthbench.baselines.icm_depth_training.validation import measure
from depthbench.baselines.icm_loss.loss import icm_loss
from depthbench.baselines.s2m2.weights import load_strictly
from depthbench.baselines.training.recipe import Batch, Inputs
from depthbench.baselines.weights_file import file_sha256, read_metadata
from depthbench.errors import DepthbenchError
from depthbench.generators.config_file import CONFIG_FILE
from depthbench.generators.driving_shards.folder import DrivingFolder, holds_driving_frames

MOST_COMPARED = 8
"""Pictures of the same name that are held against each other."""


class IcmRecipe:
    """Clusters and depth on prepared driving frames."""

    Config: ClassVar[type[Any]] = IcmConfig
    presets: ClassVar[Path] = Path(__file__).with_name("presets")

    def __init__(self, config: IcmConfig, inputs: Inputs, seed: int) -> None:
        if inputs.masks:
            raise DepthbenchError("--masks: icm-depth learns from the instances of its own frames")
        if not inputs.data:
            raise DepthbenchError("--data: name a folder that `depthbench prepare dvps --out FOLDER` made")
        self.config, self._seed = config, seed
        self._data, self._val = ([_opened(word) for word in words] for words in (inputs.data, inputs.val))
        for held in self._val:
            for folder in self._data:
                if same := shared_frame(held, folder):
                    raise DepthbenchError(
                        f"--val {held.folder}: {same} is also learnt from, in {folder.folder}; prepare the split val"
                    )

    @property
    def rates(self) -> Mapping[str, float]:
        """Share of the learning rate by the beginning of a parameter's name."""
        return {"encoder.": self.config.encoder_rate}

    def network(self) -> IcmDepth:
        """Return a fresh network."""
        return IcmDepth(self.config.settings, self.config.encoder_weights)

    def initialise(self, network: nn.Module, path: Path) -> str:
        """Fill it from a checkpoint of the same network."""
        load_strictly(network, read_state(path), path)
        return read_metadata(path).get("licence", "unknown")

    def stream(self) -> FrameStream:
        """Return the training samples."""
        return FrameStream(self._data, self.config, self._seed)

    def losses(self, network: nn.Module, batch: Batch) -> dict[str, Tensor]:
        """Return SILog, and the loss of clusters of each stride times its weight."""
        stages, truth = network(batch["picture"]), batch["truth"]
        terms = {"silog": silog(stages.depth_m, truth, truth.isfinite())}
        if self.config.icm_weight:
            for stride, belongs in stages.memberships.items():
                loss, _ = icm_loss(belongs, targets_of(dict(batch), stride), self.config.reduction)
                terms[f"icm_{stride}"] = self.config.icm_weight * loss
        return terms

    def validate(self, network: nn.Module, device: torch.device) -> dict[str, float]:
        """Measure on the held-out frames."""
        assert isinstance(network, IcmDepth)
        frames = (
            folder.record(place, "image", "depth", "instance")
            for folder in self._val
            for place in spread(len(folder), self.config.val_samples)
        )
        return measure(network, frames, self.config, device)

    def manifest(self) -> list[dict[str, Any]]:
        """Return the folders, each with its frames' number and its configuration's fingerprint."""
        told = [
            {
                "use": use,
                "frames": len(folder),
                "sha256": file_sha256(folder.folder / CONFIG_FILE),
                "first": folder.ids[0],
            }
            for use, folders in (("data", self._data), ("val", self._val))
            for folder in folders
        ]
        weights = self.config.encoder_weights
        return [*told, {"use": "encoder", "sha256": file_sha256(weights)}] if weights else told

    def metadata(self) -> dict[str, str]:
        """Return what the network is like."""
        return self.config.settings.to_text()


def spread(count: int, most: int) -> list[int]:
    """Return at most ``most`` of ``count`` places, evenly; 0 is all."""
    if not most or most >= count:
        return list(range(count))
    return [int((place + 0.5) * count / most) for place in range(most)]


def shared_frame(one: DrivingFolder, other: DrivingFolder) -> str:
    """Return a frame that two folders have, "" if there is none; streets of other seeds have the same names and other pictures."""
    places = {name: place for place, name in enumerate(other.ids)}
    shared = [(place, places[name]) for place, name in enumerate(one.ids) if name in places]
    for here, there in shared[:MOST_COMPARED]:
        if one.record(here, "image").image == other.record(there, "image").image:
            return one.ids[here]
    return ""


def _opened(word: str) -> DrivingFolder:
    folder = Path(word).expanduser()
    if not holds_driving_frames(folder):
        raise DepthbenchError(
            f"{folder}: no folder of prepared driving frames; make one with `depthbench prepare dvps --root ... --out {folder}`"
        )
    return DrivingFolder(folder)
