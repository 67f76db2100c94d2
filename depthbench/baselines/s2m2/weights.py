# SPDX-License-Identifier: Apache-2.0
"""Checkpoint files: read without running what is in them, loaded whole or not at all, their licence told."""

from __future__ import annotations

import contextlib
import pickle
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from depthbench.baselines.weights_file import SUFFIX, read_weights
from depthbench.errors import DepthbenchError

SOURCE = "https://huggingface.co/minimok/s2m2 (CH128NTR1.pth is S, CH192NTR2.pth M, CH256NTR3.pth L, CH384NTR3.pth XL)"
OFFICIAL_LICENCE = "CC BY-NC 4.0 (name the authors; no commercial use), unless whoever made it says otherwise"

State = dict[str, Tensor]


def read_checkpoint(
    path: str | Path, origin: str = f"checkpoints of S2M2 come from {SOURCE}"
) -> tuple[State, str | None]:
    """Return a file's parameters and the licence that it states, if any.

    The file is a ``.safetensors`` as ``depthbench train`` writes it, or what ``torch.save`` wrote: a dict with ``state_dict`` (and
    perhaps ``licence``), or the parameters alone. Objects other than tensors and plain containers are refused. ``origin`` tells a user
    who has no such file where they come from.

    Raises
    ------
    DepthbenchError
        If the file is absent, damaged, or holds anything else.
    """
    path = Path(path)
    if not path.is_file():
        raise DepthbenchError(f"{path}: no such file; {origin}")
    if path.suffix == SUFFIX:
        parameters, metadata = read_weights(path)
        return parameters, metadata.get("licence")
    try:
        with _plain_numbers():
            content = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise DepthbenchError(f"{path}: not a checkpoint of plain tensors ({reason}); fetch it again") from error
    state = content.get("state_dict", content) if isinstance(content, dict) else None
    if not isinstance(state, dict) or not state or not all(isinstance(value, Tensor) for value in state.values()):
        raise DepthbenchError(f"{path}: holds no parameters by name; {origin}")
    licence = content.get("licence") if state is not content else None
    return state, licence if isinstance(licence, str) else None


def _plain_numbers() -> contextlib.AbstractContextManager[Any]:
    """Let numbers of numpy's types through, which training loops store beside the parameters; they hold nothing that runs."""
    allow = getattr(torch.serialization, "safe_globals", None)
    if allow is None:
        return contextlib.nullcontext()
    rebuild = np.float64(0).__reduce__()[0]
    # files tell the module by the name that it had in their numpy
    scalars = [(rebuild, f"numpy.{core}.multiarray.scalar") for core in ("core", "_core")]
    kinds = [type(np.dtype(kind)) for kind in (np.float32, np.float64, np.int64)]
    made: contextlib.AbstractContextManager[Any] = allow([*scalars, np.dtype, *kinds])
    return made


def tell_licence(path: str | Path, licence: str | None) -> None:
    """Say on stderr what may be done with a checkpoint."""
    print(f"weights   {Path(path).name}: {licence or OFFICIAL_LICENCE}", file=sys.stderr, flush=True)


def size_of(path: str | Path, state: Mapping[str, Tensor]) -> tuple[int, int]:
    """Return (channels, transformers) of the network that a checkpoint is for.

    Raises
    ------
    DepthbenchError
        If it is for no such network; the message names the file.
    """
    norm = state.get("cnn_backbone.norm1.weight")
    numbers = {int(found.group(1)) for key in state if (found := re.match(r"transformer\.uformer_list\.(\d+)\.", key))}
    if norm is None or not numbers or norm.ndim != 1 or len(norm) < 8 or len(norm) % 8:
        raise DepthbenchError(f"{path}: not a checkpoint of S2M2; those come from {SOURCE}")
    return len(norm), max(numbers) + 1


def load_strictly(network: nn.Module, state: Mapping[str, Tensor], path: str | Path) -> None:
    """Copy a checkpoint into a network if every name and every shape agrees.

    Raises
    ------
    DepthbenchError
        If any does not; the message counts them and names the first few. The network is unchanged then.
    """
    own = network.state_dict()
    faults = {
        "missing": own.keys() - state.keys(),
        "unknown": state.keys() - own.keys(),
        "of another shape": {key for key in own.keys() & state.keys() if own[key].shape != state[key].shape},
    }
    told = [f"{len(keys)} {what} ({_few(keys)})" for what, keys in faults.items() if keys]
    if told:
        raise DepthbenchError(f"{path}: its parameters are not those of this network: {'; '.join(told)}")
    network.load_state_dict(dict(state))


def _few(keys: Iterable[str]) -> str:
    names = sorted(keys)
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
