# SPDX-License-Identifier: Apache-2.0
"""From what a user types to a run."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from depthbench.baselines.training import RECIPES
from depthbench.errors import MissingExtraError
from depthbench.registry import lookup

try:
    import safetensors
    import torch
except ImportError as error:
    raise MissingExtraError(error.name or "torch", "torch", "training") from error

from depthbench.baselines.training.checkpoint import WEIGHTS
from depthbench.baselines.training.config import configure
from depthbench.baselines.training.recipe import Inputs, Recipe
from depthbench.baselines.training.run import train

NEEDED = (safetensors, torch)


def start(
    name: str,
    preset: str,
    options: Mapping[str, Any],
    data: tuple[str, ...],
    masks: tuple[str, ...],
    val: tuple[str, ...],
    out: Path,
    init: Path | None,
) -> bool:
    """Set a run up and make it; False if it was stopped before its end.

    Raises
    ------
    DepthbenchError
        If a name, setting, folder or file is wrong; the message says which.
    """
    cls = lookup("recipe", name, RECIPES)
    config, settings = configure(preset, cls.presets, cls.Config, options)
    recipe: Recipe = cls(settings, Inputs(data, masks, val), config.seed)
    done = train(name, recipe, config, out, init)
    if done and os.environ.get("RANK", "0") == "0":
        print(f"weights   {out / WEIGHTS}", file=sys.stderr)
    return done
