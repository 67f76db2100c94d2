# SPDX-License-Identifier: Apache-2.0
"""The loop: plain torch, from a recipe and settings to weights."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from depthbench.baselines.runtime import choose_runtime
from depthbench.baselines.training import checkpoint
from depthbench.baselines.training.config import FREE, TrainConfig
from depthbench.baselines.training.distributed import Group, joined
from depthbench.baselines.training.ema import Average
from depthbench.baselines.training.interrupt import listening
from depthbench.baselines.training.loader import load
from depthbench.baselines.training.recipe import Recipe
from depthbench.baselines.training.report import Report
from depthbench.baselines.training.schedule import learning_rate
from depthbench.baselines.weights_file import file_sha256, write_weights
from depthbench.benchmarks.records import circumstances
from depthbench.errors import DepthbenchError
from depthbench.formats.atomic import sweep
from depthbench.formats.json_file import write_json

SCHEMA = "depthbench-training/1"
OWN_LICENCE = "Apache-2.0"
MOST_BAD_STEPS = 20
STATE = ("step", "seconds", "best", "best_of", "curves")
"""What a checkpoint holds beside tensors."""


class Objective(nn.Module):
    """A network and what it is trained to, as one module: what distributed training wraps runs by its ``forward``."""

    def __init__(self, network: nn.Module, recipe: Recipe) -> None:
        super().__init__()
        self.network, self._recipe = network, recipe

    def forward(self, batch: Any) -> dict[str, Tensor]:
        """Return the terms of the loss."""
        return self._recipe.losses(self.network, batch)


def _to(batch: Any, device: torch.device) -> dict[str, Any]:
    return {
        key: value.to(device, non_blocking=True) if isinstance(value, Tensor) else value for key, value in batch.items()
    }


def rate_groups(network: nn.Module, rates: Mapping[str, float]) -> list[dict[str, Any]]:
    """Return what trains, in groups of one learning rate each; ``share`` is that of a group over that of the rest.

    Parameters
    ----------
    rates : mapping
        Beginning of a parameter's name -> share; the rest has 1.
    """
    groups: dict[float, list[nn.Parameter]] = {1.0: []}
    for name, value in network.named_parameters():
        if value.requires_grad:
            share = next((share for start, share in rates.items() if name.startswith(start)), 1.0)
            groups.setdefault(share, []).append(value)
    return [{"params": values, "share": share} for share, values in groups.items() if values]


class Run:
    """A training run: its network, optimiser, average and history.

    Parameters
    ----------
    name : str
        Of the model.
    recipe : Recipe
    config : TrainConfig
    out : Path
        Folder of the run; one that has a checkpoint is continued.
    init : Path or None
        Weights to start from.
    group : Group

    Raises
    ------
    DepthbenchError
        If the folder holds another run, or ``init`` does not fit.
    """

    def __init__(
        self, name: str, recipe: Recipe, config: TrainConfig, out: Path, init: Path | None, group: Group
    ) -> None:
        if init and not init.is_file():
            raise DepthbenchError(f"--init {init}: no such file to start from; a training leaves weights.safetensors")
        self.recipe, self.config, self.out, self.group = recipe, config, out, group
        self._autocast = choose_runtime(str(group.device), config.dtype).autocast
        self.claims: dict[str, Any] = {
            "model": name,
            "train": asdict(config),
            "recipe": json.loads(json.dumps(asdict(recipe.config))),
            "data": recipe.manifest(),
            "init": file_sha256(init) if init else "",
        }
        torch.manual_seed(config.seed)
        network = recipe.network()
        self.licence = recipe.initialise(network, init) if init else OWN_LICENCE
        self.objective = Objective(network.to(group.device), recipe)
        self.network = network
        self.optimizer = torch.optim.AdamW(
            rate_groups(network, getattr(recipe, "rates", {})), config.lr, weight_decay=config.weight_decay
        )
        self.average = Average(network, config.ema)
        self.step = 0
        self.seconds = 0.0
        self.best: dict[str, Any] = {}
        self.best_of: dict[str, dict[str, Any]] = {}
        self.curves: dict[str, list[dict[str, float]]] = {"train": [], "validation": []}
        self._sums: dict[str, Tensor] = {}
        self._summed = 0
        self._bad_steps = 0
        self._restore()

    def _restore(self) -> None:
        found = checkpoint.load_checkpoint(self.out, self.claims)
        if found is None:
            return
        self.network.load_state_dict(found["network"])
        self.average.network.load_state_dict(found["average"])
        self.optimizer.load_state_dict(found["optimizer"])
        for name in STATE:
            setattr(self, name, found.get(name, getattr(self, name)))
        self._sums = {key: value.to(self.group.device) for key, value in found["sums"].items()}
        self._summed = found["summed"]

    def save(self) -> None:
        """Write the checkpoint; the random state is not in it, since it follows from seed and step."""
        if not self.group.leads:
            return
        content = {
            "claims": self.claims,
            "network": self.network.state_dict(),
            "average": self.average.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "sums": self._sums,
            "summed": self._summed,
        }
        own = {name: getattr(self, name) for name in STATE}
        checkpoint.save_checkpoint(self.out, content | own)

    def update(self, parts: Any, module: nn.Module) -> None:
        """Make one step: accumulate over the parts, clip, update weights and average."""
        config = self.config
        drawn = np.random.SeedSequence([config.seed, self.step, self.group.rank]).generate_state(1)
        torch.manual_seed(int(drawn[0]))
        for values in self.optimizer.param_groups:
            values["lr"] = values.get("share", 1.0) * learning_rate(self.step, config)
        for turn in range(config.accumulate):
            batch = _to(next(parts), self.group.device)
            waits = turn + 1 < config.accumulate and isinstance(module, nn.parallel.DistributedDataParallel)
            with module.no_sync() if waits else contextlib.nullcontext():  # type: ignore[operator, attr-defined]
                with self._autocast():
                    terms: dict[str, Tensor] = module(batch)
                loss = torch.stack(list(terms.values())).sum() / config.accumulate
                loss.backward()  # type: ignore[no-untyped-call]
            for key, value in terms.items():
                self._sums[key] = self._sums.get(key, 0) + value.detach().float() / config.accumulate
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), config.clip)
        if bool(norm.isfinite()):
            self.optimizer.step()
            self._bad_steps = 0
        else:
            self._bad_steps += 1
            if self._bad_steps >= MOST_BAD_STEPS:
                raise DepthbenchError(
                    f"{self._bad_steps} gradients in a row are not finite, the last in step {self.step}; {self.out} holds "
                    "the state before: start from its weights with a smaller --lr"
                )
        self.optimizer.zero_grad(set_to_none=True)
        self.average.update(self.network, self.step)
        self._sums["gradient"] = self._sums.get("gradient", 0) + norm.detach().nan_to_num(0, 0, 0)
        self._summed += 1
        self.step += 1

    def row(self) -> dict[str, float]:
        """Return the means of the terms since the last row, over all processes."""
        names = sorted(self._sums)
        means = self.group.mean(torch.stack([self._sums[name] for name in names])) / self._summed
        terms = dict(zip(names, means.tolist(), strict=True))
        gradient = terms.pop("gradient")
        self._sums, self._summed = {}, 0
        values = {"loss": sum(terms.values()), **terms, "gradient": gradient}
        values["lr"] = learning_rate(self.step - 1, self.config)
        self.curves["train"].append({"step": self.step, **values})
        return values

    def validate(self) -> dict[str, float]:
        """Measure the average; keep its weights if they are the best so far, or if there is nothing to measure on."""
        if not self.group.leads:
            return {}
        with torch.inference_mode(), self._autocast():
            measures = self.recipe.validate(self.average.network, self.group.device)
        if measures:
            self.curves["validation"].append({"step": self.step, **measures})
        if not measures or not self.best or measures["score"] < self.best["score"]:
            self.best = {"step": self.step, **measures}
            self.save_weights(checkpoint.WEIGHTS)
        for name in getattr(self.recipe, "best_of", ()) if measures else ():
            if name not in self.best_of or measures[name] < self.best_of[name][name]:
                self.best_of[name] = {"step": self.step, **measures}
                self.save_weights(checkpoint.weights_name(name))
        return measures

    def save_weights(self, name: str) -> None:
        """Write the average of now."""
        settings = {key: value for key, value in self.claims["train"].items() if key not in FREE}
        told = {"recipe": self.claims["recipe"], "train": settings, "data": self.claims["data"]}
        metadata = {
            "model": self.claims["model"],
            "licence": self.licence,
            "step": str(self.step),
            "training_sha256": hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest(),
        }
        state = self.average.network.state_dict()
        write_weights(self.out / name, state, metadata | self.recipe.metadata())

    def write_record(self) -> None:
        """Write what was done, with which result."""
        if not self.group.leads:
            return
        weights = self.out / checkpoint.WEIGHTS
        record = {
            "schema": SCHEMA,
            "created_utc": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "claims": self.claims,
            "licence": self.licence,
            "parameters": sum(value.numel() for value in self.network.parameters()),
            "processes": self.group.size,
            "steps_done": self.step,
            "seconds": self.seconds,
            "best": self.best,
            "best_of": self.best_of,
            "weights_sha256": file_sha256(weights) if weights.exists() else None,
            "run": circumstances(),
            "curves": self.curves,
        }
        write_json(self.out / checkpoint.RECORD, record)

    def go(self) -> bool:
        """Train to the end; False if someone wished to stop before."""
        config = self.config
        if self.group.leads:
            self.out.mkdir(parents=True, exist_ok=True)
            sweep(self.out)
        report = Report(config, self.out, self.step, silent=not self.group.leads)
        if self.step:
            report.say(f"continues {self.out} from step {self.step}")
        module = self.group.spread(self.objective)
        parts = load(self.recipe.stream(), config, self.group, self.step)
        try:
            with listening() as wish:
                while self.step < config.steps:
                    before = time.monotonic()
                    self.update(parts, module)
                    self.seconds += time.monotonic() - before
                    self._after_step(report)
                    if self.group.any(wish.stop) and self.step < config.steps:
                        self.save()
                        self.write_record()
                        report.say(f"stopped after step {self.step}, saved; the same command continues")
                        return False
        finally:
            report.close()
        self.write_record()
        return True

    def _after_step(self, report: Report) -> None:
        config, last = self.config, self.step == self.config.steps
        report.step(self.step)
        if self.step % config.log_every == 0 or last:
            report.row(self.step, self.row())
        validated = self.step % config.val_every == 0 or last
        if validated:
            measures = self.validate()
            if measures:
                report.row(self.step, measures, "validation")
        if validated or self.step % config.save_every == 0:
            self.save()
            self.write_record()


def train(name: str, recipe: Recipe, config: TrainConfig, out: Path, init: Path | None = None) -> bool:
    """Train a model as its recipe says; continue the run that ``out`` holds.

    Returns
    -------
    bool
        False if the run was stopped before its end; the same call continues it.

    Raises
    ------
    DepthbenchError
        If ``out`` holds a run with other settings or data, or the device is absent.
    """
    if config.threads:
        torch.set_num_threads(config.threads)
    with joined(choose_runtime(config.device).device) as group:
        return Run(name, recipe, config, out, init, group).go()
