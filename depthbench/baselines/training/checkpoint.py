# SPDX-License-Identifier: Apache-2.0
"""Files of a run, and the one to continue from: whole or not at all, and of this run or none."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from depthbench.baselines.training.config import FREE
from depthbench.errors import DepthbenchError
from depthbench.formats.atomic import write_aside

CHECKPOINT, WEIGHTS, RECORD = "checkpoint.pt", "weights.safetensors", "record.json"


def weights_name(measure: str) -> str:
    """Return the file of the weights that were best by one of a recipe's further measures."""
    return f"weights-{measure}.safetensors"


def save_checkpoint(out: Path, content: Mapping[str, Any]) -> None:
    """Write everything that a run needs to continue, whole or not at all."""
    with write_aside(out / CHECKPOINT) as temporary:
        torch.save(dict(content), temporary)


def load_checkpoint(out: Path, claims: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the checkpoint of a run, None if there is none.

    Parameters
    ----------
    claims : mapping
        ``model``, ``train``, ``recipe``, ``data``, ``init`` as they are now.

    Raises
    ------
    DepthbenchError
        If it is damaged, or was made with other settings or data; the message names them.
    """
    path = out / CHECKPOINT
    if not path.exists():
        return None
    try:
        content: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, LookupError, ValueError) as error:
        raise DepthbenchError(f"{path}: damaged ({type(error).__name__}); start anew in another --out") from error
    before = content["claims"]
    changed = []
    for part, now in claims.items():
        if isinstance(now, dict):
            told = before[part]
            changed += [f"{key} (was {told.get(key)})" for key in now if key not in FREE and told.get(key) != now[key]]
        elif before[part] != now:
            changed.append(
                "data (files, their weights or their order)" if part == "data" else f"{part} (was {before[part]})"
            )
    if changed:
        raise DepthbenchError(
            f"{path}: the run there was started with another {', '.join(changed)}; continue with the same, or choose another "
            f"--out (and --init {out / WEIGHTS} to start from what it learned)"
        )
    return content
