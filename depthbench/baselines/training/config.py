# SPDX-License-Identifier: Apache-2.0
"""Settings of a run: a preset, changed by options; unknown ones are errors."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from depthbench.benchmarks.toml_config import from_table
from depthbench.errors import DepthbenchError, unknown_name
from depthbench.formats.toml_file import read_toml


@dataclass(frozen=True)
class TrainConfig:
    """How a network is trained, whatever it is.

    Attributes
    ----------
    steps : int
        Updates of the weights.
    batch : int
        Samples per update, over all processes and accumulated parts.
    accumulate : int
        Parts in which a process works through its share of a batch, to save memory.
    lr, weight_decay : float
        Of AdamW; the learning rate is the highest of the schedule.
    schedule : {"cosine", "linear", "exponential", "constant"}
        How the rate falls after the warm-up, see :mod:`.schedule`.
    warmup : int
        Steps in which the rate grows from zero.
    clip : float
        Largest norm of the gradient.
    ema : float
        Decay of the moving average of the weights, which is what is validated and kept.
    seed : int
    dtype : {"float32", "bfloat16"}
        The latter by autocast.
    device : str
        ``auto``, ``cpu``, ``cuda``, ...
    threads : int
        Of the processor's arithmetic; 0: torch's choice.
    workers : int
        Processes that make samples; 0: none beside the one that trains.
    log_every, save_every, val_every : int
        Steps between lines of the log, checkpoints, validations.
    """

    steps: int
    batch: int
    lr: float
    accumulate: int = 1
    weight_decay: float = 1e-4
    schedule: Literal["cosine", "linear", "exponential", "constant"] = "cosine"
    warmup: int = 0
    clip: float = 1.0
    ema: float = 0.999
    seed: int = 0
    dtype: Literal["float32", "bfloat16"] = "float32"
    device: str = "auto"
    threads: int = 0
    workers: int = 0
    log_every: int = 20
    save_every: int = 200
    val_every: int = 500

    def __post_init__(self) -> None:
        for name in ("steps", "batch", "accumulate", "log_every", "save_every", "val_every"):
            if getattr(self, name) < 1:
                raise DepthbenchError(f"{name}={getattr(self, name)}: must be at least 1")
        if self.lr <= 0 or not 0 <= self.ema < 1:
            raise DepthbenchError(f"lr={self.lr:g}, ema={self.ema:g}: a rate above 0 and a decay in [0, 1) are needed")


FREE = ("accumulate", "device", "threads", "workers", "log_every", "save_every")
"""Settings that may change when a run continues: the weights do not depend on them, but for rounding."""


def load_preset(name: str, folder: Path) -> dict[str, Any]:
    """Read ``NAME.toml`` of a recipe's presets, or a TOML file by its path.

    Raises
    ------
    DepthbenchError
        If there is none, or it is no TOML.
    """
    known = {path.stem: path for path in folder.glob("*.toml")}
    path = known.get(name, Path(name))
    if not path.is_file():
        raise unknown_name("preset", name, known)
    return read_toml(path)


def configure(
    preset: str, folder: Path, recipe_config: type[Any], options: Mapping[str, Any]
) -> tuple[TrainConfig, Any]:
    """Return the settings of the trainer and of the recipe: a preset's tables ``[train]`` and ``[recipe]``, then ``options``.

    Of a setting that is a list, an option gives the items with commas between.

    Raises
    ------
    DepthbenchError
        If a key or an option is unknown or of another type.
    """
    table = load_preset(preset, folder)
    tables = {"train": dict(table.pop("train", {})), "recipe": dict(table.pop("recipe", {}))}
    if table:
        raise unknown_name(f"table of the preset {preset}", next(iter(table)), tables)
    kinds = {"train": typing.get_type_hints(TrainConfig), "recipe": typing.get_type_hints(recipe_config)}
    for key, value in options.items():
        owner = next((part for part, known in kinds.items() if key in known), None)
        if owner is None:
            raise unknown_name("setting", key, [*kinds["train"], *kinds["recipe"]])
        listed = typing.get_origin(kinds[owner][key]) is tuple and isinstance(value, str)
        tables[owner][key] = [item for item in value.split(",") if item] if listed else value
    where = f"preset {preset}"
    return (
        from_table(TrainConfig, tables["train"], f"{where} [train]"),
        from_table(recipe_config, tables["recipe"], f"{where} [recipe]"),
    )
