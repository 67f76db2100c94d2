# SPDX-License-Identifier: Apache-2.0
"""The recipes of ``s2m2`` (nearest surface, the baseline without conditions) and ``s2m2-focus`` (steered), on the same data."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from depthbench.baselines.s2m2.matching import Match
from depthbench.baselines.s2m2.network import S2M2, Estimate
from depthbench.baselines.s2m2.weights import OFFICIAL_LICENCE, load_strictly, read_checkpoint
from depthbench.baselines.s2m2_focus.losses import Weights, segmentation_loss, stereo_losses
from depthbench.baselines.s2m2_focus.network import NEW_PREFIXES, S2M2Focus
from depthbench.baselines.stereo_training.config import StereoConfig
from depthbench.baselines.stereo_training.source import open_source
from depthbench.baselines.stereo_training.stream import StereoStream, open_masks
from depthbench.baselines.stereo_training.validation import held_out, measure, score
from depthbench.baselines.training.recipe import Batch, Inputs
from depthbench.errors import DepthbenchError

VAL_SEED = 1_000_003
"""Added to the seed where planes are held out."""


class _Stereo(ABC):
    """What both recipes share."""

    Config: ClassVar[type[Any]] = StereoConfig
    presets: ClassVar[Path] = Path(__file__).with_name("presets")
    conditioned: ClassVar[bool]

    def __init__(self, config: StereoConfig, inputs: Inputs, seed: int) -> None:
        if not inputs.data:
            raise DepthbenchError("no data: give --data planes, --data FOLDER or --data SET:ROOT, once or more")
        if inputs.masks and not (self.conditioned and config.segmentation):
            raise DepthbenchError("--masks: nothing learns from masks here (s2m2-focus with segmentation=true does)")
        self.config, self.inputs, self._seed = config, inputs, seed
        self._sources = [open_source(word, seed, config.planes_disp_px) for word in inputs.data]
        self._masks = [open_masks(word, config.width, config.height) for word in inputs.masks]
        held_seed = seed + VAL_SEED
        self._held = [open_source(word, held_seed, config.planes_disp_px)[0] for word in inputs.val]
        learnt = [source.manifest() for source, _ in self._sources]
        for word, source in zip(inputs.val, self._held, strict=True):
            if source.manifest() in learnt:
                raise DepthbenchError(f"--val {word}: is among --data too; hold other data out")
        self._weights = Weights(
            config.disparity,
            config.occlusion,
            config.confidence,
            config.concentration,
            config.likelihood,
            config.match,
            config.segmentation_weight,
        )

    def stream(self) -> StereoStream:
        """Return the training samples."""
        return StereoStream(self._sources, self._masks, self.config, self._seed, self.conditioned)

    def manifest(self) -> list[dict[str, Any]]:
        """Return sources with weights, masks, held-out data."""
        data = [{"use": "data", "weight": weight, **source.manifest()} for source, weight in self._sources]
        masks = [{"use": "masks", "samples": len(folder), "sha256": folder.sha256()} for folder in self._masks]
        return data + masks + [{"use": "val", **source.manifest()} for source in self._held]

    def metadata(self) -> dict[str, str]:
        """Return what the network is like."""
        config = self.config
        return {
            "channels": str(config.channels),
            "transformers": str(config.transformers),
            "refine_steps": str(config.refine_steps),
        }

    def validate(self, network: nn.Module, device: torch.device) -> dict[str, float]:
        """Measure on the held-out data."""
        if not self._held:
            return {}
        pairs = (pair for source in self._held for pair in held_out(source, self.config.val_samples, self.config))
        measures = measure(pairs, lambda left, right: self.answers(network, left, right), device)
        return {"score": score(measures, self.config.score_px, self.conditioned), **measures}

    @abstractmethod
    def answers(self, network: Any, left: Tensor, right: Tensor) -> list[tuple[str, Tensor]]:
        """Return what was asked and the disparity."""

    def _weighted(self, estimate: Estimate, batch: Batch) -> dict[str, Tensor]:
        """Return the terms, each a mean over samples of means over their pixels: dividing a batch changes nothing."""
        truth, valid, visible = (batch[name].split(1) for name in ("truth_px", "valid", "visible"))
        each = [stereo_losses(*parts) for parts in zip(_samples(estimate), truth, valid, visible, strict=True)]
        return {name: getattr(self._weights, name) * _mean([terms[name] for terms in each]) for name in each[0]}


class Unconditioned(_Stereo):
    """S2M2 on layered data, asked for the nearest surface everywhere: ordinary disparity."""

    conditioned = False

    def network(self) -> S2M2:
        """Return a fresh S2M2."""
        config = self.config
        return S2M2(config.channels, config.transformers, refine_steps=config.refine_steps)

    def initialise(self, network: nn.Module, path: Path) -> str:
        """Fill it from a checkpoint of S2M2."""
        state, licence = read_checkpoint(path)
        load_strictly(network, state, path)
        return licence or OFFICIAL_LICENCE

    def losses(self, network: nn.Module, batch: Batch) -> dict[str, Tensor]:
        """Return the terms but for the segmentation."""
        return self._weighted(network.estimate(batch["left"], batch["right"]), batch)  # type: ignore[operator]

    def answers(self, network: Any, left: Tensor, right: Tensor) -> list[tuple[str, Tensor]]:
        """Return its one answer."""
        return [("", network(left, right)[0])]


class Steered(_Stereo):
    """S2M2 steered by c."""

    conditioned = True

    def network(self) -> S2M2Focus:
        """Return a fresh network; without segmentation loss its heads do not train."""
        network = self._like_s2m2()
        network.start_fresh()
        return network

    def _like_s2m2(self) -> S2M2Focus:
        config = self.config
        network = S2M2Focus(
            config.channels,
            config.transformers,
            config.experts,
            config.inject,
            config.prior,
            refine_steps=config.refine_steps,
        )
        network.seg_head.requires_grad_(config.segmentation)
        return network

    def initialise(self, network: nn.Module, path: Path) -> str:
        """Fill it from a checkpoint of its own kind, or from S2M2 (it then starts as that one)."""
        state, licence = read_checkpoint(path)
        if not any(key.startswith(NEW_PREFIXES) for key in state):
            own = self._like_s2m2().state_dict()
            load_strictly(network, state | {key: own[key] for key in own if key.startswith(NEW_PREFIXES)}, path)
            network.start_from_s2m2()  # type: ignore[operator]
        else:
            load_strictly(network, state, path)
        return licence or OFFICIAL_LICENCE

    def metadata(self) -> dict[str, str]:
        """Return the network's size and its ablations."""
        config = self.config
        told = {
            "experts": str(config.experts),
            "inject": str(config.inject).lower(),
            "prior": str(config.prior).lower(),
            "target_rule": config.rule,
        }
        return super().metadata() | told

    def losses(self, network: nn.Module, batch: Batch) -> dict[str, Tensor]:
        """Return all terms; masks are learnt from the left eye and from the pictures of ``--masks``."""
        view = network.view(batch["left"], batch["right"])  # type: ignore[operator]
        if self.config.conditions > 1:
            view = view._replace(guides=network.guides(view.scene))  # type: ignore[operator]
        asked = []
        for number in range(self.config.conditions):
            one = {name: batch[name][:, number] for name in ("c", "truth_px", "valid", "visible")}
            asked.append(self._weighted(network.steer(view, one["c"]), one))  # type: ignore[operator]
        terms = {name: _mean([found[name] for found in asked]) for name in asked[0]}
        if self.config.segmentation:
            logits = network.segment_pyramid(_first_half(view.scene.pyramid))  # type: ignore[operator]
            term = _segmentation(logits, batch["masks"], batch["known"])
            if "mask_image" in batch:
                more = network.segment(batch["mask_image"])  # type: ignore[operator]
                term = term + _segmentation(more, batch["mask_masks"], batch["mask_known"])
            terms["segmentation"] = self._weights.segmentation * term
        return terms

    def answers(self, network: Any, left: Tensor, right: Tensor) -> list[tuple[str, Tensor]]:
        """Return the answers for both ends of c."""
        ends = (0.0, 1.0)
        estimates = network.sweep(left, right, ends)
        return [(f"@{c:g}", estimate.disp) for c, estimate in zip(ends, estimates, strict=True)]


def _first_half(levels: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Return the left eye's part of a pair's pyramid."""
    return tuple(level[: len(level) // 2] for level in levels)


def _samples(estimate: Estimate) -> list[Estimate]:
    """Take a batch's estimate apart."""
    found = []
    for number in range(len(estimate.disp)):
        place = slice(number, number + 1)
        found.append(
            Estimate(
                estimate.disp[place],
                estimate.occ[place],
                estimate.conf[place],
                Match(*(value[place] for value in estimate.match)),
                [(disp[place], occ[place], conf[place]) for disp, occ, conf in estimate.steps],
            )
        )
    return found


def _mean(values: Sequence[Tensor]) -> Tensor:
    return torch.stack(list(values)).mean()


def _segmentation(logits: Tensor, masks: Tensor, known: Tensor) -> Tensor:
    return _mean([segmentation_loss(*parts) for parts in zip(logits, masks, known, strict=True)])
